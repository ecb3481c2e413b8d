"""What people choose for themselves. It follows them to every site, so this is not scoped to one."""

import sqlalchemy as sa

from service.store.engine import Transaction
from service.store.tables import users


class Choices:
    """Everybody's, as JSON."""

    def __init__(self, tx: Transaction) -> None:
        self.tx = tx

    def of(self, user_id: str) -> object:
        """One person's, or None when they have chosen nothing."""
        return self.tx.connection.execute(sa.select(users.c.preferences).where(users.c.id == user_id)).scalar()

    def keep(self, user_id: str, fields: dict[str, object]) -> None:
        """Put one person's in the place of those before."""
        self.tx.connection.execute(sa.update(users).where(users.c.id == user_id).values(preferences=fields))

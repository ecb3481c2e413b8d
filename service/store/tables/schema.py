"""What the tables share: names of constraints, and the column that ties a row to its site."""

import sqlalchemy as sa

from service.store.types import Id

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def of_site() -> sa.Column[str]:
    """The site that a row belongs to."""
    return sa.Column("site_id", Id, sa.ForeignKey("sites.id"), nullable=False)

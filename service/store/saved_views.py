"""Views that people keep under a name."""

from dataclasses import dataclass

import sqlalchemy as sa

from service.store.engine import new_id
from service.store.scope import Scope
from service.store.tables import views


@dataclass(frozen=True)
class ViewRow:
    """A view under a name, as its page's query string."""

    id: str
    name: str
    query: str


class SavedViews(Scope):
    """The views kept of one site."""

    def of_user(self, user_id: str) -> list[ViewRow]:
        """Those of one person, in the order of names."""
        query = self.mine(sa.select(views.c.id, views.c.name, views.c.query), views)
        rows = self.run(query.where(views.c.user_id == user_id).order_by(views.c.name))
        return [ViewRow(*row) for row in rows]

    def replace(self, user_id: str, name: str, query: str) -> bool:
        """Give the view of this name another query string; false when there is none."""
        named = self.mine(sa.update(views), views).where(views.c.user_id == user_id, views.c.name == name)
        return self.run(named.values(query=query)).rowcount == 1

    def add(self, user_id: str, name: str, query: str) -> None:
        """Keep a new one; one that somebody else's request added just now stays."""
        row = {"id": new_id(), "user_id": user_id, "name": name, "query": query, "created_at": self.tx.now}
        self.insert_new(views, [row], views.c.id)

    def delete(self, user_id: str, id: str) -> None:
        """Delete one of this person's."""
        mine = self.mine(sa.delete(views), views)
        self.run(mine.where(views.c.user_id == user_id, views.c.id == id))

"""Views that a moderator keeps under a name."""

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from service.domain.errors import Invalid
from service.domain.view import View
from service.moderation.queue import size
from service.store import Store
from service.store.saved_views import SavedViews, ViewRow

MAX_VIEWS = 20
"""Views that a moderator can keep of a site."""

MAX_NAME = 60
"""Characters in a view's name."""

MAX_QUERY = 1_000
"""Characters in a view's query string: as many as there is room for."""


@dataclass(frozen=True)
class SavedView:
    """A view under a name, and how much it shows now; at most COUNT_TO."""

    id: str
    name: str
    view: View
    count: int


def saved_views(store: Store, site_id: str, user_id: str) -> list[SavedView]:
    """A moderator's views of a site, in the order of names. One that this version of Saring can't read is left out."""
    with store.read() as tx:
        rows = SavedViews(tx, site_id).of_user(user_id)
    return list(_counted(store, site_id, rows))


def _counted(store: Store, site_id: str, rows: Sequence[ViewRow]) -> Iterator[SavedView]:
    for row in rows:
        with suppress(Invalid):
            view = View.from_query(dict(parse_qsl(row.query)))
            yield SavedView(row.id, row.name, view, size(store, site_id, view))


def save_view(store: Store, site_id: str, user_id: str, name: str, view: View) -> None:
    """Keep a view under a name; one that has it already is replaced. Atomic.

    Raises: Invalid, for a name that can't be one, a view whose words are too long to keep, or one view more than MAX_VIEWS.
    """
    name, query = " ".join(name.split()), urlencode(view.to_query())
    if not name.isprintable() or not 1 <= len(name) <= MAX_NAME:
        raise Invalid(f"name: give 1 to {MAX_NAME} characters that can be seen")
    if len(query) > MAX_QUERY:
        raise Invalid("q: the words are too long to be kept")
    with store.begin() as tx:
        views = SavedViews(tx, site_id)
        if not views.replace(user_id, name, query):
            if len(views.of_user(user_id)) >= MAX_VIEWS:
                raise Invalid(f"name: you have {MAX_VIEWS} views, which is as many as can be kept; delete one first")
            views.add(user_id, name, query)


def delete_view(store: Store, site_id: str, user_id: str, id: str) -> None:
    """Forget a view of this moderator's; one that is not there, or another's, is no fault. Atomic."""
    with store.begin() as tx:
        SavedViews(tx, site_id).delete(user_id, id)

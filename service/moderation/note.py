"""Moderators leave notes for each other on a comment."""

from service.domain.comment import is_storable
from service.domain.errors import Invalid, NotFound
from service.store import Store
from service.store.comments import Comments
from service.store.notes import Notes

MAX_NOTE = 2_000
"""Characters in a note."""


def add_note(store: Store, site_id: str, user_id: str, comment_id: str, text: str) -> None:
    """Put a note on a comment. Atomic. Raises: NotFound; Invalid, for one that is empty or too long."""
    note = checked_note(text)
    if note is None:
        raise Invalid("the note is empty: write something")
    with store.begin() as tx:
        if Comments(tx, site_id).get_for_update(comment_id) is None:
            raise NotFound("no such comment")
        Notes(tx, site_id).add([comment_id], user_id, note)


def checked_note(text: str | None) -> str | None:
    """A note without spaces around it, None for an empty one. Raises: Invalid, when it can't be stored."""
    note = (text or "").strip()
    if len(note) > MAX_NOTE or not is_storable(note):
        raise Invalid(f"the note can't be stored: give up to {MAX_NOTE} characters, none of them NUL")
    return note or None

"""What is said of a comment, as it is stored."""

from service.store import Store
from service.store.appeals import AppealRow, Appeals
from service.store.notes import NoteRow, Notes


def appeals_of(store: Store, site_id: str, comment_id: str) -> list[AppealRow]:
    """The appeals about a comment, the first first; none for a comment that is not there."""
    with store.read() as tx:
        return Appeals(tx, site_id).of_comment(comment_id)


def notes_of(store: Store, site_id: str, comment_id: str) -> list[NoteRow]:
    """The notes on a comment, the first first; none for a comment that is not there."""
    with store.read() as tx:
        return Notes(tx, site_id).of_comment(comment_id)

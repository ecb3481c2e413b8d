"""Erase: texts and personal data go, decisions stay as counts."""

from service.domain.errors import NotFound
from service.moderation.accept import at_last
from service.store import Store
from service.store.comments import Comments

PIECE = 500
"""Comments of an author that are erased in one transaction: no more than others can wait for."""


def erase_comment(comment_id: str, site_id: str, store: Store) -> None:
    """Erase one comment. Atomic. Raises: NotFound."""
    if not at_last(store, lambda tx: Comments(tx, site_id).erase([comment_id])):
        raise NotFound("no such comment")


def erase_author(site_author_id: str, site_id: str, store: Store) -> int:
    """Erase an author, by the site's own id, with all comments; how many there were. Raises: NotFound.

    In pieces, and the author at last with what has come in meanwhile: one who wrote much holds up nobody. Broken off, it has
    erased some, and once more erases the rest.
    """
    erased = 0
    while True:
        piece = at_last(store, lambda tx: Comments(tx, site_id).erase_some_of(site_author_id, PIECE))
        if piece is None:
            raise NotFound("no such author")
        erased += piece
        if piece < PIECE:
            break
    return erased + at_last(store, lambda tx: Comments(tx, site_id).erase_author(site_author_id))

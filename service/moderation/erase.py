"""Erase: texts and personal data go, decisions stay as counts."""

from service.domain.errors import NotFound
from service.store import Store
from service.store.comments import Comments


def erase_comment(comment_id: str, site_id: str, store: Store) -> None:
    """Erase one comment. Atomic. Raises: NotFound."""
    with store.begin() as tx:
        if not Comments(tx, site_id).erase([comment_id]):
            raise NotFound("no such comment")


def erase_author(site_author_id: str, site_id: str, store: Store) -> int:
    """Erase an author, by the site's own id, with all comments; how many there were. Atomic. Raises: NotFound."""
    with store.begin() as tx:
        erased = Comments(tx, site_id).erase_author(site_author_id)
    if erased is None:
        raise NotFound("no such author")
    return erased

"""Finding one thing of a site, for those who only look."""

from service.domain.errors import NotFound
from service.store import Store
from service.store.comments import Comments
from service.store.rows import AuthorRow, CommentRow

LAST_COMMENTS = 50
"""Comments shown of an author."""


def comment_of(store: Store, site_id: str, comment_id: str) -> CommentRow:
    """A comment of this site. Raises: NotFound."""
    with store.read() as tx:
        comment = Comments(tx, site_id).get(comment_id)
    if comment is None:
        raise NotFound("no such comment")
    return comment


def author_page(store: Store, site_id: str, author_id: str) -> tuple[AuthorRow, list[CommentRow]]:
    """An author of this site and their last comments, the newest first. Raises: NotFound, also for one without comments."""
    with store.read() as tx:
        written = Comments(tx, site_id).page(author_id=author_id, limit=LAST_COMMENTS)
    if not written:
        raise NotFound("no such author")
    return written[0].author, written

"""A site says what a comment should have been judged: a decision of its own staff, and a label to learn from."""

from dataclasses import replace

from service.domain.decision import Action
from service.moderation.decide import decided
from service.store import Store
from service.store.comments import Comments
from service.store.labels import Labels, NewLabel


def correct(
    site_comment_id: str, action: Action, reason: str | None, label: NewLabel, site_id: str, store: Store
) -> bool:
    """Decide about the comment, if it is here, and keep the label either way. True when it is here.

    Atomic. The same again decides nothing and leaves one label. The label's text is kept only of what is no comment here.
    Raises: NotFound, when the comment is erased at this moment.
    """
    with store.begin() as tx:
        comment = Comments(tx, site_id).by_site_id(site_comment_id)
        if comment is not None:
            decided(tx, site_id, comment.id, action, reason, None)
            label = replace(label, text=None, comment_id=comment.id)
        Labels(tx, site_id).put([label])
    return comment is not None

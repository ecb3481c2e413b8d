"""Authors appeal against a rejection; a person looks again."""

from service.domain.comment import MAX_APPEAL, Status, is_storable
from service.domain.errors import Conflict, Invalid, NotFound
from service.store import Store
from service.store.appeals import AppealRow, Appeals
from service.store.comments import Comments


def appeal(store: Store, site_id: str, comment_id: str, text: str) -> tuple[AppealRow, bool]:
    """Note an author's appeal; the appeal, and whether it is new: the same text again while it waits changes nothing.

    Atomic. Raises: NotFound; Invalid, for a text that is empty or too long; Conflict, when the comment is not rejected or another
    appeal waits.
    """
    said = text.strip()
    if not 1 <= len(said) <= MAX_APPEAL or not is_storable(said):
        raise Invalid(f"the appeal can't be stored: give 1 to {MAX_APPEAL} characters, none of them NUL")
    with store.begin() as tx:
        comment = Comments(tx, site_id).get_for_update(comment_id)
        if comment is None:
            raise NotFound("no such comment")
        if comment.status is not Status.REJECTED:
            raise Conflict("only a rejected comment can be appealed")
        appeals = Appeals(tx, site_id)
        waiting = [one for one in appeals.of_comment(comment_id) if one.decided_at is None]
        if not waiting:
            return appeals.add(comment_id, said), True
        if waiting[-1].text != said:
            raise Conflict("an appeal about this comment waits already")
        return waiting[-1], False

"""A band at a time: how the scores of a queue are spread, so that a lead can pick those that one act shall be about."""

from dataclasses import dataclass

from service.domain.comment import ATTRIBUTES
from service.domain.errors import Invalid
from service.domain.view import CLAIMED, View
from service.moderation.queue import worst
from service.store import Store
from service.store.lists import Lists
from service.store.rows import CommentRow


@dataclass(frozen=True)
class Histogram:
    """How many comments have a score in each of 50 equal parts of 0 to 1, and how many that are together."""

    attribute: str
    counts: tuple[int, ...]
    total: int


def histogram(store: Store, site_id: str, view: View, attribute: str) -> Histogram:
    """The scores of an attribute over all that a view has; its band of this attribute, which is to be chosen, is passed over.

    Raises: Invalid, for an unknown attribute, or a view of a queue that is only looked at.
    """
    if attribute not in ATTRIBUTES:
        raise Invalid(f"attribute: give one of {', '.join(ATTRIBUTES)}")
    _check(view)
    with store.read() as tx:
        counts = Lists(tx, site_id).histogram(view, attribute)
    return Histogram(attribute, counts, sum(counts))


def samples(store: Store, site_id: str, view: View, limit: int = 5) -> list[CommentRow]:
    """The first of a view, in its order, to see what an act would be about.

    Raises: Invalid, for a view of a queue that is only looked at.
    """
    _check(view)
    return worst(store, site_id, limit, view)


def _check(view: View) -> None:
    if view.queue not in CLAIMED:
        raise Invalid(f"queue: nothing is decided in {view.queue}")

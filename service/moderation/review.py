"""Moderators decide, about one comment or about many at once, and take it back."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from service.domain.comment import Status
from service.domain.decision import Action, Actor, Reason
from service.domain.errors import Conflict, Invalid, NotFound
from service.domain.reasons import site_reasons
from service.domain.view import CLAIMED, View
from service.moderation.note import checked_note
from service.moderation.queue import CLAIM, HAND
from service.moderation.record import record
from service.moderation.second_look import sample
from service.store import Store, Transaction
from service.store.acts import SHOWN, Acts
from service.store.appeals import Appeals
from service.store.comments import Comments
from service.store.decisions import Decisions
from service.store.engine import new_id
from service.store.ledger import Ruling
from service.store.notes import Notes
from service.store.queue import Queue
from service.store.rows import CommentRow, DecisionRow, Waits
from service.store.sites import Sites

UNDO_DEPTH = 10
"""How many of a moderator's last acts can be undone."""

MOST_ALIKE = 2_000
"""Near-identical comments decided with those that were seen: one transaction must not hold up the others for long."""

MOST_IN_BAND = 2_000
"""Comments decided in one act on a whole view."""

PIECE = 500
"""Of these, how many are decided in one transaction."""

ACTION_TO = {Status.FLAGGED: Action.FLAG, Status.APPROVED: Action.APPROVE, Status.REJECTED: Action.REJECT}


@dataclass(frozen=True)
class Act:
    """What a moderator decides: approve, or reject, which may be for a reason of the site's list."""

    action: Action
    reason: str | None = None
    note: str | None = None


@dataclass(frozen=True)
class Seen:
    """A comment as the moderator saw it when deciding."""

    comment_id: str
    revision: int
    status: Status


@dataclass(frozen=True)
class Overtaken:
    """A comment that changed under the moderator's eyes: how it stands now, and who did it (None: not a moderator).

    for_lead: it waits for a lead by now, so that this moderator can't decide about it.
    """

    comment_id: str
    status: Status
    edited: bool
    by: str | None
    for_lead: bool = False


@dataclass(frozen=True)
class Reviewed:
    """What became of a moderator's act: the comments that it reached, near-identical ones among them, and those it did not."""

    decided: tuple[str, ...]
    overtaken: tuple[Overtaken, ...]


@dataclass(frozen=True)
class Undone:
    """An act that was taken back: its comments as they stand then, and the status that most of them have."""

    comments: tuple[CommentRow, ...]
    status: Status


@dataclass(frozen=True)
class _Found:
    """What an act can reach: the comments that stand as they were seen, those alike, and what is otherwise by now."""

    seen: list[CommentRow]
    alike: list[CommentRow]
    overtaken: tuple[Overtaken, ...]

    @property
    def all(self) -> list[CommentRow]:
        """All that it reaches, in the order of ids."""
        return sorted([*self.seen, *self.alike], key=lambda comment: comment.id)


def review(
    store: Store,
    wake: Callable[[], None],
    site_id: str,
    user_id: str,
    seen: Sequence[Seen],
    act: Act,
    *,
    alike: bool = True,
    as_lead: bool = False,
) -> Reviewed:
    """Record a moderator's decision about one comment or several, and (`alike`) about those near-identical to a flagged one.

    Atomic. A comment that is no longer as it was seen, or that somebody else holds, is left alone and named in the answer; so is
    one that waits for a lead (it was passed on to one, or appealed), unless this is one (`as_lead`). What else waited for a
    person (reports, an appeal, a question to a lead) is settled by it.

    Raises: NotFound, when one is not of this site; Invalid, when the act can't be. Nothing is recorded then.
    """
    with store.begin() as tx:
        found = _found(tx, site_id, user_id, seen, alike=alike, as_lead=as_lead)
        rulings = _decide(tx, site_id, user_id, found.all, act)
        if site := Sites(tx).get(site_id):
            # what is alike was decided with what was seen, and judged in it
            looked_at = {comment.id for comment in found.seen}
            judged = [ruling for ruling in rulings if ruling.comment.id in looked_at]
            sample(tx, site_id, site.second_look_share, judged, user_id)
    if found.all:
        wake()
    return Reviewed(tuple(comment.id for comment in found.all), found.overtaken)


def review_band(
    store: Store,
    wake: Callable[[], None],
    site_id: str,
    user_id: str,
    view: View,
    act: Act,
    limit: int = MOST_IN_BAND,
) -> int:
    """Decide about all that a view shows, at most MOST_IN_BAND, in one act; how many.

    Each piece is a transaction of its own, so that nobody waits for the whole: broken off, some are decided, and undo takes these
    back. What somebody else holds, or what the view no longer shows when its turn comes, is left.

    Raises: Invalid, when the act can't be, or nothing of the view is for deciding.
    """
    if view.queue not in CLAIMED:
        raise Invalid(f"queue: nothing of {view.queue} is decided as a band")
    with store.read() as tx:
        ids = Queue(tx, site_id).ids_of(view, min(limit, MOST_IN_BAND))
    act_id, decided = new_id(), 0
    for begin in range(0, len(ids), PIECE):
        with store.begin() as tx:
            acts = Acts(tx, site_id, user_id)
            locked = acts.lock(ids[begin : begin + PIECE])
            shown = acts.still_in(view, [comment.id for comment in locked])
            here = [comment for comment in locked if comment.id in shown]
            _decide(tx, site_id, user_id, here, act, act_id)
        decided += len(here)
        wake()
    return decided


def undo(store: Store, wake: Callable[[], None], site_id: str, user_id: str) -> Undone | None:
    """Take back this moderator's last act that still stands, as a whole; None when there is none among the last ten.

    Atomic. Each decision is followed by one that leads back to the status before; what had waited for a person waits again. A
    hand of the comments is claimed for this moderator. Those that somebody else holds or changes at this moment are left.

    Raises: Conflict, when that is all of them.
    """
    with store.begin() as tx:
        acts = Acts(tx, site_id, user_id)
        decisions = {decision.comment_id: decision for decision in acts.last(UNDO_DEPTH)}
        if not decisions:
            return None
        found = [(comment, decisions[comment.id]) for comment in acts.lock(decisions)]
        pairs = [(comment, decision) for comment, decision in found if comment.decisions == decision.number]
        if not pairs:
            raise Conflict("somebody else is at this comment")
        act_id = new_id() if len(pairs) > 1 else None
        record(tx, site_id, [_back(comment, decision, act_id) for comment, decision in pairs])
        Appeals(tx, site_id).reopen({comment.id: one.id for comment, one in pairs if one.ended.appealed_at})
        restored = acts.lock([comment.id for comment, _ in pairs])
        queue = Queue(tx, site_id)
        queue.take_turn()
        queue.claim(_hand(restored), user_id, tx.now + CLAIM)
    wake()
    [(status, _)] = Counter(comment.status for comment in restored).most_common(1)
    return Undone(tuple(restored), status)


def escalate(store: Store, site_id: str, user_id: str, seen: Sequence[Seen], note: str | None) -> Reviewed:
    """Pass flagged comments on to a lead, with those near-identical to them; a note stays on those that were seen.

    Atomic. No decision: the comment stays flagged until somebody decides. Which are left alone is as in `review`.

    Raises: NotFound; Invalid, when one was not flagged or the note is too long.
    """
    text = checked_note(note)
    if any(one.status is not Status.FLAGGED for one in seen):
        raise Invalid("only a flagged comment can be passed on to a lead")
    with store.begin() as tx:
        found = _found(tx, site_id, user_id, seen, alike=True, as_lead=False)
        ids = [comment.id for comment in found.all]
        if ids:
            Acts(tx, site_id, user_id).pass_on(ids)
        if text is not None:
            Notes(tx, site_id).add([comment.id for comment in found.seen], user_id, text)
    return Reviewed(tuple(ids), found.overtaken)


def hide_others(
    store: Store,
    wake: Callable[[], None],
    site_id: str,
    user_id: str,
    author_id: str,
    act: Act,
    *,
    as_lead: bool = False,
) -> int:
    """Reject the newest of an author's comments that are flagged or approved, in one act; how many.

    Atomic. Those that somebody else holds are left to them, and those that were passed on to a lead to one (`as_lead`).

    Raises: Invalid, when the act is no rejection.
    """
    if act.action is not Action.REJECT:
        raise Invalid("an author's comments are hidden by rejecting them")
    with store.begin() as tx:
        acts = Acts(tx, site_id, user_id)
        locked = acts.lock(acts.of_author(author_id, as_lead=as_lead))
        # looked at again: another one's transaction may have ended in between
        shown = [one for one in locked if one.status in SHOWN and (as_lead or not one.for_lead)]
        _decide(tx, site_id, user_id, shown, act)
    if shown:
        wake()
    return len(shown)


def others_of(store: Store, site_id: str, author_id: str, *, as_lead: bool = False) -> int:
    """How many comments of an author `hide_others` would reject."""
    with store.read() as tx:
        return len(Acts(tx, site_id, "").of_author(author_id, as_lead=as_lead))


def _found(tx: Transaction, site_id: str, user_id: str, seen: Sequence[Seen], *, alike: bool, as_lead: bool) -> _Found:
    """Lock what stands as it was seen and is this moderator's to decide, with what is like it. Raises: NotFound."""
    acts = Acts(tx, site_id, user_id)
    ids = {one.comment_id for one in seen}
    others = acts.alike({one.comment_id for one in seen if one.status is Status.FLAGGED}, MOST_ALIKE) if alike else []
    locked = {one.id: one for one in acts.lock(ids.union(others)) if as_lead or not one.for_lead}
    standing: dict[str, CommentRow] = {}
    overtaken = []
    for one in sorted(set(seen), key=lambda one: one.comment_id):
        comment = locked.get(one.comment_id)
        if comment and one.status is not Status.PENDING and one == Seen(comment.id, comment.revision, comment.status):
            standing[comment.id] = comment
        else:
            overtaken.append(_overtaken(tx, site_id, one))
    kinds = {comment.likeness for comment in standing.values() if comment.status is Status.FLAGGED} - {None}
    more = [locked[id] for id in others if id in locked and id not in ids]
    same = [comment for comment in more if comment.status is Status.FLAGGED and comment.likeness in kinds]
    return _Found(list(standing.values()), same, tuple(overtaken))


def _decide(
    tx: Transaction, site_id: str, user_id: str, comments: Sequence[CommentRow], act: Act, act_id: str | None = None
) -> list[Ruling]:
    """Write down what a moderator decided about locked comments: every decision that is taken at the desk passes here.

    Raises: Invalid, when the act can't be.
    """
    reasons, note = _reasons(tx, site_id, act), checked_note(act.note)
    if act_id is None and len(comments) > 1:
        act_id = new_id()  # before those of its decisions, see `Acts.last`
    rulings = [
        Ruling(comment, act.action, Actor.MODERATOR, reasons, user_id=user_id, note=note, act_id=act_id)
        for comment in comments
    ]
    if rulings:
        record(tx, site_id, rulings)
    return rulings


def _reasons(tx: Transaction, site_id: str, act: Act) -> tuple[Reason, ...]:
    if act.action is Action.FLAG:
        raise Invalid("a moderator approves or rejects")
    if act.reason is None:
        return ()
    if act.action is not Action.REJECT:
        raise Invalid("only a rejection has a reason")
    site = Sites(tx).get(site_id)
    codes = [reason.code for reason in site_reasons(site.reasons if site else None)]
    if act.reason not in codes:
        raise Invalid(f"{act.reason[:60]!r} is no reason of this site: it has {', '.join(codes)}")
    return (Reason(act.reason, act.action),)


def _back(comment: CommentRow, decision: DecisionRow, act_id: str | None) -> Ruling:
    """The decision that takes another one back, with what had waited for a person until then."""
    action, ended, now = ACTION_TO[decision.from_status], decision.ended, comment.waits
    leaves = Waits(
        reported_at=ended.reported_at or now.reported_at,
        # an appeal is against a rejection, a question about what is flagged
        appealed_at=(ended.appealed_at or now.appealed_at) if action is Action.REJECT else None,
        escalated_at=ended.escalated_at if action is Action.FLAG else None,
    )
    return Ruling(
        comment, action, Actor.MODERATOR, user_id=decision.user_id, undoes=decision.id, act_id=act_id, leaves=leaves
    )


def _hand(restored: Sequence[CommentRow]) -> list[str]:
    """As many of the comments as a moderator holds, the worst first; near-identical ones are one card."""
    flagged = [comment for comment in restored if comment.status is Status.FLAGGED]
    worst = sorted(flagged, key=lambda comment: (-comment.priority, comment.id))
    firsts: dict[object, str] = {}
    for comment in worst:
        firsts.setdefault(comment.likeness or comment.id, comment.id)
    return list(firsts.values())[:HAND]


def _overtaken(tx: Transaction, site_id: str, seen: Seen) -> Overtaken:
    comment = Comments(tx, site_id).get(seen.comment_id)
    if comment is None:
        raise NotFound("no such comment")
    queue = Queue(tx, site_id)
    holder = queue.holder(comment.id)
    last = Decisions(tx, site_id).latest([comment.id]).get(comment.id)
    decider = queue.names_of([last.user_id]).get(last.user_id) if last and last.user_id else None
    by = holder.name if holder else decider
    return Overtaken(comment.id, comment.status, comment.revision != seen.revision, by, comment.for_lead)

"""Score what is pending: claim a batch, have it judged, write it down."""

import time
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import NamedTuple

import structlog

from classifier import Classifier
from service.domain.comment import Scores, Status
from service.domain.decision import Action, Actor, Reason
from service.domain.errors import Unavailable
from service.domain.likeness import likeness
from service.domain.policy import Policy, Signals
from service.moderation.handover import NO_ROOM, Chosen, Handover, choose, room_of
from service.moderation.judge import Judgement, Submission, judge
from service.moderation.record import record
from service.runtime import watch
from service.store import Store, Transaction
from service.store.authors import approved_of, banned_of
from service.store.backlog import Backlog, Rota
from service.store.engine import made_at, new_id
from service.store.ledger import Ruling
from service.store.policies import current_policies
from service.store.readings import Held, Readings
from service.store.rows import PendingRow, Standing

log = structlog.get_logger(__name__)

PARK_AFTER = 8
"""Attempts after which a comment is left to a moderator unscored: whoever tried to score it did not live to say why."""


PAUSES = (0.05, 0.5, 2.0)
"""Seconds before the second, third and fourth try to write a batch down."""


def score_batch(
    store: Store,
    classifier: Classifier,
    *,
    limit: int,
    lease: float,
    rota: Rota | None = None,
    handover: Handover | None = None,
) -> int:
    """Score and decide up to `limit` pending comments; how many were taken, 0 when nothing is pending.

    The claim is a transaction of its own with a lease of `lease` seconds; scoring happens outside any; scores, decisions and
    deliveries are written in one transaction, and only for comments that stand as they were read: one that was edited or decided
    meanwhile is left alone. If the worker dies anywhere, the lease runs out and the comment is taken again. A worker that calls
    this again and again hands in its `rota`.

    With a `handover`, some are held for the second reader in place of being decided, or noted to be judged anew by it: in that
    same transaction, so that each comment is always decided, or held by somebody for a time.
    """
    token, stopwatch = new_id(), watch.Stopwatch()
    pace = handover.pace() if handover else None
    with store.begin(by_index=True) as tx:
        backlog = Backlog(tx)
        taken = backlog.claim(token, lease, limit, rota)
        known = known_of(tx, taken)
        room = room_of(tx, handover, pace, more_waits=len(taken) >= limit) if taken else NO_ROOM
    if backlog.was_left_lying and handover:
        handover.gave_up()
    if not taken:
        return 0
    stopwatch.lap("claim")
    submissions = [submission_of(comment, known) for comment in taken]
    rulings = rulings_of(taken, submissions, classifier)
    by_id = {comment.id: submission for comment, submission in zip(taken, submissions, strict=True)}
    chosen = choose(rulings, by_id, room, handover.share if handover else 0.0)
    stopwatch.lap("score")
    written = patiently(lambda: _write(store, token, rulings, chosen, handover.lease if handover else lease))
    # an edit keeps the id of its first text, and with it the time
    received = [made_at(ruling.comment.id) for ruling in written if ruling.comment.revision == 1]
    watch.scored(stopwatch, len(taken), len(written), received, store.clock())
    if handover and (chosen.held or chosen.decided):
        handover.wake()
    return len(taken)


class Known(NamedTuple):
    """What is known beside the texts: policies by site, approved comments by author, and which authors are banned."""

    policies: Mapping[str, Policy]
    approved: Mapping[str, int]
    banned: Collection[str]


def known_of(tx: Transaction, comments: Sequence[Standing]) -> Known:
    """What is needed to judge these comments."""
    policies = current_policies(tx, {comment.site_id for comment in comments})
    approved = approved_of(tx, [one.author_id for one in comments if policies[one.site_id].asks_history])
    banned = banned_of(tx, policies, [comment.author_id for comment in comments]) if comments else set()
    return Known(policies, approved, banned)


def patiently(write: Callable[[], list[Ruling]]) -> list[Ruling]:
    """Write rulings down; those that were written.

    Once more after a while, when the database was away or had to choose between two writers: scored is scored, and a claim that
    runs out counts as an attempt of every comment in it. Raises: Unavailable, when it stays away.
    """
    for pause in PAUSES:
        try:
            return write()
        except Unavailable:
            time.sleep(pause)
    return write()


def _write(store: Store, token: str, rulings: Sequence[Ruling], chosen: Chosen, lease: float) -> list[Ruling]:
    with store.begin(by_index=True) as tx:
        # the claim first, as one who finds it expired does; then others have the comments, and none of them is ours to hold
        held = chosen.held if Backlog(tx).release(token) else []
        if held:
            Held(tx).add(held, lease)
        waiting = {one.ruling.comment.id for one in held}
        written = record_all(tx, [ruling for ruling in rulings if ruling.comment.id not in waiting])
        stand = {ruling.comment.id for ruling in written}
        if decided := [one for one in chosen.decided if one.ruling.comment.id in stand]:
            Readings(tx).add(decided)
    return written


def record_all(tx: Transaction, rulings: Sequence[Ruling]) -> list[Ruling]:
    """Write rulings about comments of any sites down, in this transaction; those that were written."""
    # in one order in all workers: an author's row is locked until the end
    by_site = sorted(_by_site(rulings).items())
    return [ruling for site_id, of_site in by_site for ruling in record(tx, site_id, of_site)]


def rulings_of(
    comments: Sequence[PendingRow], submissions: Sequence[Submission], classifier: Classifier
) -> list[Ruling]:
    """What a classifier and the policy make of pending comments, in any order; those that can't be scored are parked."""
    pairs = list(zip(comments, submissions, strict=True))
    given_up = [comment for comment in comments if comment.attempts >= PARK_AFTER]
    tried = [pair for pair in pairs if pair[0].attempts < PARK_AFTER]
    return [_parked(comment) for comment in given_up] + _judged(tried, classifier)


def _judged(pairs: Sequence[tuple[PendingRow, Submission]], classifier: Classifier) -> list[Ruling]:
    """Judge a batch; one that fails is halved until the comment that can't be scored stands alone and is parked."""
    if not pairs:
        return []
    try:
        judgements = judge([submission for _, submission in pairs], classifier)
    except Exception:
        if len(pairs) == 1:
            log.exception("comment can't be scored", comment_id=pairs[0][0].id)
            return [_parked(pairs[0][0])]
        half = len(pairs) // 2
        return _judged(pairs[:half], classifier) + _judged(pairs[half:], classifier)
    rulings = [ruling_of(comment, judgement) for (comment, _), judgement in zip(pairs, judgements, strict=True)]
    liken(rulings, classifier)
    return rulings


def liken(rulings: Sequence[Ruling], classifier: Classifier) -> None:
    """Say which of those that a person will see are near-identical; of the others nobody asks."""
    flagged = [ruling for ruling in rulings if ruling.action is Action.FLAG]
    for ruling, alike in zip(flagged, likenesses([one.comment.text for one in flagged], classifier), strict=True):
        ruling.likeness = alike


def likenesses(texts: Sequence[str], classifier: Classifier) -> list[int | None]:
    """Of each text the number that near-identical ones share; None when nothing but signs is in it."""
    return [likeness(read) for read in classifier.read(texts)]


def submission_of(comment: Standing, known: Known) -> Submission:
    """What is judged of a comment."""
    # its own approval says nothing about what its author wrote before
    approved = known.approved.get(comment.author_id, 0) - (comment.status is Status.APPROVED)
    signals = Signals(
        author_approved=max(0, approved),
        reports=comment.reports,
        author_banned=comment.author_id in known.banned,
    )
    return Submission(comment.text, known.policies[comment.site_id], signals)


def ruling_of(comment: Standing, judgement: Judgement) -> Ruling:
    """The policy's decision about a comment that was judged."""
    return Ruling(
        comment,
        judgement.verdict.action,
        Actor.POLICY,
        judgement.verdict.reasons,
        policy_version=judgement.verdict.policy_version,
        scores=judgement.scores,
        risk=judgement.risk,
    )


def _parked(comment: PendingRow) -> Ruling:
    """For a comment that can't be scored: a person must look."""
    return Ruling(
        comment, Action.FLAG, Actor.POLICY, (Reason("unscored", Action.FLAG),), scores=NO_SCORES, risk=UNSCORED_RISK
    )


NO_SCORES = Scores({}, "und", "none")
UNSCORED_RISK = 1.0
"""In the queue an unscored comment stands where a plain insult does."""


def _by_site(rulings: Sequence[Ruling]) -> dict[str, list[Ruling]]:
    by_site: dict[str, list[Ruling]] = defaultdict(list)
    for ruling in rulings:
        by_site[ruling.comment.site_id].append(ruling)
    return by_site

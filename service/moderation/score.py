"""Score what is pending: claim a batch, have it judged, write it down."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence

import structlog

from classifier import Classifier
from service.domain.comment import Scores
from service.domain.decision import Action, Actor, Reason
from service.domain.errors import Unavailable
from service.domain.policy import Policy, Signals
from service.moderation.judge import Judgement, Submission, judge
from service.moderation.record import record
from service.runtime import watch
from service.store import Store
from service.store.authors import approved_of
from service.store.backlog import Backlog, Rota
from service.store.engine import made_at, new_id
from service.store.ledger import Ruling
from service.store.policies import current_policies
from service.store.rows import PendingRow

log = structlog.get_logger(__name__)

PARK_AFTER = 8
"""Attempts after which a comment is left to a moderator unscored: whoever tried to score it did not live to say why."""


PAUSES = (0.05, 0.5, 2.0)
"""Seconds before the second, third and fourth try to write a batch down."""


def score_batch(store: Store, classifier: Classifier, *, limit: int, lease: float, rota: Rota | None = None) -> int:
    """Score and decide up to `limit` pending comments; how many were taken, 0 when nothing is pending.

    The claim is a transaction of its own with a lease of `lease` seconds; scoring happens outside any; scores, decisions and
    deliveries are written in one transaction, and only for comments that stand as they were read: one that was edited or decided
    meanwhile is left alone. If the worker dies anywhere, the lease runs out and the comment is taken again. A worker that calls
    this again and again hands in its `rota`.
    """
    token, stopwatch = new_id(), watch.Stopwatch()
    with store.begin(by_index=True) as tx:
        taken = Backlog(tx).claim(token, lease, limit, rota)
        policies = current_policies(tx, {comment.site_id for comment in taken})
        approved = approved_of(tx, [c.author_id for c in taken if policies[c.site_id].asks_history])
    if not taken:
        return 0
    stopwatch.lap("claim")
    submissions = [_submission(comment, policies[comment.site_id], approved) for comment in taken]
    rulings = _rulings(taken, submissions, classifier)
    stopwatch.lap("score")
    written = _written(store, token, rulings)
    # an edit keeps the id of its first text, and with it the time
    received = [made_at(ruling.comment.id) for ruling in written if ruling.comment.revision == 1]
    watch.scored(stopwatch, len(taken), len(written), received, store.clock())
    return len(taken)


def _written(store: Store, token: str, rulings: Sequence[Ruling]) -> list[Ruling]:
    """Write rulings down and end the claim; those that were written.

    Once more after a while, when the database was away or had to choose between two writers: scored is scored, and a claim that
    runs out counts as an attempt of every comment in it. Raises: Unavailable, when it stays away.
    """
    for pause in PAUSES:
        try:
            return _write(store, token, rulings)
        except Unavailable:
            time.sleep(pause)
    return _write(store, token, rulings)


def _write(store: Store, token: str, rulings: Sequence[Ruling]) -> list[Ruling]:
    with store.begin(by_index=True) as tx:
        # the claim first, as one who finds it expired does
        Backlog(tx).release(token)
        # in one order in all workers: an author's row is locked until the end
        by_site = sorted(_by_site(rulings).items())
        return [ruling for site_id, of_site in by_site for ruling in record(tx, site_id, of_site)]


def _rulings(comments: Sequence[PendingRow], submissions: Sequence[Submission], classifier: Classifier) -> list[Ruling]:
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
    return [_ruling(comment, judgement) for (comment, _), judgement in zip(pairs, judgements, strict=True)]


def _submission(comment: PendingRow, policy: Policy, approved: Mapping[str, int]) -> Submission:
    signals = Signals(author_approved=approved.get(comment.author_id, 0), reports=comment.reports)
    return Submission(comment.text, policy, signals)


def _ruling(comment: PendingRow, judgement: Judgement) -> Ruling:
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

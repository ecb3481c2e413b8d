"""Score what is pending: claim a batch, have it judged, write it down."""

from collections import defaultdict
from collections.abc import Sequence

import structlog

from classifier import Classifier
from service.domain.comment import Scores
from service.domain.decision import Action, Actor, Reason
from service.domain.policy import Policy, Signals
from service.moderation.judge import Judgement, Submission, judge
from service.moderation.record import Ruling, record
from service.runtime import watch
from service.store import Store
from service.store.backlog import Backlog
from service.store.engine import new_id
from service.store.policies import current_policies
from service.store.rows import CommentRow

log = structlog.get_logger(__name__)

PARK_AFTER = 8
"""Attempts after which a comment is left to a moderator unscored: whoever tried to score it did not live to say why."""


def score_batch(store: Store, classifier: Classifier, *, limit: int, lease: float) -> int:
    """Score and decide up to `limit` pending comments; how many were taken, 0 when nothing is pending.

    The claim is a transaction of its own with a lease of `lease` seconds; scoring happens outside any; scores, decisions and
    deliveries are written in one transaction, and only for comments that are still held: one that was edited or decided
    meanwhile is left alone. If the worker dies anywhere, the lease runs out and the comment is taken again.
    """
    token, stopwatch = new_id(), watch.Stopwatch()
    with store.begin() as tx:
        taken = Backlog(tx).claim(token, lease, limit)
        policies = current_policies(tx, {comment.site_id for comment in taken})
    if not taken:
        return 0
    stopwatch.lap("claim")
    rulings = _rulings(taken, policies, classifier)
    stopwatch.lap("score")
    with store.begin() as tx:
        held = Backlog(tx).held(token, [comment.id for comment in taken])
        for site_id, of_site in _by_site(rulings).items():
            record(tx, site_id, [ruling for ruling in of_site if ruling.comment.id in held])
    # an edit keeps the time at which its first text came
    received = [comment.received_at for comment in taken if comment.id in held and comment.revision == 1]
    watch.scored(stopwatch, len(taken), len(held), received, store.clock())
    return len(taken)


def _rulings(comments: Sequence[CommentRow], policies: dict[str, Policy], classifier: Classifier) -> list[Ruling]:
    given_up = [comment for comment in comments if comment.attempts > PARK_AFTER]
    tried = [comment for comment in comments if comment.attempts <= PARK_AFTER]
    return [_parked(comment) for comment in given_up] + _judged(tried, policies, classifier)


def _judged(comments: Sequence[CommentRow], policies: dict[str, Policy], classifier: Classifier) -> list[Ruling]:
    """Judge a batch; one that fails is halved until the comment that can't be scored stands alone and is parked."""
    if not comments:
        return []
    try:
        judgements = judge([_submission(comment, policies[comment.site_id]) for comment in comments], classifier)
    except Exception:
        if len(comments) == 1:
            log.exception("comment can't be scored", comment_id=comments[0].id)
            return [_parked(comments[0])]
        half = len(comments) // 2
        return _judged(comments[:half], policies, classifier) + _judged(comments[half:], policies, classifier)
    return [_ruling(comment, judgement) for comment, judgement in zip(comments, judgements, strict=True)]


def _submission(comment: CommentRow, policy: Policy) -> Submission:
    author = comment.author
    signals = Signals(author_approved=author.approved, reports=comment.reports)
    return Submission(comment.text, policy, signals)


def _ruling(comment: CommentRow, judgement: Judgement) -> Ruling:
    return Ruling(
        comment,
        judgement.verdict.action,
        Actor.POLICY,
        judgement.verdict.reasons,
        policy_version=judgement.verdict.policy_version,
        scores=judgement.scores,
        risk=judgement.risk,
    )


def _parked(comment: CommentRow) -> Ruling:
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

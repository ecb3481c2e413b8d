"""The second reading: what the scorer handed over is judged by both readers together, and decided, or decided anew."""

import math
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

import structlog

from classifier import Classifier
from classifier.reader.stack import Stack
from service.domain.decision import Action
from service.moderation.handover import lease_of
from service.moderation.judge import Submission, judge
from service.moderation.score import known_of, liken, patiently, record_all, ruling_of, rulings_of, submission_of
from service.runtime import watch
from service.store import Store
from service.store.backlog import Backlog
from service.store.engine import made_at, new_id
from service.store.ledger import Ledger, Ruling
from service.store.readings import Held, Readings
from service.store.rows import Standing

log = structlog.get_logger(__name__)

CLAIMS = 8
"""Claims that are taken together: under a trickle each holds one comment."""

PIECE = 8
"""Decided comments that are read together: one that is held meanwhile waits no longer for them than for two long texts."""

RUSH = 100
"""Pending comments beside which decided ones are left for later. The reader gives way to everybody: in a transaction that it is
not let finish, it would hold up who waits for the same rows, or on SQLite for the whole file."""

LEASE = 30.0
"""Seconds for reading decided comments: nobody waits for them."""


def read_batch(store: Store, first: Classifier, stack: Stack, *, ms: float, wake_scorer: Callable[[], None]) -> int:
    """Read some of what waits for the second reader, and first what is not decided yet; how many, 0 when nothing waits.

    A comment that is held for longer than `ms` is decided by the first reader alone. `wake_scorer` is called when a comment was
    edited meanwhile, and so is free again.
    """
    return _read_held(store, first, stack, ms, wake_scorer) or _read_decided(store, stack)


def _read_held(store: Store, first: Classifier, stack: Stack, ms: float, wake_scorer: Callable[[], None]) -> int:
    """Decide comments that were held. Taking is a transaction, and so is writing, which ends the claims, as for a scorer."""
    began = time.monotonic()
    with store.begin(by_index=True) as tx:
        taken = Held(tx).take(CLAIMS, lease_of(ms))
        comments = [comment for one in taken for comment in one.comments]
        known = known_of(tx, comments)
    if not taken:
        return 0
    submissions = [submission_of(comment, known) for comment in comments]
    by_id = {comment.id: submission for comment, submission in zip(comments, submissions, strict=True)}
    alone = rulings_of(comments, submissions, first)
    second = Rereading(stack)
    for one in taken:
        # of the time that they may wait, what is left and has not passed since they were taken
        second.read(one.comments, by_id, until=began + ms / 1e3 - (tx.now - one.handed_at).total_seconds())
    final = [second.rulings.get(ruling.comment.id, ruling) for ruling in alone]

    def write() -> list[Ruling]:
        with store.begin(by_index=True) as tx:
            for one in taken:
                Backlog(tx).release(one.lease)
            return record_all(tx, final)

    written = patiently(write)
    if len(written) < len(comments):
        wake_scorer()
    now = store.clock()
    outcomes = Counter(second.outcome(ruling.comment.id, ruling.action) for ruling in alone)
    waited = [(now - one.handed_at).total_seconds() for one in taken for _ in one.comments]
    # an edit keeps the id of its first text, and with it the time
    received = [made_at(ruling.comment.id) for ruling in written if ruling.comment.revision == 1]
    watch.read("held", outcomes, waited, received, now)
    return max(1, len(comments))


class Rereading:
    """Reads comments with both readers together, one by one: what a text does to the encoder happens to no other."""

    def __init__(self, stack: Stack) -> None:
        self.rulings: dict[str, Ruling] = {}
        self._failed: set[str] = set()
        self._stack = stack

    def read(
        self, comments: Sequence[Standing], submissions: Mapping[str, Submission], until: float = math.inf
    ) -> None:
        """Read what can be read until then, by `time.monotonic`, in this order, and see what the policy makes of it."""
        for comment in comments:
            if time.monotonic() + self._stack.cost_ms([comment.text]) / 1e3 <= until:
                self._read(comment, submissions[comment.id])

    def outcome(self, comment_id: str, action: Action) -> str:
        """What came of a comment beside an action, in the words of metrics.READ."""
        ruling = self.rulings.get(comment_id)
        if ruling is None:
            return "failed" if comment_id in self._failed else "late"
        return "same" if ruling.action is action else "changed"

    def _read(self, comment: Standing, submission: Submission) -> None:
        try:
            [judgement] = judge([submission], self._stack)
        except Exception:
            # what the first reader made of it stands, as it does where there is no second one
            log.exception("the second reader failed", comment_id=comment.id)
            self._failed.add(comment.id)
            return
        ruling = ruling_of(comment, judgement)
        liken([ruling], self._stack)
        self.rulings[comment.id] = ruling


def _read_decided(store: Store, stack: Stack) -> int:
    """Judge decided comments anew. Those that stand as the policy left them get a new decision where it is another, else scores.

    The decisions are one transaction and the scores another, which ends the reading: each locks comments in the order of ids.
    """
    with store.read(by_index=True) as tx:
        if Backlog(tx).depth(RUSH + 1) > RUSH:
            return 0
    lease = new_id()
    with store.begin() as tx:
        since = Readings(tx).take(lease, PIECE, LEASE)
        comments = Readings(tx).standing(lease) if since else []
        known = known_of(tx, comments)
    if not since:
        return 0
    second = Rereading(stack)
    second.read(comments, {comment.id: submission_of(comment, known) for comment in comments})
    rulings = second.rulings.values()
    changed = [ruling for ruling in rulings if ruling.action.status is not ruling.comment.status]
    same = [ruling for ruling in rulings if ruling.action.status is ruling.comment.status]
    if changed:
        changed = patiently(lambda: _decide(store, changed))
    patiently(lambda: _refresh(store, same, lease))
    outcomes = Counter({"changed": len(changed), "same": len(same), "failed": len(comments) - len(rulings)})
    # those that did not stand any more as the policy left them
    outcomes["late"] = len(since) - outcomes.total()
    now = store.clock()
    watch.read("decided", outcomes, [(now - at).total_seconds() for at in since.values()], [], now)
    return len(since)


def _decide(store: Store, rulings: Sequence[Ruling]) -> list[Ruling]:
    with store.begin(by_index=True) as tx:
        return record_all(tx, rulings)


def _refresh(store: Store, rulings: Sequence[Ruling], lease: str) -> list[Ruling]:
    with store.begin(by_index=True) as tx:
        for site_id in sorted({ruling.comment.site_id for ruling in rulings}):
            Ledger(tx, site_id).refresh([ruling for ruling in rulings if ruling.comment.site_id == site_id])
        Readings(tx).end(lease)
    return list(rulings)

"""The second reader where somebody waits: it reads while there is time for it, and what it can't read stays with the first.

The worker has its own way with it. Here nobody is kept waiting for it, and no answer is lost when it fails.
"""

import math
import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import TypeVar

import structlog

from classifier import Span
from classifier.reader.stack import Stack
from service.domain.comment import Scores, is_supported
from service.domain.decision import SEVERITY, Action
from service.domain.policy import Policy, Signals, by_score
from service.moderation.judge import Judgement, score_texts
from service.runtime import metrics

log = structlog.get_logger(__name__)

MARGIN = 3.0
"""A reading is begun when its caller has so many times the milliseconds that it should take: busy machines take longer."""

LONGEST_MS = 20.0
"""Milliseconds of a reading beside which others wait; a longer one is not begun, however patient its own caller is."""

BURST = 4.0
"""Readings that may follow each other at once after a time without any."""

QUIET_SECONDS = 0.25
EACH_SECOND = 1.5
"""Readings that may be begun for each second without a request beyond QUIET_SECONDS, whatever the share.

Where one request a second comes in, all are read twice; where many do, fewer than one in a hundred, so that the slowest hundredth
of answers is what it was without a second reader.
"""

NEAR = 2.0
"""Log-odds by which the second reader seldom moves a score. Where none of these moves changes the action, it isn't asked."""

LOOK_SECONDS = 1.0
"""For the words of one text: somebody looks at them."""

PATIENCE_SECONDS = 0.2
"""How long somebody who looks at a comment waits for the second reader to be free: until it has answered a request, not until it
has done as much for somebody else. Who waits keeps a thread from others."""

REST_SECONDS = 60.0
"""How long it is left alone after it has failed."""

Done = TypeVar("Done")


class SecondReader:
    """One for each process, shared by its threads. It reads for one caller at a time.

    stack: both readers, or None where there is no second one. share: of the requests that are answered at once, so many are read
    by both. most_ms: for the texts of a request that asks for scores and nothing else.
    """

    def __init__(
        self,
        stack: Callable[[], Stack | None],
        share: float,
        most_ms: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._stack, self._most_ms, self._clock = stack, most_ms, clock
        self._free = Lock()
        self._budget = _Bucket(share, clock)
        self._rests_until = -math.inf

    def read(
        self, texts: Sequence[str], until: float, work: Callable[[Stack], Done], *, worth: bool = True
    ) -> Done | None:
        """What `work` makes of both readers; None when they are not to be asked, nobody is free, or there's no time for it.

        To be called once for each request. until: when its caller must be answered, by `time.perf_counter`. worth: whether what
        the second reader says can matter.
        """
        self._budget.count()
        if (stack := self._there()) is None:
            return None
        done, outcome = self._read(stack, texts, until, work) if worth else (None, "unneeded")
        metrics.meter().asked[outcome].inc()
        return done

    def _read(
        self, stack: Stack, texts: Sequence[str], until: float, work: Callable[[Stack], Done]
    ) -> tuple[Done | None, str]:
        """What came of it, and which of metrics.ASKED that is."""
        if not _in_time(stack.cost_ms(texts), until):
            return None, "late"
        if not self._free.acquire(blocking=False):
            return None, "busy"
        try:
            if not self._budget.take():
                return None, "spared"
            done = self._tried(lambda: work(stack))
            return done, "failed" if done is None else "read"
        finally:
            self._free.release()

    def score(self, texts: Sequence[str]) -> list[Scores] | None:
        """Scores of all these texts by both readers; None when there is one reader, or too much for the second."""
        stack = self._there()
        if stack is None or stack.cost_ms(texts) > self._most_ms:
            return None
        return self._tried(lambda: score_texts(texts, stack))

    def spans(self, text: str, attributes: Sequence[str]) -> list[Span] | None:
        """The words without which both readers together would score a text less; None when that can't be told now."""
        stack = self._there()
        if stack is None or not self._free.acquire(timeout=PATIENCE_SECONDS):
            return None
        try:
            return self._tried(lambda: list(stack.occlude(text, attributes, LOOK_SECONDS)))
        finally:
            self._free.release()

    def _there(self) -> Stack | None:
        return self._stack() if self._clock() >= self._rests_until else None

    def _tried(self, reading: Callable[[], Done]) -> Done | None:
        """A reading that may fail: the first reader's answer stands then, and the second is left alone for a while."""
        try:
            return reading()
        except Exception:
            self._rests_until = self._clock() + REST_SECONDS
            log.exception("the second reader failed; the first goes on alone", seconds=REST_SECONDS)
            return None


def could_change(judgement: Judgement, policy: Policy, author_approved: int) -> bool:
    """Whether the policy might act otherwise if each score moved by NEAR: a list or a ban may have settled it already."""
    settled = [reason.action for reason in judgement.verdict.reasons if reason.code != "score"]
    supported = is_supported(judgement.scores.language)

    def action(move: float) -> Action:
        moved = {name: _moved(score, move) for name, score in judgement.scores.by_attribute.items()}
        by_scores = by_score(policy, Signals(moved, supported=supported, author_approved=author_approved))
        asked = [*settled, *(reason.action for reason in by_scores)]
        return max(asked, key=SEVERITY.index, default=Action.APPROVE)

    return action(-NEAR) is not action(NEAR)


def _moved(score: float, move: float) -> float:
    """A probability moved by so much in log-odds; 0 and 1 stay."""
    return score / (score + (1 - score) * math.exp(-move))


def _in_time(cost_ms: float, until: float) -> bool:
    return cost_ms <= LONGEST_MS and time.perf_counter() + MARGIN * cost_ms / 1e3 <= until


class _Bucket:
    """Readings that may be begun: each request adds its share of one, a pause adds some, and up to BURST are kept."""

    def __init__(self, share: float, clock: Callable[[], float]) -> None:
        self._share, self._clock = share, clock
        self._lock = Lock()
        self._left = BURST if share else 0.0
        self._last = clock()

    def count(self) -> None:
        """A request came."""
        with self._lock:
            now = self._clock()
            pause = max(0.0, now - self._last - QUIET_SECONDS) if self._share else 0.0
            self._left = min(BURST, self._left + self._share + pause * EACH_SECOND)
            self._last = now

    def take(self) -> bool:
        """Begin one, if that may be."""
        with self._lock:
            if self._left < 1:
                return False
            self._left -= 1
            return True

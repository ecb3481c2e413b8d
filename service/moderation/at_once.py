"""Comments whose callers wait: judged inside the request, and stored after it.

Callers of this kind give up after 200 to 1,000 ms and then publish, so what is done here ends in a site's budget, or says that it
could not. The first reader always judges; both do where there is time for the second (see `second_reader`).
"""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from threading import BoundedSemaphore
from typing import NamedTuple, TypeVar

import structlog

from classifier import Classifier, Span
from service.domain.comment import NewComment, Scores
from service.domain.compat import OnFailure, Terms
from service.domain.decision import Action
from service.domain.errors import CantDecide, Unavailable
from service.domain.fitting import fitting
from service.domain.policy import Signals
from service.moderation.judge import Judgement, Submission, judge, score_texts, spans_of
from service.moderation.second_reader import SecondReader, could_change
from service.moderation.writer import Checking, Writer
from service.runtime import watch
from service.store import Store
from service.store.authors import Authors
from service.store.compat import CompatSettings
from service.store.policies import Policies

__all__ = ["AtOnce", "CantDecide", "Checked"]

log = structlog.get_logger(__name__)

WORKERS = os.cpu_count() or 1
"""Threads of a process that score at once: more would only take the cores from each other, and all would be late."""

LONGEST = 20_480
"""Characters of a text that are read: as many as Perspective takes bytes. No insult must hide behind the last one."""

MOST_CHARACTERS = 2 * LONGEST
"""Scored in one place before the next who waits has a turn: a few milliseconds."""

Done = TypeVar("Done")


class Checked(NamedTuple):
    """What a caller is told: an action, and what it rests on; None when it could not be decided in the budget."""

    judgement: Judgement | None
    action: Action
    comment_id: str | None


class AtOnce:
    """Judges texts while their callers wait. One for each process, shared by its threads."""

    def __init__(
        self,
        store: Store,
        model: Callable[[], Classifier],
        wake_scorer: Callable[[], None],
        wake_sender: Callable[[], None],
        second: SecondReader | None = None,
    ) -> None:
        self._store = store
        self._model = model
        self._second = second
        self._places = BoundedSemaphore(WORKERS)
        self._writer = Writer(store, model, wake_scorer, wake_sender)

    def close(self) -> None:
        """Store what waits to be; what is checked after this is stored inside its request."""
        self._writer.close()

    def terms(self, site_id: str) -> Terms:
        """A site's policy and choices, as they were a second ago at the most. Raises: Unavailable."""
        known, now = self._store.known, self._store.clock()
        if (terms := known.terms(site_id, now)) is None:
            with self._store.read() as tx:
                terms = Terms(Policies(tx, site_id).current(), CompatSettings(tx, site_id).get())
            known.learn_terms(site_id, terms, now)
        return terms

    def score(self, texts: Sequence[str], budget_ms: float) -> list[Scores]:
        """Scores and language of each text, all by the same readers; of a long one, of its first LONGEST characters.

        Raises: CantDecide, when no place is free in the budget or the classifier fails.
        """
        with _timed() as until:
            end = until(budget_ms)
            by_first = [one for some in _portions(texts) for one in self._scores(some, end)]
            return self._by_both([text[:LONGEST] for text in texts], end) or by_first

    def spans(self, text: str, budget_ms: float) -> list[Span]:
        """The stretches of a text that made its scores; offsets in code points. Raises: CantDecide, as `score`."""
        with _timed() as until:
            return self._in_place(until(budget_ms), lambda model: spans_of(text[:LONGEST], model))

    def check(self, site_id: str, comment: NewComment, source: str, *, keep: bool = True, wait_ms: int = 0) -> Checked:
        """Judge a comment by the site's policy, with what is known of its author, and have it stored: soon, by the writer.

        One that can't be decided in the site's budget is stored as pending, to be scored by a worker, and the action is what the
        site chose for that. A comment that is there already with the same text is judged anew for the answer, and stands as it
        does. What no database keeps is made to fit (see `fitting`). Waits up to `wait_ms` until it is stored; `comment_id` is
        None when it is not by then. With `keep` false nothing is stored.

        Raises: Unavailable, when the database is away and the site's choices, or what to do with a comment, can't be known.
        """
        terms = self.terms(site_id)
        fit = replace(fitting(comment), source=source)
        judgement = self._judgement(site_id, fit, terms)
        undecided = Action.APPROVE if terms.compat.on_failure is OnFailure.OPEN else Action.FLAG
        action = undecided if judgement is None else judgement.verdict.action
        if not keep:
            return Checked(judgement, action, None)
        if judgement is None:
            fit = replace(fit, went_by=terms.compat.on_failure.value)
        checking = Checking(site_id, fit, judgement)
        self._writer.put(checking, hurry=wait_ms > 0)
        if wait_ms:
            checking.done.wait(wait_ms / 1e3)
        return Checked(judgement, action, checking.comment_id)

    def _judgement(self, site_id: str, comment: NewComment, terms: Terms) -> Judgement | None:
        """What the policy makes of a comment; None when that can't be told in the budget."""
        try:
            with _timed() as until:
                end = until(terms.compat.budget_ms)
                with self._store.read() as tx:
                    history = Authors(tx, site_id).history(comment.author.id)
                signals = Signals(author_approved=history.approved, author_banned=history.banned)
                submission = Submission(comment.text, terms.policy, signals)
                by_first = self._in_place(end, lambda model: judge([submission], model)[0])
                return self._judged_again(submission, by_first, end)
        except Unavailable as error:
            log.warning("a comment could not be decided at once", went_by=terms.compat.on_failure, reason=str(error))
            return None

    def _judged_again(self, submission: Submission, by_first: Judgement, until: float) -> Judgement:
        """The judgement by both readers, where the second could change the action and has the time; else the first's."""
        if self._second is None:
            return by_first
        worth = could_change(by_first, submission.policy, submission.signals.author_approved)
        judged = self._second.read([submission.text], until, lambda stack: judge([submission], stack)[0], worth=worth)
        return judged or by_first

    def _by_both(self, texts: Sequence[str], until: float) -> list[Scores] | None:
        if self._second is None:
            return None
        return self._second.read(texts, until, lambda stack: score_texts(texts, stack))

    def _scores(self, texts: Sequence[str], until: float) -> list[Scores]:
        return self._in_place(until, lambda model: score_texts(texts, model))

    def _in_place(self, until: float, work: Callable[[Classifier], Done]) -> Done:
        """Do what asks the classifier, in one of WORKERS places. Raises: CantDecide."""
        if not self._places.acquire(timeout=max(0.0, until - time.perf_counter())):
            raise CantDecide("too many texts are being scored")
        try:
            return work(self._model())
        except Exception as error:
            log.exception("the classifier failed on what must be answered at once")
            raise CantDecide("the classifier failed; this is logged") from error
        finally:
            self._places.release()


@contextmanager
def _timed() -> Iterator[Callable[[float], float]]:
    """Measure what is done inside; gives a function from a budget in milliseconds to the time at which it ends."""
    began, decided = time.perf_counter(), False
    try:
        yield lambda budget_ms: began + budget_ms / 1e3
        decided = True
    finally:
        watch.answered_at_once(time.perf_counter() - began, decided=decided)


def _portions(texts: Sequence[str]) -> Iterator[list[str]]:
    """The texts, cut to LONGEST, in portions of up to MOST_CHARACTERS."""
    portion: list[str] = []
    size = 0
    for text in texts:
        cut = text[:LONGEST]
        if portion and size + len(cut) > MOST_CHARACTERS:
            yield portion
            portion, size = [], 0
        portion.append(cut)
        size += len(cut)
    if portion:
        yield portion

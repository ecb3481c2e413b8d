"""Stores comments that were judged while their callers waited, after these were answered: many in one transaction."""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import chain, repeat

import structlog

from classifier import Classifier
from service.domain.comment import Accepted, NewComment
from service.domain.decision import Action
from service.domain.errors import Unavailable
from service.moderation.accept import at_last
from service.moderation.judge import Judgement
from service.moderation.record import record
from service.moderation.score import PAUSES, likenesses, ruling_of
from service.runtime import metrics, watch
from service.store import Store, Transaction
from service.store.comments import Comments
from service.store.ledger import Ruling

log = structlog.get_logger(__name__)

MOST_WAITING = 2_000
"""Comments that wait to be written at most. Who brings more writes them himself, and so comes no faster than they are written."""

MOST_TOGETHER = 200
"""Comments taken at a time: enough that a commit costs each of them little, few enough that none waits long for the others."""

LINGER = 0.05
"""Seconds that a comment waits for others, unless its caller waits: each commit takes the interpreter from who is answered."""

STOP_SECONDS = 8.0
"""How long a process that is told to end goes on writing: below the time after which its server kills it."""


@dataclass(eq=False, slots=True)
class Checking:
    """A comment on its way to the store; judgement: None when it has to be scored later. comment_id: once it is `done`."""

    site_id: str
    comment: NewComment
    judgement: Judgement | None
    comment_id: str | None = None
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def flagged(self) -> bool:
        """Whether a person will see it."""
        return self.judgement is not None and self.judgement.verdict.action is Action.FLAG


class Writer:
    """One for each process; its thread begins with the first comment, so after the last fork.

    A comment that waits here is lost if the process is killed: its caller was answered, and nobody was told that it is stored.
    """

    def __init__(
        self,
        store: Store,
        model: Callable[[], Classifier],
        wake_scorer: Callable[[], None],
        wake_sender: Callable[[], None],
    ) -> None:
        self._store = store
        self._model = model
        self._wake_scorer = wake_scorer
        self._wake_sender = wake_sender
        self._waiting: deque[Checking] = deque()
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._hurried = False
        self._closing = False

    def put(self, checking: Checking, *, hurry: bool = False) -> None:
        """Have a comment stored: without lingering, in a `hurry`; in the calling thread, when too many wait or this is closed.

        Raises: Unavailable, when it is to be stored at once and the database is away.
        """
        with self._changed:
            room = not self._closing and len(self._waiting) < MOST_WAITING
            if room:
                self._waiting.append(checking)
                self._start()
                self._hurried |= hurry
                if len(self._waiting) in (1, MOST_TOGETHER) or hurry:
                    self._changed.notify()
        if not room:
            self._write(checking.site_id, [checking])

    def close(self) -> None:
        """Write what waits, for STOP_SECONDS at most; what comes from here on is written by who brings it."""
        with self._changed:
            self._closing = True
            self._changed.notify()
            thread = self._thread
        if thread is not None:
            thread.join(STOP_SECONDS)

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._run, name="at-once-writer", daemon=True)
            self._thread.start()

    def _run(self) -> None:
        while taken := self._take():
            by_site: dict[str, list[Checking]] = defaultdict(list)
            for checking in taken:
                by_site[checking.site_id].append(checking)
            for site_id, of_site in by_site.items():
                self._write_at_last(site_id, of_site)

    def _take(self) -> list[Checking]:
        """What waits, up to MOST_TOGETHER, as soon as something does; nothing when this is closed and all is written."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closing)
            self._changed.wait_for(self._is_due, LINGER)
            taken = [self._waiting.popleft() for _ in range(min(MOST_TOGETHER, len(self._waiting)))]
            self._hurried &= bool(self._waiting)
            return taken

    def _is_due(self) -> bool:
        return self._hurried or self._closing or len(self._waiting) >= MOST_TOGETHER

    def _write_at_last(self, site_id: str, of_site: list[Checking]) -> None:
        """Write, and again for as long as the database is away. One that can't be written does not keep the others."""
        for tried, pause in enumerate(chain(PAUSES, repeat(PAUSES[-1])), 1):
            try:
                return self._write(site_id, of_site)
            except Unavailable as error:
                if self._closing and tried > len(PAUSES):
                    return _give_up(of_site, str(error))
                log.warning("comments answered at once can't be stored yet", count=len(of_site), reason=str(error))
                time.sleep(pause)
            except Exception:
                if len(of_site) == 1:
                    log.exception("a comment answered at once can't be stored")
                    return _give_up(of_site, "see above")
                half = len(of_site) // 2
                self._write_at_last(site_id, of_site[:half])
                return self._write_at_last(site_id, of_site[half:])
        return None

    def _write(self, site_id: str, of_site: Sequence[Checking]) -> None:
        """Store comments with their decisions, in one transaction. Raises: Unavailable, when the database is away."""
        stopwatch = watch.Stopwatch()
        flagged = [checking for checking in of_site if checking.flagged]
        # one that could not be judged may be one because there is no model
        alike = likenesses([checking.comment.text for checking in flagged], self._model()) if flagged else []
        likeness = dict(zip(map(id, flagged), alike, strict=True))

        def write(tx: Transaction) -> tuple[list[Accepted], list[Ruling]]:
            accepted = Comments(tx, site_id).add_pending([checking.comment for checking in of_site])
            # the last one of each: the same id twice is an edit, and only what stands in the end is decided about
            fresh = {one.id: checking for one, checking in zip(accepted, of_site, strict=True) if one.fresh}
            return accepted, record(tx, site_id, _rulings(tx, site_id, fresh, likeness))

        accepted, written = at_last(self._store, write)
        watch.accepted(stopwatch, accepted)
        for one, checking in zip(accepted, of_site, strict=True):
            checking.comment_id = one.id
            checking.done.set()
        if written:
            self._wake_sender()
        if {one.id for one in accepted if one.fresh} - {ruling.comment.id for ruling in written}:
            self._wake_scorer()


def _rulings(
    tx: Transaction, site_id: str, fresh: dict[str, Checking], likeness: dict[int, int | None]
) -> list[Ruling]:
    """The decisions about comments that were stored just now; none about one of which readers' reports are to be weighed."""
    judged = [id for id, checking in fresh.items() if checking.judgement is not None]
    rulings = []
    for row in Comments(tx, site_id).standing(judged) if judged else ():
        checking = fresh[row.id]
        if checking.judgement is not None and not row.reports:
            ruling = ruling_of(row, checking.judgement)
            ruling.likeness = likeness.get(id(checking))
            rulings.append(ruling)
    return rulings


def _give_up(lost: Sequence[Checking], reason: str) -> None:
    log.error("comments answered at once are lost", count=len(lost), reason=reason)
    metrics.meter().lost.inc(len(lost))
    for checking in lost:
        checking.done.set()

"""Single comments of several requests in one transaction: what each pays for alone is the commit and the look at its site."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import Event, Lock

from service.domain.comment import Accepted, NewComment
from service.moderation.accept import accept
from service.store import Store

FEW = 10
"""Comments up to which a request is written together with others; more are worth a transaction of their own."""

MOST = 200
"""Comments of several requests in one transaction."""


@dataclass(eq=False, slots=True)
class _Request:
    """Comments that wait to be written. `done` is set once they are, or when their own thread is to see to them."""

    comments: Sequence[NewComment]
    done: Event = field(default_factory=Event)
    leads: bool = False
    accepted: list[Accepted] | None = None


class Together:
    """Takes comments in, for all threads of a process.

    While a thread writes comments of a site, those that come in for this site wait, and the next transaction takes them all: the
    first of them writes for the others. Nobody waits for others to come. When a transaction fails, each of its requests goes
    on alone, so that none is refused for another's fault.
    """

    def __init__(self, store: Store, wake: Callable[[], None]) -> None:
        self._store = store
        self._wake = wake
        self._lock = Lock()
        # a site is in here while somebody writes for it
        self._lines: dict[str, deque[_Request]] = {}

    def accept(self, comments: Sequence[NewComment], site_id: str) -> list[Accepted]:
        """Store comments as pending and wake a worker, as `accept.accept` does. Raises: what that raises."""
        if len(comments) > FEW:
            return self._alone(comments, site_id)
        mine = _Request(comments)
        with self._lock:
            line = self._lines.get(site_id)
            if line is None:
                self._lines[site_id] = deque()
                mine.leads = True
            else:
                line.append(mine)
        if not mine.leads:
            mine.done.wait()
        if mine.leads:
            self._lead(mine, site_id)
        return self._alone(comments, site_id) if mine.accepted is None else mine.accepted

    def _alone(self, comments: Sequence[NewComment], site_id: str) -> list[Accepted]:
        return accept(comments, site_id, self._store, self._wake)

    def _lead(self, mine: _Request, site_id: str) -> None:
        """Write for all that wait, then leave the lead to the first of those that came meanwhile."""
        group = [mine]
        try:
            group += self._others(site_id, MOST - len(mine.comments))
            self._write(group, site_id)
        finally:
            self._pass_on(site_id)
            for one in group[1:]:
                one.done.set()

    def _others(self, site_id: str, room: int) -> list[_Request]:
        others = []
        with self._lock:
            line = self._lines[site_id]
            while line and len(line[0].comments) <= room:
                room -= len(line[0].comments)
                others.append(line.popleft())
        return others

    def _write(self, group: Sequence[_Request], site_id: str) -> None:
        if len(group) == 1:
            group[0].accepted = self._alone(group[0].comments, site_id)
            return
        try:
            accepted = iter(self._alone([comment for one in group for comment in one.comments], site_id))
        except Exception:  # noqa: BLE001 - each then goes alone, and says what is wrong with itself
            return
        for one in group:
            one.accepted = [next(accepted) for _ in one.comments]

    def _pass_on(self, site_id: str) -> None:
        with self._lock:
            line = self._lines[site_id]
            if not line:
                del self._lines[site_id]
                return
            first = line.popleft()
        first.leads = True
        first.done.set()

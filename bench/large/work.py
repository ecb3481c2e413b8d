"""The work whose speed must not depend on how much is stored, each as a running Saring does it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from time import perf_counter

import sqlalchemy as sa

from classifier import Classifier
from service.domain.comment import Author, NewComment, Scores, Status, Thread
from service.domain.decision import Action, Actor
from service.moderation.accept import accept
from service.moderation.card import cards
from service.moderation.deliver import LANES
from service.moderation.queue import deal, put_back, standing
from service.moderation.ready import counts
from service.moderation.record import record
from service.moderation.steer import outgoing
from service.moderation.sweep import sweep
from service.store import Store, Transaction
from service.store.backlog import Backlog
from service.store.comments import Comments
from service.store.decisions import Decisions
from service.store.deliveries import Deliveries, Outbox
from service.store.engine import first_id, new_id
from service.store.known import Known
from service.store.ledger import Ruling
from service.store.policies import current_policies
from service.store.rows import CommentRow
from service.store.tables import authors, comments, sites, threads, users

SENT = 100
"""Comments in one request."""

CLAIMED = 500
"""Comments that a worker takes at a time."""

CALLED = 16
"""Deliveries that a sender takes at a time."""

PAGE = 51
"""Comments that the API reads for one page of its list."""

AGAIN = 5
"""How often one reading does what takes less than some milliseconds."""

SCORES = Scores(dict.fromkeys(("toxicity", "insult", "threat", "spam"), 0.01), "id", "trivial")


class Work:
    """A database, with the largest site, a moderator, some authors and threads, and a place halfway through the comments."""

    def __init__(self, store: Store, classifier: Classifier) -> None:
        self.store, self.classifier = store, classifier
        with store.read() as tx:
            one = tx.connection.execute
            self.site_id: str = one(sa.select(sites.c.id).where(sites.c.name == "site-0.example")).scalar_one()
            self.user_id: str = one(sa.select(users.c.id).where(users.c.email == "m0@desk.example")).scalar_one()
            mine = sa.select(comments.c.received_at).where(comments.c.site_id == self.site_id).order_by(comments.c.id)
            first, last = (
                one(query.limit(1)).scalar_one() for query in (mine, mine.order_by(None).order_by(comments.c.id.desc()))
            )
            self.halfway = first_id(first + (last - first) / 2)
            self.authors = one(self._spread(authors, authors.c.site_author_id)).scalars().all()
            self.threads = one(self._spread(threads, threads.c.site_thread_id)).scalars().all()

    def ways(self) -> dict[str, Callable[[], float]]:
        """Each kind of work by its name: a call does it once and tells the seconds, without what makes it repeatable."""
        return {
            f"accept {SENT} comments": self.accept,
            f"claim {CLAIMED} pending": self.claim,
            f"write {CLAIMED} decisions": self.write_back,
            "queue page": self.queue_page,
            "queue page, database alone": lambda: self.queue_page(with_cards=False),
            "list, first page": self.list_page,
            "list, approved": lambda: self.list_page(status=Status.APPROVED),
            "list, flagged": lambda: self.list_page(status=Status.FLAGGED),
            "list, deep in": lambda: self.list_page(cursor=self.halfway),
            "list, approved, deep in": lambda: self.list_page(status=Status.APPROVED, cursor=self.halfway),
            "one comment by the site's id": self.by_site_id,
            "sites to deliver to": self.sites_due,
            f"claim {CALLED} deliveries": self.claim_deliveries,
            "the sweeper's look": lambda: self._timed(lambda: sweep(self.store, self.store.clock)),
            "deliveries page": lambda: self._timed(lambda: outgoing(self.store, self.site_id)),
            "counts for /metrics": lambda: self._timed(lambda: counts(self.store)),
        }

    def accept(self) -> float:
        """A request of many comments by authors and in threads that are there; a process that has just started knows none."""
        batch = [self._comment(number) for number in range(SENT)]
        self.store.known = Known()
        began = perf_counter()
        accepted = accept(batch, self.site_id, self.store, lambda: None)
        took = perf_counter() - began
        with self.store.begin() as tx:
            Comments(tx, self.site_id).erase([comment.id for comment in accepted])
        return took

    def claim(self) -> float:
        """A worker's claim, not committed."""
        with self._undone(by_index=True) as tx:
            began = perf_counter()
            taken = Backlog(tx).claim(new_id(), 30.0, CLAIMED)
            current_policies(tx, {comment.site_id for comment in taken})
            return perf_counter() - began

    def write_back(self) -> float:
        """What a worker writes after scoring: the claim is not timed, and nothing of it is committed."""
        with self._undone(by_index=True) as tx:
            lease = new_id()
            taken = Backlog(tx).claim(lease, 30.0, CLAIMED)
            began = perf_counter()
            for site_id in sorted({comment.site_id for comment in taken}):
                record(tx, site_id, [_approved(comment) for comment in taken if comment.site_id == site_id])
            Backlog(tx).release(lease)
            return perf_counter() - began

    def queue_page(self, *, with_cards: bool = True) -> float:
        """What `/desk` asks for: a hand of cards is dealt, drawn and counted; then it is put back."""
        began = perf_counter()
        hand = deal(self.store, self.site_id, self.user_id)
        if with_cards:
            cards(self.store, self.classifier, self.site_id, hand.fresh)
        standing(self.store, self.site_id, self.user_id)
        took = perf_counter() - began
        put_back(self.store, self.site_id, self.user_id, [comment.id for comment in hand.fresh])
        return took

    def list_page(self, status: Status | None = None, cursor: str | None = None) -> float:
        """A page of `GET /v1/comments`."""

        def read() -> None:
            with self.store.read() as tx:
                rows = Comments(tx, self.site_id).page(status=status, cursor=cursor, limit=PAGE)
                Decisions(tx, self.site_id).latest([row.id for row in rows])

        return self._timed(read)

    def by_site_id(self) -> float:
        """`GET /v1/comments?site_comment_id=`."""

        def read() -> None:
            with self.store.read() as tx:
                Comments(tx, self.site_id).by_site_id("4711")

        return self._timed(read)

    def sites_due(self) -> float:
        """What the sender asks first."""

        def read() -> None:
            with self.store.read() as tx:
                Outbox(tx).sites_due(LANES)

        return self._timed(read)

    def claim_deliveries(self) -> float:
        """What the sender takes, not committed."""
        with self._undone() as tx:
            began = perf_counter()
            Deliveries(tx, self.site_id).claim(CALLED, 90.0)
            return perf_counter() - began

    def _timed(self, act: Callable[[], object]) -> float:
        began = perf_counter()
        for _ in range(AGAIN):
            act()
        return (perf_counter() - began) / AGAIN

    @contextmanager
    def _undone(self, *, by_index: bool = False) -> Iterator[Transaction]:
        """A transaction of which nothing stays."""
        with self.store.begin(by_index=by_index) as tx:
            yield tx
            tx.connection.rollback()

    def _comment(self, number: int) -> NewComment:
        author = new_id() if number % 20 == 0 else self.authors[number % len(self.authors)]
        return NewComment(
            id=new_id(),
            text="Terima kasih atas beritanya, sangat membantu.",
            author=Author(author, "Ayu"),
            thread=Thread(self.threads[number % 5]),
        )

    def _spread(self, table: sa.Table, key: sa.Column[str]) -> sa.Select[tuple[str]]:
        """Some of the site's own ids of authors or threads."""
        return sa.select(key).where(table.c.site_id == self.site_id).order_by(table.c.id.desc()).limit(SENT)


BOUND = ("accept", "claim 500", "queue", "list")
"""How the names of the kinds begin that must keep their speed."""


def _approved(comment: CommentRow) -> Ruling:
    return Ruling(comment, Action.APPROVE, Actor.POLICY, policy_version=1, scores=SCORES, risk=0.1)


def bound(names: Sequence[str]) -> list[str]:
    """Those that must keep their speed."""
    return [name for name in names if name.startswith(BOUND)]

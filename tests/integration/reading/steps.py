"""What a test of the second reader does to a comment: send, score, read, look."""

from collections.abc import Sequence
from dataclasses import replace

from classifier.reader.stack import Stack
from service.bootstrap import Services
from service.domain.comment import Status
from service.domain.policy import Policy
from service.moderation.accept import accept
from service.moderation.handover import Handover
from service.moderation.reading import read_batch
from service.moderation.score import score_batch
from service.moderation.sites import Credentials
from service.store import Store
from service.store.comments import Comments
from service.store.decisions import Decisions
from service.store.policies import Policies
from service.store.readings import Held, Readings
from service.store.rows import CommentRow, DecisionRow
from tests.factories import a_comment

FINE = "Terima kasih, beritanya sangat membantu."
ABUSE = "Dasar anjing goblok lo, mampus aja sana bangsat"
PACE = 10.0


def rule(services: Services, site: Credentials, **fields: object) -> None:
    with services.store.begin() as tx:
        Policies(tx, site.site_id).add(replace(Policy(), **fields))  # type: ignore[arg-type]


def send(services: Services, site: Credentials, *texts: str) -> list[str]:
    return [
        one.id for one in accept([a_comment(text=text) for text in texts], site.site_id, services.store, lambda: None)
    ]


def score(services: Services, handover: Handover | None, limit: int = 100) -> int:
    return score_batch(services.store, services.classifier, limit=limit, lease=30, handover=handover)


def read(services: Services, stack: Stack, ms: float = 60_000.0) -> int:
    woken: list[bool] = []
    done = read_batch(services.store, services.classifier, stack, ms=ms, wake_scorer=lambda: woken.append(True))
    if woken:
        score(services, None)
    return done


def comment(store: Store, site: Credentials, id: str) -> CommentRow:
    with store.read() as tx:
        row = Comments(tx, site.site_id).get(id)
    assert row is not None
    return row


def decisions(store: Store, site: Credentials, id: str) -> list[DecisionRow]:
    with store.read() as tx:
        return Decisions(tx, site.site_id).of_comment(id)


def statuses(store: Store, site: Credentials, ids: Sequence[str]) -> list[Status]:
    return [comment(store, site, id).status for id in ids]


def waits(store: Store) -> tuple[int, int]:
    """How many are held for the second reader, and how many may be judged anew."""
    with store.read(by_index=True) as tx:
        return Held(tx).count(), Readings(tx).count()

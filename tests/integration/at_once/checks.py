"""Comments that are checked while their callers wait, and classifiers that do not work as they should."""

from collections.abc import Sequence
from threading import Event

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray

from service.bootstrap import Services
from service.domain.comment import NewComment
from service.domain.compat import Compat
from service.domain.policy import Policy
from service.moderation.at_once import Checked
from service.moderation.sites import Credentials
from service.store.comments import Comments
from service.store.compat import CompatSettings
from service.store.decisions import Decisions
from service.store.policies import Policies
from service.store.rows import CommentRow, DecisionRow
from tests.factories import a_comment

KIND = "Terima kasih atas beritanya, sangat membantu."
ABUSE = "Dasar anjing goblok lo, mampus aja sana bangsat"
MILD = "stupid article"
WAIT = 20_000


class Altered:
    """The real classifier, but for how it scores."""

    def __init__(self, real: object) -> None:
        self.real = real

    def __getattr__(self, name: str) -> object:
        return getattr(self.real, name)


class Failing(Altered):
    """It can score nothing."""

    def predict(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], list[str]]:
        raise ValueError(f"{len(texts)} texts too many")


class Stuck(Altered):
    """It scores once it is let go on."""

    def __init__(self, real: object) -> None:
        super().__init__(real)
        self.entered, self.go_on = Event(), Event()

    def predict(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], list[str]]:
        self.entered.set()
        assert self.go_on.wait(30)
        return self.real.predict(texts)  # type: ignore[attr-defined, no-any-return]


class Counting(Altered):
    """It notes what it is asked for."""

    def __init__(self, real: object) -> None:
        super().__init__(real)
        self.asked: list[list[str]] = []

    def predict(self, texts: Sequence[str]) -> tuple[NDArray[np.float64], list[str]]:
        self.asked.append(list(texts))
        return self.real.predict(texts)  # type: ignore[attr-defined, no-any-return]


def check(services: Services, site: Credentials, comment: NewComment | None = None, **fields: object) -> Checked:
    """Check a comment and wait until it is stored."""
    return services.at_once.check(site.site_id, comment or a_comment(**fields), "coral", wait_ms=WAIT)


def found(services: Services, site: Credentials, site_comment_id: str) -> CommentRow:
    with services.store.read() as tx:
        row = Comments(tx, site.site_id).by_site_id(site_comment_id)
    assert row is not None
    return row


def decided(services: Services, site: Credentials, id: str | None) -> list[DecisionRow]:
    with services.store.read() as tx:
        return Decisions(tx, site.site_id).of_comment(str(id))


def settle(services: Services, site: Credentials, compat: Compat | None = None, policy: Policy | None = None) -> None:
    with services.store.begin() as tx:
        if compat is not None:
            CompatSettings(tx, site.site_id).put(compat)
        if policy is not None:
            Policies(tx, site.site_id).add(policy)


def rows(services: Services, table: str) -> int:
    with services.store.read() as tx:
        return int(tx.connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one())

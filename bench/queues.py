"""Full queues, made inside the database: three sites, so that a long queue stands beside a short one on the same server."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import sqlalchemy as sa

from bench.large.fill import TEXTS, bulk, put_texts, vacuum
from bench.large.plan import POSTGRESQL, SQLITE, WAITING_BY_MS, Speech
from service.moderation.sign_in import add_user
from service.moderation.sites import add_site
from service.store import Store
from service.store.migrations import upgrade

PASSWORD = "bench of the desk"
EACH_MS = 60_000
"""A comment a minute."""

BY_AUTHOR, IN_THREAD = 10, 100


@dataclass(frozen=True)
class Site:
    """A site to be filled: how many comments it has, and how many of a thousand are flagged."""

    name: str
    comments: int
    flagged: int

    @property
    def email(self) -> str:
        """Of its moderator."""
        return f"moderator@{self.name}"


WORKED = Site("worked.example", 100_000, 150)
LONG = Site("long.example", 100_000, 1_000)
SHORT = Site("short.example", 100, 1_000)


def fill(database_url: str, sites: Sequence[Site]) -> None:
    """Make an empty database one with these sites, a moderator for each, and comments that the policy has decided."""
    store = Store(database_url, lambda: datetime.now(UTC))
    upgrade(store)
    ids = []
    for site in sites:
        ids.append(add_site(site.name, None, store, allow_private=True).site_id)
        add_user(store, site.email, "Ayu Lestari", PASSWORD, ids[-1], "moderator")
    speech = SQLITE if store.engine.dialect.name == "sqlite" else POSTGRESQL
    with bulk(store) as connection:
        put_texts(connection)
        first = 1
        for id, site in zip(ids, sites, strict=True):
            series = speech.series.format(first=first, last=first + site.comments - 1)
            for table, every, columns in Columns(speech, id, site, datetime.now(UTC)).tables():
                names, values = ", ".join(columns), ", ".join(columns.values())
                insert = f"INSERT INTO {table} ({names}) {series} SELECT {values} FROM s"
                join = f"JOIN bench_texts t ON t.n = s.n % {TEXTS} WHERE s.n % {every} = {1 % every}"
                connection.execute(sa.text(f"{insert} {join}"))
            first += site.comments
        connection.exec_driver_sql("DROP TABLE bench_texts")
    if speech is POSTGRESQL:
        vacuum(store, lambda _what, _done: None)
    store.close()


class Columns:
    """The columns of row n as SQL. BY_AUTHOR comments in a row are one author's, IN_THREAD stand in one thread."""

    def __init__(self, speech: Speech, site_id: str, site: Site, now: datetime) -> None:
        self.speech = speech
        self.site_id = speech.quoted_id.format(id=site_id)
        self.chance = "(s.n * 2654435761 % 4294967296 / 65536)"
        self.flagged = f"{self.chance} % 1000 < {site.flagged}"
        self.start = int(now.timestamp() * 1000) - (LONG.comments + WORKED.comments + SHORT.comments + 1) * EACH_MS
        self.ms = f"({self.start} + s.n * {EACH_MS})"

    def tables(self) -> Sequence[tuple[str, int, Mapping[str, str]]]:
        """Each table's name and columns, with the number of comments that one of its rows stands for."""
        return (
            ("authors", BY_AUTHOR, self._authors()),
            ("threads", IN_THREAD, self._threads()),
            ("comments", 1, self._comments()),
            ("decisions", 1, self._decisions()),
        )

    def _authors(self) -> Mapping[str, str]:
        return {
            "id": self._id("s.n", 1),
            "site_id": self.site_id,
            "site_author_id": "'a' || s.n",
            "name": "'Author ' || s.n",
            "approved": "s.n % 7",
            "rejected": "s.n % 3",
            "first_seen_at": self._time(str(self.start)),
        }

    def _threads(self) -> Mapping[str, str]:
        return {
            "id": self._id("s.n", 2),
            "site_id": self.site_id,
            "site_thread_id": "'story-' || s.n",
            "url": "'https://news.example/2026/stories/' || s.n",
            "title": "'What happened in story ' || s.n",
        }

    def _comments(self) -> Mapping[str, str]:
        return {
            "id": self._id("s.n", 0),
            "site_id": self.site_id,
            "site_comment_id": "CAST(s.n AS text)",
            "author_id": self._id(_first_of(BY_AUTHOR), 1),
            "thread_id": self._id(_first_of(IN_THREAD), 2),
            "text": "t.text",
            "created_at": self._time(self.ms),
            "received_at": self._time(self.ms),
            "metadata": "'{}'",
            "status": f"CASE WHEN {self.flagged} THEN 'flagged' ELSE 'approved' END",
            "language": "t.language",
            "scores": "t.scores",
            "model_version": "t.model_version",
            "risk": f"{self.chance} / 65536.0",
            "priority": f"5 * {self.chance} / 65536.0 - {WAITING_BY_MS.format(ms=self.ms)}",
            "likeness": "s.n * 2654435761",
            "decisions": "1",
            "attempts": "1",
        }

    def _decisions(self) -> Mapping[str, str]:
        return {
            "id": self._id("s.n", 3),
            "site_id": self.site_id,
            "comment_id": self._id("s.n", 0),
            "number": "1",
            "revision": "1",
            "actor": "'policy'",
            "action": f"CASE WHEN {self.flagged} THEN 'flag' ELSE 'approve' END",
            "from_status": "'pending'",
            "reasons": f"CASE WHEN {self.flagged} THEN t.reasons ELSE '[]' END",
            "model_version": "t.model_version",
            "policy_version": "1",
            "created_at": self._time(self.ms),
        }

    def _id(self, number: str, kind: int) -> str:
        ms = f"({self.start} + {number} * {EACH_MS})"
        return self.speech.id.format(ms=ms, low="7", high=f"({number} * 8 + {kind})")

    def _time(self, ms: str) -> str:
        return self.speech.time.format(ms=ms)


def _first_of(together: int) -> str:
    """The number of the first comment of those that stand together with comment n; those of a site are so many times as many."""
    return f"((s.n - 1) / {together} * {together} + 1)"

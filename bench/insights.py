"""`python -m bench.insights`: how long each figure of the insights page takes beside a million comments, on both databases."""

import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import click
import sqlalchemy as sa

from bench.databases import KINDS, databases
from bench.large.plan import POSTGRESQL, SQLITE, Speech
from service.domain.period import Period
from service.moderation.insights import count
from service.moderation.sites import add_site
from service.store import Store
from service.store.insights import Insights, share_of
from service.store.migrations import upgrade
from service.store.users import Users

SPAN_MS = 30 * 24 * 3_600_000
"""All comments come in the longest period there is."""

DECIDED, WAITING = 60, 6
"""Of a thousand comments: flagged and then decided by a person, and flagged still. Twice what the default policy flags."""

PEOPLE = 20
CHUNK = 250_000

_CHANCE = "(s.n * 2654435761 % 4294967296 / 65536)"
_FLAGGED = f"({_CHANCE} % 1000 < {DECIDED + WAITING})"
_DECIDED = f"({_CHANCE} % 1000 < {DECIDED})"
_ACTION = f"CASE WHEN {_CHANCE} % 5 < 3 THEN 'reject' ELSE 'approve' END"
_REASONS = (
    f"""CASE WHEN {_FLAGGED} THEN '[{{"code":"score","action":"flag","attribute":"insult","score":0.42,"threshold":0.2}},"""
    """{"code":"score","action":"flag","attribute":"toxicity","score":0.51,"threshold":0.26}]' ELSE '[]' END"""
)
_SCORES = '{"toxicity":0.51,"severe_toxicity":0.02,"identity_attack":0.03,"insult":0.42,"threat":0.01,"spam":0.02}'


def fill(store: Store, rows: int) -> str:
    """Put a site with so many comments, their decisions and twenty moderators into an empty database; the site's id."""
    site_id = add_site("news.example", None, store, allow_private=False).site_id
    with store.begin() as tx:
        people = [Users(tx).add(f"m{number}@desk.example", f"Moderator {number}", "-") for number in range(PEOPLE)]
        start = int(tx.now.timestamp() * 1000) - SPAN_MS
    speech = SQLITE if store.sqlite else POSTGRESQL
    site = speech.quoted_id.format(id=site_id)
    ms = f"({start} + s.n * {SPAN_MS} / {rows})"
    asked = " ".join(f"WHEN {place} THEN {speech.quoted_id.format(id=id)}" for place, id in enumerate(people))

    def id_of(at: str, kind: int) -> str:
        return speech.id.format(ms=at, low=_CHANCE, high=f"(s.n * 8 + {kind}) * 2654435761 % 4294967296")

    with store.begin() as tx:
        run = tx.connection.exec_driver_sql
        old = speech.id.format(ms=str(start), low="1", high="s.n")
        time_of = speech.time.format(ms=str(start))
        one, hundred = speech.series.format(first=1, last=1), speech.series.format(first=0, last=99)
        author = f"{one} SELECT {old}, {site}, 'u', 'U', {time_of} FROM s"
        run(f"INSERT INTO authors (id, site_id, site_author_id, name, first_seen_at) {author}")
        stories = f"{hundred} SELECT {old}, {site}, 'story ' || s.n, 'Story ' || s.n FROM s"
        run(f"INSERT INTO threads (id, site_id, site_thread_id, title) {stories}")
    tables = _columns(speech, site, ms, id_of, f"CASE s.n % {PEOPLE} {asked} END", start)
    for table, exprs, which in tables:
        for first in range(1, rows + 1, CHUNK):
            series = speech.series.format(first=first, last=min(rows, first + CHUNK - 1))
            insert = f"INSERT INTO {table} ({', '.join(exprs)}) {series} SELECT {', '.join(exprs.values())} FROM s WHERE {which}"
            with store.begin() as tx:
                tx.connection.execute(sa.text(insert.replace(":", "\\:")))
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE" if store.sqlite else "VACUUM ANALYZE")
    return site_id


def _columns(
    speech: Speech, site: str, ms: str, id_of: Callable[[str, int], str], who: str, start: int
) -> list[tuple[str, Mapping[str, str], str]]:
    """The tables, their columns for row n as SQL, and which rows have one."""
    cast = "" if speech is SQLITE else "::jsonb"
    later = f"({ms} + 1000 * ({_CHANCE} % 7200 + 5))"
    comment = {
        "id": id_of(ms, 0), "site_id": site, "site_comment_id": "CAST(s.n AS text)",
        "author_id": speech.id.format(ms=str(start), low="1", high="1"),
        "thread_id": speech.id.format(ms=str(start), low="1", high=f"({_CHANCE} % 10) * ({_CHANCE} / 10 % 10)"),
        "text": "'Terima kasih atas beritanya, sangat membantu. ' || s.n", "metadata": f"'{{}}'{cast}",
        "created_at": speech.time.format(ms=ms), "received_at": speech.time.format(ms=ms),
        "language": "CASE s.n % 3 WHEN 0 THEN 'en' ELSE 'id' END",
        "scores": f"'{_SCORES}'{cast}", "model_version": "'m'", "decisions": f"CASE WHEN {_DECIDED} THEN 2 ELSE 1 END",
        "status": f"CASE WHEN NOT {_FLAGGED} THEN 'approved' WHEN NOT {_DECIDED} THEN 'flagged'"
        f" WHEN {_CHANCE} % 5 < 3 THEN 'rejected' ELSE 'approved' END",
    }  # fmt: skip
    both = {"site_id": site, "comment_id": id_of(ms, 0), "revision": "1"}
    policy = both | {
        "id": id_of(f"({ms} + 1)", 1), "number": "1", "actor": "'policy'", "from_status": "'pending'",
        "action": f"CASE WHEN {_FLAGGED} THEN 'flag' ELSE 'approve' END", "reasons": f"({_REASONS}){cast}",
        "created_at": speech.time.format(ms=f"({ms} + 1)"),
    }  # fmt: skip
    person = both | {
        "id": id_of(later, 2), "number": "2", "actor": "'moderator'", "user_id": who, "from_status": "'flagged'",
        "action": _ACTION, "reasons": f"'[]'{cast}", "created_at": speech.time.format(ms=later),
    }  # fmt: skip
    return [("comments", comment, "1 = 1"), ("decisions", policy, "1 = 1"), ("decisions", person, _DECIDED)]


def parts(store: Store, site_id: str, period: Period) -> Mapping[str, Callable[[], object]]:
    """Each query of the page by what it is for, and the page's figures as a whole."""
    now = store.clock()
    starts = period.starts(now)

    def ask(what: Callable[[Insights], object]) -> Callable[[], object]:
        def asked() -> object:
            with store.read(by_index=True) as tx:
                return what(Insights(tx, site_id))

        return asked

    with store.read() as tx:
        insights = Insights(tx, site_id)
        taken = sum(worked.comments for worked in insights.hours(starts[0]))
        waiting = insights.how_many_wait()
        flagged = insights.arrivals(starts, now).flagged + taken
    click.echo(
        f"  {period}: {taken:,} decisions of people, {waiting:,} wait; shares {share_of(taken):.2f}, {share_of(flagged):.2f}"
    )
    return {
        "volume (counts)": ask(lambda one: one.arrivals(starts, now)),
        "flagged, stories, reasons": ask(lambda one: one.flags(starts[0], share_of(flagged))),
        "queue now": ask(lambda one: one.waiting(share_of(waiting))),
        "time to decide, precision": ask(lambda one: one.taken(starts[0], share_of(taken))),
        "pace": ask(lambda one: one.hours(starts[0])),
        "all figures": lambda: count(store, site_id, period),
    }


@click.command()
@click.option("--rows", type=click.IntRange(1_000), default=1_000_000, help="Comments in thirty days.")
@click.option("--rounds", type=click.IntRange(1, 50), default=5, help="Readings of each; the median counts.")
@click.option("--database", "kinds", type=click.Choice(KINDS), multiple=True, default=KINDS)
def main(rows: int, rounds: int, kinds: tuple[str, ...]) -> None:
    """Print the milliseconds of each."""
    for kind in kinds:
        with databases(kind) as fresh:
            store = Store(fresh(), lambda: datetime.now(UTC))
            upgrade(store)
            began = time.monotonic()
            site_id = fill(store, rows)
            click.echo(f"{kind}: {rows:,} comments, made in {time.monotonic() - began:.0f} s")
            for period in Period:
                for name, act in parts(store, site_id, period).items():
                    read = sorted(_timed(act) for _ in range(rounds))
                    click.echo(f"    {name:28} {read[len(read) // 2]:8.0f} ms, at best {read[0]:.0f}")
            store.close()


def _timed(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000


if __name__ == "__main__":
    main()

"""The desk in a real browser, with 100,000 comments in the store: how soon the next card is there, how many cards an hour the
interface allows, and whether a long queue opens as a short one does; each beside a bare round trip of the same server."""

import math
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import httpx
import sqlalchemy as sa
from playwright.sync_api import Browser, sync_playwright

from bench.databases import KINDS, databases
from bench.measure import Bar, Measure, interleaved
from bench.queues import LONG, SHORT, WORKED, fill
from bench.saring import Saring, saring
from bench.typist import BARE, Times, cookies_of, open_desk
from tests.browser.stage import launch

PRESSES = 200
"""Cards that are cleared, over all rounds: those of the first, which does not count, come on top."""

FETCHES = 20
"""Bare round trips for one reading."""

PACE_SECONDS = 60

OPENINGS = 7
"""Loads of the page for one reading; the middle one counts."""

NEXT = {"p50": Bar("median", most=50.0), "p95": Bar("median", most=100.0)}
"""Milliseconds from the key to the next card in sight, as asked."""

CARDS_AN_HOUR = 3_000
"""What a script that reads nothing must be able to clear: many times what people do."""

AS_FAST = 1.25
"""By how much the page of a queue a thousand times as long may take longer."""


def desk(rounds: int, told: Callable[[], None]) -> list[Measure]:
    """Milliseconds to the next card, cards an hour, milliseconds to open; on each database."""
    measures: list[Measure] = []
    with sync_playwright() as playwright:
        browser = launch(playwright)
        for kind in KINDS:
            with _running(kind) as running:
                measures += _opening(kind, browser, running, rounds, told)
                measures += _clearing(kind, browser, running, rounds, told)
        browser.close()
    return measures


@contextmanager
def _running(kind: str) -> Iterator[Saring]:
    """A Saring whose database was filled before it starts."""
    with databases(kind) as fresh:
        url = fresh()
        fill(url, (WORKED, LONG, SHORT))
        with saring(url, log_level="error") as running:
            yield running


def _clearing(kind: str, browser: Browser, running: Saring, rounds: int, told: Callable[[], None]) -> list[Measure]:
    """Cards cleared by key in turn with bare round trips, and then as many as can be for a minute."""
    typist = open_desk(browser, running, WORKED)
    taken: list[Times] = []

    def clear() -> float:
        taken.append(typist.clear(math.ceil(PRESSES / rounds)))
        return statistics.median(taken[-1].shown)

    read = interleaved({"clear": clear, "fetch": lambda: statistics.median(typist.fetch(FETCHES))}, rounds, told)
    shown, saved = ([time for one in taken[1:] for time in getattr(one, name)] for name in ("shown", "saved"))
    began = time.monotonic()
    pace = typist.clear(None, PACE_SECONDS)
    an_hour = len(pace.saved) / (time.monotonic() - began) * 3_600
    typist.close()
    fetch, usual = read["fetch"], [statistics.median(read["fetch"])]
    cleared = f"{kind}: key to next card"
    return [
        Measure(f"{cleared}, p50", "ms", read["clear"], BARE, fetch, NEXT["p50"]),
        Measure(f"{cleared}, p95 of {len(shown)}", "ms", [_p95(shown)], BARE, usual, NEXT["p95"]),
        Measure(f"{kind}: key to saved, p50", "ms", [statistics.median(saved)], BARE, usual),
        Measure(f"{kind}: pace of a script, a minute", "cards/h", [an_hour], bar=Bar("median", CARDS_AN_HOUR)),
        Measure(f"{cleared} at that pace, p95", "ms", [_p95(pace.shown)], bar=NEXT["p95"]),
    ]  # fmt: skip


def _opening(kind: str, browser: Browser, running: Saring, rounds: int, told: Callable[[], None]) -> list[Measure]:
    """The page of a queue of 100,000 beside that of a queue of 100, and of one with ten thousands in a larger store."""
    ways = {site.name: _opens(running, cookies_of(browser, running, site)) for site in (LONG, SHORT)}
    read = interleaved(ways, rounds, told)
    beside = f"the same page, {SHORT.comments} flagged"
    return [
        Measure(
            f"{kind}: GET /desk, {LONG.comments:,} flagged", "ms", read[LONG.name], beside, read[SHORT.name],
            Bar("ratio", most=AS_FAST),
        )
    ]  # fmt: skip


def _opens(running: Saring, cookies: httpx.Cookies) -> Callable[[], float]:
    """What loads the page some times with cards that must be claimed anew; milliseconds of the middle one."""
    client = httpx.Client(base_url=running.url, cookies=cookies, timeout=30, trust_env=False)
    engine = sa.create_engine(running.env["SARING_DATABASE_URL"])

    def load() -> float:
        with engine.begin() as connection:
            connection.exec_driver_sql(
                "UPDATE comments SET claimed_by = NULL, claimed_until = NULL WHERE claimed_by IS NOT NULL"
            )
        began = time.perf_counter()
        client.get("/desk").raise_for_status()
        return (time.perf_counter() - began) * 1_000

    return lambda: statistics.median(load() for _ in range(OPENINGS))


def _p95(values: Sequence[float]) -> float:
    """The value below which 95 of a hundred are."""
    return statistics.quantiles(values, n=20, method="inclusive")[-1]

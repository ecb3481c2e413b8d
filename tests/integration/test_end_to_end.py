"""A whole Saring under load and under blows: every comment is decided once and every decision told."""

from pathlib import Path

import pytest

from bench.comments import DEMO, comments
from bench.end_to_end import Plan, Report, run

COUNT = 300

QUICK = {"callback_timeout": "1", "lease_seconds": "3"}
"""Settings that keep the waits of a test short: a killed worker's comments are taken again after the lease."""

FAILURES_IN_A_ROW = 2
"""Two, and the last attempt comes after some five seconds; more would only make the test wait."""


@pytest.fixture
def report(database_url: str) -> Report:
    """What came of it, on either database: a third fails, the worker is killed and the broker emptied and restarted."""
    plan = Plan(
        comments([DEMO], None, COUNT),
        batch=20,
        singles=60,
        database_url=database_url,
        kill_worker=1,
        flush_broker=1,
        fail_share=0.4,
        most_failures=FAILURES_IN_A_ROW,
        patience=60.0,
        blow_seconds=4.0,
        settings=QUICK,
    )
    return run(plan)


def test_nothing_is_lost_and_nothing_done_twice_under_blows(report: Report, tmp_path: Path) -> None:
    assert report.met, "\n".join([*map(str, report.bars), report.log])
    counts = {bar.what: bar.count for bar in report.bars}
    assert counts["acknowledged"] == counts["stored once"] == counts["decided exactly once, by policy"] == COUNT
    assert counts["decisions delivered once or more"] == counts["decisions with one event id"] == COUNT
    assert counts["pending left"] == counts["lost"] == counts["twice"] == 0
    assert sorted(blow.part for blow in report.blows) == ["broker", "score-1"]
    assert report.figures["attempts failed, %"] > 30

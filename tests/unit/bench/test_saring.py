"""A part is known by the command that it was started with."""

import pytest

from bench.saring import _name

WORKER = ["python", "-P", "-m", "service.cli", "worker", "--queue"]


@pytest.mark.parametrize(
    ("argv", "name"),
    [
        ([*WORKER, "score", "--name", "score-1", "--concurrency", "1"], "score-1"),
        ([*WORKER, "read", "--name", "reader", "--concurrency", "1", "--or-leave"], "reader"),
        (["python", "-m", "service.cli", "beat"], "beat"),
        (["python", "-m", "service.cli", "web"], "web"),
        (["python", "-I", "-S", "/somewhere/guardian.py"], "guardian"),
        (["valkey-server", "unixsocket:/somewhere/broker.sock"], "broker"),
        ([], ""),
    ],
)
def test_every_part_has_its_name(argv: list[str], name: str) -> None:
    assert _name(argv) == name

"""What the second reader costs is told by the length of a text, beside the first reader, and against what it may cost."""

import mmap
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import pytest

import classifier
from bench import reader
from bench.measure import Measure
from bench.saring import environment
from classifier import Classifier
from classifier.reader import ReaderError

LOADED = (80.0, 120.0)
"""Milliseconds and megabytes."""


def burn(seconds: float) -> None:
    """So much of a core's time, however busy the machine is."""
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


class Slow:
    """Takes so many milliseconds for each 100 characters."""

    def __init__(self, ms: float) -> None:
        self.ms = ms
        self.sizes: list[int] = []

    def predict(self, texts: Sequence[str]) -> None:
        self.sizes.append(len(texts))
        burn(self.ms / 1000 * sum(map(len, texts)) / 100)


Told = Callable[[], None]


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Few texts in a reading, and no process of its own."""
    monkeypatch.setenv("SARING_TRAINING_DATA", str(tmp_path))
    monkeypatch.delenv("SARING_READER", raising=False)
    monkeypatch.setattr(reader, "CALLS", {1: 2, 4: 1})
    monkeypatch.setattr(reader, "AS_THEY_COME", 2)
    monkeypatch.setattr(reader, "_in_a_process_of_its_own", lambda: LOADED)


def measured(
    monkeypatch: pytest.MonkeyPatch, stack: object, rounds: int = 2, told: Told = lambda: None
) -> list[Measure]:
    monkeypatch.setattr(reader, "stack_of", lambda _first: stack)
    return reader.reading(rounds, told)


@pytest.mark.usefixtures("few")
def test_each_time_is_told_for_a_hundred_characters_beside_the_first_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    rounds: list[None] = []
    stack = Slow(3.0)
    *times, to_load, more = measured(monkeypatch, stack, 2, lambda: rounds.append(None))
    assert [one.name for one in times] == [
        "both readers, 100 characters, 1 a call",
        "both readers, 100 characters, 4 a call",
        "  by 100 characters of comments as they come",
    ]
    assert all(3.0 <= one.median < 4.0 for one in times)
    assert all(one.ceiling == "the first reader alone" and (one.ratio or 0) > 1 for one in times)
    assert (to_load.readings, more.readings) == ([80.0, 80.0], [120.0, 120.0])
    assert len(rounds) == 2 * 4
    assert set(stack.sizes) == {1, 4, 2}


@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("ms", "loaded", "unmet"),
    [
        (1.0, (999.0, 159.0), set()),
        (13.0, LOADED, {"both readers, 100 characters, 1 a call", "both readers, 100 characters, 4 a call"}),
        (1.0, (1_001.0, 159.0), {"second reader, to load and read a text"}),
        (1.0, (999.0, 161.0), {"second reader, more in a process"}),
    ],
)
def test_the_bars_are_twelve_milliseconds_a_second_and_160_megabytes(
    monkeypatch: pytest.MonkeyPatch, ms: float, loaded: tuple[float, float], unmet: set[str]
) -> None:
    monkeypatch.setattr(reader, "_in_a_process_of_its_own", lambda: loaded)
    assert {one.name for one in measured(monkeypatch, Slow(ms), 1) if one.met is False} == unmet


@pytest.mark.usefixtures("few")
def test_without_a_second_reader_it_says_why_and_measures_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def none(_first: Classifier) -> None:
        raise ReaderError("the extra is not installed")

    monkeypatch.setattr(reader, "stack_of", none)
    assert reader.missing() == "the extra is not installed"
    with pytest.raises(click.ClickException, match="no second reader: the extra is not installed"):
        reader.reading(1, lambda: None)


def test_the_reader_is_the_one_that_the_setting_names_here_and_in_what_is_started(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    paths: list[Path | None] = []
    monkeypatch.setattr(reader, "stacked", lambda _first, path: paths.append(path))
    for named in ("", "/some/reader"):
        monkeypatch.setenv("SARING_READER", named)
        reader.stack_of(classifier.load())
        env = environment(tmp_path, 8080, None, {})
        assert env["SARING_READER"] == named
        assert environment(tmp_path, 8080, None, {"reader": "off"})["SARING_READER"] == "off"
    assert paths == [None, Path("/some/reader")]
    monkeypatch.setenv("SARING_READER", "off")
    assert reader.missing() == "SARING_READER is off"


def test_a_process_is_weighed_after_it_has_read_and_timed_until_it_reads(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SARING_TRAINING_DATA", str(tmp_path))
    monkeypatch.setattr(reader, "HEAVY", 40)

    def pages() -> mmap.mmap:
        # of its own: what other tests have freed would be taken again, and nothing be more
        held = mmap.mmap(-1, 30 << 20)
        for at in range(0, len(held), mmap.PAGESIZE):
            held[at] = 1
        return held

    class Heavy:
        """Takes 30 MB and 20 ms when it is made, as many again when it first reads, and 30 MB when it has read them all."""

        def __init__(self) -> None:
            self.kept = [pages()]
            self.read = 0
            time.sleep(0.02)

        def predict(self, texts: Sequence[str]) -> None:
            if self.read == 0:
                time.sleep(0.02)
            self.read += len(texts)
            if self.read > 40:
                self.kept.append(pages())

    made: list[Heavy] = []

    def load(_first: Classifier) -> Heavy:
        made.append(Heavy())
        return made[0]

    told = reader.weigh(load)  # type: ignore[arg-type]
    assert made[0].read == 41
    assert told["ms"] >= 40
    assert 55 <= told["megabytes"] < 90

"""What the second reader costs: time by a text's length, memory by process, and how soon it is there."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import click
import psutil  # type: ignore[import-untyped]
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

import classifier
from bench.comments import comments
from bench.measure import Bar, Measure, interleaved
from bench.saring import READER
from bench.scoring import of_one_length, texts
from classifier import Classifier
from classifier.reader import ReaderError
from classifier.reader.stack import Stack, stacked

LETTERS = 100
"""What a time is told for."""

CALLS = {1: 40, 32: 2}
"""Sizes of a call, and how many calls make one reading."""

AS_THEY_COME = 32
"""Published comments in one call, of any length."""

HEAVY = 200
"""Comments that a process has read when it is weighed: what the network takes for its longest batch it keeps."""

MOST_MILLISECONDS = 12.0
MOST_MEGABYTES = 160.0
MOST_TO_LOAD = 1_000.0

PATIENCE = 300.0

OFF = "off"

FIRST = "the first reader alone"


def stack_of(first: Classifier) -> Stack:
    """Both readers, the second as a Saring has it that is started here: the named or the shipped one. Raises: ReaderError."""
    named = os.environ.get(READER, "")
    if named == OFF:
        raise ReaderError(f"{READER} is {OFF}")
    return stacked(first, Path(named) if named else None)


def missing() -> str | None:
    """Why there is no second reader here; None when there is one."""
    try:
        stack_of(classifier.load())
    except ReaderError as error:
        return str(error)
    return None


def reading(rounds: int, told: Callable[[], None]) -> list[Measure]:
    """Milliseconds of one core for 100 characters, beside the first reader's; what a process weighs more; how soon it has loaded.

    Raises: click.ClickException, when there is no second reader.
    """
    first = classifier.load()
    try:
        stack = stack_of(first)
    except ReaderError as error:
        raise click.ClickException(f"no second reader: {error}") from None
    with threadpool_limits(1):
        times = _times(stack, first, rounds, told)
    loads = []
    for _ in range(rounds):
        loads.append(_in_a_process_of_its_own())
        told()
    to_load, megabytes = (list(found) for found in zip(*loads, strict=True))
    return [
        *times,
        Measure("second reader, to load and read a text", "ms", to_load, bar=Bar("median", most=MOST_TO_LOAD)),
        Measure("second reader, more in a process", "MB", megabytes, bar=Bar("median", most=MOST_MEGABYTES)),
    ]


def _times(stack: Classifier, first: Classifier, rounds: int, told: Callable[[], None]) -> list[Measure]:
    _, found = texts()
    measures = []
    for size, calls in CALLS.items():
        cut = of_one_length(found, size * calls, LETTERS)
        readings = _interleaved(stack, first, [cut[at : at + size] for at in range(0, len(cut), size)], rounds, told)
        name = f"both readers, {LETTERS} characters, {size} a call"
        bar = Bar("median", most=MOST_MILLISECONDS)
        measures.append(Measure(name, "ms", readings["both"], FIRST, readings["first"], bar))
    sent = [one.text for one in comments([], None, 2 * AS_THEY_COME)]
    readings = _interleaved(stack, first, [sent[:AS_THEY_COME], sent[AS_THEY_COME:]], rounds, told)
    name = f"  by {LETTERS} characters of comments as they come"
    return [*measures, Measure(name, "ms", readings["both"], FIRST, readings["first"])]


def _interleaved(
    stack: Classifier, first: Classifier, batches: Sequence[Sequence[str]], rounds: int, told: Callable[[], None]
) -> dict[str, list[float]]:
    return interleaved({"both": _timed(stack, batches), "first": _timed(first, batches)}, rounds, told)


def _timed(reads: Classifier, batches: Sequence[Sequence[str]]) -> Callable[[], float]:
    """What takes one reading: the milliseconds of all of this process's threads together for LETTERS characters."""
    letters = sum(len(text) for batch in batches for text in batch)

    def read() -> float:
        began = time.process_time()
        for batch in batches:
            reads.predict(batch)
        return 1000 * (time.process_time() - began) / (letters / LETTERS)

    return read


def _in_a_process_of_its_own() -> tuple[float, float]:
    """Milliseconds until the second reader has read its first text, and megabytes that it took after many."""
    argv = [sys.executable, "-m", "bench.reader"]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=PATIENCE, check=False)
    if done.returncode:
        raise click.ClickException(f"the second reader could not be weighed: {done.stderr[-2000:]}")
    found = json.loads(done.stdout.splitlines()[-1])
    return found["ms"], found["megabytes"]


def weigh(load: Callable[[Classifier], Stack]) -> dict[str, float]:
    """The same in this process, which has not loaded it yet: beside a first reader that has read as much."""
    sent = [one.text for one in comments([], None, HEAVY)]
    first = classifier.load()
    first.predict(sent)
    before, began = _held(), time.perf_counter()
    stack = load(first)
    stack.predict(sent[:1])
    took = time.perf_counter() - began
    for start in range(0, len(sent), AS_THEY_COME):
        stack.predict(sent[start : start + AS_THEY_COME])
    return {"ms": 1000 * took, "megabytes": (_held() - before) / (1 << 20)}


def _held() -> int:
    """Bytes of this process in memory, those of files and libraries among them, whoever else may have them too."""
    held: int = psutil.Process().memory_info().rss
    return held


if __name__ == "__main__":
    # one core, as each of Saring's processes has it; before the second reader is loaded
    with threadpool_limits(1):
        print(json.dumps(weigh(stack_of)))

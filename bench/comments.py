"""Comments to be sent: those of any files, of the published sets, or the demo's."""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, count, cycle, islice
from pathlib import Path
from typing import Any

import click

import service.cli.demo
from service.cli.rows import rows_of, text_column
from service.domain.comment import MAX_TEXT

DEMO = Path(service.cli.demo.__file__).parent / "comments.jsonl"
MORE_COLUMNS = ("original_text", "post", "user")
"""Columns that hold the text in some of the published sets, beside those that every command knows."""

TABLES = (".csv", ".tsv", ".csv.gz", ".tsv.gz")
AUTHORS = 997


@dataclass(frozen=True)
class Sent:
    """A comment as a site sends it."""

    id: str
    text: str
    author: str

    def to_json(self) -> dict[str, Any]:
        """Its form on the wire."""
        return {"id": self.id, "text": self.text, "author": {"id": self.author, "name": self.author}}


def comments(files: Sequence[Path], column: str | None, number: int, name: str = "bench") -> list[Sent]:
    """So many comments with ids of their own, taken in turn from the files; from the sets, else the demo's, without any.

    Raises: click.ClickException, when a file has no text that can be sent.
    """
    texts = list(islice(_endless(files or published() or [DEMO], column), number))
    return [Sent(f"{name}-{n:06}", text, f"author-{n % AUTHORS:03}") for n, text in enumerate(texts, 1)]


def published() -> list[Path]:
    """The tables of the sets that are here, in SARING_TRAINING_DATA."""
    folder = Path(os.environ.get("SARING_TRAINING_DATA") or "../shared/data")
    tables = sorted(path for path in folder.rglob("*") if path.is_file() and path.name.endswith(TABLES))
    return [path for path in tables if _column(path, None) is not None]


def _endless(files: Sequence[Path], column: str | None) -> Iterator[str]:
    """Texts of all files in turn, over and over: the first of each, the second of each …"""
    for first in files:
        if next(_texts(first, column), None) is None:
            raise click.ClickException(f"{first.name} has no text that can be sent: name its column with --column")
    again = ((_texts(path, column) for path in files) for _ in count())
    return chain.from_iterable(map(_in_turn, again))


def _in_turn(readers: Iterator[Iterator[str]]) -> Iterator[str]:
    left = list(readers)
    for reader in cycle(left):
        text = next(reader, None)
        if text is None:
            # the shortest file ends the round: each set has the same part in it
            return
        yield text


def _texts(path: Path, column: str | None) -> Iterator[str]:
    name = _column(path, column)
    if name is None:
        return
    for row in rows_of(path):
        text = str(row.get(name) or "").replace("\x00", "")
        if 0 < len(text) <= MAX_TEXT:
            yield text


def _column(path: Path, column: str | None) -> str | None:
    """The column that holds the text; None when the table has none, as a word list."""
    first = next(iter(rows_of(path)), {})
    try:
        return text_column(first, column)
    except click.ClickException:
        return next((name for name in MORE_COLUMNS if name in first), None) if column is None else None

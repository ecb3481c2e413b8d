"""Comments in files: CSV with a header, or JSONL with one object a line."""

import csv
import gzip
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

import click
import orjson

TEXT_COLUMNS = ("text", "comment", "comment_text", "tweet", "body", "message", "content", "komentar", "isi", "teks")
"""Columns that are taken for the text, the first that is there."""

csv.field_size_limit(1 << 24)


def rows_of(path: Path) -> Iterator[Mapping[str, Any]]:
    """Each row of a file as a mapping. Bytes that are no UTF-8 become U+FFFD, since a comment must not be lost for one.

    Raises: click.ClickException, naming the line that can't be read.
    """
    plain = path.with_suffix("") if path.suffix == ".gz" else path
    opening = gzip.open if path.suffix == ".gz" else open
    with opening(path, "rt", encoding="utf-8-sig", errors="replace", newline="") as file:
        if plain.suffix in (".jsonl", ".ndjson", ".json"):
            yield from _json_lines(file, path)
        else:
            yield from csv.DictReader(file, delimiter="\t" if plain.suffix == ".tsv" else ",", strict=False)


def text_column(row: Mapping[str, Any], wanted: str | None) -> str:
    """The column that holds the text. Raises: click.ClickException, listing the columns that are there."""
    if wanted is not None and wanted in row:
        return wanted
    by_lower = {str(name).strip().lower(): str(name) for name in row}
    found = next((by_lower[name] for name in TEXT_COLUMNS if name in by_lower), None) if wanted is None else None
    if found is None:
        raise click.ClickException(
            f"which column is the text? The file has {', '.join(map(str, row))}: give --column NAME"
        )
    return found


def count_rows(path: Path) -> int:
    """How many rows a file has, for the progress bar."""
    return sum(1 for _ in rows_of(path))


def _json_lines(file: IO[str], path: Path) -> Iterator[Mapping[str, Any]]:
    for number, line in enumerate(file, 1):
        if not line.strip():
            continue
        try:
            row = orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise click.ClickException(f"{path.name}, line {number}: {error}") from None
        if not isinstance(row, dict):
            raise click.ClickException(f"{path.name}, line {number}: give one JSON object a line")
        yield row

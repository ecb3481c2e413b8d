"""`saring import` and `saring export`: comments from and to files."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import IO, Any

import click
import orjson

from service.api.answers import comment_out, parsed
from service.api.schemas import CommentIn
from service.cli.rows import count_rows, rows_of, text_column
from service.cli.services import running, told
from service.domain.comment import NewComment
from service.domain.errors import InvalidComments
from service.moderation.accept import accept
from service.moderation.sites import site_named
from service.store.comments import Comments
from service.store.decisions import Decisions

BATCH = 500


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--site", required=True, help="The site that the comments belong to.")
@click.option("--column", help="The column of a plain table that holds the text; found by its name when left out.")
@told
def import_records(file: Path, site: str, column: str | None) -> None:
    """Read comments from FILE (CSV, TSV or JSONL, also .gz) and let them be scored.

    A row with `id`, `text` and `author` is a comment as the API takes it. Any other row needs a column of texts; its id is the
    file's name and line, so that a second import changes nothing.
    """
    taken = refused = 0
    with running() as s:
        site_id = site_named(site, s.store).id
        with click.progressbar(rows_of(file), length=count_rows(file), label=f"Importing {file.name}") as rows:
            for batch in _batches(enumerate(rows, 1)):
                comments, faults = _comments(batch, file.name, column)
                taken += len(accept(comments, site_id, s.store, s.wake_scorer)) if comments else 0
                refused += len(faults)
                for fault in faults:
                    click.echo(f"\n{fault}", err=True)
    click.echo(f"{taken} comments taken in, {refused} rows refused")


@click.command()
@click.argument("file", type=click.File("wb"))
@click.option("--site", required=True, help="The site whose comments to write.")
@told
def export_records(file: IO[bytes], site: str) -> None:
    """Write every comment of a site with its last decision to FILE (- for standard output), one JSON object a line."""
    written = 0
    with running() as s:
        site_id = site_named(site, s.store).id
        cursor: str | None = None
        while True:
            with s.store.read() as tx:
                page = Comments(tx, site_id).page(cursor=cursor, limit=BATCH)
                latest = Decisions(tx, site_id).latest([comment.id for comment in page])
            if not page:
                break
            for comment in page:
                file.write(orjson.dumps(comment_out(comment, latest.get(comment.id))) + b"\n")
            written, cursor = written + len(page), page[-1].id
    click.echo(f"{written} comments written", err=True)


def _batches(rows: Iterable[tuple[int, Mapping[str, Any]]]) -> Iterator[list[tuple[int, Mapping[str, Any]]]]:
    waiting = iter(rows)
    while batch := list(islice(waiting, BATCH)):
        yield batch


def _comments(
    rows: Iterable[tuple[int, Mapping[str, Any]]], name: str, column: str | None
) -> tuple[list[NewComment], list[str]]:
    """The comments in some rows, and what is wrong with the others."""
    comments, faults = [], []
    for line, row in rows:
        try:
            comments.append(comment_of(row, f"{name}:{line}", column))
        except InvalidComments as error:
            places = "; ".join(f"{'.'.join(map(str, fault.place))} {fault.message}" for fault in error.faults[:3])
            faults.append(f"row {line}: {places}")
    return comments, faults


def comment_of(row: Mapping[str, Any], id: str, column: str | None) -> NewComment:
    """A row of a file as a comment. Raises: InvalidComments, for one that the API wouldn't take either."""
    if column is None and {"id", "text", "author"} <= row.keys():
        known = {"thread": _thread(row.get("thread")), "reach": _number(row.get("reach"))}
        return parsed(CommentIn, {**row, **known}).comment()
    text = row[text_column(row, column)]
    author = {"id": str(row.get("author") or "unknown")[:200], "name": str(row.get("author") or "")[:200]}
    return parsed(CommentIn, {"id": id, "text": text, "author": author}).comment()


def _thread(thread: object) -> object:
    """A thread that is only named is a thread with that id."""
    return {"id": thread} if isinstance(thread, str | int) else thread


def _number(value: object) -> object:
    """A table holds numbers as text; what is none is left for the checks to refuse."""
    try:
        return float(value) if isinstance(value, str) else value
    except ValueError:
        return value

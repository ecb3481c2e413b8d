"""Replay comments against a running Saring, through its API like any site."""

import json
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import click
import httpx

from service.cli.rows import count_rows, rows_of, text_column
from service.settings import Settings

HERE = Path(__file__).parent
BATCH = 20
PATIENCE = 60.0
"""Seconds to wait for the decisions."""

EXPECTED = {"approve": "approved", "flag": "flagged", "reject": "rejected"}


@click.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--column", help="The column of FILE that holds the text; found by its name when left out.")
@click.option("--url", help="Where Saring runs; read from first-run.json when left out.")
@click.option("--api-key", help="A site's API key; read from first-run.json when left out.")
@click.option("--limit", type=click.IntRange(1), help="Send so many comments at most.")
@click.option(
    "--pause", type=click.FloatRange(0, 60), default=0.0, help="Seconds between batches of 20, to watch them come in."
)
def demo(
    file: Path | None, column: str | None, url: str | None, api_key: str | None, limit: int | None, pause: float
) -> None:
    """Send comments to a running Saring: those of FILE (CSV, TSV or JSONL), or 315 written for the purpose."""
    url, api_key = _credentials(url, api_key)
    comments = _own() if file is None else _of_file(file, column)
    total = min(count_rows(file or HERE / "comments.jsonl"), limit or 10**9)
    expected: dict[str, str] = {}
    with httpx.Client(
        base_url=url, headers={"Authorization": f"Bearer {api_key}"}, timeout=30, trust_env=False
    ) as client:
        ids: dict[str, str] = {}
        with click.progressbar(length=total, label="Sending comments") as bar:
            waiting = islice(comments, total)
            while batch := list(islice(waiting, BATCH)):
                expected |= {comment["id"]: comment["expected"] for comment in batch if comment.get("expected")}
                ids |= _send(client, batch)
                bar.update(len(batch))
                time.sleep(pause)
        statuses = _wait(client, ids)
    _tell(statuses, expected, url)


def _credentials(url: str | None, api_key: str | None) -> tuple[str, str]:
    path = Settings.from_env().data_dir / "first-run.json"
    kept = json.loads(path.read_text()) if path.is_file() else {}
    if not (api_key or kept):
        raise click.ClickException(f"start Saring first (make run), or give --url and --api-key: there is no {path}")
    return url or kept.get("url", "http://127.0.0.1:8080"), api_key or kept["api_key"]


def _own() -> Iterator[dict[str, Any]]:
    """The demo's comments, each below its story."""
    stories = {story["id"]: story for story in json.loads((HERE / "stories.json").read_text("utf-8"))}
    for row in rows_of(HERE / "comments.jsonl"):
        story = stories[row["thread"]]
        yield {**row, "thread": {"id": story["id"], "url": story["url"], "title": story["title"]}}


def _of_file(file: Path, column: str | None) -> Iterator[dict[str, Any]]:
    """A file's texts as comments; empty ones and those over the limit are passed over, and counted."""
    passed = 0
    for number, row in enumerate(rows_of(file), 1):
        text = str(row[text_column(row, column)] or "").replace("\x00", "")
        if not 0 < len(text) <= 20_000:
            passed += 1
            continue
        thread = {"id": file.name, "title": file.name}
        yield {
            "id": f"{file.name}:{number}",
            "text": text,
            "author": {"id": "replay", "name": "Replay"},
            "thread": thread,
        }
    if passed:
        click.echo(f"\n{passed} rows without a usable text passed over", err=True)


def _send(client: httpx.Client, batch: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    try:
        answer = client.post("/v1/comments", json={"comments": batch})
    except httpx.TransportError as error:
        raise click.ClickException(f"no Saring answers at {client.base_url}: {error}. Start it with make run") from None
    if answer.status_code not in (200, 202):
        raise click.ClickException(f"{answer.status_code}: {answer.text[:500]}")
    return {one["site_comment_id"]: one["id"] for one in answer.json()["comments"]}


def _wait(client: httpx.Client, ids: Mapping[str, str]) -> dict[str, str]:
    """Each comment's status, by the site's own id, once it's decided."""
    statuses: dict[str, str] = {}
    until = time.monotonic() + PATIENCE
    with click.progressbar(length=len(ids), label="Deciding        ") as bar:
        for site_comment_id, id in ids.items():
            while True:
                status = client.get(f"/v1/comments/{id}").json()["status"]
                if status != "pending" or time.monotonic() > until:
                    break
                time.sleep(0.1)
            statuses[site_comment_id] = status
            bar.update(1)
    return statuses


def _tell(statuses: Mapping[str, str], expected: Mapping[str, str], url: str) -> None:
    click.echo("  ".join(f"{status}: {count}" for status, count in sorted(Counter(statuses.values()).items())))
    if expected:
        click.echo("\nexpected   " + "".join(f"{status:>10}" for status in (*EXPECTED.values(), "pending")))
        for action, own in EXPECTED.items():
            got = Counter(statuses[id] for id, wanted in expected.items() if wanted == action)
            click.echo(f"{own:11}" + "".join(f"{got[status]:10}" for status in (*EXPECTED.values(), "pending")))
    click.echo(f"\nThe queue waits at {url}/desk")

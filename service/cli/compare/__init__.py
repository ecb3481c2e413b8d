"""`saring compat compare`: a site's own comments, scored by the service it leaves and by Saring."""

import random
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import click

from service.bootstrap import Services
from service.cli.compare.agreement import Agreement, agreement
from service.cli.compare.asking import MAX_BYTES, Answer, Away, Kept, OldService
from service.cli.compare.page import HEADS, Apart, Report, page, row
from service.cli.rows import rows_of, text_column
from service.cli.services import running, told
from service.domain.comment import ATTRIBUTES
from service.moderation.judge import score_texts
from service.moderation.sites import site_named
from service.store.policies import Policies

USUAL = ("TOXICITY", "SEVERE_TOXICITY", "IDENTITY_ATTACK", "INSULT", "PROFANITY", "THREAT")
"""What Perspective has for Indonesian and English."""

BATCH = 200

PATIENCE = 3
"""Comments in a row that stay without an answer before it is given up: a single one may be what the old service breaks at."""

MOST_APART = 25
"""Comments that are shown for each attribute."""


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--old", required=True, metavar="URL", help="Where the old service is; only that address is ever asked.")
@click.option("--key", required=True, envvar="PERSPECTIVE_KEY", help="Its API key [or in PERSPECTIVE_KEY].")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), default=Path("report.html"), show_default=True)
@click.option("--site", help="Show this site's present thresholds beside the proposed ones.")
@click.option("--attribute", "attributes", multiple=True, help="An attribute; may be given again [the six usual ones].")
@click.option("--column", help="The column that holds the text; found by its name when left out.")
@click.option("--language", help="The language to declare, such as id; else the old service tells it itself.")
@click.option("--sample", type=click.IntRange(1), default=1_000, show_default=True, help="So many comments at most.")
@click.option("--threshold", type=click.FloatRange(0, 1, min_open=True), default=0.8, show_default=True)
@click.option(
    "--rate", type=click.FloatRange(0, 1_000, min_open=True), default=1.0, show_default=True, help="A second."
)
@click.option("--show-texts", is_flag=True, help="Put the comments on which the two differ into the report.")
@told
def compare(
    file: Path,
    old: str,
    key: str,
    out: Path,
    site: str | None,
    attributes: tuple[str, ...],
    column: str | None,
    language: str | None,
    sample: int,
    threshold: float,
    rate: float,
    show_texts: bool,
) -> None:
    """Score comments of FILE (CSV, TSV or JSONL, also .gz) on the old service and on Saring, and compare.

    The old service is one that answers Perspective's comments:analyze. What it says is kept beside the report, so that a run that
    is broken off goes on where it stopped; the same FILE gives the same sample. Saring scores in this process; nothing is stored.
    """
    wanted = _attributes(attributes)
    passed: Counter[str] = Counter()
    texts = _sampled(file, column, sample, passed)
    with closing(OldService(old, key, rate, language)) as service:
        answers = _asked(service, Kept(out.with_suffix(".scores.jsonl"), wanted), texts, wanted)
    passed.update(answer.refused for answer in answers if answer.refused)
    with running() as s:
        found = _compared(texts, answers, wanted, threshold, s)
        apart = [one for compared in found for one in compared.apart] if show_texts else []
        figures = [compared.agreement for compared in found]
        today = _today(site, s)
        report = Report(file.name, service.url, s.classifier.version, s.clock(), figures, today, passed, apart)
    out.write_text(page(report), "utf-8")
    _tell(report, out)


@dataclass(frozen=True)
class Compared:
    """An attribute's figures, and the comments on which the two differ."""

    agreement: Agreement
    apart: Sequence[Apart]


def _attributes(given: tuple[str, ...]) -> tuple[str, ...]:
    wanted = tuple(dict.fromkeys(name.upper() for name in given)) or USUAL
    for name in wanted:
        if name.lower() not in ATTRIBUTES:
            raise click.BadParameter(
                f"Saring has no {name}: it has {', '.join(ATTRIBUTES).upper()}", param_hint="--attribute"
            )
    return wanted


def _sampled(file: Path, column: str | None, most: int, passed: Counter[str]) -> list[str]:
    """Up to so many of a file's texts, each once, the same ones each time."""
    chosen: dict[str, None] = {}
    for read in rows_of(file):
        text = str(read[text_column(read, column)] or "").replace("\x00", "")
        if not text.strip():
            passed["no text"] += 1
        elif len(text.encode("utf-8", "replace")) > MAX_BYTES:
            passed[f"over {MAX_BYTES} bytes"] += 1
        else:
            chosen[text] = None
    if not chosen:
        raise click.ClickException(f"{file.name} has no text that could be compared")
    texts = list(chosen)
    return texts if len(texts) <= most else random.Random(0).sample(texts, most)  # noqa: S311  a sample, no secret


def _asked(service: OldService, kept: Kept, texts: Sequence[str], wanted: Sequence[str]) -> list[Answer]:
    """What the old service says of each text, kept or asked for now. Raises: Away, when it answers several in a row not."""
    answers: list[Answer] = []
    unanswered = 0
    with click.progressbar(texts, label="Asking the old service") as bar:
        for text in bar:
            key = service.key_of(text)
            answer = kept.get(key)
            if answer is None:
                try:
                    answer = service.ask(text, wanted)
                except Away:
                    unanswered += 1
                    if unanswered == PATIENCE:
                        raise
                    answers.append(Answer(refused="no answer"))
                    continue
                kept.put(key, answer)
            unanswered = 0
            answers.append(answer)
    return answers


def _compared(
    texts: Sequence[str], answers: Sequence[Answer], wanted: Sequence[str], threshold: float, s: Services
) -> list[Compared]:
    """Each attribute for which the old service gave a score. Raises: click.ClickException, when it gave none at all."""
    ours: list[Mapping[str, float]] = [
        scores.by_attribute
        for begin in range(0, len(texts), BATCH)
        for scores in score_texts(texts[begin : begin + BATCH], s.classifier)
    ]
    found = []
    for name in wanted:
        rows = [
            (text, answer.scores[name], scores[name.lower()])
            for text, answer, scores in zip(texts, answers, ours, strict=True)
            if name in answer.scores
        ]
        if rows:
            figures = agreement(name, [before for _, before, _ in rows], [now for _, _, now in rows], threshold)
            found.append(Compared(figures, _apart(figures, rows)))
    if not found:
        why = next((answer.refused for answer in answers if answer.refused), "no score in its answers")
        raise click.ClickException(f"the old service scored none of these comments: {why}")
    return found


def _apart(figures: Agreement, rows: Iterable[tuple[str, float, float]]) -> list[Apart]:
    """Comments that one holds and the other lets by, at the threshold of each."""
    ours = figures.proposed.threshold if figures.proposed else figures.threshold
    differ = [
        Apart(figures.attribute, text, before, now)
        for text, before, now in rows
        if (before >= figures.threshold) != (now >= ours)
    ]
    return sorted(differ, key=lambda one: -abs(one.before - one.now))[:MOST_APART]


def _today(site: str | None, s: Services) -> dict[str, float | None]:
    if site is None:
        return {}
    with s.store.read() as tx:
        policy = Policies(tx, site_named(site, s.store).id).current()
    return {name: threshold.flag for name, threshold in policy.thresholds.items()}


def _tell(report: Report, out: Path) -> None:
    rows = [HEADS, *(row(one, report.today.get(one.attribute.lower())) for one in report.agreements)]
    for heads, *figures in zip(*rows, strict=True):
        click.echo(f"{heads:22}" + "".join(f"{figure:>18}" for figure in figures))
    for why, count in sorted(report.passed.items()):
        click.echo(f"left out: {count} ({why})", err=True)
    click.echo(f"written to {out}", err=True)

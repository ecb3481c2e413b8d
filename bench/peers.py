"""`python -m bench.peers`: toxicity on each source, by models that never saw it: ours, the plain way and two packages."""

import hashlib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

# before NumPy is loaded: sums in another order would give other figures
os.environ |= {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}

import click
import numpy as np
import sklearn
from numpy.typing import NDArray

from bench import plain
from bench.areas import Resampled, areas, mean
from bench.packages import PACKAGES, Package
from classifier import train
from classifier.assess import judged_rows
from classifier.datasets import ATTRIBUTES, AUTHORED, Corpus, default_folder, load_corpus

Floats = NDArray[np.float64]
Mask = NDArray[np.bool_]
Say = train.Say
Found = Mapping[str, Resampled]

TOXICITY = ATTRIBUTES.index("toxicity")
OURS, PLAIN = "ours", "plain"
SEED = 20261124
WANTED = 0.03
"""What ours is to be above the plain way, in the mean over a language's sources."""


@dataclass(frozen=True)
class Rows:
    """What the plain way is taught and asked.

    sources, labels: of each text; labels are 0 or 1. asked: for each source, which of its texts it is judged by.
    """

    texts: tuple[str, ...]
    sources: NDArray[np.str_]
    labels: Floats
    asked: Mapping[str, Mask]


@dataclass(frozen=True)
class Compared:
    """One source's rows and what each scorer makes of them. found: by the scorer's name."""

    source: str
    language: str
    labels: Floats
    found: Found


@click.command()
@click.option(
    "--data",
    "folder",
    type=click.Path(path_type=Path),
    help="Folder of the data sets [SARING_TRAINING_DATA or ../shared/data].",
)
@click.option(
    "--cache",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path(".cache/peers"),
    show_default=True,
    help="Where the plain way's scores are kept: it takes minutes a source, and stays the same while the sets do.",
)
@click.option(
    "--rounds", type=click.IntRange(min=1), default=1000, show_default=True, help="Resamples for an interval."
)
def main(folder: Path | None, cache: Path, rounds: int) -> None:
    """Print a table of ROC-AUCs as Markdown; progress goes to standard error."""
    corpus = load_corpus(folder or default_folder())
    click.echo(report(compare(corpus, cache, rounds, lambda line: click.echo(line, err=True))))


def compare(corpus: Corpus, cache: Path, rounds: int, say: Say) -> list[Compared]:
    """Every source with labels to judge toxicity by, as the models for comments from elsewhere are judged."""
    sources = train.judged_sources(corpus, TOXICITY)
    asked = {source: judged_rows(corpus, TOXICITY) & (corpus.sources == source) for source in sources}
    scores: dict[str, dict[str, Floats]] = {source: {} for source in sources}
    for source, found in plain_logits(known_rows(corpus, asked), cache, say).items():
        scores[source][PLAIN] = found
    for package in PACKAGES:
        say(package.name)
        score = package.load()
        for source in sources:
            scores[source][package.name] = score([corpus.texts[row] for row in np.flatnonzero(asked[source])])
    prepared = train.prepare(corpus)
    draw, compared = np.random.default_rng(SEED), []
    for source in sources:
        say(f"{OURS} without {source}")
        line = train.fit(prepared, TOXICITY, corpus.sources != source)
        scores[source][OURS] = train.score(prepared, line, asked[source])
        labels = corpus.labels[asked[source], TOXICITY]
        language = str(corpus.languages[asked[source]][0])
        compared.append(Compared(source, language, labels, areas(labels, scores[source], rounds, draw)))
    return compared


def known_rows(corpus: Corpus, asked: Mapping[str, Mask]) -> Rows:
    """The rows with a known label, and none of the sentences written for this project."""
    known = ~np.isnan(corpus.labels[:, TOXICITY]) & (corpus.sources != AUTHORED)
    texts = tuple(corpus.texts[row] for row in np.flatnonzero(known))
    asked = {source: rows[known] for source, rows in asked.items()}
    return Rows(texts, corpus.sources[known], corpus.labels[known, TOXICITY], asked)


def plain_logits(rows: Rows, cache: Path, say: Say) -> dict[str, Floats]:
    """What the plain way, taught on the other sources, answers to the rows asked of each source.

    It is taught all their rows, each weighing the same. What was answered before to the same is read from `cache`.
    """
    kept = {source: cache / f"{source}-{_digest(rows, source)}.npz" for source in rows.asked}
    counts: plain.Counts | None = None
    for source, file in kept.items():
        if file.is_file():
            continue
        if counts is None:
            say(f"counting n-grams of {len(rows.texts):,} texts")
            counts = plain.counted(rows.texts)
        say(f"{PLAIN} without {source}")
        _keep(file, plain.logits(counts, rows.labels, rows.sources != source, rows.asked[source]))
    return {source: np.load(file)["logits"] for source, file in kept.items()}


def _digest(rows: Rows, source: str) -> str:
    """Of all that the plain way's answers depend on."""
    told = hashlib.sha256(repr((sklearn.__version__, plain.BLOCKS, plain.TOLERANCE)).encode())
    told.update("\0".join([*rows.texts, *rows.sources]).encode("utf-8", "surrogatepass"))
    told.update(rows.labels.tobytes() + rows.asked[source].tobytes())
    return told.hexdigest()[:16]


def _keep(file: Path, logits: Floats) -> None:
    """Whole or not at all: a run may be broken off."""
    file.parent.mkdir(parents=True, exist_ok=True)
    part = file.with_suffix(".part.npz")
    np.savez_compressed(part, logits=logits)
    part.replace(file)


def report(compared: Sequence[Compared]) -> str:
    """The table, a line for each source and the means of each language, then what was asked for and whether it is so."""
    names = (PLAIN, *(package.name for package in PACKAGES))
    head = ["source", "rows", "abusive", OURS, PLAIN, f"{OURS} - {PLAIN}", *names[1:]]
    lines = [_row(head), _row(["---", *["---:"] * (len(head) - 1)])]
    for language in sorted({one.language for one in compared}):
        parts = [one for one in compared if one.language == language]
        lines += [_row([one.source, *_cells(one)]) for one in parts]
        lines.append(_row([f"**mean of {len(parts)}, {language}**", "", "", *_figures(_means(parts), parts)]))
    return "\n".join([*lines, "", "† trained on that source, or on one of those of the mean.", "", *verdicts(compared)])


def _cells(one: Compared) -> list[str]:
    return [f"{len(one.labels):,}", f"{one.labels.mean():.0%}", *_figures(one.found, [one])]


def _figures(found: Found, parts: Sequence[Compared]) -> list[str]:
    cells = [_figure(found[OURS]), _figure(found[PLAIN]), _figure(found[OURS] - found[PLAIN], "+.3f")]
    for package in PACKAGES:
        taught = any(one.source in package.taught_on for one in parts)
        cells.append(_figure(found[package.name]) + ("†" if taught else ""))
    return cells


def _means(parts: Sequence[Compared]) -> Found:
    return {name: mean([one.found[name] for one in parts]) for name in parts[0].found}


def verdicts(compared: Sequence[Compared]) -> list[str]:
    """Whether ours is as far above the plain way, and above each package wherever it is new to the source, as was wanted."""
    lines = []
    for language in sorted({one.language for one in compared}):
        means = _means([one for one in compared if one.language == language])
        gain = means[OURS] - means[PLAIN]
        lines.append(f"- {language}, {OURS} - {PLAIN}: {_figure(gain, '+.3f')}; {_wanted(WANTED, [gain])}")
    return lines + [_above(package, compared) for package in PACKAGES]


def _above(package: Package, compared: Sequence[Compared]) -> str:
    fair = [one for one in compared if one.language == package.language and one.source not in package.taught_on]
    gains = {one.source: one.found[OURS] - one.found[package.name] for one in fair}
    told = ", ".join(f"{source} {_figure(gain, '+.3f')}" for source, gain in gains.items())
    return f"- {package.language}, {OURS} - {package.name} where that was not trained: {told}; {_wanted(0, [*gains.values()])}"


def _wanted(least: float, gains: Sequence[Resampled]) -> str:
    if not gains:
        return "no source to judge by"
    met = all(gain.value > least for gain in gains)
    return f"wanted above {least:+.3f}: {'met' if met else '**not met**'}"


def _figure(figure: Resampled, form: str = ".3f") -> str:
    low, high = figure.interval
    return f"{figure.value:{form}} ({low:{form}} to {high:{form}})"


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()

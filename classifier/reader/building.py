"""From the data sets to the second reader's directory: train, leave out, export, stack, write the card. Every step resumes."""

from collections.abc import Callable, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from classifier import assess
from classifier import soft as taught
from classifier.datasets import ATTRIBUTES, keys_of, load_corpus
from classifier.learning import Prepared, prepare
from classifier.model import Classifier
from classifier.reader import blend, card, export, pretrained
from classifier.reader.drawing import CHOSEN, FINAL, Recipe
from classifier.reader.left_out import FILE, LeftOut
from classifier.reader.network import Crown, Trunk, trunk_of
from classifier.reader.scoring import Reader, session_of
from classifier.reader.scoring import load as load_reader
from classifier.reader.stack import Stack, stacked
from classifier.reader.texts import texts_of
from classifier.reader.training import Known, Run, known_of, scored
from classifier.soft import GROUPS, Teacher
from classifier.train import RELEASE, held_out, left_out

Say = Callable[[str], None]

FEWEST = 25  # positive and negative texts to compare by
COMPARED = 400  # texts of each source that the graph in 8 bits and the one in single precision both read


class Work:
    """The folder in which trainings are kept, and what they are made from."""

    def __init__(self, data: Path, folder: Path, say: Say) -> None:
        torch.set_num_threads(1)  # several groups may be trained side by side
        self.folder, self.say = folder, say
        self.model = pretrained.read(pretrained.installed())
        say("reading the data sets")
        self.corpus = load_corpus(data)
        self.texts, self.kept = texts_of(self.corpus, self.model, self._frozen(CHOSEN), folder, say)
        self.known: Known = known_of(self.corpus, self.texts)
        self.sources = self.corpus.sources[self.texts.rows]

    def group(self, number: int) -> NDArray[np.int64]:
        """Train without a group of sources, score it, keep the logits; the texts' numbers among `texts`."""
        out = np.isin(self.sources, GROUPS[number])
        rows = np.flatnonzero(out)
        file = self.folder / f"group-{number}.npy"
        if not file.exists():
            np.save(file, scored(self.without(number), self.texts, rows))
        return rows

    def soft(self, held: NDArray[np.bool_]) -> taught.Soft:
        """What each encoder says of texts of the sources that it was trained on, which may teach the first reader."""
        rows, logits = [], []
        for number, group in enumerate((*GROUPS, ())):
            rows.append(taught.asked(self.sources, self.corpus.languages[self.texts.rows], group))
            file = self.folder / f"soft-{number}.npy"
            if not file.exists():
                crown = self.final(held)[0] if number == taught.SERVED else self.without(number)
                self.say(f"{len(rows[-1]):,} texts are scored by encoder {number + 1} of {1 + taught.SERVED}")
                np.save(file, scored(crown, self.texts, rows[-1]))
            logits.append(np.load(file))
        keys = keys_of([self.corpus.texts[row] for row in self.texts.rows])
        return taught.gathered(keys, rows, logits)

    def without(self, number: int) -> Crown:
        """The layers trained on all sources but a group."""
        return self.trained(f"group-{number}", ~np.isin(self.sources, GROUPS[number]), CHOSEN)

    def final(self, held: NDArray[np.bool_]) -> tuple[Crown, NDArray[np.int64]]:
        """The layers trained on all but the held-out fifth, and the numbers of that fifth's rows among `texts`."""
        mine = held[self.texts.rows]
        return self.trained("final", ~mine, FINAL), np.flatnonzero(mine)

    def trunk(self) -> Trunk:
        """The lower layers."""
        return trunk_of(self.model, self.kept, self._frozen(CHOSEN))

    def trained(self, name: str, taught: NDArray[np.bool_], recipe: Recipe) -> Crown:
        """The layers trained on the texts `taught`, or as they were when this was done before.

        They are trained with each of SEEDS, and have the mean of the weights (model soups, Wortsman and others 2022).
        """
        runs = []
        for seed in SEEDS:
            run = Run(self.model, self.texts, self.known, taught, replace(recipe, seed=seed))
            runs.append(run.train(self.folder / f"{name}-{seed}.pt", f"{name}, seed {seed}", self.say))
        with torch.no_grad():
            for weights in zip(*(crown.parameters() for crown in runs), strict=True):
                weights[0].copy_(torch.stack(weights).mean(0))
        return runs[0]

    def _frozen(self, recipe: Recipe) -> int:
        return self.model.shape.layers - recipe.layers


SEEDS = (1, 2)


def build(work: Work, out: Path, first: Classifier) -> Stack:
    """Train what is not trained yet, and write the directory `out`. Hours on two cores, resumed where it was left.

    Raises: ModelFileError, when other encoders have taught `first`.
    """
    prepared = prepare(work.corpus)
    crown, held = work.final(prepared.held)
    out.mkdir(parents=True, exist_ok=True)
    kept = _left_out(work, crown, held)
    kept.save(out / FILE)
    work.soft(prepared.held).save(out / taught.FILE)
    teacher = taught.teacher_of(first, prepared.corpus.texts, out / taught.FILE)
    work.say("exporting")
    whole, small = export.graphs(work.trunk(), crown, work.folder)
    about = known_about(first, *pairs(prepared, kept, teacher, work.say)) | {
        "recipe": asdict(FINAL),
        "seeds": SEEDS,
        "rows": int((~prepared.held).sum()),
    }
    pieces = export.kept_pieces(work.model.pieces, work.kept)
    export.write(small, pieces, about, RELEASE, out)
    about["eight_bits"] = eight_bits(work, held, whole, load_reader(out))
    export.write(small, pieces, about, RELEASE, out)
    stack = stacked(first, out)
    (out / "CARD.md").write_text(card.card(stack), "utf-8")
    return stack


def pairs(
    prepared: Prepared, kept: LeftOut, teacher: Teacher | None, say: Say
) -> tuple[list[blend.Both], list[blend.Both]]:
    """Both readers on sources left out and on held-out fifths; the first one's models are trained anew for it."""
    with threadpool_limits(1):
        left = blend.paired(left_out(prepared, say, teacher=teacher), prepared.corpus, kept)
        return left, blend.paired(held_out(prepared, say, teacher), prepared.corpus, kept, prepared.held)


def known_about(first: Classifier, left: Sequence[blend.Both], fifths: Sequence[blend.Both]) -> dict[str, Any]:
    """What stacks the second reader on the first, and what both are worth."""
    parts = blend.chosen_parts(left)
    together = blend.stacked(left, fifths, parts)
    curves = assess.calibrations(together)
    return {
        "attributes": list(ATTRIBUTES),
        "stacks_on": first.version,
        "parts": parts.tolist(),
        "curves": curves.tolist(),
        "operating_points": [asdict(point) for point in assess.operating_points(together, curves)],
        "evidence": assess.evidence(together),
        "left_out": blend.figures(left),
        "calibration": [
            {key: row[key] for key in ("attribute", "source", "language", "way", "calibration_error", "shipped_error")}
            for row in assess.figures(together, curves)
        ],
    }


def eight_bits(work: Work, held: NDArray[np.int64], whole: Path, reader: Reader) -> list[dict[str, Any]]:
    """ROC-AUC of the graph in single precision and of the served one, on the same held-out texts of each source."""
    exact = replace(reader, session=session_of(whole))
    rng = np.random.default_rng(COMPARED)
    rows = []
    for source in np.unique(work.sources[held]):
        of_source = held[work.sources[held] == source]
        some = rng.permutation(of_source)[:COMPARED]
        texts = [work.corpus.texts[row] for row in work.texts.rows[some]]
        work.say(f"{source}: {len(texts)} texts in single precision and in 8 bits")
        logits = [one.logits(texts) for one in (exact, reader)]
        labels = work.corpus.labels[work.texts.rows[some]]
        for column, name in enumerate(ATTRIBUTES):
            known = labels[:, column][~np.isnan(labels[:, column])]
            if min((known == 1).sum(), (known == 0).sum()) >= FEWEST:
                areas = [roc_auc_score(known, one[~np.isnan(labels[:, column]), column]) for one in logits]
                rows.append(
                    {"attribute": name, "source": str(source), "float": float(areas[0]), "served": float(areas[1])}
                )
    return rows


def _left_out(work: Work, crown: Crown, held: NDArray[np.int64]) -> LeftOut:
    """Logits of sources by encoders that had not seen them, and of the held-out fifth by the one that is served."""
    rows = [work.group(number) for number in range(len(GROUPS))]
    logits = [np.load(work.folder / f"group-{number}.npy") for number in range(len(GROUPS))]
    keys = keys_of([work.corpus.texts[row] for row in work.texts.rows[np.concatenate(rows)]])
    held_keys = keys_of([work.corpus.texts[row] for row in work.texts.rows[held]])
    return LeftOut(keys, np.concatenate(logits), held_keys, scored(crown, work.texts, held))

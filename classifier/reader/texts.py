"""The training texts as the lower half of the encoder sees them: computed once, kept in a folder, shared by all trainings."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from classifier.datasets import AUTHORED, Corpus
from classifier.reader import pieces
from classifier.reader.network import Trunk, mask, trunk_of
from classifier.reader.pretrained import Pretrained
from classifier.reader.scoring import FORMAT, FORMATS

WRITTEN_ROWS = 70_000  # of the written sentences, drawn by chance: all have few patterns
AT_ONCE = 8192  # pieces put through together
SEED = 20261130

Say = Callable[[str], None]


@dataclass(frozen=True)
class Texts:
    """States of all chosen texts, one after the other.

    rows: number of each text in the corpus. begins: where each begins, with the end of the last. numbers: of pieces.
    states: (pieces, width), bits of bfloat16.
    """

    rows: NDArray[np.int64]
    begins: NDArray[np.int64]
    numbers: NDArray[np.int32]
    states: NDArray[np.int16]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Pieces of each text."""
        return np.diff(self.begins)

    def batch(self, chosen: NDArray[np.int64]) -> tuple[torch.Tensor, torch.Tensor]:
        """States padded to the longest, (texts, pieces, width), and their mask."""
        lengths = self.lengths[chosen]
        padded = np.zeros((len(chosen), int(lengths.max()), self.states.shape[1]), np.int16)
        for at, (text, length) in enumerate(zip(chosen, lengths, strict=True)):
            padded[at, :length] = self.states[self.begins[text] : self.begins[text] + length]
        states = torch.from_numpy(padded).view(torch.bfloat16)
        return states, mask(torch.from_numpy(lengths), states.shape[1], torch.bfloat16)


def chosen_rows(corpus: Corpus) -> NDArray[np.int64]:
    """All texts of the sources and some of those written for this project."""
    written = np.flatnonzero(corpus.sources == AUTHORED)
    drawn = np.random.default_rng(SEED).choice(written, min(WRITTEN_ROWS, len(written)), replace=False)
    return np.sort(np.concatenate((np.flatnonzero(corpus.sources != AUTHORED), drawn)))


def texts_of(corpus: Corpus, model: Pretrained, layers: int, folder: Path, say: Say) -> tuple[Texts, NDArray[np.int64]]:
    """The texts after `layers` layers, and the pieces kept; read from `folder` where they were computed before."""
    folder.mkdir(parents=True, exist_ok=True)
    done = folder / f"texts-{layers}.json"
    if not done.exists():
        _compute(corpus, model, layers, folder, say)
        done.write_text(json.dumps({"layers": layers, "texts": len(corpus.texts)}))
    if json.loads(done.read_text())["texts"] != len(corpus.texts):
        raise ValueError(f"{folder} holds the states of other data sets: delete it")
    rows, begins, numbers, kept = (np.load(folder / f"{name}.npy") for name in ("rows", "begins", "numbers", "kept"))
    states = np.load(folder / f"states-{layers}.npy", mmap_mode="r")
    return Texts(rows, begins, numbers, states), kept


def _compute(corpus: Corpus, model: Pretrained, layers: int, folder: Path, say: Say) -> None:
    say("undoing disguises, cutting texts into pieces")
    rows = chosen_rows(corpus)
    read = pieces.as_read([corpus.texts[row] for row in rows], glossed=FORMATS[FORMAT])
    kept = pieces.cut(model, read)
    tokenizer = pieces.tokenizer_of([model.pieces[number] for number in kept])
    coded = [
        [pieces.BEGIN, *encoding.ids[: pieces.WINDOW], pieces.END]
        for begin in range(0, len(read), 10_000)
        for encoding in tokenizer.encode_batch_fast(read[begin : begin + 10_000])
    ]
    begins = np.concatenate(([0], np.cumsum([len(code) for code in coded])))
    numbers = np.concatenate([np.array(code, np.int32) for code in coded])
    for name, array in (("rows", rows), ("begins", begins), ("numbers", numbers), ("kept", kept)):
        np.save(folder / f"{name}.npy", array)
    trunk = trunk_of(model, kept, layers).to(torch.bfloat16)
    shape = (len(numbers), model.shape.width)
    states = np.lib.format.open_memmap(folder / f"states-{layers}.npy", mode="w+", dtype=np.int16, shape=shape)
    _pass(trunk, numbers, begins, states, say)
    states.flush()


def _pass(
    trunk: Trunk, numbers: NDArray[np.int32], begins: NDArray[np.int64], states: NDArray[np.int16], say: Say
) -> None:
    """Put all texts through the lower layers, those of one length together."""
    lengths = np.diff(begins)
    order = np.argsort(lengths, kind="stable")
    at = shown = 0
    with torch.inference_mode():
        while at < len(order):
            length = int(lengths[order[at]])
            group = order[at : at + max(1, AT_ONCE // length)]
            group = group[lengths[group] == length]
            places = begins[group][:, None] + np.arange(length)
            found = trunk(
                torch.from_numpy(numbers[places].astype(np.int64)), torch.zeros(1, 1, 1, 1, dtype=torch.bfloat16)
            )
            states[places] = found.view(torch.int16).numpy()
            at += len(group)
            if at - shown > len(order) // 20:
                shown = at
                say(f"lower layers: {at:,} of {len(order):,} texts")

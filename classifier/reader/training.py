"""Training of the upper layers and the heads, resumable, on chosen sources.

As the first model does (see `classifier.learning`): sources weigh by the root of their size, here by how often their rows are
drawn, and each has an intercept of its own for each attribute that is dropped when scoring. All attributes are learned
together, where their labels are known, weighed by trust. Weights are kept in single precision and used in bfloat16.
"""

import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from classifier.datasets import ATTRIBUTES, Corpus
from classifier.reader.drawing import Recipe, drawn, steps_of
from classifier.reader.network import Crown, crown_of
from classifier.reader.pretrained import Pretrained
from classifier.reader.texts import Texts

Say = Callable[[str], None]

SAVED_EVERY = 60.0  # seconds
SAID_EVERY = 20.0
TOGETHER = 128  # texts scored
LITTLE = 50  # labels


@dataclass(frozen=True)
class Known:
    """What is known of the texts: labels (NaN unknown), trust, number of each text's source, its source and language in words."""

    labels: torch.Tensor
    trust: torch.Tensor
    places: NDArray[np.int64]
    kinds: NDArray[np.str_]


def known_of(corpus: Corpus, texts: Texts) -> Known:
    """Labels of the chosen texts, in their order."""
    sources, languages = corpus.sources[texts.rows], corpus.languages[texts.rows]
    _, places = np.unique(sources, return_inverse=True)
    kinds = np.array([f"{source} {language}" for source, language in zip(sources, languages, strict=True)])
    labels, trust = (torch.from_numpy(part[texts.rows]).float() for part in (corpus.labels, corpus.trust))
    return Known(labels, trust, places, kinds)


class Run:
    """One training, which may be left at any time and taken up again from its file."""

    def __init__(
        self, model: Pretrained, texts: Texts, known: Known, taught: NDArray[np.bool_], recipe: Recipe
    ) -> None:
        torch.manual_seed(recipe.seed)
        self.texts, self.known, self.recipe = texts, known, recipe
        self.crown = crown_of(model, model.shape.layers - recipe.layers, len(ATTRIBUTES))
        torch.nn.init.zeros_(self.crown.head.weight)
        torch.nn.init.zeros_(self.crown.head.bias)
        self.masters = [weight.detach().clone() for weight in self.crown.parameters()]
        self.crown.to(torch.bfloat16)
        self.intercepts = _odds(known, taught).requires_grad_()
        layers, heads = self.masters[:-2], self.masters[-2:]  # in the order in which the network names them
        self.optimizer = torch.optim.AdamW(
            [
                {"params": [master for master in layers if master.ndim > 1], "weight_decay": recipe.decay},
                {"params": [master for master in layers if master.ndim == 1], "weight_decay": 0.0},
                {"params": [*heads, self.intercepts], "weight_decay": 0.0, "quicker": recipe.quicker},
            ],
            lr=recipe.rate,
            fused=True,
        )
        self.steps = steps_of(drawn(known.kinds, taught, recipe), texts.lengths, recipe)
        self.at = 0

    def train(self, file: Path, name: str, say: Say) -> Crown:
        """Train to the end and return the upper layers, in single precision, the sources' mean intercept among them."""
        self._resume(file)
        saved = said = begun = time.monotonic()
        first, losses = self.at, []
        self.crown.train()
        while self.at < len(self.steps):
            losses.append(self._step())
            now = time.monotonic()
            if now - saved > SAVED_EVERY:
                self._save(file)
                saved = now
            if now - said > SAID_EVERY:
                left = (now - begun) / (self.at - first) * (len(self.steps) - self.at)
                say(
                    f"{name}: step {self.at:,} of {len(self.steps):,}, loss {np.mean(losses[-100:]):.4f}, {left:.0f} s left"
                )
                said = now
        if self.at > first:
            self._save(file)
        return self.finished()

    def finished(self) -> Crown:
        """The upper layers as they stand."""
        made = self.crown.float().eval()
        with torch.no_grad():
            for weight, master in zip(made.parameters(), self.masters, strict=True):
                weight.copy_(master)
            made.head.bias += self.intercepts.mean(0)
        return made

    def _step(self) -> float:
        rows = self.steps[self.at]
        self._set_rate()
        states, there = self.texts.batch(rows)
        labels, trust = self.known.labels[rows], self.known.trust[rows]
        logits = self.crown(states, there).float() + self.intercepts[torch.from_numpy(self.known.places[rows])]
        wanted = labels.nan_to_num(0.0) * (1 - 2 * self.recipe.smoothing) + self.recipe.smoothing
        costs = functional.binary_cross_entropy_with_logits(logits, wanted, reduction="none")
        loss = (costs * trust * ~labels.isnan()).sum() / len(rows)
        loss.backward()
        with torch.no_grad():
            for weight, master in zip(self.crown.parameters(), self.masters, strict=True):
                master.grad = weight.grad.float() if weight.grad is not None else None
                weight.grad = None
            torch.nn.utils.clip_grad_norm_(self.masters, 1.0)
            self.optimizer.step()
            self.optimizer.zero_grad()
            for weight, master in zip(self.crown.parameters(), self.masters, strict=True):
                weight.copy_(master)
        self.at += 1
        return float(loss.detach())

    def _set_rate(self) -> None:
        done = self.at / len(self.steps)
        share = min(done / self.recipe.warm, (1 - done) / (1 - self.recipe.warm))
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.rate * group.get("quicker", 1.0) * max(share, 1e-3)

    def _save(self, file: Path) -> None:
        state = {
            "at": self.at,
            "recipe": repr(self.recipe),
            "masters": self.masters,
            "intercepts": self.intercepts.detach(),
            "optimizer": self.optimizer.state_dict(),
        }
        beside = file.with_suffix(".part")
        torch.save(state, beside)
        beside.replace(file)

    def _resume(self, file: Path) -> None:
        if not file.exists():
            return
        state = torch.load(file, weights_only=True)
        if state["recipe"] != repr(self.recipe):
            raise ValueError(f"{file} was begun with {state['recipe']}: delete it to train with {self.recipe}")
        self.at = state["at"]
        with torch.no_grad():
            for master, kept in zip(self.masters, state["masters"], strict=True):
                master.copy_(kept)
            for weight, master in zip(self.crown.parameters(), self.masters, strict=True):
                weight.copy_(master)
            self.intercepts.copy_(state["intercepts"])
        self.optimizer.load_state_dict(state["optimizer"])


def scored(crown: Crown, texts: Texts, rows: NDArray[np.int64]) -> NDArray[np.float32]:
    """Logits of some texts, (rows, attributes)."""
    quick = deepcopy(crown).to(torch.bfloat16).eval()
    found = np.zeros((len(rows), len(ATTRIBUTES)), np.float32)
    order = np.argsort(texts.lengths[rows], kind="stable")
    with torch.inference_mode():
        for part in np.array_split(order, -(-len(order) // TOGETHER)):
            found[part] = quick(*texts.batch(rows[part])).float().numpy()
    return found


def _odds(known: Known, taught: NDArray[np.bool_]) -> torch.Tensor:
    """What each source's intercepts begin with: its own log-odds, or those of all sources where it knows little."""
    pooled, _ = _odds_of(known.labels[torch.from_numpy(taught)])
    rows = []
    for place in range(int(known.places.max()) + 1):
        own, counts = _odds_of(known.labels[torch.from_numpy(taught & (known.places == place))])
        rows.append(torch.where(counts >= LITTLE, own, pooled))
    return torch.stack(rows)


def _odds_of(labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    counts = (~labels.isnan()).sum(0)
    return torch.logit((labels.nan_to_num(0.0).sum(0) + 0.5) / (counts + 1.0), eps=1e-3), counts

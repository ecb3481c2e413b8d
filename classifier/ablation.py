"""What each part of the recipe is worth: ROC-AUC on sources left out, with one part changed at a time."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

from classifier.datasets import load_corpus
from classifier.learning import CHOSEN, Recipe, prepare
from classifier.model import LANGUAGES
from classifier.train import Say, left_out

JUDGED = ("toxicity", "identity_attack", "insult", "profanity")
CHANGES: Mapping[str, Recipe] = {
    "as shipped": CHOSEN,
    "no weights of a source's own": replace(CHOSEN, own={}),
    "weights of a source's own for every attribute": replace(CHOSEN, own=dict.fromkeys(JUDGED, 2.0)),
    "written sentences weigh what their number gives": replace(CHOSEN, authored={}),
    "no intercept of a source's own": replace(CHOSEN, sign=0.0),
    "every row weighs the same": replace(CHOSEN, balance=0.0),
    "every source weighs the same": replace(CHOSEN, balance=1.0),
    "no log-count ratios": replace(CHOSEN, ratios=False, strength=1.0),
    "no word classes and patterns": replace(CHOSEN, patterns=False),
    "hardly any written sentences": replace(CHOSEN, authored=dict.fromkeys(JUDGED, (1e-4, 1e-4))),
    "C ten times as large": replace(CHOSEN, strength=0.3),
}


def ablation(folder: Path, say: Say) -> Iterator[tuple[str, dict[tuple[str, str], float]]]:
    """Each change with its mean ROC-AUC by attribute and language, as they are found.

    Raises: FileNotFoundError when the folder holds no data set.
    """
    with threadpool_limits(1):
        prepared = prepare(load_corpus(folder))
        for name, recipe in CHANGES.items():
            parts = left_out(prepared, lambda step, name=name: say(f"{name}: {step}"), recipe=recipe, only=JUDGED)  # type: ignore[misc]
            found: dict[tuple[str, str], list[float]] = {}
            for part in parts:
                area = float(roc_auc_score(part.labels, part.logits))
                found.setdefault((part.attribute, part.language), []).append(area)
            yield name, {key: float(np.mean(areas)) for key, areas in found.items()}


def row_of(name: str, found: Mapping[tuple[str, str], float]) -> str:
    """One line of the Markdown table that `HEAD` begins."""
    return f"| {name} | " + " | ".join(f"{found.get(key, float('nan')):.3f}" for key in _KEYS) + " |"


_KEYS = [(attribute, language) for attribute in JUDGED for language in LANGUAGES]
HEAD = "| change | " + " | ".join(f"{a} {code}" for a, code in _KEYS) + " |\n|" + " --- |" * (len(_KEYS) + 1)

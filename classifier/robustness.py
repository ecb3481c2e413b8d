"""What disguises do to the default flags of toxicity, on the published sets."""

import zlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from classifier.assess import judged_rows
from classifier.datasets import ATTRIBUTES, Corpus
from classifier.disguise import DISGUISES, FURTHER, UNSEEN, Disguise
from classifier.model import LANGUAGES, Classifier

TOXICITY = ATTRIBUTES.index("toxicity")
ROWS = 2000  # of each label and language, at most
KEPT, FLAGGED = 0.95, 0.01  # the bars: at least this share kept, at most this share newly flagged
SEED = 20261124

Figure = dict[str, Any]


def figures(model: Classifier, corpus: Corpus) -> list[Figure]:
    """What each disguise does in each language, as plain JSON values.

    Of a seeded sample of rows with toxicity judged: `rows` toxic ones reach the default flag threshold undisguised, and
    `recall_kept` is the share of them that still does; `clean_rows` clean ones do not, and `newly_flagged` is the share
    of them that then does. kind: `known` to the rules of the folding; `unseen`, for which no rule was made; or `further`, which
    no bar is set for.
    Raises: StopIteration for a model without a default flag threshold of toxicity.
    """
    threshold = next(
        point.threshold for point in model.operating_points if (point.attribute, point.action) == ("toxicity", "flag")
    )
    found = []
    for language in LANGUAGES:
        toxic, clean = (_sample(corpus, language, label) for label in (1, 0))
        toxic = [text for text, reached in zip(toxic, _reached(model, toxic, threshold), strict=True) if reached]
        clean = [text for text, reached in zip(clean, _reached(model, clean, threshold), strict=True) if not reached]
        for name, disguise in (DISGUISES | UNSEEN | FURTHER).items():
            kept, flagged = (
                _share(_reached(model, _disguised(disguise, name, texts), threshold)) for texts in (toxic, clean)
            )
            found.append(
                {
                    "disguise": name,
                    "kind": "unseen" if name in UNSEEN else "further" if name in FURTHER else "known",
                    "language": language,
                    "rows": len(toxic),
                    "recall_kept": kept,
                    "clean_rows": len(clean),
                    "newly_flagged": flagged,
                }
            )
    return found


def report(found: Sequence[Figure]) -> str:
    """A Markdown table of figures, those that miss a bar in bold."""
    lines = [
        f"Bars: recall kept at least {KEPT}, newly flagged at most {FLAGGED}; what misses one is in bold.",
        "",
        "| disguise | language | toxic rows | recall kept | clean rows | newly flagged |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for figure in found:
        name = figure["disguise"] + ("" if figure["kind"] == "known" else f" ({figure['kind']})")
        kept = _shown(figure["recall_kept"], figure["recall_kept"] >= KEPT)
        flagged = _shown(figure["newly_flagged"], figure["newly_flagged"] <= FLAGGED)
        rows, clean = figure["rows"], figure["clean_rows"]
        lines.append(f"| {name} | {figure['language']} | {rows:,} | {kept} | {clean:,} | {flagged} |")
    return "\n".join(lines)


def _sample(corpus: Corpus, language: str, label: int) -> list[str]:
    """Up to ROWS texts of a language whose toxicity is judged to be `label`, the same for the same corpus."""
    judged = judged_rows(corpus, TOXICITY) & (corpus.languages == language)
    rows = np.flatnonzero(judged & (corpus.labels[:, TOXICITY] == label))
    chosen = np.random.default_rng(SEED).permutation(len(rows))[:ROWS]
    return [corpus.texts[row] for row in rows[np.sort(chosen)]]


def _disguised(disguise: Disguise, name: str, texts: Sequence[str]) -> list[str]:
    rng = np.random.default_rng([SEED, zlib.crc32(name.encode())])
    return [disguise(text, rng) for text in texts]


def _reached(model: Classifier, texts: Sequence[str], threshold: float) -> NDArray[np.bool_]:
    """Which texts reach the threshold of toxicity."""
    return np.asarray(model.predict_proba(texts)[:, model.attributes.index("toxicity")] >= threshold)


def _share(reached: NDArray[np.bool_]) -> float:
    return float(reached.mean()) if len(reached) else 0.0


def _shown(share: float, good: bool) -> str:
    return f"{share:.3f}" if good else f"**{share:.3f}**"

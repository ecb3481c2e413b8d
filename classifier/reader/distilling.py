"""Whether the first reader learns from the second, on sources that neither has seen: see `lessons`.

An encoder that was trained without a group of sources scores texts of all others, labelled or not; the first reader learns from
that, and both fits, with and without, are judged on the source that was left out.
"""

import json

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from classifier.datasets import ATTRIBUTES, AUTHORED
from classifier.learning import Prepared
from classifier.model import LANGUAGES
from classifier.reader.building import Work
from classifier.reader.drawing import CHOSEN
from classifier.reader.left_out import GROUPS
from classifier.reader.lessons import Floats, Gain, gain_of
from classifier.reader.training import scored
from classifier.train import judged_sources, learnable

MOST = {"id": 13_000, "en": 6_000}
"""Texts of a source that the encoder scores, by language: more in Indonesian, of which fewer have labels."""

MOST_AUTHORED = 3_000
SEED = 20261201


def gains(work: Work, prepared: Prepared, group: int) -> list[Gain]:
    """Each attribute on each source of a group. What was fitted before is read from the folder of `work`."""
    file = work.folder / f"distilled-{group}.json"
    found = [Gain(**row) for row in json.loads(file.read_text("utf-8"))] if file.exists() else []
    done = {(gain.attribute, gain.source) for gain in found}
    probabilities = soft(work, group)
    for attribute, name in enumerate(ATTRIBUTES):
        for source in judged_sources(prepared.corpus, attribute):
            others = prepared.corpus.sources != source
            wanted = source in GROUPS[group] and (name, source) not in done
            if wanted and learnable(prepared.corpus, attribute, others):
                found.append(gain_of(prepared, attribute, source, probabilities[:, attribute]))
                file.write_text(json.dumps([vars(gain) for gain in found]), "utf-8")
                work.say(f"{name} without {source}")
    return found


def soft(work: Work, group: int) -> Floats:
    """What an encoder that never saw a group of sources says of some texts of the others; NaN for all else."""
    file = work.folder / f"soft-{group}.npy"
    rows = _asked(work, group)
    if not file.exists():
        work.group(group)
        crown = work.trained(f"group-{group}", ~np.isin(work.sources, GROUPS[group]), CHOSEN)
        work.say(f"{len(rows):,} texts are scored without group {group}")
        np.save(file, scored(crown, work.texts, rows))
    found = np.full((len(work.corpus.texts), len(ATTRIBUTES)), np.nan)
    found[work.texts.rows[rows]] = expit(np.load(file).astype(np.float64))
    return found


def _asked(work: Work, group: int) -> NDArray[np.int64]:
    """Numbers among `work.texts` of those that are scored: by chance, of each source outside the group."""
    rng = np.random.default_rng(SEED)
    languages = work.corpus.languages[work.texts.rows]
    parts = []
    for source in np.unique(work.sources[~np.isin(work.sources, GROUPS[group])]):
        for language in LANGUAGES:
            rows = rng.permutation(np.flatnonzero((work.sources == source) & (languages == language)))
            parts.append(rows[: MOST_AUTHORED if source == AUTHORED else MOST[language]])
    return np.sort(np.concatenate(parts))

"""What encoders say of texts that may teach the first reader: kept beside the second, since it takes hours to compute anew.

Each group of sources has an encoder that has not seen it (see `reader.left_out`), which says what it makes of texts of the
others, so that the first reader can be taught without that group too. One more, the one that is served, has seen all but the
held-out fifth.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit

from classifier.datasets import AUTHORED, keys_of
from classifier.model import LANGUAGES, Classifier
from classifier.modelfile import ModelFileError

FILE = "soft.npz"

GROUPS = (
    ("id_multilabel_twitter", "id_abusive_twitter_2018", "en_stormfront", "en_youtube_spam"),
    ("id_netifier", "en_gab_ghc"),
    ("en_hasoc2019", "en_kaggle_insults", "id_judol_youtube"),
    ("en_implicit_hate_twitter", "en_jigsaw_wiki"),
    ("en_davidson_twitter", "en_olid_twitter", "en_convabuse"),
)
"""Sources left out together: each group takes something from every attribute and language, none takes all."""

SERVED = len(GROUPS)
"""Place of the encoder that has seen them all."""

MOST = {"id": 13_000, "en": 6_000}
"""Texts of a source that an encoder is asked about, by language: more in Indonesian, of which fewer have labels."""

MOST_AUTHORED = 3_000
SEED = 20261201

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Soft:
    """Logits by each encoder, shape (encoders, texts, attributes), NaN where it was not asked. keys: see `datasets.keys_of`."""

    keys: NDArray[np.uint64]
    logits: NDArray[np.float32]

    def save(self, file: Path) -> None:
        """Write it, in half precision."""
        np.savez_compressed(file, keys=self.keys, logits=self.logits.astype(np.float16))

    def of(self, keys: NDArray[np.uint64], encoder: int) -> Floats:
        """Probabilities of texts, shape (texts, attributes), by one of the encoders; NaN where it was not asked."""
        order = np.argsort(self.keys)
        at = np.minimum(np.searchsorted(self.keys[order], keys), len(self.keys) - 1)
        found = expit(self.logits[encoder][order[at]].astype(np.float64))
        found[self.keys[order[at]] != keys] = np.nan
        return np.asarray(found)

    @property
    def version(self) -> str:
        """Eight digits of the checksum of all it holds."""
        return hashlib.sha256(self.keys.tobytes() + self.logits.astype(np.float16).tobytes()).hexdigest()[:8]


class Teacher:
    """What encoders say of the texts of a corpus."""

    def __init__(self, soft: Soft, texts: Sequence[str]) -> None:
        self._soft, self._keys = soft, keys_of(texts)
        self.version = soft.version

    def says(self, attribute: int, without: str | None = None) -> Floats:
        """Probabilities of an attribute for each text, NaN where an encoder was not asked.

        By the encoder that has not seen the source `without`; NaN for all when there is none. When no source is named, by the
        served one, which has not seen the held-out fifth.
        """
        for group, sources in enumerate(GROUPS):
            if without in sources:
                return self._soft.of(self._keys, group)[:, attribute]
        if without is not None:
            return np.full(len(self._keys), np.nan)
        return self._soft.of(self._keys, SERVED)[:, attribute]


def teacher_of(model: Classifier, texts: Sequence[str], file: Path) -> Teacher | None:
    """What taught a model beside labels; None when nothing did. texts: of a corpus.

    Raises: FileNotFoundError; ModelFileError, when `file` is not what taught it.
    """
    wanted = model.about.get("taught_by")
    if wanted is None:
        return None
    teacher = Teacher(load(file), texts)
    if teacher.version != wanted:
        raise ModelFileError(f"the model was taught by {wanted}; {file} is {teacher.version}: train it anew")
    return teacher


def load(file: Path) -> Soft:
    """Read it. Raises: FileNotFoundError."""
    with np.load(file, allow_pickle=False) as held:
        return Soft(held["keys"], held["logits"])


def gathered(
    keys: NDArray[np.uint64], rows: Sequence[NDArray[np.int64]], logits: Sequence[NDArray[np.float32]]
) -> Soft:
    """From what each encoder said. keys: of all texts. rows: for each encoder, the numbers of those that it was asked about."""
    asked = np.unique(np.concatenate(rows))
    every = np.full((len(rows), len(asked), logits[0].shape[1]), np.nan, np.float32)
    for group, (some, said) in enumerate(zip(rows, logits, strict=True)):
        every[group, np.searchsorted(asked, some)] = said
    return Soft(keys[asked], every)


def asked(sources: NDArray[np.str_], languages: NDArray[np.str_], without: Sequence[str]) -> NDArray[np.int64]:
    """Numbers of the texts that an encoder is asked about: by chance, of each source but those that it has not seen."""
    rng = np.random.default_rng(SEED)
    parts = []
    for source in np.unique(sources[~np.isin(sources, without)]):
        for language in LANGUAGES:
            rows = rng.permutation(np.flatnonzero((sources == source) & (languages == language)))
            parts.append(rows[: MOST_AUTHORED if source == AUTHORED else MOST[language]])
    return np.sort(np.concatenate(parts))

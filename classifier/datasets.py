"""The published data sets: where each comes from, what its labels are taken for, and all of them as one corpus."""

import hashlib
import os
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from classifier import contrast, readers
from classifier.readers import Labelled, Rows

ATTRIBUTES = (
    "toxicity",
    "severe_toxicity",
    "identity_attack",
    "insult",
    "profanity",
    "threat",
    "sexually_explicit",
    "spam",
)
AUTHORED = "authored"  # name of the sentences written for this project, which are no source to judge by


@dataclass(frozen=True)
class Source:
    """A published data set.

    mapping: what its labels are taken for. weak: attributes whose labels are inferred (no set's own label), used for
    training at the trust that the reader gives and never for figures.
    """

    name: str
    language: str
    platform: str
    licence: str
    read: Callable[[Path], Rows]
    mapping: str
    weak: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether the copy that is read states a licence, and one that leaves commercial use free."""
        return self.licence in OPEN_LICENCES


OPEN_LICENCES = ("MIT", "CC BY 4.0", "CC BY-SA 3.0")
_NC = "CC BY-NC-SA 4.0 (non-commercial)"
_QUIET = ("spam", "sexually_explicit")

SOURCES = (
    Source(
        "id_multilabel_twitter",
        "id",
        "Twitter",
        _NC,
        readers.id_multilabel,
        "HS|Abusive: toxicity. Abusive: profanity. HS_Individual: insult (rows abusive without it: unknown)."
        " HS_Religion|Race|Gender:"
        " identity_attack (HS_Physical alone, which is about bodies, not violence: unknown). HS_Strong"
        " (incites to harm):"
        " severe_toxicity, and threat at trust .2. Neither: not spam, not sexual, at trust .3",
        (*_QUIET, "threat"),
    ),
    Source(
        "id_abusive_twitter_2018",
        "id",
        "Twitter",
        _NC,
        readers.id_abusive,
        "2|3: toxicity, profanity. 3: insult (2: unknown). Nearly all rows repeat id_multilabel_twitter and"
        " merge with it",
    ),
    Source(
        "id_netifier",
        "id",
        "Twitter, Instagram, Kaskus",
        "none stated",
        readers.id_netifier,
        "sara: toxicity, identity_attack. pornografi: sexually_explicit. None of four: not toxic, and not"
        " spam, insult, profanity at"
        " trust .3. Defamation, radicalism or pornografi alone: toxicity unknown",
        ("spam", "insult", "profanity"),
    ),
    Source("id_judol_youtube", "id", "YouTube", "MIT", readers.id_judol, "label: spam. Everything else unknown"),
    Source(
        "en_davidson_twitter",
        "en",
        "Twitter",
        "MIT",
        readers.en_davidson,
        "0|1: toxicity. 0: identity_attack (1 with a vote for hate: unknown). 1: profanity (0: unknown). 2:"
        " not insult; not spam, not"
        " sexual at trust .3",
        (*_QUIET, "insult"),
    ),
    Source(
        "en_olid_twitter",
        "en",
        "Twitter",
        "none stated",
        readers.en_olid,
        "OFF: toxicity. IND: insult (GRP, OTH: unknown). UNT: profanity at trust .5. NOT: none of these; not"
        " spam, not sexual at .3",
        (*_QUIET, "profanity"),
    ),
    Source(
        "en_hasoc2019",
        "en",
        "Twitter, Facebook",
        "none stated",
        readers.en_hasoc,
        "HOF: toxicity. HATE: identity_attack. OFFN: insult. PRFN: profanity. One class a row: the others"
        " unknown, NONE is none",
    ),
    Source(
        "en_jigsaw_wiki",
        "en",
        "Wikipedia talk pages",
        "none stated in the copies; CC0 and CC BY-SA 3.0 at the origin",
        readers.en_jigsaw,
        "toxic: toxicity. severe_toxic: severe_toxicity. obscene: profanity. threat, insult: the same. identity_hate:"
        " identity_attack. Rows with `toxic` alone: none of the others when 0, unknown when 1. 0: not spam,"
        " not sexual at .3",
        _QUIET,
    ),
    Source(
        "en_kaggle_insults",
        "en",
        "news, blog and forum comments",
        "none stated",
        readers.en_kaggle_insults,
        "Insult: insult, toxicity (0 at trust .5: coarse comments that insult nobody). 0: not spam, not sexual at .3",
        (*_QUIET, "toxicity"),
    ),
    Source(
        "en_implicit_hate_twitter",
        "en",
        "Twitter",
        "CC BY 4.0",
        readers.en_implicit_hate,
        "explicit_hate: identity_attack, toxicity. implicit_hate: identity_attack at trust .3. not_hate: not"
        " identity_attack; not toxic at .5, since it can be rude",
        ("toxicity",),
    ),
    Source(
        "en_gab_ghc",
        "en",
        "Gab",
        "none stated in the copy",
        readers.en_gab,
        "hd|cv|vo: toxicity. hd: identity_attack. cv: threat at trust .3 (against groups, not the reader)."
        " vo: profanity",
    ),
    Source(
        "en_stormfront",
        "en",
        "Stormfront forum",
        "CC BY-SA 3.0",
        readers.en_stormfront,
        "hate: identity_attack, toxicity at trust .5 (noHate can be rude)",
        ("toxicity",),
    ),
    Source(
        "en_convabuse",
        "en",
        "chats with bots",
        "CC BY 4.0",
        readers.en_convabuse,
        "By majority. abuse -1..-3: toxicity. -3: severe_toxicity."
        " racist|homophobic|transphobic|sexist|ableist: identity_attack."
        " intellectual: insult (other abuse: unknown). sex_harassment: sexually_explicit. No abuse: not spam",
        ("spam",),
    ),
    Source(
        "en_youtube_spam",
        "en",
        "YouTube",
        "none stated in the copy; CC BY 4.0 at the origin",
        readers.en_youtube_spam,
        "CLASS: spam. Everything else unknown",
    ),
)


@dataclass(frozen=True)
class Corpus:
    """Texts without duplicates and what is known of each.

    labels: shape (texts, attributes), 0, 1 or NaN for unknown. trust: same shape, 0 to 1. sources: name of each
    text's source. parts: of the source, "" where it has none. languages: code of each text's language, as the source
    states it. own: whether a label is the set's own.
    """

    texts: tuple[str, ...]
    sources: NDArray[np.str_]
    parts: NDArray[np.str_]
    languages: NDArray[np.str_]
    labels: NDArray[np.float64]
    trust: NDArray[np.float64]
    own: NDArray[np.bool_]


def default_folder() -> Path:
    """Where the sets are looked for: SARING_TRAINING_DATA, or ../shared/data."""
    return Path(os.environ.get("SARING_TRAINING_DATA", "../shared/data"))


def load_corpus(folder: Path, licence: str = "any") -> Corpus:
    """Every source found in `folder`, merged on equal letters and digits, with the authored sentences at the end.

    licence: `any`, or `open` for those sources alone that state a licence without a bar on commercial use.
    Raises: FileNotFoundError when the folder holds none of the sources.
    """
    found = [source for source in SOURCES if (folder / source.name).is_dir() and (licence == "any" or source.is_open)]
    if not found:
        raise FileNotFoundError(f"no data set in {folder}: run `python -m classifier data` or set SARING_TRAINING_DATA")
    merged: dict[str, _Merged] = {}
    for source in found:
        for row in source.read(folder / source.name):
            _merge(merged, row, source.name, source.language, source.weak)
    for sentence in contrast.sentences():
        row = Labelled(sentence.text, dict(sentence.template.labels))
        _merge(merged, row, AUTHORED, sentence.template.language, ATTRIBUTES)
    return _corpus(merged.values())


def key_of(text: str) -> str:
    """What makes two texts the same: letters and digits, lower case."""
    return re.sub(r"[\W_]+", "", text.lower())


def keys_of(texts: Iterable[str]) -> NDArray[np.uint64]:
    """A number for each text, the same for texts that count as the same: 8 bytes of the SHA-256 of their letters and digits."""
    sums = b"".join(hashlib.sha256(key_of(text).encode("utf-8", "surrogatepass")).digest()[:8] for text in texts)
    return np.frombuffer(sums, dtype="<u8").astype(np.uint64)


@dataclass
class _Merged:
    """A text while its duplicates are gathered: the first source has it, later ones only fill what is unknown."""

    text: str
    source: str
    part: str
    language: str
    labels: dict[str, int]
    trust: dict[str, float]
    own: set[str]


def _merge(merged: dict[str, _Merged], row: Labelled, source: str, language: str, weak: Iterable[str]) -> None:
    key = key_of(row.text)
    if not key:
        return
    entry = merged.setdefault(key, _Merged(row.text, source, row.part, language, {}, {}, set()))
    for name, label in row.labels.items():
        if name not in entry.labels:
            entry.labels[name] = label
            entry.trust[name] = row.trust.get(name, 1.0)
            if name not in weak and entry.source == source:
                entry.own.add(name)


def _corpus(rows: Iterable[_Merged]) -> Corpus:
    kept = list(rows)
    labels = np.full((len(kept), len(ATTRIBUTES)), np.nan)
    trust = np.zeros_like(labels)
    own = np.zeros(labels.shape, dtype=np.bool_)
    for at, row in enumerate(kept):
        for column, name in enumerate(ATTRIBUTES):
            if name in row.labels:
                labels[at, column], trust[at, column], own[at, column] = (
                    row.labels[name],
                    row.trust[name],
                    name in row.own,
                )
    sources, parts, languages = np.array([(row.source, row.part, row.language) for row in kept]).T
    return Corpus(tuple(row.text for row in kept), sources, parts, languages, labels, trust, own)

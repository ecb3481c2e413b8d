"""Texts -> numbers of pieces: the alphabet of XLM-RoBERTa, cut to what comments in two languages need.

The text is read as the first model reads it, with disguises undone, so that both readers see through the same tricks. Any str
is read, one of lone surrogates too.
"""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers

from classifier.fold import read_batch
from classifier.reader.glosses import in_english
from classifier.reader.pretrained import Pretrained
from classifier.scale import chunks

WINDOW = 126
"""Pieces of a text that are read together, without the two that begin and end it: the most that it is trained on."""

UNKNOWN = "<unk>"
BEGIN, PAD, END, OTHER = 0, 1, 2, 3
EVERY = 34_000  # pieces kept at most: rows of the table
_PLAIN = re.compile(r"▁?[a-z0-9.,!?'\"()@#:;/*-]+")
_NAME, _LINK = "\ue000", "\ue001"  # what the folded text has in place of names and links
_LONE = re.compile("[\ud800-\udfff]")


def as_read(texts: Sequence[str], *, glossed: bool) -> list[str]:
    """The texts with disguises undone; names and links are said in plain words. glossed: and Indonesian words in English."""
    read = (text for begin, end in chunks(texts) for text in read_batch(texts[begin:end]))
    plain = (_LONE.sub(" ", text.replace(_NAME, "@user").replace(_LINK, "http://url")) for text in read)
    return [in_english(text) if glossed else text for text in plain]


def tokenizer_of(pieces: Sequence[tuple[str, float]]) -> Tokenizer:
    """A unigram tokenizer; the first four pieces begin, pad, end and stand for what is unknown."""
    made = Tokenizer(models.Unigram(list(pieces), unk_id=OTHER, byte_fallback=False))
    made.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")])
    made.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always", split=False)
    return made


def cut(model: Pretrained, texts: Sequence[str]) -> NDArray[np.int64]:
    """Numbers of the pieces to keep: the special ones, those that occur in `texts` (as read) and the likeliest plain ones."""
    whole = tokenizer_of(model.pieces)
    times = np.zeros(len(model.pieces), np.int64)
    for begin in range(0, len(texts), 10_000):
        for encoding in whole.encode_batch_fast(texts[begin : begin + 10_000]):
            np.add.at(times, encoding.ids, 1)
    kept = [BEGIN, PAD, END, OTHER, *(np.flatnonzero(times[4:]) + 4).tolist()]
    by_use = sorted(kept[4:], key=lambda number: -times[number])[: EVERY - 4]
    known = set(by_use)
    plain = (n for n, (piece, _) in enumerate(model.pieces) if n > OTHER and n not in known and _PLAIN.fullmatch(piece))
    more = sorted(plain, key=lambda number: -model.pieces[number][1])[: max(0, EVERY - 4 - len(by_use))]
    return np.array([BEGIN, PAD, END, OTHER, *sorted([*by_use, *more])])

"""Which texts are near-identical: one number for each, the same for all that differ in nothing but signs and links."""

import hashlib
import re

MIN_LETTERS = 8
"""In a text of fewer letters (`ok`, `haha`) being alike says nothing."""

APART = re.compile(r"[\W\d_]+")
LINKS = re.compile(r"(?:https?://|www\.)\S+")


def likeness(read: str) -> int | None:
    """A number from 0 to 2**63 - 1 that near-identical texts share; None for a text with hardly a letter in it.

    `read` is the text as the classifier folds it, in which disguises are undone already. Links, digits, punctuation and repeated
    spaces don't count, nor does case. A hash, so two texts of a site that are not alike share one by chance as good as never.
    """
    folded = read.casefold()
    if "://" in folded or "www." in folded:
        folded = LINKS.sub(" ", folded)
    words = APART.sub(" ", folded).strip()
    if len(words) - words.count(" ") < MIN_LETTERS:
        return None
    digest = hashlib.blake2b(words.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest) >> 1

"""Published classifiers that ours is held against.

Both unpickle their models when imported, which runs whatever the file says: they are imported here alone, when asked for,
and never by what is shipped.
"""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import import_module

import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import InconsistentVersionWarning

Score = Callable[[Sequence[str]], NDArray[np.float64]]


@dataclass(frozen=True)
class Package:
    """A classifier from a package index.

    language: the one it is made for. taught_on: our names of the sets it was trained on, which it can't be judged by.
    load: gives what scores texts, higher for more abusive.
    """

    name: str
    language: str
    taught_on: tuple[str, ...]
    load: Callable[[], Score]


def alt_profanity_check() -> Score:
    """The probabilities of alt-profanity-check (MIT), a LinearSVC over words."""
    return import_module("profanity_check").predict_prob


def abusify_id() -> Score:
    """The probabilities of abusify-id (no licence stated), a logistic regression over words.

    Its own function takes one text and rounds; this asks the same model for many. scikit-learn 1.2 pickled the words'
    rarities under a name that today's does not look for, and it leaves them out without a word: they are put back, which
    gives the 99.59% that its read-me shows, in place of 99.46%.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", InconsistentVersionWarning)
        package = import_module("abusify_id.predict_abusiveness")
    words, model = package.tfidf_vectorizer, package.model
    pickled = vars(words._tfidf)  # noqa: SLF001
    pickled["idf_"] = pickled["_idf_diag"].diagonal()
    return lambda texts: model.predict_proba(words.transform(texts))[:, 1]


PACKAGES = (
    # its read-me: Davidson's tweets and the Toxic Comment Classification Challenge
    Package("alt-profanity-check", "en", ("en_davidson_twitter", "en_jigsaw_wiki"), alt_profanity_check),
    # it names no set; each of its 25,822 words stands in this one, and 92% of the words that stand here once are among them
    Package("abusify-id", "id", ("id_multilabel_twitter", "id_abusive_twitter_2018"), abusify_id),
)

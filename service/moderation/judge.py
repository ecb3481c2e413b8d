"""Judge texts: the classifier, then the policy. Nothing is stored, so the worker and the doors that answer at once share it."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple

from classifier import Classifier, Span
from service.domain.comment import Scores, is_supported
from service.domain.decision import Verdict
from service.domain.policy import Policy, Signals, decide, risk

LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"']{2,}", re.IGNORECASE)


DIGITS = 4
"""Of a score, after the point: what is judged is what is stored, told and shown; no calibration is finer than that."""


class Submission(NamedTuple):
    """A text to be judged under a policy, with what is known beside it."""

    text: str
    policy: Policy
    signals: Signals = Signals()


class Judgement(NamedTuple):
    """What the classifier and the policy make of a submission."""

    scores: Scores
    verdict: Verdict
    risk: float


def judge(submissions: Sequence[Submission], classifier: Classifier) -> list[Judgement]:
    """Judge many at once, in their order: a call to the classifier costs more than a text in it."""
    texts = [submission.text for submission in submissions]
    return [
        _judgement(submission, scores, classifier)
        for submission, scores in zip(submissions, score_texts(texts, classifier), strict=True)
    ]


def score_texts(texts: Sequence[str], classifier: Classifier) -> list[Scores]:
    """Scores and language of each text."""
    probabilities, languages = classifier.predict(texts)
    attributes, version = classifier.attributes, classifier.version
    return [
        Scores(dict(zip(attributes, row, strict=True)), language, version)
        for row, language in zip(probabilities.round(DIGITS).tolist(), languages, strict=True)
    ]


def likelier_language(text: str, classifier: Classifier) -> str:
    """Indonesian or English: of a text that tells too little (`und`), the one it is likelier in."""
    return "id" if classifier.logits([text])[0, -1] > 0 else "en"


def spans_of(text: str, classifier: Classifier) -> list[Span]:
    """The stretches of the text that made its scores; offsets in code points."""
    return list(classifier.explain(text))


def _judgement(submission: Submission, scores: Scores, classifier: Classifier) -> Judgement:
    text, policy, known = submission.text, submission.policy, submission.signals
    signals = Signals(
        scores=scores.by_attribute,
        supported=is_supported(scores.language),
        blocked=listed_words(text, policy.block_words, policy.allow_words, classifier),
        flagged=listed_words(text, policy.flag_words, policy.allow_words, classifier),
        links=links_in(text),
        author_approved=known.author_approved,
        reports=known.reports,
        author_banned=known.author_banned,
    )
    return Judgement(scores, decide(policy, signals), risk(scores.by_attribute))


def links_in(text: str) -> int:
    """How many links a text has."""
    # most have none, which two searches for a fixed text tell much sooner than the pattern
    lower = text.lower()
    return len(LINK.findall(text)) if "://" in lower or "www." in lower else 0


def listed_words(
    text: str, words: tuple[str, ...], allowed: tuple[str, ...], classifier: Classifier
) -> tuple[str, ...]:
    """The words of a list that are in the text, disguised or not; one inside an allowed phrase doesn't count."""
    if not words:
        return ()
    read = classifier.fold(text).text
    listed = {classifier.fold(word).text: word for word in words}
    if allowed:
        read = _pattern(tuple(classifier.fold(word).text for word in allowed)).sub("\x00", read)
    found = _pattern(tuple(listed)).findall(read)
    return tuple(dict.fromkeys(listed[word] for word in found))


@lru_cache(maxsize=256)
def _pattern(words: tuple[str, ...]) -> re.Pattern[str]:
    """Matches any of these words as whole words, the longest first."""
    return re.compile(r"(?<!\w)(?:" + "|".join(_longest_first(words)) + r")(?!\w)")


def _longest_first(words: Iterable[str]) -> list[str]:
    return [re.escape(word) for word in sorted(words, key=len, reverse=True)]

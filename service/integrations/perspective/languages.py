"""In which languages there are scores, and what is said of a comment's own."""

from collections.abc import Callable
from typing import NamedTuple

from service.domain.comment import is_supported
from service.domain.compat import Compat, DeclaredLanguage
from service.integrations.perspective.errors import Refusal, invalid, unsupported_language
from service.integrations.perspective.wire import Comment

OURS = {"id": "id", "in": "id", "en": "en"}
"""Those that we have a model for, by their codes; `in` is what ISO 639 called Indonesian until 1989."""

UNDETERMINED = "und"
"""BCP 47's code for a language that nobody has told."""

CORAL = "Coral Perspective/"
"""How Coral's User-Agent begins. It declares `en` for every language but five."""


class Languages(NamedTuple):
    """The languages of a comment, as an answer gives them."""

    told: tuple[str, ...]
    detected: str


def believed(declared: tuple[str, ...], compat: Compat, user_agent: str) -> bool:
    """Whether the languages that a caller declares count."""
    if not declared or compat.declared_language is DeclaredLanguage.IGNORE:
        return False
    return compat.declared_language is DeclaredLanguage.TRUST or not user_agent.startswith(CORAL)


def check_declared(languages: tuple[str, ...], attribute: str) -> None:
    """Each must be one that there are scores in. Raises: Refusal."""
    if others := [code for code in languages if _ours(code) is None]:
        raise unsupported_language(attribute, others, "requestedLanguages")


def detected(comment: Comment, found: str, likelier: Callable[[], str], attribute: str) -> Languages:
    """What an answer says of the languages. found: the classifier's code; likelier: of ours, for a text too short to be told.

    Raises: Refusal, for a text in a language that there are no scores for, unless its caller named one that there are.
    """
    if not is_supported(found):
        # declared and not believed: scored all the same, since Coral publishes unchecked what is refused, and a line of Spanish
        # around an insult must not be a way in
        if not comment.languages:
            raise unsupported_language(attribute, [UNDETERMINED], "detectedLanguages")
        return Languages(comment.languages, UNDETERMINED)
    code = found if found in OURS.values() else likelier()
    return Languages(comment.languages or (code,), code)


def undetectable() -> Refusal:
    """A text with nothing in it that could be of any language."""
    return invalid("LANGUAGE_DETECTION_FAILED", "Unable to detect language")


def _ours(code: str) -> str | None:
    """Our language for a code such as `en-US`, whatever its case."""
    return OURS.get(code.replace("_", "-").partition("-")[0].lower())

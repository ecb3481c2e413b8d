"""Languages: declared, detected, and what is believed."""

from collections.abc import Callable

import pytest

from service.domain.compat import Compat, DeclaredLanguage
from tests.integration.integrations.perspective.conftest import Caller

INDONESIAN = "Jalan di depan rumah saya rusak sejak tahun lalu"
ENGLISH = "The council should listen to the people who live there."
SPANISH = "Los vecinos llevan años pidiendo un semáforo en esa calle"
CORAL = {"User-Agent": "Coral Perspective/9.9.0"}


@pytest.mark.parametrize(("text", "code"), [(INDONESIAN, "id"), (ENGLISH, "en")])
@pytest.mark.parametrize("languages", [None, []])
def test_without_a_declared_language_the_detected_one_is_told(
    caller: Caller, text: str, code: str, languages: list[str] | None
) -> None:
    answer = caller.analyze(text, languages=languages)
    assert (answer["languages"], answer["detectedLanguages"]) == ([code], [code])


@pytest.mark.parametrize("sent", [["id"], ["ID"], ["in"], ["id-ID"], ["en-US"], ["En_gb"], ["en", "id"]])
def test_codes_are_answered_as_sent(caller: Caller, sent: list[str]) -> None:
    answer = caller.analyze(INDONESIAN, languages=sent)
    assert (answer["languages"], answer["detectedLanguages"]) == (sent, ["id"])


def test_one_code_alone_counts_as_a_list(caller: Caller) -> None:
    assert caller.analyze(ENGLISH, languages="EN")["languages"] == ["EN"]


@pytest.mark.parametrize("code", ["es", "ar", "zh", "hi-Latn", "pt-BR", "ms", "", "xx", "id es"])
def test_a_declared_language_without_a_model_is_refused(caller: Caller, code: str) -> None:
    error = caller.analyze(INDONESIAN, "TOXICITY", "INSULT", languages=["id", code])["error"]
    assert error["message"] == f"Attribute TOXICITY does not support request languages: {code}"
    assert error["details"][0]["languageNotSupportedByAttributeError"] == {
        "requestedLanguages": [code],
        "attribute": "TOXICITY",
    }


@pytest.mark.parametrize("sent", [["es"] * 51, ["e" * 36]])
def test_languages_are_bounded(caller: Caller, sent: list[str]) -> None:
    assert caller.analyze(INDONESIAN, languages=sent)["error"]["message"].startswith("Invalid JSON payload received.")


@pytest.mark.parametrize("text", ["ok", "asu", "🖕🖕🖕", "lol 😀"])
def test_a_text_too_short_to_be_told_is_scored(caller: Caller, text: str) -> None:
    answer = caller.analyze(text)
    assert answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"] > 0
    assert answer["languages"] == answer["detectedLanguages"]
    assert answer["languages"][0] in {"id", "en"}


@pytest.mark.parametrize("text", ["123", " ?! ", "...", "\n\t\u00a0", "\x00"])
def test_a_text_of_no_language_is_scored_when_one_is_declared(caller: Caller, text: str) -> None:
    assert caller.analyze(text)["error"]["message"] == "Unable to detect language"
    assert "attributeScores" in caller.analyze(text, languages=["id"])


def test_a_declared_language_outweighs_a_detected_one(caller: Caller) -> None:
    answer = caller.analyze(SPANISH, languages=["en"])
    assert (answer["languages"], answer["detectedLanguages"]) == (["en"], ["und"])


def test_corals_en_for_indonesian_is_not_believed(caller: Caller) -> None:
    answer = caller.analyze(INDONESIAN, headers=CORAL, languages=["en"])
    assert (answer["languages"], answer["detectedLanguages"]) == (["en"], ["id"])


def test_what_coral_declares_refuses_nothing(caller: Caller) -> None:
    answer = caller.analyze("Dasar goblok! " + SPANISH, "INSULT", headers=CORAL, languages=["es"])
    assert answer["languages"] == ["es"]
    assert "INSULT" in answer["attributeScores"]


def test_what_others_declare_is_believed(caller: Caller) -> None:
    assert "error" in caller.analyze(INDONESIAN, headers={"User-Agent": "a Coral Perspective/9"}, languages=["es"])


@pytest.mark.parametrize(
    ("choice", "headers", "refused"),
    [
        (DeclaredLanguage.TRUST, CORAL, True),
        (DeclaredLanguage.IGNORE, {}, False),
        (DeclaredLanguage.AUTO, {}, True),
        (DeclaredLanguage.AUTO, CORAL, False),
    ],
)
def test_a_site_chooses_what_to_believe(
    caller: Caller, choose: Callable[[Compat], None], choice: DeclaredLanguage, headers: dict[str, str], refused: bool
) -> None:
    choose(Compat(declared_language=choice))
    assert ("error" in caller.analyze(INDONESIAN, headers=headers, languages=["de"])) is refused

"""Indonesian, English, or neither."""

import pytest

import classifier

KNOWN = {
    "Saya setuju dengan kebijakan ini, semoga berjalan lancar.": "id",
    "gue nggak ngerti kenapa dia marah-marah terus": "id",
    "terima kasih banyak pak": "id",
    "Jalan di depan rumah saya rusak sejak tahun lalu": "id",
    "dasar anjing goblok lo": "id",
    "I have lived here since the bridge was built": "en",
    "thanks for reporting this": "en",
    "you stupid idiot": "en",
    "The council should listen to the people who live there.": "en",
}
NEITHER = (
    "",
    "   ",
    "12345",
    "Это совсем другой язык, не ваш",
    "これは日本語の文章です",
    "هذا نص باللغة العربية",
    "ไม่ใช่ภาษาอังกฤษ",
    "🙏🙏",
    "!!!",
)


@pytest.mark.parametrize(("text", "code"), KNOWN.items())
def test_a_language_is_told(text: str, code: str) -> None:
    assert classifier.load().languages([text]) == [code]


@pytest.mark.parametrize("text", NEITHER)
def test_what_is_neither_is_undetermined(text: str) -> None:
    assert classifier.load().languages([text]) == ["und"]


def test_a_disguise_does_not_hide_the_language() -> None:
    assert classifier.load().languages(["d4s4r 4nj1ng g.o.b.l.o.k kamu ini"]) == ["id"]

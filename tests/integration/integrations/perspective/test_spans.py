"""Scores of parts: which parts, and where they stand in UTF-16."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.integrations.perspective.sentences import MAX_SENTENCES, in_utf16, sentences_of
from tests.integration.integrations.perspective.conftest import Caller
from tests.pace import LINEAR, growth


def cut(caller: Caller, text: str) -> list[str]:
    """The parts of a text that are scored, cut out by UTF-16 code units as JavaScript would."""
    spans = caller.analyze(text, spanAnnotations=True, languages=["id"])["attributeScores"]["TOXICITY"]["spanScores"]
    units = text.encode("utf-16-le")
    return [units[2 * span["begin"] : 2 * span["end"]].decode("utf-16-le") for span in spans]


CUTS = [
    ["Kamu memang bodoh.", "Terima kasih artikelnya."],
    ["😀 Kamu bodoh!!", "Terima kasih 🙏🏽.", "Sampai jumpa"],
    ["Kenapa?!", "“Diam!”", "katanya"],
    ["satu baris", "baris lain"],
    ["Kamu b.o.d.o.h sekali.", "Lihat www.situs.com/a.b sekarang!", "Ya"],
    ["hanya satu kalimat"],
    ["你好。", "再见！"],
]


@pytest.mark.parametrize("parts", CUTS)
def test_each_sentence_has_a_score(caller: Caller, parts: list[str]) -> None:
    joined = "\n\n" if "baris lain" in parts else "" if "你好。" in parts else "  "
    assert cut(caller, joined.join(parts)) == parts


@pytest.mark.parametrize("word", ["b\no\nd\no\nh", "k。o。n。t。o。l"])
def test_a_word_that_is_read_as_one_is_not_cut(caller: Caller, word: str) -> None:
    assert cut(caller, f"kamu {word}. Pergi sana!") == [f"kamu {word}.", "Pergi sana!"]


def test_a_sentence_has_the_score_that_it_has_alone(caller: Caller) -> None:
    insult, thanks = "Dasar goblok kamu!", "Terima kasih artikelnya."
    told = caller.analyze(f"{insult} {thanks}", "INSULT", spanAnnotations=True)["attributeScores"]["INSULT"]
    assert [span["score"]["value"] for span in told["spanScores"]] == [
        caller.score(insult, "INSULT"),
        caller.score(thanks, "INSULT"),
    ]
    assert told["summaryScore"]["value"] not in [span["score"]["value"] for span in told["spanScores"]]


def test_without_annotations_one_span_holds_all(caller: Caller) -> None:
    told = caller.analyze(" Kamu bodoh. 😀 Terima kasih. ", languages=["id"])["attributeScores"]["TOXICITY"]
    assert told["spanScores"] == [{"begin": 0, "end": 30, "score": told["summaryScore"]}]


def test_a_text_of_spaces_has_one_span_too(caller: Caller) -> None:
    assert cut(caller, "  \n ") == ["  \n "]


def test_so_many_sentences_come_together_and_none_is_left_out(caller: Caller) -> None:
    text = " ".join(["a."] * 6_800)
    parts = cut(caller, text)
    assert MAX_SENTENCES / 2 < len(parts) <= MAX_SENTENCES + 1
    assert " ".join(parts) == text


ENDLESS = {
    "dots": "." * 20_480,
    "dots and a word": "." * 20_000 + "a",
    "dots before quotes": "." * 10_000 + '"' * 10_000 + "a",
    "quotes": '."' * 10_000,
    "full-width dots": "。" * 6_800,
    "lines": "\r\n" * 10_000,
    "spaces": " " * 20_480,
}


def cut_up(text: str) -> list[tuple[int, int]]:
    return sentences_of(text, lambda _text: [])


@pytest.mark.parametrize("text", ENDLESS.values(), ids=ENDLESS)
def test_a_row_of_signs_takes_no_longer_than_words(text: str) -> None:
    assert growth(cut_up, lambda size: text[:size], len(text)) < LINEAR


def test_a_row_of_signs_ends_where_it_ended(caller: Caller) -> None:
    assert cut(caller, 'Kamu..."! Bodoh.。Ya?!” “Diam.”.) Pergi..') == [
        'Kamu..."!',
        "Bodoh.。",
        "Ya?!”",
        "“Diam.”.)",
        "Pergi..",
    ]


@given(st.text(st.sampled_from("ab.!? \n😀é。\x00\u0301"), max_size=60))
def test_parts_are_in_order_and_leave_out_spaces_alone(text: str) -> None:
    places = sentences_of(text, lambda _text: [])
    covered = "".join(text[begin:end] for begin, end in places)
    assert "".join(covered.split()) == "".join(text.split())
    assert all(before[1] <= after[0] for before, after in pairwise(places))
    units = text.encode("utf-16-le")
    for (begin, end), (first, last) in zip(places, in_utf16(text, places), strict=True):
        assert units[2 * first : 2 * last].decode("utf-16-le") == text[begin:end]


@pytest.mark.parametrize("piece", [".", "!", "?!", "…", "。", ".)", ")", "\n", " ."])
@pytest.mark.parametrize("end", ["x", ")", ""])
def test_no_text_takes_long_to_cut(piece: str, end: str) -> None:
    assert growth(cut_up, lambda size: "a" + piece * (size // len(piece)) + end * size, 10_000) < LINEAR

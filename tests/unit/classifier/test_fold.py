"""Disguises are undone, clean text is left alone, and offsets lead back."""

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import fold

DISGUISED = {
    "mathematical letters": ("main 𝐌𝐀𝐗𝐖𝐈𝐍𝟖𝟖", "main maxwin88"),
    "script letters": ("𝓫𝓸𝓭𝓸𝓱 kamu", "bodoh kamu"),
    "fullwidth letters": ("ＡＮＪＩＮＧ lo", "anjing lo"),
    "circled letters": ("you ⓘⓓⓘⓞⓣ", "you idiot"),
    "squared letters": ("🄸🄳🄸🄾🅃", "idiot"),
    "filled squared letters": ("🅱🅾🅳🅾🅷", "bodoh"),
    "regional indicators": ("🇹\u200b🇴\u200b🇱\u200b🇴\u200b🇱", "tolol"),
    "keycaps": ("jp 8️⃣8️⃣", "jp 88"),
    "small capitals": ("ᴀɴᴊɪɴɢ", "anjing"),
    "Cyrillic look-alikes": ("yоu іdіоt", "you idiot"),
    "Greek look-alikes": ("bοdοh", "bodoh"),
    "zero-width signs": ("go\u200bb\u200clo\u200dk", "goblok"),
    "soft hyphens": ("id\u00adi\u00adot", "idiot"),
    "bidirectional marks": ("\u202eidiot\u202c", "idiot"),
    "combining marks": ("i̶d̶i̶o̶t̶", "idiot"),
    "accents": ("ánjìng", "anjing"),
    "digits for letters": ("b0d0h", "bodoh"),
    "a leading digit too": ("4nj1ng", "anjing"),
    "signs for letters": ("@nj!ng", "anjing"),
    "a digit for a letter in English": ("sh1t", "shit"),
    "dollars": ("a$$", "ass"),
    "dots between letters": ("b.o.d.o.h", "bodoh"),
    "spaces between letters": ("dasar a n j i n g lo", "dasar anjing lo"),
    "spaces between letters in English": ("f u c k you", "fuck you"),
    "dashes between letters": ("i-d-i-o-t", "idiot"),
    "stars between letters": ("g*o*b*l*o*k", "goblok"),
    "underscores between letters": ("f_u_c_k", "fuck"),
    "spaced digits for letters": ("b 0 d 0 h", "bodoh"),
    "one dot": ("anj.ing", "anjing"),
    "one dash": ("an-jing", "anjing"),
    "repeated letters": ("anjiiiing", "anjing"),
    "repeated letters in English": ("idiooooot", "idiot"),
    "upper case": ("GOBLOK", "goblok"),
    "a ligature": ("ﬁlthy", "filthy"),
}

CLEAN = (
    "covid19",
    "2024",
    "rp50.000",
    "anak-anak",
    "kata-kata",
    "teman2nya",
    "4tahun",
    "10rb",
    "3.5",
    "1st",
    "2nd",
    "h1n1",
    "p3k",
    "us$50",
    "jam 7",
    "selesai.kemudian",
    "half-baked",
    "good",
    "dan/atau",
    "50%",
    "a. b. lestari",
    "c++",
    "pukul 10.30",
    "mp3",
    "10-20",
)


@pytest.mark.parametrize(("written", "read"), DISGUISED.values(), ids=DISGUISED.keys())
def test_a_disguise_is_undone(written: str, read: str) -> None:
    assert fold(written).text == read


@pytest.mark.parametrize("text", CLEAN)
def test_clean_text_passes_unchanged(text: str) -> None:
    assert fold(text).text == text


@pytest.mark.parametrize("written", [written for written, _ in DISGUISED.values()])
def test_offsets_lead_back_to_the_sign_that_was_read(written: str) -> None:
    folded = fold(written)
    assert len(folded.offsets) == len(folded.text)
    assert list(folded.offsets) == sorted(folded.offsets)
    for sign, offset in zip(folded.text, folded.offsets, strict=True):
        plain = unicodedata.normalize("NFKD", written[offset]).casefold()
        if plain.isascii() and plain.isalpha() and len(plain) == 1:
            assert plain == sign


def test_offsets_skip_what_is_not_read() -> None:
    assert fold("b.o.d.o.h").offsets == (0, 2, 4, 6, 8)
    assert fold("go\u200bblok").offsets == (0, 1, 3, 4, 5, 6)
    assert fold("anjiiiing").offsets == (0, 1, 2, 3, 7, 8)


def test_names_and_links_become_one_sign_each() -> None:
    one, other = fold("@budi_88 lihat https://contoh.id/a?b=c ya"), fold("@siti lihat www.lain.id ya")
    assert one.text == other.text
    assert one.offsets[0] == 0


def test_two_spelled_words_stay_two() -> None:
    assert fold("a n j i n g  b a b i").text == "anjing  babi"


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet=st.characters(), max_size=60))
def test_any_text_folds_with_as_many_offsets_as_signs(text: str) -> None:
    folded = fold(text)
    assert len(folded.text) == len(folded.offsets)
    assert all(0 <= offset < len(text) for offset in folded.offsets)
    assert list(folded.offsets) == sorted(folded.offsets)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="abc.- 1043@$!*\u200b", max_size=30), st.text(alphabet="abc.- 1043@$!*\u200b", max_size=30))
def test_a_text_folds_the_same_alone_and_in_a_batch(one: str, other: str) -> None:
    from classifier.fold import fold_batch

    batch = fold_batch([other, one])
    begin, end = batch.ends
    read = "".join(map(chr, batch.codes[begin:end])).rstrip("\n")
    assert read == fold(one).text.rstrip("\n")

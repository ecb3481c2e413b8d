"""Disguises are undone, clean text is left alone, and offsets lead back."""

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifier import fold
from classifier.marks import SHORT, codes_of, stretches
from tests.pace import LINEAR, growth

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
    "flags that spell no country": ("🇫🇺", "fu"),
    "flags that spell a rude word": ("🇧🇦🇧🇮", "babi"),
    "emoji of letters": ("🅱️🅰️🇳🇬🇸🅰️🇹", "bangsat"),
    "keycaps in a word": ("🇧0️⃣🇩0️⃣🇭", "bodoh"),
    "Greek tau and upsilon": ("fυck τolol", "fuck tolol"),
    "Greek capitals": ("ΑΝJΙΝG ΗΟΕ", "anjing hoe"),
    "styled Greek": ("𝛂njing", "anjing"),
    "rarer look-alikes": ("ҽᴦօռց", "erong"),
    "Cherokee and Lisu": ("ᏴᎪᏴᎥ ꓐꓳꓓꓳꓧ", "babi bodoh"),
    "1 for l": ("s1ut", "slut"),
    "1 for i beside l": ("1d10t", "idiot"),
    "leet in three letters": ("t41 4su a55", "tai asu ass"),
    "leet in rows": ("455h0l3 k0n701", "asshole kontol"),
    "leet with a sign at the end": ("b4b! a$$!", "babi ass!"),
    "signs alone": ("@$$ @5$ 4$$", "ass ass ass"),
    "leet in everyday words": ("k4n t1d4k b15a", "kan tidak bisa"),
    "leet at the beginning of everyday words": ("7uh 4da 5emua @kan", "tuh ada semua akan"),
    "1 between two i is an l": ("p1l1h m3m1l1h m3mi1ih", "pilih memilih memilih"),
    "a text of leet": ("84n95@d m3n93ja 83rl4gak pu4n7", "bangsad mengeja berlagak puant"),
    "a brand with its number": ("m4xw1n88", "maxwin88"),
    "one sign amid a rude word": ("gob-lok, an-jing_nya", "goblok, anjingnya"),
    "a spaced word after a short one": ("you a b i t c h", "you a bitch"),
    "a spaced word after a contraction": ("don't f u c k, I'm a b i t c h", "dont fuck, im a bitch"),
    "spaced words with a dash": ("t o l o l-a n j i n g", "tolol-anjing"),
    "dotted words side by side": ("k.a.m.u b.o.d.o.h", "kamu bodoh"),
    "emoji between letters": ("b😂o😂d😂o😂h", "bodoh"),
    "spaced before an exclamation mark": ("h o e!!!", "hoe!!!"),
    "a repeated letter that was double": ("niggggger, asssss, pussssy", "nigger, ass, pussy"),
    "a number": ("dasar 70101, 8390!", "dasar tolol, bego!"),
    "a doubled letter": ("goblookk fuuck", "goblokk fuck"),
    "a star for a letter": ("f*ck anj*ng", "fuck anjing"),
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
    "anak2 dan ibu2nya",
    "jalan-jalan ke kota-kota, lalu pulang",
    "harga cabai rp85.000/kg, naik 3,5% sejak 12/11/2025",
    "pukul 10.30 wib, 17 agustus 1945, hut ke-80",
    "bayar $45 atau 45$ saja",
    "uang 50k, 10jt, 2,5m; kamar 3x4m; suhu 30c",
    "f-16, su-30, c-130 dan kri 331",
    "g30s/pki, uu no. 13/2003, pasal 27a",
    "h5n1, b2b, p2p, mp4, 4g, 5g, web3, ps5, s1, d3, ss2",
    "1st, 2nd, 3rd, 4th, 5th, 21st century, 80an, 5th grade",
    "yg sdh tdk bs dtg krn hjn, jgn lp bw payung ya",
    "pak! bu! mas! mbak! hey!",
    "wow! really?! no way!! luar biasa!!",
    "selesai.kemudian pulang, e.g. this, i.e. that, a.m., ph.d.",
    'kata "saya" dan \u201ckamu\u201d',
    "semangat \U0001f4aa\U0001f1ee\U0001f1e9 indonesia \u2764 \U0001f64f",
    "vote\U0001f1fa\U0001f1f8 \U0001f1ee\U0001f1e9\U0001f1f2\U0001f1fe bersama",
    "the death toll rose; talk to thai officials on luar negeri",
    "a dean of arts, the hose, a lair, nota dinas, alya dan edna",
    "take a break, carp, crepe, omron, coil, assess, seeks, cooking",
    "kelas 5a dan 6b, blok c3, ruang b-12",
    "well-known low-cost on-site re-elect co-operate x-ray t-shirt",
    "option a, b, or c",
    "tahun 2019, rp8390, 8.390, 83901, pin 1945",
    "w.r. supratman dan a.h. nasution",
    "rt 05/rw 02 no.7 blok a-1",
)


@pytest.mark.parametrize(("written", "read"), DISGUISED.values(), ids=DISGUISED.keys())
def test_a_disguise_is_undone(written: str, read: str) -> None:
    assert fold(written).text == read


@pytest.mark.parametrize("text", CLEAN)
def test_clean_text_passes_unchanged(text: str) -> None:
    assert fold(text).text == text


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("José Muñoz dan Beyoncé", "jose munoz dan beyonce"),
        ("Renée, Zoë, Łukasz, Ørsted", "renee, zoe, lukasz, orsted"),
        ("Jum'at, Qur'an, it's, rock 'n' roll", "jumat, quran, its, rock 'n' roll"),
        ("lihat https://contoh.id/4nj1ng?x=1 dan www.b0d0h.id", "lihat \ue001 dan \ue001"),
        ("halo @andi88 dan @an4ya_store1 juga @budi.s", "halo \ue000 dan \ue000 juga \ue000"),
    ],
)
def test_names_and_links_lose_their_accents_apostrophes_and_addresses_alone(written: str, read: str) -> None:
    assert fold(written).text == read


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


def test_swapped_letters_of_rude_words_are_read_in_their_places() -> None:
    assert fold("fukc bodho gobolk").text == "fuck bodoh goblok"
    assert fold("fukc bodho").offsets == tuple(range(10))


def test_names_and_links_become_one_sign_each() -> None:
    one, other = fold("@budi_88 lihat https://contoh.id/a?b=c ya"), fold("@siti lihat www.lain.id ya")
    assert one.text == other.text
    assert one.offsets[0] == 0


@pytest.mark.parametrize("start", ["www.", "http://", "https://www."])
def test_links_in_a_row_are_one_and_take_no_longer_than_one(start: str) -> None:
    assert fold(start * 25_000 + " ya").text == "\ue001 ya"
    assert growth(fold, lambda size: start * size + " ya", 25_000) < LINEAR


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
@given(
    st.text(alphabet="abc.- 1043@$!*\u200b！ßＡ🇮🇩", max_size=30),
    st.text(alphabet="abc.- 1043@$!*\u200b！ßＡ🇮🇩", max_size=30),
)
def test_a_text_folds_the_same_alone_and_in_a_batch(one: str, other: str) -> None:
    from classifier.fold import fold_batch

    batch = fold_batch([other, one])
    begin, end = batch.ends
    read = "".join(map(chr, batch.codes[begin:end])).rstrip("\n")
    assert read == fold(one).text.rstrip("\n")


def test_stretches_of_a_long_buffer_are_those_of_a_short_one() -> None:
    text = "anjing, 𝐛abi! " * 400
    begins, ends = np.array([0, 8, 15, 5_000]), np.array([6, 12, 15, 5_013])
    assert len(text) > SHORT
    assert stretches(codes_of(text), begins, ends) == ["anjing", "𝐛abi", "", text[5_000:5_013]]
    assert stretches(codes_of(text[:20]), begins[:3], ends[:3]) == ["anjing", "𝐛abi", ""]
    assert stretches(codes_of(text), begins[:0], ends[:0]) == []


@pytest.mark.parametrize("piece", ["www.", "http://a.b/", "https://", "@a", "a*", "*a"])
def test_one_long_link_is_read_once(piece: str) -> None:
    assert growth(fold, lambda size: piece * (size // len(piece)), 100_000) < LINEAR

"""The second reader as it is served: one text is one text, any text is read, and a bad directory is refused in words."""

import json
import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from classifier.reader import ReaderError, scoring
from classifier.reader.glosses import in_english
from classifier.reader.scoring import Reader, load
from classifier.reader.stack import SHIPPED

TEXTS = ["Terima kasih, beritanya jelas sekali.", "dasar goblok, mampus aja lo", "They should all be sent back."]
AWKWARD = [
    "",
    " ",
    "\n\t",
    "\ud800",
    "a\ud83d b",
    "\x00",
    "😀" * 300,
    "ꦲꦏ꧀ꦱꦫ",
    "x" * 20_000,
    "<s> </s> <pad> <unk>",
    "\ufffd\ue000\ue001",
]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return load(SHIPPED)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A reader's directory that may be damaged."""
    return Path(shutil.copytree(SHIPPED, tmp_path / "reader"))


def test_a_text_reads_the_same_alone_and_among_others(reader: Reader) -> None:
    together = reader.logits(TEXTS)
    assert together.shape == (3, len(reader.attributes))
    for text, row in zip(TEXTS, together, strict=True):
        assert np.array_equal(reader.logits([text])[0], row)


def test_any_text_is_read(reader: Reader) -> None:
    found = reader.predict_proba(AWKWARD)
    assert np.isfinite(found).all()
    assert ((found >= 0) & (found <= 1)).all()
    assert reader.logits([]).shape == (0, len(reader.attributes))


def test_what_words_of_the_pieces_alphabet_say_is_no_command(reader: Reader) -> None:
    # "</s>" in a text must not end it: what follows is read
    column = reader.attributes.index("toxicity")
    calm, rude = reader.logits(["</s> terima kasih banyak", "</s> dasar goblok, mampus aja lo"])[:, column]
    assert rude > calm


def test_an_insult_after_a_long_text_is_read(reader: Reader) -> None:
    column = reader.attributes.index("toxicity")
    padding = "Terima kasih atas beritanya. " * 400
    calm, rude = reader.logits([padding, padding + "Dasar goblok, mampus aja lo anjing!"])[:, column]
    assert rude > calm


def test_a_disguised_word_is_read_as_the_word(reader: Reader) -> None:
    plain, disguised = reader.logits(["dasar goblok lo", "d4sar g.0.b.l.o.k lo"])
    assert np.array_equal(plain, disguised)


def test_the_pace_is_learned(reader: Reader) -> None:
    before = reader.pace.ms_a_piece
    reader.logits(TEXTS)
    assert reader.pace.ms_a_piece != before
    assert 0 < reader.pace.ms_a_piece < 1000


def test_without_the_libraries_the_message_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(ReaderError, match=r"not installed: pip install 'saring\[reader\]'"):
        load(SHIPPED)


def test_a_directory_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ReaderError, match="no reader in"):
        load(tmp_path)


@pytest.mark.parametrize("name", [scoring.GRAPH, scoring.PIECES])
def test_a_damaged_file(copy: Path, name: str) -> None:
    raw = bytearray((copy / name).read_bytes())
    raw[len(raw) // 2] ^= 1
    (copy / name).write_bytes(raw)
    with pytest.raises(ReaderError, match="checksums"):
        load(copy)


@pytest.mark.parametrize("raw", [b"", b"[]", b"{}", b'{"format": 1}', b"\xff", b"null"])
def test_what_is_known_is_damaged(copy: Path, raw: bytes) -> None:
    (copy / scoring.ABOUT).write_bytes(raw)
    with pytest.raises(ReaderError, match="damaged"):
        load(copy)


def test_a_later_format(copy: Path) -> None:
    about = json.loads((copy / scoring.ABOUT).read_bytes()) | {"format": 3}
    (copy / scoring.ABOUT).write_text(json.dumps(about))
    with pytest.raises(ReaderError, match="format 3"):
        load(copy)


def test_each_format_reads_as_it_was_trained_to(copy: Path) -> None:
    text = "dasar goblok, mampus aja lo"
    found = []
    for number in scoring.FORMATS:
        about = json.loads((copy / scoring.ABOUT).read_bytes()) | {"format": number}
        (copy / scoring.ABOUT).write_text(json.dumps(about))
        found.append(load(copy).logits([text, in_english(text)]))
    as_it_is, in_words = found[0]
    assert not np.array_equal(as_it_is, in_words)
    assert np.array_equal(found[1], [in_words, in_words])


def test_a_graph_that_is_too_large(copy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scoring, "MOST_BYTES", 1000)
    with pytest.raises(ReaderError, match="larger"):
        load(copy)

"""What the second reader is trained from, as far as no torch is needed: the wheel's file, the pieces, the order of texts."""

import struct
import sys
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from classifier.datasets import AUTHORED
from classifier.reader import pieces, pretrained
from classifier.reader.__main__ import main as command
from classifier.reader.drawing import Recipe, drawn, steps_of
from classifier.reader.pretrained import Pretrained, Shape

PIECES = [
    ("<s>", 0.0),
    ("<pad>", 0.0),
    ("</s>", 0.0),
    ("<unk>", 0.0),
    ("▁", -3.0),
    ("▁halo", -5.0),
    ("a", -6.0),
    ("b", -6.5),
]


def packed(steps: np.ndarray, whole: np.ndarray) -> bytes:
    """Blocks of 32 weights as the file holds them. whole: (blocks, 32), -8 to 7."""
    raised = (whole + 8).astype(np.uint8)
    halves = raised[:, :16] | raised[:, 16:] << 4
    return b"".join(step.tobytes() + half.tobytes() for step, half in zip(steps.astype("<f2"), halves, strict=True))


def file_of(tensors: dict[str, tuple[int, int, bytes]]) -> bytes:
    """A file with 32 wide tokens: name -> kind, numbers, bytes."""
    texts = [piece.encode() for piece, _ in PIECES]
    offsets = np.cumsum([0, *map(len, texts)]).astype("<u4").tobytes()
    head = b"E5S1" + struct.pack("<I7ifi", 1, 32, 1, 4, 64, len(PIECES), 8, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(PIECES), 0, 2, 1, 3, len(b"".join(texts))) + offsets
    head += np.array([score for _, score in PIECES], "<f4").tobytes() + b"".join(texts)
    head += struct.pack("<iI", 1, 9) + struct.pack("<IBI", 0x41, 1, 0x61)  # one letter that is folded
    size = len(head) + 4 + sum(2 + len(name) + 21 for name in tensors)
    directory, body = struct.pack("<i", len(tensors)), b""
    for name, (kind, numbers, raw) in tensors.items():
        directory += struct.pack("<H", len(name)) + name.encode()
        directory += struct.pack("<BIQQ", kind, numbers, size + len(body), len(raw))
        body += raw
    return head + directory + body


def test_the_wheels_file_is_parsed(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    whole, steps = rng.integers(-8, 8, (4, 32)), np.array([0.5, 0.25, 1.0, 2.0])
    norm = rng.normal(size=32).astype("<f4")
    file = tmp_path / "model.bin"
    file.write_bytes(file_of({"emb.word": (1, 128, packed(steps, whole)), "l0.aln.w": (0, 32, norm.tobytes())}))
    model = pretrained.read(file)
    assert model.shape == Shape(32, 1, 4, 64, len(PIECES), 8, 2, pytest.approx(1e-12))
    assert [piece for piece, _ in model.pieces] == [piece for piece, _ in PIECES]
    assert (model.begin, model.end, model.pad, model.unknown) == (0, 2, 1, 3)
    assert np.array_equal(model.tensors["emb.word"], whole * steps[:, None])
    assert np.array_equal(model.tensors["l0.aln.w"], norm)


def test_another_format_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "model.bin"
    file.write_bytes(b"GGUF" + bytes(100))
    with pytest.raises(ValueError, match="does not begin with"):
        pretrained.read(file)


def test_pieces_that_occur_are_kept_and_the_likeliest_fill_up() -> None:
    model = Pretrained(Shape(32, 1, 4, 64, 8, 8, 2, 1e-12), tuple(PIECES), 0, 2, 1, 3, {})
    kept = pieces.cut(model, ["halo"])
    assert kept[:4].tolist() == [0, 1, 2, 3]
    assert {model.pieces[number][0] for number in kept[4:]} >= {"▁halo", "a", "b"}


def test_texts_are_read_with_disguises_undone() -> None:
    assert pieces.as_read(["4nj1ng @budi https://contoh.id", "\ud800x", ""], glossed=False) == [
        "anjing @user http://url",
        "x",
        "",
    ]


def test_sources_are_drawn_by_the_root_of_their_size_and_left_out_ones_never() -> None:
    kinds = np.array(["en_big en"] * 400 + ["en_small en"] * 100 + ["id_one id"] * 100 + [f"{AUTHORED} en"] * 100)
    taught = np.arange(len(kinds)) % 2 == 0
    recipe = Recipe(rows=1000, authored=2.0, indonesian=3.0)
    order = drawn(kinds, taught, recipe)
    assert taught[order].all()
    counts = {kind: int((kinds[order] == kind).sum()) for kind in np.unique(kinds)}
    # 20 : 10 : 3 * 10 : 2 * 10, by the roots of half the sizes
    assert counts == {"authored en": 250, "en_big en": 250, "en_small en": 125, "id_one id": 375}
    assert np.array_equal(order, drawn(kinds, taught, recipe))


def test_steps_are_of_like_length_and_hold_every_text_once() -> None:
    lengths = np.random.default_rng(1).integers(3, 128, 5000)
    order = np.random.default_rng(2).permutation(5000)
    steps = steps_of(order, lengths, Recipe(pieces=512))
    assert sorted(np.concatenate(steps).tolist()) == list(range(5000))
    assert all(len(step) * lengths[step].max() <= 512 for step in steps)
    padding = 1 - sum(lengths[step].sum() for step in steps) / sum(len(step) * lengths[step].max() for step in steps)
    assert padding < 0.1


def test_without_the_extra_the_command_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    for name in ("building", "network", "texts", "training", "export"):
        monkeypatch.delitem(sys.modules, f"classifier.reader.{name}", raising=False)
    result = CliRunner().invoke(command, ["group", "0"])
    assert result.exit_code == 1
    assert "pip install 'saring[train]'" in result.output

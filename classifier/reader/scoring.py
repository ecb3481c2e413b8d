"""The encoder as it is served: a directory with an ONNX file, the pieces and what is known about them.

onnxruntime and tokenizers are imported when a reader is loaded, so that everything else works without them. Loading runs no
code: an ONNX file is a graph of known operators, and what it would refer to outside itself is refused.
"""

import hashlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from classifier.model import sigmoid
from classifier.reader import ReaderError

if TYPE_CHECKING:
    from onnxruntime import InferenceSession
    from tokenizers import Tokenizer

FORMAT = 2
"""Of a directory that is written."""

FORMATS = {1: False, 2: True}
"""Of those that are read: whether Indonesian words are said in English before the encoder reads them (see `glosses`)."""

GRAPH, PIECES, ABOUT = "reader.onnx", "pieces.json", "about.json"
MOST_BYTES = 64 << 20  # of a graph: more would not fit beside the workers of a small machine
WINDOWS = 4
"""Windows of a long text that are read: its first three and its last. The first reader reads all of it."""

SETTLING = 0.05  # what the newest text weighs in the estimate of the cost

Floats = NDArray[np.float64]


@dataclass
class Pace:
    """What reading a piece takes, as learned from what it took."""

    ms_a_piece: float = 0.4

    def learn(self, pieces: int, seconds: float) -> None:
        """Move the estimate a little towards what a text of so many pieces took."""
        self.ms_a_piece += SETTLING * (1e3 * seconds / pieces - self.ms_a_piece)


@dataclass(frozen=True)
class Reader:
    """Scores comments by meaning. Safe to share between threads."""

    version: str
    about: dict[str, Any] = field(repr=False)
    session: "InferenceSession" = field(repr=False)
    tokenizer: "Tokenizer" = field(repr=False)
    pace: Pace = field(default_factory=Pace, repr=False)

    @property
    def attributes(self) -> tuple[str, ...]:
        """Names of the columns."""
        return tuple(self.about["attributes"])

    def predict_proba(self, texts: Sequence[str]) -> Floats:
        """Probabilities as the encoder alone would state them, shape (texts, attributes); `Stack` has those to decide by."""
        return sigmoid(self.logits(texts))

    def logits(self, texts: Sequence[str]) -> Floats:
        """Shape (texts, attributes). Any str is read; of a text of several windows the highest of each attribute counts.

        One text at a time: together, texts would share the steps of their eight-bit numbers, and a text's score would depend on
        its neighbours.
        """
        from classifier.reader.pieces import as_read

        found = np.zeros((len(texts), len(self.attributes)))
        for at, text in enumerate(as_read(texts, glossed=FORMATS[self.about["format"]])):
            found[at] = np.max([self._window(window) for window in self._windows(text)], axis=0)
        return found

    def _windows(self, text: str) -> list[list[int]]:
        from classifier.reader.pieces import WINDOW

        numbers = self.tokenizer.encode(text).ids
        windows = [numbers[begin : begin + WINDOW] for begin in range(0, max(1, len(numbers)), WINDOW)]
        return windows if len(windows) <= WINDOWS else [*windows[: WINDOWS - 1], numbers[-WINDOW:]]

    def _window(self, window: list[int]) -> Floats:
        from classifier.reader.pieces import BEGIN, END

        numbers = np.array([[BEGIN, *window, END]], dtype=np.int64)
        began = time.perf_counter()
        logits = self.session.run(None, {"numbers": numbers})[0][0]
        self.pace.learn(numbers.size, time.perf_counter() - began)
        return np.asarray(logits, dtype=np.float64)


def load(folder: Path) -> Reader:
    """Read a reader's directory. Raises: ReaderError, saying what is missing or wrong."""
    try:
        import onnxruntime  # noqa: F401 (to say at once that it is missing)
        import tokenizers
    except ImportError as fault:
        raise ReaderError("not installed: pip install 'saring[reader]'") from fault
    about, graph, pieces = checked(folder)
    try:
        session = session_of(graph)
        tokenizer = tokenizers.Tokenizer.from_str(pieces.decode())
    except Exception as fault:  # neither library says what it raises
        raise ReaderError(f"{folder} can't be loaded: {fault}") from fault
    return Reader(str(about["version"]), about, session, tokenizer)


def session_of(graph: bytes | Path) -> "InferenceSession":
    """A graph, ready to be run on one thread."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.enable_cpu_mem_arena = False  # it would keep what the longest text once took
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])


def checked(folder: Path) -> tuple[dict[str, Any], bytes, bytes]:
    """What the directory holds, with the right checksums: what is known, the graph, the pieces. Raises: ReaderError."""
    try:
        about = json.loads((folder / ABOUT).read_bytes())
        if (folder / GRAPH).stat().st_size > MOST_BYTES:
            raise ReaderError(f"{folder / GRAPH} is larger than {MOST_BYTES >> 20} MiB")
        graph, pieces = (folder / GRAPH).read_bytes(), (folder / PIECES).read_bytes()
        format, wanted, _ = about["format"], about["sha256"], tuple(about["attributes"])
        found = {name: hashlib.sha256(raw).hexdigest() for name, raw in ((GRAPH, graph), (PIECES, pieces))}
    except OSError as fault:
        raise ReaderError(f"no reader in {folder}: {fault.strerror}") from fault
    except (ValueError, KeyError, TypeError) as fault:
        raise ReaderError(f"{folder / ABOUT} is damaged: {fault}") from fault
    if format not in FORMATS:
        raise ReaderError(f"{folder} has format {format}, this version reads {' and '.join(map(str, FORMATS))}")
    if found != wanted:
        raise ReaderError(f"{folder} is damaged: its checksums are not those in {ABOUT}")
    return about, graph, pieces

"""The model on disk: arrays and JSON in the safetensors format, which can hold no code.

Metadata: `format` (version of this layout), `sha256` (of the arrays' bytes, names and shapes), `about` (JSON of
everything that is not an array). The checksum finds damage; it does not prove who made the file.
"""

import hashlib
import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

FORMAT = "1"
_HEADER_LIMIT = 1 << 24

Arrays = dict[str, NDArray[Any]]


class ModelFileError(ValueError):
    """The model file is missing, damaged, or of a format that this version does not read."""


def write(path: Path, arrays: Arrays, about: dict[str, Any]) -> str:
    """Write arrays and JSON; the same input gives the same bytes. Returns the checksum."""
    from safetensors.numpy import save

    checksum = checksum_of(arrays, about)
    metadata = {"format": FORMAT, "sha256": checksum, "about": _json(about)}
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(_sorted_header(save(arrays, metadata=metadata)))
    return checksum


def read(path: Path) -> tuple[Arrays, dict[str, Any], str]:
    """Arrays, JSON and checksum of a model file.

    Raises: ModelFileError, saying what is wrong.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    try:
        raw = path.read_bytes()
    except OSError as fault:
        raise ModelFileError(f"no model file at {path}: {fault.strerror}") from fault
    try:
        metadata = _header(raw).get("__metadata__", {})
        arrays = load(raw)
    except (SafetensorError, ValueError, KeyError, struct.error) as fault:
        raise ModelFileError(f"{path} is no model file or is cut short: {fault}") from fault
    if metadata.get("format") != FORMAT:
        raise ModelFileError(f"{path} has format {metadata.get('format')}, this version reads {FORMAT}: train it anew")
    return arrays, *_checked(path, arrays, metadata)


def _checked(path: Path, arrays: Arrays, metadata: dict[str, str]) -> tuple[dict[str, Any], str]:
    try:
        about = json.loads(metadata["about"])
    except (KeyError, ValueError) as fault:
        raise ModelFileError(f"{path} has no readable description") from fault
    checksum = checksum_of(arrays, about)
    if checksum != metadata.get("sha256"):
        raise ModelFileError(
            f"{path} is damaged: its checksum is {checksum[:12]}, not {metadata.get('sha256', 'stated')[:12]}"
        )
    return about, checksum


def checksum_of(arrays: Arrays, about: dict[str, Any]) -> str:
    """sha256 over the description and each array's name, type, shape and bytes, in the order of names."""
    digest = hashlib.sha256(_json(about).encode())
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        digest.update(f"{name} {array.dtype.str} {array.shape}".encode())
        digest.update(array.data)
    return digest.hexdigest()


def _json(about: dict[str, Any]) -> str:
    return json.dumps(about, sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _header(raw: bytes) -> dict[str, Any]:
    (size,) = struct.unpack("<Q", raw[:8])
    if size > min(len(raw), _HEADER_LIMIT):
        raise ValueError("header longer than the file")
    header = json.loads(raw[8 : 8 + size])
    if not isinstance(header, dict):
        raise ValueError("header is no object")  # noqa: TRY004 - the file is wrong, not its type
    return header


def _sorted_header(raw: bytes) -> bytes:
    """The same file with its header's keys in order: safetensors writes the metadata in an order of its own."""
    (size,) = struct.unpack("<Q", raw[:8])
    header = json.dumps(
        json.loads(raw[8 : 8 + size]), sort_keys=True, ensure_ascii=False, separators=(",", ":")
    ).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + raw[8 + size :]

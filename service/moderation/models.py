"""Models that an operator adds: each in a folder of its own, named by its version, below the data folder.

A file is believed when it loads: its checksums are right, its format is known, and nothing in it is code. It is copied, loaded
from the copy and only then put in its place, so that nobody who starts meanwhile finds half of one.
"""

import os
import re
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from filecmp import cmpfiles
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from classifier import Classifier, load
from classifier.reader import ReaderError
from classifier.reader.stack import stacked
from service.domain.comment import ATTRIBUTES
from service.domain.errors import Invalid

FOLDER, FIRST_READER, SECOND_READER = "models", "model.safetensors", "about.json"
"""Below the data folder; the file that a folder with a first reader has, and the one that a folder with a second reader has."""

MOST_BYTES = 128 << 20
"""Of a model, unpacked: three times the largest that there is."""

MOST_FILES = 16
"""In an archive."""

ASIDE = "__MACOSX/"
"""What one system adds to its archives."""

PIECE = 1 << 20

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
"""Of a file in an archive: no folder, and none of a system's special names."""

VERSION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
"""It names a folder, and stands with another beside each score."""


@dataclass(frozen=True)
class Model:
    """A model in the data folder. second: it is a second reader. folder: where it is."""

    version: str
    second: bool
    folder: Path

    @property
    def path(self) -> Path:
        """What a setting names it by."""
        return self.folder if self.second else self.folder / FIRST_READER


@dataclass(frozen=True)
class Added:
    """A model that is there now; fresh: it was not before. beside: the first reader that a second one was made for."""

    model: Model
    fresh: bool
    beside: Classifier | None = None


def models(data_dir: Path) -> list[Model]:
    """What was added, by version."""
    folders = sorted(path for path in (data_dir / FOLDER).glob("*") if VERSION.fullmatch(path.name))
    kinds = ((FIRST_READER, False), (SECOND_READER, True))
    return [Model(at.name, second, at) for at in folders for name, second in kinds if (at / name).is_file()]


def add_model(file: Path, data_dir: Path, first: Classifier) -> Added:
    """Put a model into the data folder: a first reader's `.safetensors`, or a `.zip` of a second reader's folder.

    first: the first reader in use. A second reader is made for one first reader, that one or one that was added before. A model
    that is there already becomes the newest. Raises: Invalid, saying what is wrong with the file.
    """
    with _copy(file, data_dir) as folder:
        if (folder / FIRST_READER).exists():
            version, beside = _first_reader(folder / FIRST_READER), None
        else:
            version, beside = _second_reader(folder, [first, *_firsts(data_dir, first.version)])
        model = Model(version, beside is not None, data_dir / FOLDER / version)
        return Added(model, _put(folder, model), beside)


@contextmanager
def _copy(file: Path, data_dir: Path) -> Iterator[Path]:
    """The model's files in a folder beside the others, gone in the end if it is still there."""
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    # on the same disk, where a folder is renamed in one step, and not below the models, where it would count as one
    with TemporaryDirectory(prefix="adding-", dir=data_dir, ignore_cleanup_errors=True) as temporary:
        folder = Path(temporary) / "model"
        folder.mkdir()
        try:
            if file.suffix == ".zip":
                _unpack(file, folder)
            elif file.suffix == ".safetensors":
                with file.open("rb") as source:
                    _write(source, folder / FIRST_READER, MOST_BYTES)
            else:
                raise Invalid(f"{file} is no model: give a .safetensors file, or a .zip of a second reader's folder")
        except OSError as error:
            raise Invalid(f"{file} can't be read: {error.strerror}") from None
        yield folder


def _unpack(file: Path, folder: Path) -> None:
    """The files of an archive, which may stand in one folder. Nothing is written elsewhere, whatever it names."""
    try:
        with ZipFile(file) as archive:
            left = MOST_BYTES
            for name, entry in _entries(file, archive):
                with archive.open(entry) as source:
                    left -= _write(source, folder / name, left)
    except (BadZipFile, zlib.error, RuntimeError, EOFError) as error:
        raise Invalid(f"{file} can't be unpacked: {error}") from None
    if not (folder / SECOND_READER).is_file():
        raise Invalid(f"{file} has no {SECOND_READER}: it is no second reader's folder")


def _entries(file: Path, archive: ZipFile) -> list[tuple[str, ZipInfo]]:
    """The files of an archive by their names. Raises: Invalid, when they are too many, or not all plain files in one folder."""
    entries = [entry for entry in archive.infolist() if not (entry.is_dir() or entry.filename.startswith(ASIDE))]
    if len(entries) > MOST_FILES:
        raise Invalid(f"{file} has {len(entries)} files: a second reader's folder has at most {MOST_FILES}")
    named: dict[str, ZipInfo] = {}
    for entry in entries:
        folder, _, name = entry.filename.rpartition("/")
        kind = stat.S_IFMT(entry.external_attr >> 16)
        plain = NAME.fullmatch(name) and (not folder or NAME.fullmatch(folder)) and kind in (0, stat.S_IFREG)
        if not plain or name in named or entry.compress_type not in (ZIP_STORED, ZIP_DEFLATED):
            raise Invalid(f"{file} has {entry.filename!r} in it: give a .zip of one folder with plain files")
        named[name] = entry
    if len({entry.filename.rpartition("/")[0] for entry in entries}) > 1:
        raise Invalid(f"{file} has several folders in it: give a .zip of one")
    return list(named.items())


def _write(source: IO[bytes], path: Path, most: int) -> int:
    """Copy as many bytes at most; how many it were. What an archive says of its sizes is not believed. Raises: Invalid."""
    size = 0
    with path.open("wb") as target:
        while piece := source.read(PIECE):
            size += len(piece)
            if size > most:
                raise Invalid(f"this is larger than any model: more than {MOST_BYTES >> 20} MiB")
            target.write(piece)
        target.flush()
        os.fsync(target.fileno())
    return size


def _first_reader(path: Path) -> str:
    """The version of a first reader. Raises: Invalid, when it can't be loaded or scores other attributes."""
    try:
        model = load(path)
    except ValueError as error:
        raise Invalid(str(error).replace(str(path), "the file")) from None
    if model.attributes != ATTRIBUTES:
        raise Invalid(f"the file scores {', '.join(model.attributes)}: Saring wants {', '.join(ATTRIBUTES)}")
    return _named(model.version)


def _second_reader(folder: Path, firsts: list[Classifier]) -> tuple[str, Classifier]:
    """The version of a second reader, and the first one that it was made for. Raises: Invalid, for what can't be loaded."""
    faults = []
    for first in firsts:
        try:
            return _named(stacked(first, folder).second.version), first
        except ReaderError as error:
            faults.append(str(error).replace(str(folder), "the folder"))
    raise Invalid(faults[0])


def _firsts(data_dir: Path, known: str) -> list[Classifier]:
    """The first readers that were added, but for one that is known; those that can't be loaded are passed over."""
    found = []
    for model in models(data_dir):
        if not model.second and model.version != known:
            try:
                found.append(load(model.path))
            except ValueError:
                continue
    return found


def _named(version: str) -> str:
    if not VERSION.fullmatch(version):
        raise Invalid(f"its version is {version[:80]!r}: it must be of letters, digits, dots and hyphens, 40 at most")
    return version


def _put(folder: Path, model: Model) -> bool:
    """Move a folder to its place in one step; false when the same is there: that becomes the newest."""
    model.folder.parent.mkdir(exist_ok=True)
    names = [path.name for path in folder.iterdir()]
    if model.folder.is_dir() and cmpfiles(folder, model.folder, names, shallow=False)[0] == names:
        os.utime(model.folder)
        return False
    if model.folder.exists():
        # damaged, or half of one that somebody copied there
        model.folder.rename(folder.parent / "old")
    folder.rename(model.folder)
    return True

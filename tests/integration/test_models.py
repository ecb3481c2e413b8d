"""`saring model …`: models beside the shipped one, believed when they load."""

import hashlib
import json
import os
import stat
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from zipfile import ZIP_BZIP2, ZIP_DEFLATED, ZipFile, ZipInfo

import numpy as np
import pytest
from click.testing import CliRunner, Result

from classifier import Classifier, load
from classifier.reader import ReaderError
from classifier.reader.stack import Stack
from service.cli import main
from service.domain.errors import Invalid
from service.moderation import models as adding
from service.moderation.models import MOST_FILES, Added, Model, add_model, models
from service.settings import Settings
from tests.conftest import one_database

VERSION = "reader-2026.12-0a1b2c3d"
GRAPH = b"a graph " * 1_000


class Silent:
    """A second reader that has no opinion."""

    version = VERSION

    def logits(self, texts: list[str]) -> np.ndarray:
        return np.zeros((len(texts), 8))


def stacked(first: Classifier, path: Path | None = None) -> Stack:
    """Loads a folder as the real one does, but for the graph."""
    assert path is not None
    try:
        about = json.loads((path / "about.json").read_bytes())
        found = {
            name: hashlib.sha256((path / name).read_bytes()).hexdigest() for name in ("reader.onnx", "pieces.json")
        }
    except OSError as error:
        raise ReaderError(f"no reader in {path}: {error.strerror}") from error
    if found != about["sha256"]:
        raise ReaderError(f"{path} is damaged: its checksums are not those in about.json")
    if about["stacks_on"] != first.version:
        raise ReaderError(f"{path} was made for the first reader {about['stacks_on']}, this is {first.version}")
    second = Silent()
    second.version = about["version"]
    return Stack.of(first, second)


@pytest.fixture(autouse=True)
def loading(monkeypatch: pytest.MonkeyPatch) -> None:
    """The weights of a real second reader are large; how they are read is tested beside them."""
    monkeypatch.setattr(adding, "stacked", stacked)


Files = Callable[..., dict[str, bytes]]


@pytest.fixture
def files(model: Classifier) -> Files:
    """The files of a second reader."""

    def made(**fields: object) -> dict[str, bytes]:
        held = {"reader.onnx": GRAPH, "pieces.json": b"{}"}
        sums = {name: hashlib.sha256(raw).hexdigest() for name, raw in held.items()}
        about = {"version": VERSION, "stacks_on": model.version, "sha256": sums, **fields}
        return {"about.json": json.dumps(about).encode(), **held}

    return made


def zipped(path: Path, files: Mapping[str, bytes], folder: str = "") -> Path:
    with ZipFile(path, "w", ZIP_DEFLATED) as archive:
        for name, raw in files.items():
            archive.writestr(folder + name, raw)
    return path


def another(model: Classifier, path: Path, release: str = "2027.01") -> Classifier:
    """A first reader of another version, in a file."""
    made = replace(model, about={**model.about, "release": release}).named()
    made.save(path)
    return made


def left(data_dir: Path) -> list[str]:
    """What lies in the data folder."""
    return sorted(path.name for path in data_dir.iterdir()) if data_dir.exists() else []


# second readers


@pytest.mark.parametrize("folder", ["", "reader/"])
def test_a_second_reader_is_put_into_a_folder_of_its_version(
    tmp_path: Path, model: Classifier, files: Files, folder: str
) -> None:
    data_dir = tmp_path / "var"
    added = add_model(zipped(tmp_path / "r.zip", files(), folder), data_dir, model)
    at = data_dir / "models" / VERSION
    assert added == Added(Model(VERSION, second=True, folder=at), fresh=True, beside=model)
    assert {path.name: path.read_bytes() for path in at.iterdir()} == files()
    assert models(data_dir) == [added.model]
    assert left(data_dir) == ["models"]


def test_the_same_again_becomes_the_newest(tmp_path: Path, model: Classifier, files: Files) -> None:
    archive = zipped(tmp_path / "r.zip", files())
    assert add_model(archive, tmp_path, model).fresh
    at = tmp_path / "models" / VERSION
    os.utime(at, (1, 1))
    assert not add_model(archive, tmp_path, model).fresh
    assert at.stat().st_mtime > 1


def test_a_damaged_one_is_replaced_by_the_same(tmp_path: Path, model: Classifier, files: Files) -> None:
    archive = zipped(tmp_path / "r.zip", files())
    add_model(archive, tmp_path, model)
    graph = tmp_path / "models" / VERSION / "reader.onnx"
    graph.write_bytes(b"half")
    assert add_model(archive, tmp_path, model).fresh
    assert graph.read_bytes() == GRAPH
    assert left(tmp_path) == ["models", "r.zip"]


def test_what_a_system_adds_to_its_archives_is_passed_over(tmp_path: Path, model: Classifier, files: Files) -> None:
    archive = zipped(tmp_path / "r.zip", files(), "reader/")
    with ZipFile(archive, "a") as more:
        more.writestr("__MACOSX/reader/._about.json", b"x")
    assert add_model(archive, tmp_path, model).fresh
    assert set(files()) == {path.name for path in (tmp_path / "models" / VERSION).iterdir()}


@pytest.mark.parametrize(
    "name",
    [
        "../about.json",
        "/etc/saring",
        "..",
        "a/b/about.json",
        "reader/../../x",
        "C:\\x",
        ".hidden",
        "with space",
        "other/about.json",
    ],
)
def test_no_archive_writes_elsewhere(tmp_path: Path, model: Classifier, files: Files, name: str) -> None:
    data_dir = tmp_path / "deep" / "var"
    archive = zipped(tmp_path / "r.zip", files())
    with ZipFile(archive, "a") as more:
        more.writestr(name, b"x")
    with pytest.raises(Invalid, match=r"r\.zip has"):
        add_model(archive, data_dir, model)
    assert left(data_dir) == []
    assert left(tmp_path) == ["deep", "r.zip"]


def test_a_link_in_an_archive_is_not_followed(tmp_path: Path, model: Classifier, files: Files) -> None:
    archive = zipped(tmp_path / "r.zip", {name: raw for name, raw in files().items() if name != "pieces.json"})
    link = ZipInfo("pieces.json")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with ZipFile(archive, "a") as more:
        more.writestr(link, b"/etc/passwd")
    with pytest.raises(Invalid, match="plain files"):
        add_model(archive, tmp_path / "var", model)


def test_an_archive_is_not_unpacked_beyond_bounds_whatever_it_says_of_itself(
    tmp_path: Path, model: Classifier, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adding, "MOST_BYTES", 4_000)
    with pytest.raises(Invalid, match="larger than any model"):
        add_model(zipped(tmp_path / "r.zip", files()), tmp_path / "var", model)
    assert left(tmp_path / "var") == []


def test_an_archive_of_many_files_is_refused(tmp_path: Path, model: Classifier, files: Files) -> None:
    many = {f"file{number}": b"" for number in range(MOST_FILES)}
    with pytest.raises(Invalid, match="has 19 files"):
        add_model(zipped(tmp_path / "r.zip", files() | many), tmp_path / "var", model)


def test_another_way_of_packing_is_refused(tmp_path: Path, model: Classifier, files: Files) -> None:
    with ZipFile(tmp_path / "r.zip", "w", ZIP_BZIP2) as archive:
        archive.writestr("about.json", files()["about.json"])
    with pytest.raises(Invalid, match="plain files"):
        add_model(tmp_path / "r.zip", tmp_path / "var", model)


def test_no_byte_of_an_archive_may_be_another_one(tmp_path: Path, model: Classifier, files: Files) -> None:
    """Whichever is damaged, nothing is added, or what was packed; never a traceback."""
    whole = zipped(tmp_path / "r.zip", files()).read_bytes()
    for place in range(0, len(whole), 7):
        (tmp_path / "r.zip").write_bytes(whole[:place] + bytes([whole[place] ^ 0x55]) + whole[place + 1 :])
        data_dir = tmp_path / f"var{place}"
        try:
            add_model(tmp_path / "r.zip", data_dir, model)
        except Invalid:
            assert left(data_dir) == [], place
        else:
            at = data_dir / "models" / VERSION
            assert {path.name: path.read_bytes() for path in at.iterdir()} == files(), place


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({"sha256": {}}, "the folder is damaged: its checksums are not those in about.json"),
        ({"stacks_on": "2019.01-00000000"}, "was made for the first reader 2019.01-00000000"),
        ({"version": "../../etc"}, "its version is '../../etc'"),
        ({"version": "a+b"}, "letters, digits, dots and hyphens"),
        ({"version": "x" * 41}, "40 at most"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_second_reader_that_cant_be_right_is_refused(
    tmp_path: Path, model: Classifier, files: Files, damage: dict[str, object], said: str
) -> None:
    with pytest.raises(Invalid, match=said):
        add_model(zipped(tmp_path / "r.zip", files(**damage)), tmp_path / "var", model)
    assert models(tmp_path / "var") == []
    assert left(tmp_path / "var") == []


def test_without_the_extra_that_is_said(
    tmp_path: Path, model: Classifier, files: Files, monkeypatch: pytest.MonkeyPatch
) -> None:
    def not_there(_first: Classifier, _path: Path) -> Stack:
        raise ReaderError("not installed: pip install 'saring[reader]'")

    monkeypatch.setattr(adding, "stacked", not_there)
    with pytest.raises(Invalid, match="pip install"):
        add_model(zipped(tmp_path / "r.zip", files()), tmp_path / "var", model)


# first readers


def test_a_first_reader_is_added_and_loads_from_there(tmp_path: Path, model: Classifier) -> None:
    made = another(model, tmp_path / "new.safetensors")
    added = add_model(tmp_path / "new.safetensors", tmp_path / "var", model)
    assert (added.model.version, added.model.second, added.fresh, added.beside) == (made.version, False, True, None)
    assert added.model.path == tmp_path / "var" / "models" / made.version / "model.safetensors"
    assert load(added.model.path).version == made.version


def test_a_second_reader_may_be_made_for_a_first_one_that_was_added(
    tmp_path: Path, model: Classifier, files: Files
) -> None:
    made = another(model, tmp_path / "new.safetensors")
    archive = zipped(tmp_path / "r.zip", files(stacks_on=made.version))
    with pytest.raises(Invalid, match="was made for the first reader"):
        add_model(archive, tmp_path, model)
    add_model(tmp_path / "new.safetensors", tmp_path, model)
    added = add_model(archive, tmp_path, model)
    assert added.beside is not None
    assert added.beside.version == made.version


@pytest.mark.parametrize("damage", ["cut", "changed", "other"])
def test_a_damaged_first_reader_is_refused(tmp_path: Path, model: Classifier, damage: str) -> None:
    file = tmp_path / "new.safetensors"
    another(model, file)
    raw = file.read_bytes()
    file.write_bytes({"cut": raw[:-9], "changed": raw[:-9] + b"x" * 9, "other": b"PK" + raw[2:]}[damage])
    with pytest.raises(Invalid, match="the file"):
        add_model(file, tmp_path / "var", model)
    assert left(tmp_path / "var") == []


def test_what_is_no_model_is_refused(tmp_path: Path, model: Classifier) -> None:
    (tmp_path / "x.pkl").write_bytes(b"x")
    (tmp_path / "x.zip").write_bytes(b"x")
    for name, said in (("x.pkl", "is no model"), ("x.zip", "can't be unpacked"), ("none.zip", "can't be read")):
        with pytest.raises(Invalid, match=said):
            add_model(tmp_path / name, tmp_path / "var", model)
    zipped(tmp_path / "x.zip", {"readme": b"x"})
    with pytest.raises(Invalid, match=r"has no about\.json"):
        add_model(tmp_path / "x.zip", tmp_path / "var", model)


def test_what_is_no_model_is_not_listed(tmp_path: Path) -> None:
    for name in ("half", ".adding", "x" * 99):
        (tmp_path / "models" / name).mkdir(parents=True)
    (tmp_path / "models" / "file").write_text("x")
    assert models(tmp_path) == []


# as an operator types it


Run = Callable[..., Result]


@pytest.fixture
def saring(settings: Settings) -> Run:
    """Runs `saring model …` on the test's settings."""
    env = {
        "SARING_DATA_DIR": str(settings.data_dir),
        "SARING_DATABASE_URL": settings.database_url,
        "SARING_REDIS_URL": settings.redis_url or "",
        "SARING_READER": "off",
    }

    def run(*arguments: str, **more: str) -> Result:
        return CliRunner().invoke(main, ["model", *arguments], env=env | more)

    return run


@one_database
def test_a_model_is_added_and_listed_and_what_to_do_next_is_said(
    saring: Run, settings: Settings, model: Classifier, tmp_path: Path
) -> None:
    assert f"first reader   {model.version}" in saring("list").stdout
    made = another(model, tmp_path / "new.safetensors")
    added = saring("add", str(tmp_path / "new.safetensors"))
    path = settings.data_dir / "models" / made.version / "model.safetensors"
    assert added.exit_code == 0
    assert f"first reader {made.version} is added: {path}" in added.stdout
    assert f"set SARING_MODEL={path}" in added.stdout
    assert "restart" in added.stdout
    assert "was there already" in saring("add", str(tmp_path / "new.safetensors")).stdout
    first, second = saring("list").stdout.splitlines()
    assert (model.version in first, "in use" in first) == (True, True)
    assert (made.version in second, "in use" in second, str(path) in second) == (True, False, True)
    first = saring("list", SARING_MODEL=str(path)).stdout.splitlines()[0]
    assert (made.version in first, "in use" in first, str(path) in first) == (True, True, True)


@one_database
def test_a_second_reader_is_added_with_what_stands_in_its_way(
    saring: Run, settings: Settings, files: Files, tmp_path: Path
) -> None:
    added = saring("add", str(zipped(tmp_path / "r.zip", files())))
    assert added.exit_code == 0
    assert f"second reader {VERSION} is added: {settings.data_dir / 'models' / VERSION}" in added.stdout
    assert "SARING_READER is 'off': leave it empty for the newest that was added" in added.stdout
    assert "SARING_MODEL" not in added.stdout
    listed = saring("list")
    assert VERSION in listed.stdout
    assert "second reader  none: off" in listed.stderr


@one_database
def test_a_second_reader_for_another_first_one_says_which(
    saring: Run, settings: Settings, model: Classifier, files: Files, tmp_path: Path
) -> None:
    made = another(model, tmp_path / "new.safetensors")
    saring("add", str(tmp_path / "new.safetensors"))
    added = saring("add", str(zipped(tmp_path / "r.zip", files(stacks_on=made.version))))
    path = settings.data_dir / "models" / made.version / "model.safetensors"
    assert f"it was made for the first reader {made.version}: set SARING_MODEL={path}" in added.stdout


@one_database
def test_what_cant_be_added_is_one_line_and_exit_code_1(saring: Run, tmp_path: Path) -> None:
    (tmp_path / "x.zip").write_bytes(b"x")
    refused = saring("add", str(tmp_path / "x.zip"))
    assert refused.exit_code == 1
    assert refused.stderr.startswith("Error: ")
    assert refused.stderr.count("\n") == 1


@one_database
@pytest.mark.parametrize("command", [[], ["list"], ["add"]], ids=str)
def test_its_commands_have_help(saring: Run, command: list[str]) -> None:
    result = saring(*command, "--help")
    assert (result.exit_code, "Usage:" in result.output) == (0, True)

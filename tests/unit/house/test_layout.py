"""The rules of the house that import-linter can't see."""

import ast
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from service.settings import ELSEWHERE, InvalidSetting, Settings, unknown_settings

ROOT = Path(__file__).parents[3]
CODE = sorted(
    [*ROOT.glob("service/**/*.py"), *ROOT.glob("classifier/**/*.py"), *ROOT.glob("bench/**/*.py"), ROOT / "worker.py"]
)

LONGEST_FILE = 400
LONGEST_FUNCTION = 45
"""About 40 lines, its signature and docstring included."""


def functions(path: Path) -> Iterator[tuple[str, int]]:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{path.relative_to(ROOT)}:{node.name}", (node.end_lineno or node.lineno) - node.lineno + 1


def test_the_worker_knows_only_wiring_use_cases_runtime_and_settings() -> None:
    tree = ast.parse((ROOT / "worker.py").read_text())
    ours = {
        module
        for node in ast.walk(tree)
        for module in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [node.module or ""]
            if isinstance(node, ast.ImportFrom)
            else []
        )
        if module.split(".")[0] in {"service", "classifier"}
    }
    allowed = ("service.bootstrap", "service.moderation", "service.runtime", "service.settings")
    assert all(module.startswith(allowed) for module in ours), ours


def test_no_function_is_longer_than_a_screen() -> None:
    migrations = ROOT / "service/store/migrations/versions"
    too_long = [
        (name, lines)
        for path in CODE
        if migrations not in path.parents
        for name, lines in functions(path)
        if lines > LONGEST_FUNCTION
    ]
    assert too_long == []


def test_no_file_needs_a_map() -> None:
    lines = {str(path.relative_to(ROOT)): path.read_text("utf-8").count("\n") for path in CODE}
    assert {name: count for name, count in lines.items() if count > LONGEST_FILE} == {}


def test_every_setting_is_in_the_readme_and_the_readme_names_no_other() -> None:
    documented = set(re.findall(r"`(SARING_[A-Z_]+)`", (ROOT / "README.md").read_text("utf-8")))
    assert documented == {f"SARING_{field.name.upper()}" for field in fields(Settings)} | set(ELSEWHERE)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SARING_BATCH_SIZE", "many"),
        ("SARING_PORT", "0"),
        ("SARING_PORT", "٣"),
        ("SARING_LOG_LEVEL", "loud"),
        ("SARING_DATABASE_URL", "mysql://x"),
        ("SARING_REDIS_URL", "http://x"),
        ("SARING_PUBLIC_URL", "saring.example"),
        ("SARING_AKISMET_HOST", "https://saring.example"),
        ("SARING_AKISMET_HOST", "saring.example:8080"),
        ("SARING_ALLOW_PRIVATE_CALLBACKS", "maybe"),
        ("SARING_CALLBACK_TIMEOUT", "nan"),
        ("SARING_RATE_LIMIT", "many"),
        ("SARING_RATE_LIMIT", "0/second"),
        ("SARING_LOGIN_RATE", "often"),
        ("SARING_PROXIES", "11"),
        ("SARING_OIDC_ISSUER", "accounts.google.com"),
        ("SARING_OIDC_CLIENT_SECRET", "alone"),
        ("SARING_RETENTION_DAYS", "-1"),
        ("SARING_OTLP_ENDPOINT", "collector:4318"),
        ("SARING_MODEL", "/no/such/file"),
        ("SARING_READER", "/no/such/folder"),
        ("SARING_READER_SHARE", "1.1"),
        ("SARING_READER_SHARE", "nan"),
        ("SARING_READER_MS", "-1"),
    ],
)
def test_a_wrong_setting_is_named_with_what_would_do(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(InvalidSetting, match=name):
        Settings.from_env({"SARING_DATA_DIR": str(tmp_path), name: value})


def test_single_sign_on_is_set_up_whole_or_not_at_all(tmp_path: Path) -> None:
    env = {
        "SARING_DATA_DIR": str(tmp_path),
        "SARING_OIDC_ISSUER": "https://id.example",
        "SARING_OIDC_CLIENT_ID": "saring",
        "SARING_OIDC_CLIENT_SECRET": "quiet",
    }
    assert Settings.from_env(env).oidc_issuer == "https://id.example"
    for name in list(env)[1:]:
        with pytest.raises(InvalidSetting, match=f"{name} is empty"):
            Settings.from_env({**env, name: ""})


@pytest.mark.parametrize(
    ("text", "allowed"), [("1", True), ("true", True), ("0", False), ("False", False), ("", False)]
)
def test_a_switch_is_read_as_people_write_it(tmp_path: Path, text: str, allowed: bool) -> None:
    settings = Settings.from_env({"SARING_DATA_DIR": str(tmp_path), "SARING_ALLOW_PRIVATE_CALLBACKS": text})
    assert settings.allow_private_callbacks is allowed


def test_a_setting_that_is_none_of_ours_is_found_and_stops_nothing(tmp_path: Path) -> None:
    env = {"SARING_DATA_DIR": str(tmp_path), "SARING_PROT": "8080", "SARING_SERVICE_HOST": "10.0.0.1", "HOME": "/"}
    assert Settings.from_env(env).port == 8080
    assert unknown_settings(env) == ["SARING_PROT", "SARING_SERVICE_HOST"]


def test_a_password_in_a_wrong_url_is_not_shown(tmp_path: Path) -> None:
    with pytest.raises(InvalidSetting) as error:
        Settings.from_env({"SARING_DATA_DIR": str(tmp_path), "SARING_DATABASE_URL": "mysql://me:hunter2@db/x"})
    assert "hunter2" not in str(error.value)


def test_with_nothing_set_the_embedded_default_runs(tmp_path: Path) -> None:
    settings = Settings.from_env({"SARING_DATA_DIR": str(tmp_path)})
    assert settings.embedded_broker
    assert settings.database_url == f"sqlite:///{tmp_path / 'saring.db'}"
    assert settings.public_url == "http://127.0.0.1:8080"


def test_the_secret_of_an_installation_is_kept_and_private(tmp_path: Path) -> None:
    first, second = (Settings.from_env({"SARING_DATA_DIR": str(tmp_path)}).secret_key for _ in range(2))
    assert first == second
    assert len(first) >= 32
    assert (tmp_path / "secret-key").stat().st_mode & 0o777 == 0o600


def test_postgresql_is_spoken_to_by_psycopg_3(tmp_path: Path) -> None:
    settings = Settings.from_env({"SARING_DATA_DIR": str(tmp_path), "SARING_DATABASE_URL": "postgres://u:p@db/saring"})
    assert settings.database_url == "postgresql+psycopg://u:p@db/saring"

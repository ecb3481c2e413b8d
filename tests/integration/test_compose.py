"""The production set-up, as docker-compose itself reads it. Needs no Docker daemon: `config` only reads."""

import json
import re
import subprocess
import sys
import zipfile
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from bench.databases import PRODUCTION
from service.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE = Path(sys.executable).parent / "docker-compose"
SECRETS = {"SARING_SECRET_KEY": "k" * 32, "POSTGRES_PASSWORD": "p" * 32}
SETTINGS = {f"SARING_{field.name.upper()}" for field in fields(Settings)}
OURS = ("web", "worker", "sender", "reader", "beat")
LONG_RUNNING = ("postgres", "redis", *OURS)
EVERYTHING = (*LONG_RUNNING, "migrate")


def compose(tmp_path: Path, env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run docker-compose on our file with this environment alone, and no .env of the developer's."""
    empty = tmp_path / "empty.env"
    empty.touch()
    command = [str(COMPOSE), "--file", str(ROOT / "docker-compose.yml"), "--env-file", str(empty), *arguments]
    return subprocess.run(
        command, check=False, env={"HOME": str(tmp_path)} | env, capture_output=True, text=True, timeout=60
    )


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, Any]]:
    """Every service with all that it inherits."""
    told = compose(tmp_path_factory.mktemp("compose"), SECRETS, "config", "--format", "json")
    assert told.returncode == 0, told.stderr
    described: dict[str, dict[str, Any]] = json.loads(told.stdout)["services"]
    return described


def test_the_file_is_valid(tmp_path: Path) -> None:
    told = compose(tmp_path, SECRETS, "config", "--quiet")
    assert (told.returncode, told.stderr) == (0, "")


@pytest.mark.parametrize("missing", SECRETS)
def test_a_missing_secret_is_named_with_what_would_do(tmp_path: Path, missing: str) -> None:
    for env in ({**SECRETS, missing: ""}, {name: value for name, value in SECRETS.items() if name != missing}):
        told = compose(tmp_path, env, "config", "--quiet")
        assert told.returncode != 0
        assert f"{missing} is missing a value: set it in .env" in told.stderr
        assert "openssl rand" in told.stderr


def test_postgresql_is_measured_as_it_is_set_up(services: dict[str, dict[str, Any]]) -> None:
    command = services["postgres"]["command"]
    assert dict(word.split("=") for word in command if "=" in word) == PRODUCTION
    # the kernel counts the shared buffers as the container's: beside them stand up to 250 processes
    buffers = int(PRODUCTION["shared_buffers"].removesuffix("MB")) * 1024**2
    assert int(services["postgres"]["deploy"]["resources"]["limits"]["memory"]) >= 4 * buffers


def test_no_service_was_forgotten_here(services: dict[str, dict[str, Any]]) -> None:
    assert set(services) == set(EVERYTHING)


@pytest.mark.parametrize("name", LONG_RUNNING)
def test_each_part_that_runs_on_has_a_health_check_and_is_restarted(
    services: dict[str, dict[str, Any]], name: str
) -> None:
    assert services[name]["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
    assert services[name]["restart"] == "unless-stopped"
    assert services[name]["stop_grace_period"]


@pytest.mark.parametrize("name", EVERYTHING)
def test_each_container_is_confined(services: dict[str, dict[str, Any]], name: str) -> None:
    service = services[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert int(service["deploy"]["resources"]["limits"]["memory"]) <= 2**30
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}


@pytest.mark.parametrize("name", EVERYTHING)
def test_no_container_runs_as_root(services: dict[str, dict[str, Any]], name: str) -> None:
    user = (
        services[name].get("user") or re.findall(r"^USER (\S+)$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)[-1]
    )
    assert re.fullmatch(r"[1-9]\d*:[1-9]\d*", user)


def test_only_the_web_server_is_published_and_on_this_host_alone(services: dict[str, dict[str, Any]]) -> None:
    assert {name for name, service in services.items() if "ports" in service} == {"web"}
    assert [port["host_ip"] for port in services["web"]["ports"]] == ["127.0.0.1"]


def test_database_and_broker_stand_on_the_inner_network_only(services: dict[str, dict[str, Any]]) -> None:
    for name in ("postgres", "redis"):
        assert list(services[name]["networks"]) == ["inside"]


def test_whoever_calls_the_sites_has_a_way_out(services: dict[str, dict[str, Any]]) -> None:
    outside = {name for name, service in services.items() if "outside" in service["networks"]}
    assert outside == {"web", "sender", "beat"}


def test_the_broker_keeps_what_it_took(services: dict[str, dict[str, Any]]) -> None:
    command = services["redis"]["command"]
    chosen = dict(zip(command[1::2], command[2::2], strict=True))
    assert chosen["--appendonly"] == "yes"
    assert chosen["--appendfsync"] == "everysec"
    assert chosen["--maxmemory-policy"] == "noeviction"
    assert [volume["target"] for volume in services["redis"]["volumes"]] == ["/data"]


def test_the_database_outlives_its_container(services: dict[str, dict[str, Any]]) -> None:
    assert [volume["target"] for volume in services["postgres"]["volumes"]] == ["/var/lib/postgresql"]


def test_every_part_has_the_same_image_and_the_same_settings(services: dict[str, dict[str, Any]]) -> None:
    first = services["web"]
    for name in (*OURS, "migrate"):
        assert services[name]["image"] == first["image"]
        assert services[name]["environment"] == first["environment"]


def test_every_setting_can_be_chosen_and_nothing_else_is_set(services: dict[str, dict[str, Any]]) -> None:
    assert set(services["web"]["environment"]) == SETTINGS


def test_the_settings_are_good_ones(services: dict[str, dict[str, Any]]) -> None:
    settings = Settings.from_env(services["web"]["environment"])
    assert settings.database_url == f"postgresql+psycopg://saring:{'p' * 32}@postgres:5432/saring"
    assert settings.redis_url == "redis://redis:6379/0"
    assert settings.host == "0.0.0.0"
    assert not settings.allow_private_callbacks


def test_the_example_names_every_secret_and_only_what_exists(tmp_path: Path) -> None:
    text = (ROOT / ".env.example").read_text()
    named = set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))
    assert named >= set(SECRETS)
    assert {name for name in named if name.startswith("SARING_")} <= SETTINGS
    variables = compose(tmp_path, SECRETS, "config", "--variables").stdout
    assert named <= set(re.findall(r"^([A-Z_]+)\s", variables, re.MULTILINE))


@pytest.mark.parametrize("name", OURS)
def test_nothing_starts_before_the_tables_are_there(services: dict[str, dict[str, Any]], name: str) -> None:
    conditions = {other: how["condition"] for other, how in services[name]["depends_on"].items()}
    assert conditions == {
        "migrate": "service_completed_successfully",
        "postgres": "service_healthy",
        "redis": "service_healthy",
    }


@pytest.mark.parametrize("name", [*OURS, "migrate"])
def test_each_command_is_one_of_ours(services: dict[str, dict[str, Any]], name: str) -> None:
    # --help ends it before anything runs, but only after every word was understood
    command = [str(COMPOSE.with_name("saring")), *services[name]["command"], "--help"]
    asked = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert asked.returncode == 0, asked.stderr


@pytest.mark.parametrize("name", ["worker", "sender", "reader"])
def test_a_worker_is_asked_after_by_its_own_name(services: dict[str, dict[str, Any]], name: str) -> None:
    def named(words: list[str]) -> str:
        return words[words.index("--name") + 1]

    assert named(services[name]["command"]) == named(services[name]["healthcheck"]["test"])


def test_the_image_gets_the_whole_program(tmp_path: Path) -> None:
    """The Dockerfile installs the wheel, not the folder: a file that the wheel lacks is missing in production only."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", tmp_path],
        cwd=ROOT,
        check=True,
        capture_output=True,
        timeout=120,
    )
    [wheel] = tmp_path.glob("*.whl")
    packed = set(zipfile.ZipFile(wheel).namelist())
    program = [ROOT / "worker.py", *(ROOT / "service").rglob("*"), *(ROOT / "classifier").rglob("*")]
    needed = {
        path.relative_to(ROOT).as_posix() for path in program if path.is_file() and "__pycache__" not in path.parts
    }
    assert needed - packed == set()


def test_the_builder_is_sent_what_the_image_is_made_of() -> None:
    allowed = {line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")}
    lines = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Dockerfile").read_text(), re.MULTILINE)
    assert {source for line in lines for source in line.split()} <= allowed

"""The embedded broker's command, its socket, and the lock of the data folder."""

import os
import stat
from pathlib import Path

import pytest

from service.runtime.embedded import AlreadyRunning, broker_url, embedded_broker, sole_use
from service.settings import Settings


def test_the_broker_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    argv = embedded_broker(tmp_path).argv()
    given = dict(zip(argv[1::2], argv[2::2], strict=True))
    assert given["--appendonly"] == "yes"
    assert given["--appendfsync"] == "everysec"
    assert not given["--save"]
    assert given["--maxmemory-policy"] == "noeviction"


def test_the_broker_listens_to_no_port_and_to_its_owner_alone(tmp_path: Path) -> None:
    argv = embedded_broker(tmp_path).argv()
    given = dict(zip(argv[1::2], argv[2::2], strict=True))
    assert given["--port"] == "0"
    assert given["--unixsocketperm"] == "700"


def test_a_path_too_long_for_a_socket_gets_a_short_private_one(tmp_path: Path) -> None:
    deep = tmp_path / ("deep" * 25)
    broker = embedded_broker(deep)
    assert len(os.fsencode(broker.socket)) < 100
    broker.prepare()
    assert stat.S_IMODE(broker.socket.parent.stat().st_mode) == 0o700
    assert embedded_broker(deep).socket == broker.socket
    broker.clean()
    assert not broker.socket.parent.exists()


def test_every_command_finds_the_embedded_broker(tmp_path: Path) -> None:
    settings = Settings.from_env({"SARING_DATA_DIR": str(tmp_path)})
    assert broker_url(settings) == embedded_broker(tmp_path).url


def test_a_redis_that_was_named_comes_first(tmp_path: Path) -> None:
    settings = Settings.from_env({"SARING_DATA_DIR": str(tmp_path), "SARING_REDIS_URL": "redis://host/1"})
    assert broker_url(settings) == "redis://host/1"


def test_a_second_saring_on_the_same_folder_is_told_so(tmp_path: Path) -> None:
    with sole_use(tmp_path), pytest.raises(AlreadyRunning, match=f"process {os.getpid()}"), sole_use(tmp_path):
        pass


def test_the_folder_is_free_again_afterwards(tmp_path: Path) -> None:
    for _ in range(2):
        with sole_use(tmp_path):
            pass


def test_a_file_that_was_set_aside_is_kept_until_the_next(tmp_path: Path) -> None:
    broker = embedded_broker(tmp_path)
    for content in ("first", "second"):
        files = broker.folder / "appendonlydir"
        files.mkdir(parents=True)
        (files / content).touch()
        broker.set_aside()
        assert not files.exists()
    kept = broker.folder / "appendonlydir.spoiled"
    assert [path.name for path in kept.iterdir()] == ["second"]
    broker.set_aside()
    assert kept.exists()

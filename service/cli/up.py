"""`saring up`: everything on one machine, from the database's migration to the web server, as one tree of processes."""

import errno
import os
import socket
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import click
import structlog

import service
from service.bootstrap import build
from service.cli.first_run import first_run
from service.cli.worker import get_status
from service.moderation.ready import fault_of
from service.runtime import metrics
from service.runtime.broker import READ
from service.runtime.embedded import AlreadyRunning, EmbeddedBroker, NoBroker, embedded_broker, sole_use
from service.runtime.heartbeat import heartbeat_path, node
from service.runtime.logs import set_up_logs
from service.runtime.supervisor import Child, Supervisor
from service.settings import NO_READER, InvalidSetting, Settings, unknown_settings
from service.store.migrations import upgrade

log = structlog.get_logger(__name__)

SARING = (sys.executable, "-P", "-m", "service.cli")
"""How a child is started. With -P the folder that `saring` was called in can't put a `worker.py` of its own before ours."""

ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
"""Each process computes on one core: more cores are used by more processes."""

READER_PATIENCE = 5.0
"""How many times as long as others the second reader may be silent: it waits until nobody else wants a core."""

FIRST_START = """
This is the first start: a site and its admin were made.

  address    {url}
  login      {email}
  password   {password}
  site       {site}
  API key    {api_key}

They are kept in {path}.
"""


@click.command()
def up() -> None:
    """Run everything: broker, workers, sweeper and web server."""
    settings = Settings.from_env()
    set_up_logs(settings, "up")
    for name in unknown_settings():
        log.warning("no setting of Saring has this name; README.md lists them all", variable=name)
    try:
        with sole_use(settings.data_dir) as lock:
            _check_port(settings)
            _prepare(settings)
            code = _supervise(settings, lock)
    except (AlreadyRunning, NoBroker) as error:
        click.echo(str(error), err=True)
        code = 2
    sys.exit(code)


def _prepare(settings: Settings) -> None:
    """Bring the database up to date, and on the first start make a site and an admin."""
    services = build(settings)
    if fault := fault_of(lambda: services.classifier):
        raise InvalidSetting(f"the model can't be loaded ({fault}): leave SARING_MODEL empty for the shipped one")
    upgrade(services.store)
    if made := first_run(services, settings):
        click.echo(FIRST_START.format(**asdict(made), path=settings.data_dir / "first-run.json"))
    services.store.close()


def _supervise(settings: Settings, lock: int) -> int:
    broker = embedded_broker(settings.data_dir) if settings.embedded_broker else None
    if broker:
        broker.prepare()
    children = list(tree(settings, broker))
    try:
        return Supervisor(children, on_ready=lambda: _announce(settings), held=[lock]).run()
    finally:
        if broker:
            broker.clean()


def tree(settings: Settings, broker: EmbeddedBroker | None) -> Iterator[Child]:
    """The processes of one machine, in the order in which they start."""
    env = {**ONE_THREAD, "SARING_DATA_DIR": str(settings.data_dir), "PYTHONPATH": _python_path()}
    env[metrics.FOLDER] = str(metrics.fresh(settings.data_dir, "up"))
    if broker:
        env["SARING_REDIS_URL"] = broker.url
        yield Child("broker", broker.argv(), ready=broker.answers, recover=broker.set_aside, stop_step=4, grace=10.0)
    for number in range(1, settings.worker_processes + 1):
        yield _worker(settings, env, f"score-{number}", "score")
    yield _worker(settings, env, "sender", "deliver")
    if settings.reader != NO_READER:
        reader = _worker(settings, env, "reader", READ)
        yield replace(reader, argv=(*reader.argv, "--or-leave"), silent_after=READER_PATIENCE * settings.silent_seconds)
    yield Child(
        "beat",
        (*SARING, "beat"),
        env,
        heartbeat=heartbeat_path(settings.data_dir, node("beat")),
        silent_after=settings.silent_seconds,
        stop_step=2,
        grace=settings.callback_timeout + 5.0,
    )
    yield Child(
        "web",
        (*SARING, "web"),
        env,
        ready=lambda: get_status(settings, "/readyz", timeout=1.0) == 200,
        stop_step=1,
        grace=15.0,
    )


def _worker(settings: Settings, env: dict[str, str], name: str, queue: str) -> Child:
    return Child(
        name,
        (*SARING, "worker", "--queue", queue, "--name", name, "--concurrency", "1"),
        env,
        heartbeat=heartbeat_path(settings.data_dir, node(name)),
        silent_after=settings.silent_seconds,
        stop_step=3,
        # a task hands over after 5 s; the longest callback may take its time-out more
        grace=settings.callback_timeout + 10.0,
    )


def _python_path() -> str:
    """The path with the folder of `service` and `worker.py` in it, however this process found them."""
    root = str(Path(service.__file__).parent.parent)
    return os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))


def _check_port(settings: Settings) -> None:
    """Find out before anything starts that the port is taken: a second server could share it unnoticed (SO_REUSEPORT).

    Raises: InvalidSetting, for a port or host that can't be listened on.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                why = f"SARING_PORT is {settings.port}, which another program uses: give a free one, such as 8081"
            else:
                why = f"SARING_HOST is {settings.host!r}, where we can't listen ({error.strerror}): give 127.0.0.1 or 0.0.0.0"
            raise InvalidSetting(why) from None


def _announce(settings: Settings) -> None:
    click.echo(f"Saring is ready at {settings.public_url}")

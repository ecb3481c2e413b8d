"""The ceiling for a door: the same kind of server and framework, and a route that reads JSON and answers JSON."""

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import click
import httpx
from flask import Flask, Response, jsonify, request
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from bench.saring import free_port
from service.settings import Settings

PATH = "/noop"


def app() -> Flask:
    """An application that does nothing."""
    made = Flask(__name__)

    @made.post(PATH)
    def noop() -> Response:
        return jsonify({"fields": len(request.get_json())})

    return made


def noop_server() -> AbstractContextManager[str]:
    """Run it with as many processes and threads as Saring's web server; gives the URL."""
    return running("bench.noop", PATH, {})


@contextmanager
def running(module: str, path: str, probe: object, *arguments: str) -> Iterator[str]:
    """Run a module that serves on the port given to it first; gives the URL of `path` once it has answered to `probe`."""
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", module, str(port), *arguments], start_new_session=True)
    url = f"http://127.0.0.1:{port}{path}"
    try:
        until = time.monotonic() + 30
        while not _answers(url, probe):
            if time.monotonic() > until or server.poll() is not None:
                raise click.ClickException(f"{module} did not start")
            time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(20)


def serve(target: str, load: Callable[[], Flask]) -> None:
    """Serve an application on the port that was given to this program, as service/runtime/web.py serves Saring."""
    # the defaults; with a secret given, nothing is written
    usual = Settings.from_env({"SARING_SECRET_KEY": "bench"})
    Granian(
        target,
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        workers=usual.web_workers,
        blocking_threads=usual.web_threads,
        http=HTTPModes.http1,
        websockets=False,
        backlog=2_048,
        backpressure=1_024,
        log_level=LogLevels.error,
        log_access=False,
    ).serve(target_loader=load, wrap_loader=False)


def _answers(url: str, probe: object) -> bool:
    try:
        return httpx.post(url, json=probe, timeout=2, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


if __name__ == "__main__":
    serve("bench.noop:app", app)

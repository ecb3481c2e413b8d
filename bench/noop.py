"""The ceiling for a door: the same kind of server and framework, and a route that reads JSON and answers JSON."""

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import click
import httpx
from flask import Flask, Response, jsonify, request
from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from bench.saring import free_port

PATH = "/noop"


def app() -> Flask:
    """An application that does nothing."""
    made = Flask(__name__)

    @made.post(PATH)
    def noop() -> Response:
        return jsonify({"fields": len(request.get_json())})

    return made


@contextmanager
def noop_server() -> Iterator[str]:
    """Run it with as many processes and threads as Saring's web server; gives the URL."""
    port = free_port()
    server = subprocess.Popen([sys.executable, "-m", "bench.noop", str(port)], start_new_session=True)
    url = f"http://127.0.0.1:{port}{PATH}"
    try:
        until = time.monotonic() + 30
        while not _answers(url):
            if time.monotonic() > until:
                raise click.ClickException("the server that does nothing did not start")
            time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(20)


def _answers(url: str) -> bool:
    try:
        return httpx.post(url, json={}, timeout=2, trust_env=False).status_code == 200
    except httpx.TransportError:
        return False


def _load() -> Flask:
    return app()


if __name__ == "__main__":
    Granian(
        "bench.noop:app",
        address="127.0.0.1",
        port=int(sys.argv[1]),
        interface=Interfaces.WSGI,
        workers=2,
        blocking_threads=4,
        http=HTTPModes.http1,
        websockets=False,
        backlog=2_048,
        backpressure=1_024,
        log_level=LogLevels.error,
        log_access=False,
    ).serve(target_loader=_load, wrap_loader=False)

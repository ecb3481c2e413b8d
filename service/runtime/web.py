"""The web server: granian, which runs the Flask app in processes of blocking threads."""

from importlib import import_module
from typing import Any

from granian import Granian
from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels

from service.runtime.lifeline import die_with_parent
from service.runtime.logs import granian_logging
from service.settings import Settings

APP = "service.app:wsgi"
"""The function that makes the app, named and not imported: this module is below it."""


def serve(settings: Settings) -> None:
    """Serve until SIGTERM or SIGINT: then accept no more, answer what has come in, and return."""
    server = Granian(
        APP,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.WSGI,
        workers=settings.web_workers,
        # a stream of events keeps its thread; how many requests are worked on at once says the app's turnstile
        blocking_threads=settings.web_threads + settings.live_streams,
        http=HTTPModes.http1,
        websockets=False,
        # a permit is held for as long as a connection lives, also an idle one: far more of them than threads
        backlog=2_048,
        backpressure=1_024,
        respawn_failed_workers=True,
        workers_kill_timeout=10,
        log_level=LogLevels(settings.log_level),
        log_dictconfig=granian_logging(settings.log_level),
        log_access=False,
    )
    # our own loader: granian's puts the current folder before everything else on the path
    server.serve(target_loader=_load_app, wrap_loader=False)


def _load_app() -> Any:
    """Make the app inside a worker process."""
    die_with_parent()
    module, function = APP.split(":")
    return getattr(import_module(module), function)()

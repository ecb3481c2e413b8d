"""A live server for published clients: the real application, served from a thread, at an address that it knows as its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from werkzeug.serving import WSGIRequestHandler, make_server

from service.bootstrap import Services
from tests.app import an_app


class Quiet(WSGIRequestHandler):
    """Keeps connections open as a real server does, and writes no log."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextmanager
def served(services: Services) -> Iterator[str]:
    """The URL of the application over these services, which has it as its public URL."""
    # the port is known once the server stands, and the application wants to know it
    server = make_server("127.0.0.1", 0, _not_yet, threaded=True, request_handler=Quiet)
    url = f"http://127.0.0.1:{server.server_port}"
    there = replace(services, settings=replace(services.settings, public_url=url))
    there.__dict__.update(classifier=services.classifier, at_once=services.at_once)
    server.app = an_app(there)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield url
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _not_yet(_environ: object, _start_response: object) -> list[bytes]:
    raise RuntimeError("no application yet")

"""So many requests at once, however many threads ask."""

import threading
from collections.abc import Iterator
from typing import Any

import pytest

from service.web.turnstile import Turnstile


def ask(app: Turnstile) -> Any:
    return app({}, lambda *_told: lambda _body: None)


def test_no_more_are_let_in_than_there_are_places() -> None:
    inside, most, lock, go = 0, 0, threading.Lock(), threading.Event()

    def work(_environ: object, _start: object) -> list[bytes]:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        go.wait(0.05)
        with lock:
            inside -= 1
        return [b"done"]

    app = Turnstile(work, 3)
    threads = [threading.Thread(target=ask, args=[app]) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 3


def test_a_stream_that_goes_on_takes_no_place() -> None:
    def stream(_environ: object, _start: object) -> Iterator[bytes]:
        return iter(lambda: b"more", None)

    app = Turnstile(stream, 1)
    streams = [ask(app) for _ in range(5)]
    assert [next(one) for one in streams] == [b"more"] * 5


def test_a_request_that_fails_gives_its_place_back() -> None:
    def fail(_environ: object, _start: object) -> list[bytes]:
        raise ZeroDivisionError

    app = Turnstile(fail, 1)
    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            ask(app)

"""Open desks hear of changes: by a stream of events, or by asking every few seconds where that can't be had."""

import time
from collections.abc import Callable, Iterator

from flask import jsonify, request
from werkzeug.wrappers import Response

from service.desk.blueprint import blueprint
from service.domain.user import Role
from service.moderation.pulse import may_still_look, pulse
from service.runtime.listeners import Listener
from service.web.current import services
from service.web.sessions import cookie_name, membership, needs, this_person

STREAM_SECONDS = 300.0
"""After how long a stream ends by itself; the browser opens the next, perhaps at another process or a newer one."""

HEARTBEAT_SECONDS = 15.0
"""How often a line is sent that says nothing: by it the server finds out that the browser has gone."""

CHECK_SECONDS = 60.0
"""How soon a stream ends whose session was revoked."""

RETRY_MS = 1_000
"""After how long the browser opens the next stream."""

HEADERS = {
    "Cache-Control": "no-store",
    # nginx would keep events until its buffer is full
    "X-Accel-Buffering": "no",
}


@blueprint.get("/desk/events")
@needs(Role.VIEWER)
def events() -> Response:
    """What changes, as it changes (server-sent events); 503 when too many desks are open, which then ask for /desk/pulse."""
    site_id, store, token = membership().site_id, services().store, request.cookies[cookie_name()]
    listener = services().live.listen(site_id, this_person().id)
    stream = _stream(listener, lambda: may_still_look(store, token, site_id))
    response = Response(stream, content_type="text/event-stream; charset=utf-8", headers=HEADERS)
    # not in the generator: one that was never begun would not end either
    response.call_on_close(listener.close)
    return response


@blueprint.get("/desk/pulse")
@needs(Role.VIEWER)
def ask() -> Response | tuple[str, int]:
    """A word that is another one when something has changed; nothing (204) when it's still the one that the page has `seen`."""
    now = pulse(services().store, membership().site_id)
    if now == request.args.get("seen"):
        return "", 204
    answer: Response = jsonify(pulse=now)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _stream(listener: Listener, may_go_on: Callable[[], bool]) -> Iterator[bytes]:
    """Events until the browser goes, its session ends, or it is time for another stream."""
    began = checked = time.monotonic()
    yield b"retry: %d\n\n" % RETRY_MS
    while not listener.ended and time.monotonic() - began < STREAM_SECONDS:
        told = listener.next(HEARTBEAT_SECONDS)
        yield b"data: " + told + b"\n\n" if told else b":\n\n"
        if time.monotonic() - checked >= CHECK_SECONDS:
            if not may_go_on():
                return
            checked = time.monotonic()

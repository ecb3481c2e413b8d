"""Logs: one line per event on standard error, as text for people or as JSON for machines."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog
from structlog.typing import Processor

from service.settings import Settings

PRIVATE = frozenset(
    {
        "text",
        "texts",
        "comment",
        "comments",
        "body",
        "author",
        "email",
        "ip",
        "password",
        "api_key",
        "secret",
        "url_key",
    }
)
"""Fields that never reach a log: what people wrote, who they are, and what opens doors."""

CHATTY = ("celery.worker.strategy", "celery.app.trace", "httpx", "httpcore", "alembic")
"""Loggers that say something at every task, request or start."""


def set_up_logs(settings: Settings, role: str = "web") -> None:
    """Send structlog's and the standard library's logs through one formatter; `role` stands in every line."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_role(role),
        without_private,
        # tracebacks without local variables: these would hold comments
        structlog.processors.format_exc_info,
    ]
    structlog.configure(
        processors=[structlog.stdlib.filter_by_level, *shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, _renderer(settings.log_format)],
        )
    )
    level = settings.log_level.upper()
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in CHATTY:
        logging.getLogger(name).setLevel(level if level == "DEBUG" else "WARNING")


def without_private(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """The event without the fields that must not be logged."""
    for name in PRIVATE & event.keys():
        event[name] = "[private]"
    return event


def granian_logging(level: str) -> dict[str, object]:
    """What granian hands to `dictConfig`: its lines go to our handler, and it writes no access log of its own."""
    quiet = {"handlers": [], "level": level.upper(), "propagate": True}
    return {"formatters": {}, "handlers": {}, "loggers": {"_granian": dict(quiet), "granian.access": dict(quiet)}}


def _with_role(role: str) -> Processor:
    def add(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["role"] = role
        return event

    return add


def _renderer(log_format: str) -> Processor:
    if log_format == "json":
        return structlog.processors.JSONRenderer()
    return _as_text


def _as_text(_logger: object, _method: str, event: MutableMapping[str, Any]) -> str:
    """`2026-01-01T00:00:00Z info    web: what happened  key=value`, and a traceback below it."""
    stamp, level, role = event.pop("timestamp"), event.pop("level"), event.pop("role")
    what, trace = event.pop("event"), event.pop("exception", None)
    event.pop("logger", None)
    fields = "".join(f"  {name}={_in_line(value)}" for name, value in event.items())
    return f"{stamp[:19]}Z {level:<7} {role}: {_in_line(what)}{fields}" + (f"\n{trace}" if trace else "")


def _in_line(value: object) -> str:
    """As text that stays in its line: what somebody sent must not look like a line of ours."""
    text = str(value)
    return text if text.isprintable() else repr(text)

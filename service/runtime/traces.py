"""OpenTelemetry traces, when SARING_OTLP_ENDPOINT is set. While it is not, we import nothing of OpenTelemetry.

Attributes are ids of ours, words of ours and counts: a collector is another machine, and no text or person goes there.
"""

import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from service.runtime.heartbeat import node

if TYPE_CHECKING:
    from opentelemetry.trace import Span

Attributes = Mapping[str, str | int]

EXPORT_EVERY = 1_000
"""Milliseconds between two exports: what a killed process takes with it."""

_chosen = list[Any]()
"""The tracer of this process and its provider, or none."""


def start(endpoint: str, part: str) -> None:
    """Send the spans of this process to a collector from now on; nothing, without an endpoint. To be called after a fork."""
    if not endpoint:
        return
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    who = {"service.name": "saring", "service.instance.id": f"{node(part)}-{os.getpid()}", "saring.part": part}
    provider = TracerProvider(resource=Resource.create(who))
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=5)
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=EXPORT_EVERY))
    _chosen[:] = [provider.get_tracer("saring"), provider]


def stop() -> None:
    """Send what is left, and trace no more."""
    if _chosen:
        _chosen.pop().shutdown()
        _chosen.clear()


def on() -> bool:
    """Whether spans are wanted."""
    return bool(_chosen)


def leave(name: str, ended: int, steps: Sequence[tuple[str, int]], attributes: Attributes) -> None:
    """A span for what has been done, below the one that is open: its steps in order, each with its length.

    `ended` and lengths in nanoseconds, `ended` since 1970.
    """
    if not _chosen:
        return
    from opentelemetry.trace import set_span_in_context

    tracer = _chosen[0]
    began = ended - sum(length for _, length in steps)
    span = tracer.start_span(name, start_time=began, attributes=dict(attributes))
    if len(steps) > 1:
        inside = set_span_in_context(span)
        for step, length in steps:
            tracer.start_span(f"{name}.{step}", context=inside, start_time=began).end(began + length)
            began += length
    span.end(ended)


class RequestSpan:
    """The span of a request, open from its making to `close`, so that what is done meanwhile stands below it."""

    def __init__(self, name: str) -> None:
        from opentelemetry import context
        from opentelemetry.trace import SpanKind, set_span_in_context

        tracer = _chosen[0]
        self._span: Span = tracer.start_span(name, kind=SpanKind.SERVER)
        self._token = context.attach(set_span_in_context(self._span))

    def close(self, name: str, attributes: Attributes, *, failed: bool) -> None:
        """End it, under the name that is known by now."""
        from opentelemetry import context
        from opentelemetry.trace import StatusCode

        self._span.update_name(name)
        self._span.set_attributes(dict(attributes))
        if failed:
            self._span.set_status(StatusCode.ERROR)
        context.detach(self._token)
        self._span.end()

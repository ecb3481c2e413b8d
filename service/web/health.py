"""Alive, ready, and numbers for Prometheus."""

from collections.abc import Iterable
from typing import Any

from apiflask import APIBlueprint
from flask import Response, jsonify
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from service.bootstrap import Services
from service.domain.errors import Unavailable
from service.moderation.ready import counts, parts, readings_waiting
from service.moderation.sweep import sweep
from service.runtime.metrics import exposition
from service.web.current import services

blueprint = APIBlueprint("health", __name__, tag="Health")

Answer = dict[str, str | dict[str, dict[str, Any]]]
Described = dict[int | str, Answer]


def _json(description: str, **fields: str | None) -> Answer:
    """The description of an answer of these fields with these values; None stands for any text."""
    properties = {name: {"type": "string"} | ({"const": value} if value else {}) for name, value in fields.items()}
    schema = {"type": "object", "required": list(fields), "properties": properties}
    return {"description": description, "content": {"application/json": {"schema": schema}}}


ALIVE: Described = {200: _json("Alive", status="ok")}
READY: Described = {
    200: _json("Ready", status="ready", database="ok", broker="ok", model="ok", model_version=None, second_reader=None),
    503: {"description": "Not ready: it says what is missing"},
}


@blueprint.get("/healthz")
@blueprint.doc(summary="Alive", responses=ALIVE)
def healthz() -> Response:
    """200 while this process answers."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
@blueprint.doc(summary="Ready", responses=READY)
def readyz() -> Response:
    """200 when database, broker and model are there; else 503, which names what isn't. A second reader may be there or not."""
    s = services()
    found = parts(s.store, s.ping_broker, lambda: s.classifier)
    if wrong := [f"{part} ({error})" for part, error in found.items() if error]:
        raise Unavailable("not ready: " + ", ".join(wrong))
    models = {"model_version": s.classifier.version, "second_reader": s.reader_state}
    return jsonify({"status": "ready", **dict.fromkeys(found, "ok"), **models})


@blueprint.get("/metrics")
@blueprint.doc(hide=True)
def metrics() -> Response:
    """What all processes of this host counted, and what waits, read from the database at the time of asking."""
    return Response(exposition(AtScrape(services())), content_type=CONTENT_TYPE_LATEST)


class AtScrape(Collector):
    """What is looked up when somebody asks, so that every host tells the same."""

    def __init__(self, services: Services) -> None:
        self.services = services

    def collect(self) -> Iterable[GaugeMetricFamily]:
        """The gauges; without the database only those that need none."""
        s = self.services
        found = parts(s.store, s.ping_broker, lambda: s.classifier)
        up = GaugeMetricFamily("saring_part_up", "Whether a part that Saring needs answers", labels=["part"])
        for part, error in found.items():
            up.add_metric([part], not error)
        yield up
        if not found["model"]:
            model = GaugeMetricFamily("saring_model_info", "The model that scores", labels=["version"])
            model.add_metric([s.classifier.version], 1)
            yield model
        if not found["database"]:
            yield from self._waiting()

    def _waiting(self) -> Iterable[GaugeMetricFamily]:
        for kind, by_status in counts(self.services.store).items():
            family = GaugeMetricFamily(f"saring_{kind}", f"{kind.capitalize()} that wait, by status", labels=["status"])
            for status, count in by_status.items():
                family.add_metric([status], count)
            yield family
        readings = GaugeMetricFamily("saring_second_readings_waiting", "What waits to be read again", labels=["what"])
        for what, count in readings_waiting(self.services.store).items():
            readings.add_metric([what], count)
        yield readings
        waiting = sweep(self.services.store, self.services.clock)
        age = GaugeMetricFamily("saring_oldest_seconds", "How long the longest waiting has waited", labels=["what"])
        age.add_metric(["pending"], waiting.pending_seconds)
        age.add_metric(["delivery"], waiting.due_seconds)
        age.add_metric(["reading"], waiting.reading_seconds)
        yield age

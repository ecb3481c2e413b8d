"""Alive, ready, and numbers for Prometheus."""

from collections.abc import Iterable

from apiflask import APIBlueprint
from flask import Response, jsonify
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

from service.bootstrap import Services
from service.domain.errors import Unavailable
from service.moderation.ready import counts, parts
from service.moderation.sweep import sweep
from service.runtime.metrics import exposition
from service.web.current import services

blueprint = APIBlueprint("health", __name__, tag="Health")


@blueprint.get("/healthz")
@blueprint.doc(summary="Alive")
def healthz() -> Response:
    """200 while this process answers."""
    return jsonify({"status": "ok"})


@blueprint.get("/readyz")
@blueprint.doc(summary="Ready", responses=[503])
def readyz() -> Response:
    """200 when database, broker and model are there; else 503, which names what isn't."""
    s = services()
    found = parts(s.store, s.ping_broker, lambda: s.classifier)
    if wrong := [f"{part} ({error})" for part, error in found.items() if error]:
        raise Unavailable("not ready: " + ", ".join(wrong))
    return jsonify({"status": "ready", **dict.fromkeys(found, "ok"), "model_version": s.classifier.version})


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
        waiting = sweep(self.services.store, self.services.clock)
        age = GaugeMetricFamily("saring_oldest_seconds", "How long the longest waiting has waited", labels=["what"])
        age.add_metric(["pending"], waiting.pending_seconds)
        age.add_metric(["delivery"], waiting.due_seconds)
        yield age

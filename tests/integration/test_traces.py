"""Traces reach a collector when a setting asks for them, and cost nothing when it doesn't."""

import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from service.app import create_app
from service.bootstrap import Services
from service.moderation.deliver import deliver_due
from service.moderation.score import score_batch
from service.moderation.sites import Credentials, set_callback
from service.runtime import traces
from service.store.deliveries import WAITING, Deliveries
from service.webhooks.parcels import message_id
from tests.api import Api
from tests.factories import a_sent_comment
from tests.unit.runtime.tree import until

ROOT = Path(__file__).parents[2]


class OneWho:
    """A collector: keeps the spans that are posted to it."""

    def __init__(self) -> None:
        self.spans: dict[str, Span] = {}
        self.bytes = b""
        self.url = ""


@pytest.fixture
def collector() -> Iterator[OneWho]:
    kept = OneWho()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.path == "/v1/traces":
                kept.bytes += body
                for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
                    for scope in resource.scope_spans:
                        kept.spans |= {span.name: span for span in scope.spans}
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    kept.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield kept
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def tracing(collector: OneWho) -> Iterator[None]:
    traces.start(collector.url, "test")
    yield
    traces.stop()


def test_a_comments_way_is_seen_from_its_request_to_its_delivery(
    tracing: None, collector: OneWho, services: Services, site: Credentials
) -> None:
    # nobody listens there: a call that fails is a span as well
    set_callback("news.example", "http://127.0.0.1:1/hook", services.store, allow_private=True)
    api = Api(create_app(services).test_client(), site.api_key)
    api.post("/v1/comments", a_sent_comment(text="Rahasia besar", author={"id": "u9", "name": "Sumarni"}))
    score_batch(services.store, services.classifier, limit=10, lease=30)
    deliver_due(services.store, services.sender, services.clock, seconds=1, concurrency=1, beat=lambda: None)
    wanted = {"POST /v1/comments", "accept", "batch", "batch.claim", "batch.score", "batch.record", "delivery"}
    until(lambda: wanted <= collector.spans.keys(), seconds=10)
    spans = collector.spans
    assert spans["accept"].parent_span_id == spans["POST /v1/comments"].span_id
    assert spans["batch.score"].parent_span_id == spans["batch"].span_id
    assert not spans["batch"].parent_span_id
    assert spans["batch.claim"].end_time_unix_nano == spans["batch.score"].start_time_unix_nano
    with services.store.read() as tx:
        [delivery] = Deliveries(tx, site.site_id).page(WAITING)
    told = {pair.key: pair.value.string_value or pair.value.int_value for pair in spans["delivery"].attributes}
    wanted_of_it = {"site_id": site.site_id, "webhook_id": message_id(delivery.id), "events": 1, "outcome": "retry"}
    assert told == wanted_of_it
    for private in (b"Rahasia", b"Sumarni", site.api_key.encode()):
        assert private not in collector.bytes


def test_without_the_setting_no_tracer_is_imported() -> None:
    # its API alone comes with redis-py, which imports it wherever it is installed
    code = (
        "import sys, service.app, service.cli.worker; from service.runtime import traces; traces.start('', 'web');"
        "print([name for name in sys.modules if name.startswith(('opentelemetry.sdk.trace', 'opentelemetry.exporter'))])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"

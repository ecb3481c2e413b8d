"""When a part is away, the answer says so, and what was answered 202 is kept."""

from dataclasses import replace
from pathlib import Path

from service.app import create_app
from service.bootstrap import Services, build
from service.moderation.score import score_batch
from service.moderation.sites import Credentials
from service.settings import Settings
from tests.api import Api
from tests.factories import a_sent_comment


def test_without_the_database_a_comment_is_answered_503(settings: Settings, model: object) -> None:
    nowhere = replace(settings, database_url="postgresql+psycopg://saring@127.0.0.1:1/saring")
    services = build(nowhere)
    services.__dict__["classifier"] = model
    client = create_app(services).test_client()
    answer = Api(client, "saring-" + "a" * 32).post("/v1/comments", a_sent_comment())
    assert (answer.status_code, answer.content_type) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0
    ready = client.get("/readyz")
    assert (ready.status_code, "database" in ready.json["detail"]) == (503, True)
    assert client.get("/healthz").status_code == 200
    services.store.close()


def test_without_the_broker_a_comment_is_stored_and_scored_later(
    settings: Settings, services: Services, site: Credentials, tmp_path: Path
) -> None:
    broken = build(replace(settings, redis_url=f"unix://{tmp_path}/nobody.sock"), services.clock)
    broken.__dict__["classifier"] = services.classifier
    api = Api(create_app(broken).test_client(), site.api_key)
    answer = api.post("/v1/comments", a_sent_comment())
    assert answer.status_code == 202
    assert "broker" in api.get("/readyz").json["detail"]
    assert score_batch(broken.store, broken.classifier, limit=10, lease=30) == 1
    assert api.get(f"/v1/comments/{answer.json['id']}").json["status"] == "approved"
    broken.store.close()

"""OpenAI's own clients, as published, against a live server."""

import json
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, OpenAI

from service.bootstrap import Services
from service.domain.compat import Compat, Images
from service.domain.errors import CantDecide, TooManyRequests
from service.moderation.sites import Credentials
from service.store.compat import CompatSettings
from tests.clients.asynchronous import in_own_loop
from tests.clients.node import RunNode

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

INSULTS = ["kamu bodoh sekali, tolol", "you are a stupid idiot"]
THANKS = ["terima kasih, artikelnya bagus", "thank you, great article"]
TEXT, IMAGE = (
    {"type": "text", "text": INSULTS[0]},
    {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
)


@pytest.fixture(params=["/v1", ""])
def client(request: pytest.FixtureRequest, base_url: str, site: Credentials) -> Any:
    """The Python client, which refuses an answer that lacks anything."""
    with a_client(base_url + request.param, site.api_key) as made:
        yield made


def a_client(base_url: str, key: str, **options: Any) -> OpenAI:
    return OpenAI(base_url=base_url, api_key=key, _strict_response_validation=True, **{"max_retries": 0, **options})


class Failing:
    """Scores after some failures."""

    def __init__(self, services: Services, failures: list[Exception]) -> None:
        self.score = services.at_once.score
        self.failures = failures
        self.calls = 0

    def __call__(self, *arguments: Any) -> Any:
        self.calls += 1
        if self.failures:
            raise self.failures.pop(0)
        return self.score(*arguments)


def test_each_form_is_answered_and_validated(client: OpenAI) -> None:
    one = client.moderations.create(input=INSULTS[0])
    several = client.moderations.create(input=[*INSULTS, *THANKS], model="text-moderation-latest")
    parts = client.moderations.create(input=[TEXT, {"type": "text", "text": THANKS[0]}], model="omni-moderation-latest")
    assert [len(answer.results) for answer in (one, several, parts)] == [1, 4, 1]
    assert [answer.model for answer in (one, several)] == ["omni-moderation-2024-09-26", "text-moderation-007"]
    assert one.results[0].flagged
    assert one.results[0].categories.harassment
    assert one.results[0].category_applied_input_types.self_harm_intent == []
    assert one.results[0].category_scores.sexual_minors == 0
    assert one._request_id


def test_the_asynchronous_client_is_answered_too(base_url: str, site: Credentials) -> None:
    async def ask() -> list[bool]:
        made = AsyncOpenAI(base_url=f"{base_url}/v1", api_key=site.api_key, _strict_response_validation=True)
        async with made as client:
            answer = await client.moderations.create(input=[*INSULTS, *THANKS])
        return [result.flagged for result in answer.results]

    assert in_own_loop(ask()) == [True, True, False, False]


def test_insults_outrank_thanks_in_both_languages(client: OpenAI) -> None:
    answer = client.moderations.create(input=[*INSULTS, *THANKS])
    scores = [result.category_scores.harassment for result in answer.results]
    assert min(scores[:2]) > max(scores[2:])


def test_its_connection_test_finds_a_model(client: OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["omni-moderation-latest"]


def test_images_are_refused_or_passed_over(client: OpenAI, services: Services, site: Credentials) -> None:
    with pytest.raises(openai.BadRequestError, match="image input is not supported by this server"):
        client.moderations.create(input=[TEXT, IMAGE])
    with services.store.begin() as tx:
        CompatSettings(tx, site.site_id).put(Compat(openai_images=Images.IGNORE))
    assert client.moderations.create(input=[TEXT, IMAGE]).results[0].flagged


def test_each_error_is_the_exception_that_it_should_be(client: OpenAI, base_url: str) -> None:
    stranger = a_client(f"{base_url}/v1", "k7d2-this-is-no-key-of-ours")
    with stranger, pytest.raises(openai.AuthenticationError) as wrong_key:
        stranger.moderations.create(input="halo")
    assert wrong_key.value.code == "invalid_api_key"
    assert "k7d2****" in wrong_key.value.message
    with pytest.raises(openai.BadRequestError) as empty:
        client.moderations.create(input=[])
    assert (empty.value.param, empty.value.type) == ("input", "invalid_request_error")
    with pytest.raises(openai.NotFoundError) as unknown:
        client.moderations.create(input="halo", model="gpt-4o")
    assert unknown.value.code == "model_not_found"
    assert unknown.value.request_id
    with pytest.raises(openai.BadRequestError) as long:
        client.moderations.create(input="x" * 100_001)
    assert long.value.code == "string_above_max_length"


def test_it_tries_again_when_told_to(
    base_url: str, site: Credentials, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = Failing(services, [CantDecide("busy"), TooManyRequests("often", 1, 1)])
    monkeypatch.setattr(services.at_once, "score", failing)
    with a_client(f"{base_url}/v1", site.api_key, max_retries=2) as patient:
        assert patient.moderations.create(input=INSULTS[0]).results[0].flagged
    assert failing.calls == 3


@pytest.mark.parametrize(
    ("failure", "expected"),
    [
        (CantDecide("busy"), openai.InternalServerError),
        (TooManyRequests("often", 1, 1), openai.RateLimitError),
        (RuntimeError("broken"), openai.InternalServerError),
    ],
)
def test_what_stays_away_is_told_as_such(
    client: OpenAI,
    services: Services,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    expected: type[openai.APIStatusError],
) -> None:
    monkeypatch.setattr(services.at_once, "score", Failing(services, [failure]))
    with pytest.raises(expected):
        client.moderations.create(input="halo")


NODE = """
import OpenAI from "openai";
const client = new OpenAI({ maxRetries: 0 });
const input = JSON.parse(process.env.INPUTS);
const answers = [];
for (const one of input) answers.push(await client.moderations.create({ input: one }));
const failures = [];
const fail = async (made, request) => {
  try { await made.moderations.create(request); failures.push(null); }
  catch (error) { failures.push([error.constructor.name, error.status, error.code, error.param, error.type, !!error.requestID]); }
};
await fail(new OpenAI({ apiKey: "k7d2-this-is-no-key-of-ours", maxRetries: 0 }), { input: "halo" });
await fail(client, { input: [] });
await fail(client, { input: "halo", model: "gpt-4o" });
const models = [];
for await (const model of client.models.list()) models.push(model.id);
console.log(JSON.stringify({ answers, failures, models }));
"""


@pytest.mark.parametrize("base", ["/v1", ""])
def test_the_node_client_is_answered(base_url: str, site: Credentials, node_clients: RunNode, base: str) -> None:
    inputs = [INSULTS[0], [*INSULTS, *THANKS], [TEXT, {"type": "text", "text": THANKS[0]}]]
    env = {"OPENAI_BASE_URL": base_url + base, "OPENAI_API_KEY": site.api_key, "INPUTS": json.dumps(inputs)}
    told = node_clients(NODE, env)
    assert [len(answer["results"]) for answer in told["answers"]] == [1, 4, 1]
    assert all(len(result["categories"]) == 13 for answer in told["answers"] for result in answer["results"])
    harassment = [result["category_scores"]["harassment"] for result in told["answers"][1]["results"]]
    assert min(harassment[:2]) > max(harassment[2:])
    assert told["failures"] == [
        ["AuthenticationError", 401, "invalid_api_key", None, "invalid_request_error", True],
        ["BadRequestError", 400, None, "input", "invalid_request_error", True],
        ["NotFoundError", 404, "model_not_found", None, "invalid_request_error", True],
    ]
    assert told["models"] == ["omni-moderation-latest"]


def test_the_node_client_tries_again_when_told_to(
    base_url: str, site: Credentials, services: Services, node_clients: RunNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = Failing(services, [CantDecide("busy")])
    monkeypatch.setattr(services.at_once, "score", failing)
    script = """
    import OpenAI from "openai";
    const answer = await new OpenAI().moderations.create({ input: "kamu bodoh sekali, tolol" });
    console.log(JSON.stringify(answer.results[0].flagged));
    """
    env = {"OPENAI_BASE_URL": f"{base_url}/v1", "OPENAI_API_KEY": site.api_key}
    assert node_clients(script, env) is True
    assert failing.calls == 2

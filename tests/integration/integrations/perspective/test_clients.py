"""The published clients, unchanged, against a live server."""

import json
from collections.abc import Callable, Iterator
from typing import Any
from urllib.error import HTTPError

import pytest
from googleapiclient import discovery
from googleapiclient.errors import HttpError
from perspective import PerspectiveAPI

from service.bootstrap import Services
from service.domain.compat import Compat, UnknownAttributes
from service.moderation.sites import Credentials
from tests.clients.live import served
from tests.clients.node import RunNode
from tests.integration.integrations.perspective.recorded import recorded

INSULT = {"id": "Dasar goblok, tolol kamu!", "en": "You are a stupid idiot."}
THANKS = {"id": "Terima kasih, artikelnya bagus sekali.", "en": "Thank you, this was a great article."}
WRONG_KEY = "aizasyd-not-a-key-of-anybody"
NOT_VALID = "API key not valid. Please pass a valid API key."


@pytest.fixture
def url(services: Services) -> Iterator[str]:
    with served(services) as address:
        yield address


class TestGoogleApiPythonClient:
    @staticmethod
    def build(url: str, key: str) -> Any:
        return discovery.build(
            "commentanalyzer",
            "v1alpha1",
            developerKey=key,
            discoveryServiceUrl=f"{url}/$discovery/rest?version=v1alpha1",
            static_discovery=False,
        )

    @pytest.mark.parametrize("language", ["id", "en"])
    def test_insults_outrank_thanks(self, url: str, site: Credentials, language: str) -> None:
        client = self.build(url, site.api_key)
        scores = []
        for text in (INSULT[language], THANKS[language]):
            body = {"comment": {"text": text}, "requestedAttributes": {"TOXICITY": {}}, "languages": [language]}
            answer = client.comments().analyze(body=body).execute()
            assert answer["languages"] == [language]
            scores.append(answer["attributeScores"]["TOXICITY"]["summaryScore"]["value"])
        assert scores[0] > 0.5 > scores[1]

    def test_a_suggestion_is_thanked_for(self, url: str, site: Credentials) -> None:
        body = {
            "comment": {"text": INSULT["id"]},
            "attributeScores": {"TOXICITY": {"summaryScore": {"value": 1}}},
            "clientToken": "c1",
        }
        answer = self.build(url, site.api_key).comments().suggestscore(body=body).execute()
        assert answer == {"clientToken": "c1", "detectedLanguages": ["id"]}

    def test_a_wrong_key_is_an_error_with_its_reason(self, url: str) -> None:
        body = {"comment": {"text": INSULT["en"]}, "requestedAttributes": {"TOXICITY": {}}}
        with pytest.raises(HttpError) as raised:
            self.build(url, WRONG_KEY).comments().analyze(body=body).execute()
        assert (raised.value.status_code, raised.value.reason) == (400, NOT_VALID)
        assert raised.value.error_details[0]["reason"] == "API_KEY_INVALID"

    def test_an_unsupported_language_is_told_with_its_attribute(self, url: str, site: Credentials) -> None:
        body = {"comment": {"text": "bonjour"}, "requestedAttributes": {"INSULT": {}}, "languages": ["fr"]}
        with pytest.raises(HttpError) as raised:
            self.build(url, site.api_key).comments().analyze(body=body).execute()
        (detail,) = raised.value.error_details
        assert detail["languageNotSupportedByAttributeError"] == {"requestedLanguages": ["fr"], "attribute": "INSULT"}

    def test_the_address_alone_can_be_changed_too(self, url: str, site: Credentials) -> None:
        document = json.dumps(
            {"rootUrl": "https://commentanalyzer.googleapis.com/", "baseUrl": "https://commentanalyzer.googleapis.com/"}
        )
        described = discovery.build_from_document(
            json.dumps(self.build(url, site.api_key)._rootDesc | json.loads(document)),
            developerKey=site.api_key,
            client_options={"api_endpoint": url},
        )
        body = {"comment": {"text": INSULT["en"]}, "requestedAttributes": {"INSULT": {}}}
        assert described.comments().analyze(body=body).execute()["detectedLanguages"] == ["en"]


class TestPerspectiveFromPyPI:
    @staticmethod
    def client(url: str, key: str) -> PerspectiveAPI:
        made = PerspectiveAPI(key)
        made.api_client.url = url + "/v1alpha1/{endpoint}"
        return made

    @pytest.mark.parametrize("language", ["id", "en"])
    def test_insults_outrank_thanks(self, url: str, site: Credentials, language: str) -> None:
        client = self.client(url, site.api_key)
        tests = ["TOXICITY", "INSULT"]
        insult, thanks = (client.score(text, tests=tests) for text in (INSULT[language], THANKS[language]))
        assert list(insult) == tests
        assert all(insult[name] > 0.5 > thanks[name] for name in tests)

    def test_all_that_it_can_send(self, url: str, site: Credentials) -> None:
        answer = self.client(url, site.api_key).analyze_comment(
            f"{INSULT['id']} {THANKS['id']}",
            comment_type="PLAIN_TEXT",
            context=[{"text": "Artikel", "type": "PLAIN_TEXT"}],
            requested_attributes={"TOXICITY": {"scoreType": "PROBABILITY", "scoreThreshold": 0.1}},
            span_annotations=True,
            languages=["id"],
            do_not_store=True,
            client_token="c1",
            session_id="s1",
            community_id="news.example",
        )
        first, second = answer["attributeScores"]["TOXICITY"]["spanScores"]
        assert first["score"]["value"] > second["score"]["value"]
        assert (first["end"], answer["clientToken"]) == (len(INSULT["id"]), "c1")

    def test_a_suggestion_is_thanked_for(self, url: str, site: Credentials) -> None:
        scores = {"INSULT": {"summaryScore": {"value": 1.0}}}
        answer = self.client(url, site.api_key).suggest_score(INSULT["en"], scores, client_token="c1")
        assert answer == {"clientToken": "c1", "detectedLanguages": ["en"]}

    def test_a_wrong_key_is_an_error(self, url: str) -> None:
        with pytest.raises(HTTPError) as raised:
            self.client(url, WRONG_KEY).score(INSULT["en"])
        with raised.value as answer:
            assert (answer.code, json.loads(answer.read())["error"]["message"]) == (400, NOT_VALID)


REPOINT = """
const http = require('node:http'), https = require('node:https');
// the address is a constant in the package: what goes there is sent to ours, as a proxy or an entry in DNS would
https.request = function (options, ...rest) {
  if (options.hostname !== 'commentanalyzer.googleapis.com') throw new Error('asked for ' + options.hostname);
  const ours = new URL(process.env.SARING);
  return http.request({ ...options, protocol: 'http:', hostname: ours.hostname, host: ours.hostname, port: ours.port,
    agent: undefined, agents: undefined }, ...rest);
};
"""

PERSPECTIVE_API_CLIENT = (
    REPOINT
    + """
const Perspective = require('perspective-api-client');
const texts = JSON.parse(process.env.TEXTS);
const client = new Perspective({ apiKey: process.env.KEY });
const scores = [];
for (const text of texts) scores.push(await client.analyze(text, { attributes: ['toxicity', 'insult'] }));
const plain = await client.analyze('<b>' + texts[0] + '</b>');
let refused;
try {
  await new Perspective({ apiKey: 'aizasyd-not-a-key-of-anybody' }).analyze(texts[0]);
} catch (error) {
  refused = [error.name, error.message, error.response.status];
}
const unknown = await client.analyze(texts[0], { attributes: ['flirtation'] }).catch((error) => error.message);
console.log(JSON.stringify({ scores, plain, refused, unknown }));
"""
)

PERSPECTIVEAPI_JS_CLIENT = (
    REPOINT
    + """
const { Client } = require('@conversationai/perspectiveapi-js-client');
const client = new Client(process.env.KEY);
const language = process.env.LANGUAGE;
const scores = [];
for (const text of JSON.parse(process.env.TEXTS)) scores.push(await client.getScores(text, { languages: [language] }));
const refused = await new Client('aizasyd-not-a-key-of-anybody').getScores('hello').catch((error) => error.message);
console.log(JSON.stringify({ scores, refused }));
"""
)

GOOGLEAPIS = """
const { google } = require('googleapis');
const client = await google.discoverAPI(process.env.SARING + '/$discovery/rest?version=v1alpha1');
const key = process.env.KEY;
const scores = [];
for (const text of JSON.parse(process.env.TEXTS)) {
  const resource = { comment: { text }, requestedAttributes: { TOXICITY: {} }, spanAnnotations: true };
  scores.push((await client.comments.analyze({ key, resource })).data);
}
const resource = { comment: { text: 'You idiot, go away' }, attributeScores: { TOXICITY: { summaryScore: { value: 1 } } } };
const thanked = (await client.comments.suggestscore({ key, resource: { ...resource, clientToken: 'c1' } })).data;
let refused;
try {
  await client.comments.analyze({ key: 'aizasyd-not-a-key-of-anybody', resource });
} catch (error) {
  refused = [error.status, error.message];
}
console.log(JSON.stringify({ scores, thanked, refused }));
"""


def asked(url: str, site: Credentials, language: str) -> dict[str, str]:
    texts = json.dumps([INSULT[language], THANKS[language]])
    return {"SARING": url, "KEY": site.api_key, "LANGUAGE": language, "TEXTS": texts}


@pytest.mark.parametrize("language", ["id", "en"])
def test_perspective_api_client(url: str, site: Credentials, node_clients: RunNode, language: str) -> None:
    told = node_clients(PERSPECTIVE_API_CLIENT, asked(url, site, language))
    for name in ("TOXICITY", "INSULT"):
        insult, thanks = (one["attributeScores"][name]["summaryScore"]["value"] for one in told["scores"])
        assert insult > 0.5 > thanks
    assert (
        told["plain"]["attributeScores"]["TOXICITY"]["summaryScore"]
        == told["scores"][0]["attributeScores"]["TOXICITY"]["summaryScore"]
    )
    assert told["refused"] == ["ResponseError", NOT_VALID, 400]
    assert told["unknown"] == "Unknown requested attribute: FLIRTATION"


@pytest.mark.parametrize("language", ["id", "en"])
def test_perspectiveapi_js_client(url: str, site: Credentials, node_clients: RunNode, language: str) -> None:
    told = node_clients(PERSPECTIVEAPI_JS_CLIENT, asked(url, site, language))
    insult, thanks = told["scores"]
    assert insult.keys() == thanks.keys() == {"SPAM", "TOXICITY"}
    assert insult["TOXICITY"] > 0.5 > thanks["TOXICITY"]
    assert "status code 400" in told["refused"]


@pytest.mark.parametrize("language", ["id", "en"])
def test_googleapis_from_the_description(url: str, site: Credentials, node_clients: RunNode, language: str) -> None:
    told = node_clients(GOOGLEAPIS, asked(url, site, language))
    insult, thanks = (one["attributeScores"]["TOXICITY"] for one in told["scores"])
    assert insult["summaryScore"]["value"] > 0.5 > thanks["summaryScore"]["value"]
    assert [one["languages"] for one in told["scores"]] == [[language], [language]]
    assert told["thanked"] == {"clientToken": "c1", "detectedLanguages": ["en"]}
    assert told["refused"] == [400, NOT_VALID]


def test_osmods_16_attributes_through_googleapis(
    url: str, site: Credentials, node_clients: RunNode, choose: Callable[[Compat], None]
) -> None:
    """As its moderator tool asks: a description's URL for an endpoint, and all attributes at once."""
    choose(Compat(unknown_attributes=UnknownAttributes.ZERO))
    script = """
        const { google } = require('googleapis');
        const endpoint = await google.discoverAPI(process.env.SARING + '/$discovery/rest?version=v1alpha1');
        const resource = JSON.parse(process.env.BODY);
        console.log(JSON.stringify((await endpoint.comments.analyze({ key: process.env.KEY, resource })).data));
    """
    body = recorded("osmod")
    told = node_clients(script, {"SARING": url, "KEY": site.api_key, "BODY": json.dumps(body)})
    assert told["attributeScores"].keys() == body["requestedAttributes"].keys()
    assert told["clientToken"] == body["clientToken"]

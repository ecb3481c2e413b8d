"""Published clients, unchanged, against a live server: from PyPI, from npm, and WordPress' way of asking."""

import asyncio
import socket
from collections.abc import Iterator

import akismet as published
import httpx
import pytest

from service.domain.compat import AkismetVerdict
from tests.clients.asynchronous import in_own_loop
from tests.clients.node import RunNode
from tests.integration.integrations.akismet.conftest import HOST, INSULT, SPAM, THANKS, Akismet

BLOG = "https://news.example/"
SECONDS = 30.0
"""Of a client's patience here: the machine may be busy."""


class Repointed(httpx.HTTPTransport):
    """The one thing that its users change: where its requests go."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        assert request.url.host == "rest.akismet.com"
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return super().handle_request(request)


class RepointedAsync(httpx.AsyncHTTPTransport):
    """The same for the client that waits for several answers at once."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.port = port

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        request.url = request.url.copy_with(scheme="http", host="127.0.0.1", port=self.port)
        return await super().handle_async_request(request)


@pytest.fixture
def sync(port: int, akismet: Akismet) -> Iterator[published.SyncClient]:
    """The client from PyPI, its key verified."""
    http = httpx.Client(transport=Repointed(port), timeout=SECONDS)
    with published.SyncClient(config=published.Config(akismet.key, BLOG), http_client=http) as client:
        yield client


def said(text: str) -> dict[str, str]:
    return {
        "comment_type": "comment",
        "comment_author": "Sari",
        "comment_author_email": "sari@example.com",
        "comment_content": text,
        "permalink": "https://news.example/story-1",
    }


def test_pypi_tells_spam_from_ham(sync: published.SyncClient, akismet: Akismet) -> None:
    for language in ("id", "en"):
        assert sync.comment_check("192.0.2.1", **said(SPAM[language])) is published.CheckResponse.SPAM
        assert sync.comment_check("192.0.2.1", **said(THANKS[language])) is published.CheckResponse.HAM
        assert sync.comment_check("192.0.2.1", **said(INSULT[language])) is published.CheckResponse.HAM
    assert len(akismet.comments()) == 6


def test_pypi_hears_of_insults_where_the_site_says_so(sync: published.SyncClient, akismet: Akismet) -> None:
    akismet.choose(akismet_verdict=AkismetVerdict.SPAM_OR_TOXIC)
    for language in ("id", "en"):
        assert sync.comment_check("192.0.2.1", **said(INSULT[language])) is published.CheckResponse.SPAM
        assert sync.comment_check("192.0.2.1", **said(THANKS[language])) is published.CheckResponse.HAM


def test_pypi_hears_what_may_be_thrown_away(sync: published.SyncClient, akismet: Akismet) -> None:
    akismet.choose(akismet_discard=0.01)
    assert sync.comment_check("192.0.2.1", **said(SPAM["id"])) is published.CheckResponse.DISCARD


def test_pypi_submits_and_asks_for_usage(sync: published.SyncClient, akismet: Akismet) -> None:
    sync.comment_check("192.0.2.1", **said(SPAM["id"]))
    assert sync.submit_ham("192.0.2.1", **said(SPAM["id"]))
    assert akismet.comments()[0].status == "approved"
    assert sync.submit_spam("192.0.2.1", **said(SPAM["id"]))
    assert akismet.comments()[0].status == "rejected"
    assert sync.usage_limit() == {"limit": "none", "usage": 1, "percentage": "0.00", "throttled": False}


def test_pypi_asks_for_sites_without_its_key(sync: published.SyncClient) -> None:
    with pytest.raises(published.APIKeyError):
        sync.key_sites()


def test_pypi_hears_of_a_wrong_key(port: int) -> None:
    config = published.Config("saring-nobody-has-this-key", BLOG)
    with httpx.Client(transport=Repointed(port), timeout=SECONDS) as http:
        with pytest.raises(published.APIKeyError):
            published.SyncClient.validated_client(config=config, http_client=http)
        with pytest.raises(published.APIKeyError):
            published.SyncClient(config=config, http_client=http).comment_check("192.0.2.1", comment_content="x")


def test_pypi_keeps_nothing_of_its_tests(sync: published.SyncClient, akismet: Akismet) -> None:
    assert sync.comment_check("192.0.2.1", **said(SPAM["id"]), is_test=True) is published.CheckResponse.SPAM
    assert sync.comment_check("192.0.2.1", comment_author="viagra-test-123", is_test=1) is published.CheckResponse.SPAM
    assert akismet.comments() == []


def test_pypi_asks_several_at_once(port: int, akismet: Akismet) -> None:
    async def ask() -> list[published.CheckResponse]:
        http = httpx.AsyncClient(transport=RepointedAsync(port), timeout=SECONDS)
        async with published.AsyncClient(config=published.Config(akismet.key, BLOG), http_client=http) as client:
            texts = [*SPAM.values(), *THANKS.values()]
            checked = await asyncio.gather(*(client.comment_check("192.0.2.1", **said(text)) for text in texts))
            assert await client.submit_spam("192.0.2.1", **said(THANKS["id"]))
            assert await client.submit_ham("192.0.2.1", **said(THANKS["en"]))
            assert (await client.usage_limit())["usage"] == 4
            return list(checked)

    spam, ham = published.CheckResponse.SPAM, published.CheckResponse.HAM
    assert in_own_loop(ask()) == [spam, spam, ham, ham]


LOOK_UP = """
// a name with the key in front leads to this machine, as wildcard DNS would have it
const dns = require('dns');
const known = dns.lookup;
dns.lookup = (name, options, done) => known(name.endsWith('.akismet.test') || name === 'akismet.test' ? '127.0.0.1' : name, options, done);
const { AkismetClient } = require('akismet-api');
const { TEXTS, KEY, HOST } = process.env;
const client = (key) => new AkismetClient({ key, blog: 'https://news.example/', host: HOST, protocol: 'http' });
const heard = (asked) => asked.catch((error) => `error: ${error.message}`);
const said = (content) => ({ ip: '192.0.2.1', useragent: 'x', name: 'Sari', email: 'sari@example.com', type: 'comment',
    permalink: 'https://news.example/story-1', content });
"""  # noqa: E501 # JavaScript


def node(run: RunNode, port: int, key: str, script: str) -> object:
    """What the script says that it heard."""
    return run(LOOK_UP + script, {"KEY": key, "HOST": f"{HOST}:{port}"})


def test_npm_carries_its_key_in_front_of_the_host(node_clients: RunNode, port: int, akismet: Akismet) -> None:
    heard = node(
        node_clients,
        port,
        akismet.key,
        f"""
        const texts = {[*SPAM.values(), *THANKS.values()]};
        const spam = [];
        for (const text of texts) spam.push(await client(KEY).checkSpam(said(text)));
        const submitted = [await client(KEY).submitSpam(said(texts[2])), await client(KEY).submitHam(said(texts[0]))];
        console.log(JSON.stringify({{
            verified: [await client(KEY).verifyKey(), await client('saring-nobody-has-this-key').verifyKey()],
            spam,
            submitted: submitted.map((answer) => answer.text),
            trapped: await client(KEY).checkSpam({{ ...said(texts[3]), honeypot: 'filled' }}),
            wrong: await heard(client('saring-nobody-has-this-key').checkSpam(said(texts[0]))),
            administrator: await client(KEY).checkSpam({{ ...said(texts[0]), role: 'administrator' }}),
        }}));
        """,
    )
    thanks = "Thanks for making the web a better place."
    assert heard == {
        "verified": [True, False],
        "spam": [True, True, False, False],
        "submitted": [thanks, thanks],
        "trapped": True,
        "wrong": "error: Invalid API key",
        "administrator": False,
    }
    statuses = {one.text: one.status.value for one in akismet.comments()}
    assert (statuses[THANKS["id"]], statuses[SPAM["id"]], statuses[THANKS["en"]]) == (
        "rejected",
        "approved",
        "rejected",
    )


def test_npm_hears_why_there_is_no_verdict(node_clients: RunNode, port: int, akismet: Akismet) -> None:
    script = "console.log(JSON.stringify(await heard(client(KEY).checkSpam({ ...said('x'.repeat(2 ** 20)) }))));"
    assert node(node_clients, port, akismet.key, script) == "error: 413 Request Entity Too Large"


def raw(port: int, request: bytes) -> tuple[bytes, dict[str, str], bytes]:
    """An answer as it comes over a socket that the server closes: its first line, headers and body."""
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        connection.sendall(request)
        answer = b""
        while got := connection.recv(65_536):
            answer += got
    head, _, content = answer.partition(b"\r\n\r\n")
    first, *lines = head.split(b"\r\n")
    return first, {name.lower(): value for name, _, value in (line.decode().partition(": ") for line in lines)}, content


@pytest.mark.parametrize(("text", "word"), [(SPAM["id"], b"true"), (THANKS["id"], b"false")])
def test_wordpress_speaks_http_1_0(port: int, akismet: Akismet, text: str, word: bytes) -> None:
    form = httpx.QueryParams({"api_key": akismet.key, "blog": BLOG, "comment_content": text, "HTTP_ACCEPT": "*/*"})
    request = (
        "POST /1.1/comment-check HTTP/1.0\r\nHost: rest.akismet.com\r\n"
        "User-Agent: WordPress/6.8 | Akismet/5.5\r\nContent-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"Content-Length: {len(str(form))}\r\n\r\n{form}"
    )
    first, headers, content = raw(port, request.encode())
    assert first.split()[1] == b"200"
    assert (content, headers["content-length"]) == (word, str(len(word)))
    assert "transfer-encoding" not in headers
    assert headers["content-type"] == "text/plain; charset=utf-8"
    assert "x-akismet-guid" in headers

"""What stands on the wire, byte for byte."""

import pytest
from apiflask import APIFlask
from flask import Flask
from structlog.testing import capture_logs

from service.domain.errors import TooManyRequests
from service.integrations.akismet import routes
from service.moderation.sites import Credentials
from tests.integration.integrations.akismet.conftest import HOST, SPAM, THANKS, Akismet, body, sari

HELP = "X-akismet-debug-help"
SENTENCE = "Thanks for making the web a better place."


def test_a_key_is_verified_in_either_field(akismet: Akismet) -> None:
    assert body(akismet.post("verify-key")) == "valid"
    answer = akismet.post("verify-key", api_key=None, key=akismet.key)
    assert (body(answer), HELP in answer.headers) == ("valid", False)


@pytest.mark.parametrize("key", ["saring-nobody-has-this-key", "x", "", "ü\x00", "k" * 70_000])
@pytest.mark.parametrize(
    "call",
    ["verify-key", "comment-check", "submit-spam", "submit-ham", "get-subscription", "get-stats", "deactivate"],
)  # fmt: skip
def test_a_wrong_key_is_invalid_everywhere(akismet: Akismet, call: str, key: str) -> None:
    answer = akismet.post(call, api_key=key, comment_content=SPAM["en"])
    assert body(answer) == "invalid"
    assert answer.headers[HELP]


def test_without_a_blog_a_key_is_invalid_and_the_header_says_why(akismet: Akismet) -> None:
    for blog in (None, "", " "):
        answer = akismet.post("verify-key", blog=blog)
        assert (body(answer), answer.headers[HELP]) == ("invalid", 'Empty "blog" value')


def test_a_check_without_a_blog_names_the_field(akismet: Akismet) -> None:
    answer = akismet.check(THANKS["id"], blog=None)
    assert (body(answer), answer.headers[HELP]) == ("Missing required field: blog.", 'Empty "blog" value')
    assert akismet.comments() == []


@pytest.mark.parametrize("ip", [None, "", "192.0.2.1", "2001:db8::1", "no address", "1" * 5_000])
def test_an_address_may_be_missing_or_be_none(akismet: Akismet, ip: str | None) -> None:
    assert body(akismet.check(THANKS["id"], user_ip=ip)) == "false"


def test_ham_and_spam_carry_an_id_and_no_help(akismet: Akismet) -> None:
    for text, word in ((THANKS["id"], "false"), (SPAM["id"], "true")):
        answer = akismet.check(text)
        guid = answer.headers["X-akismet-guid"]
        assert (body(answer), len(guid), int(guid, 16) > 0) == (word, 32, True)
        assert HELP not in answer.headers
        assert "X-akismet-pro-tip" not in answer.headers
    assert akismet.check(SPAM["id"]).headers["X-akismet-guid"] != guid


def test_submissions_are_thanked_in_one_sentence(akismet: Akismet) -> None:
    for call in ("submit-spam", "submit-ham"):
        answer = akismet.post(call, **sari(THANKS["id"]))
        assert (body(answer), HELP in answer.headers) == (SENTENCE, False)


@pytest.mark.parametrize(
    ("host", "word"),
    [
        (f"{{key}}.{HOST}", "false"),
        (f"{{KEY}}.{HOST.upper()}:8080", "false"),
        (HOST, "invalid"),
        (f"{HOST}:443", "invalid"),
        ("{key}.rest.akismet.com", "invalid"),
        ("{key}", "invalid"),
        ("[::1]:80", "invalid"),
        ("", "invalid"),
    ],
)
def test_the_key_may_stand_in_front_of_the_host(akismet: Akismet, host: str, word: str) -> None:
    named = host.format(key=akismet.key, KEY=akismet.key.upper())
    form = {"blog": "https://news.example/", "comment_content": THANKS["id"]}
    answer = akismet.client.post("/1.1/comment-check", data=form, headers={"Host": named})
    assert body(answer) == word


def test_the_first_place_that_holds_a_key_counts(akismet: Akismet) -> None:
    headers = {"Host": f"{akismet.key}.{HOST}"}
    for form, word in (
        ({"api_key": "wrong"}, "invalid"),
        ({"api_key": "", "key": "wrong"}, "invalid"),
        ({"api_key": " "}, "valid"),
        ({"api_key": akismet.key, "key": "wrong"}, "valid"),
    ):
        answer = akismet.client.post("/1.1/verify-key", data={"blog": "https://x.example", **form}, headers=headers)
        assert body(answer) == word
    answer = akismet.client.post(f"/1.1/verify-key?api_key={akismet.key}", data={"blog": "https://x.example"})
    assert body(answer) == "valid"


def test_coral_sends_json_without_a_blog(akismet: Akismet) -> None:
    akismet.check(SPAM["id"])
    sent = {"api_key": akismet.key, **sari(SPAM["id"]), "is_test": False, "user_ip": None}
    assert body(akismet.client.post("/1.1/submit-ham", json=sent)) == SENTENCE
    assert [(one.status, one.author.ip) for one in akismet.comments()] == [("approved", "192.0.2.10")]
    answer = akismet.client.post(
        "/1.1/comment-check", json={**sent, "blog": "https://x.example", "comment_context": ["a", 1]}
    )
    assert body(answer) == "true"


@pytest.mark.parametrize("data", [b"{", b"[]", b"7", b'"x"', b"\xff", b"[" * 100_000, b""])
def test_json_that_is_none_is_an_error_that_says_so(akismet: Akismet, data: bytes) -> None:
    headers = {"Host": f"{akismet.key}.{HOST}"}
    answer = akismet.client.post("/1.1/submit-spam", data=data, content_type="application/json", headers=headers)
    assert (body(answer), answer.headers[HELP]) == ("error", "400 Bad Request")


def test_a_form_of_several_parts_is_read_too(akismet: Akismet) -> None:
    form = {"api_key": akismet.key, "blog": "https://x.example", **sari(SPAM["en"])}
    assert body(akismet.client.post("/1.1/comment-check", data=form, content_type="multipart/form-data")) == "true"


@pytest.mark.parametrize(
    ("header", "field", "encoding", "text"),
    [
        ("", "", "utf-8", "Terima kasih — ñandú 🙏"),
        ("; charset=ISO-8859-1", "", "latin-1", "ñandú"),
        ("; charset=windows-1251", "UTF-8", "cp1251", "Спасибо"),
        ("", "iso-8859-1", "latin-1", "ñandú"),
        # says one and sends another, as the client from PyPI does
        ("", "iso-8859-1", "utf-8", "ñandú"),
        ("", "EUC-JP", "euc_jp", "ありがとう"),
        ("; charset=rot13", "unicode_escape", "utf-8", "ñandú"),
        ("; charset=no-such-thing", "x" * 5_000, "utf-8", "ñandú"),
    ],
)
def test_texts_are_read_in_their_charset(akismet: Akismet, header: str, field: str, encoding: str, text: str) -> None:
    form = b"&".join(
        name.encode() + b"=" + b"".join(b"%%%02X" % byte for byte in value)
        for name, value in (
            ("api_key", akismet.key.encode()),
            ("blog", b"https://x.example"),
            ("blog_charset", field.encode()),
            ("comment_content", text.encode(encoding)),
        )
    )
    kind = f"application/x-www-form-urlencoded{header}"
    assert body(akismet.client.post("/1.1/comment-check", data=form, content_type=kind)) in ("true", "false")
    assert [one.text for one in akismet.comments()] == [text]


def test_bytes_in_no_charset_are_judged_all_the_same(akismet: Akismet) -> None:
    form = f"api_key={akismet.key}&blog=x&comment_content=%FF%FE%00%ED%A0%80+goblok".encode()
    kind = "application/x-www-form-urlencoded"
    assert body(akismet.client.post("/1.1/comment-check", data=form, content_type=kind)) in ("true", "false")
    assert "\x00" not in akismet.comments()[0].text


def test_a_large_body_is_read_and_a_larger_one_is_not(akismet: Akismet) -> None:
    text = f"{SPAM['id']} " * 3_000
    assert len(text) > 200_000
    assert body(akismet.check(text)) == "true"
    rest = "x" * (1024 * 1024 - 1_000)
    assert body(akismet.check(THANKS["id"], POST_other=rest)) == "false"
    answer = akismet.check(THANKS["id"], POST_other="x" * 1024 * 1024)
    assert (body(answer), answer.headers[HELP]) == ("error", "413 Request Entity Too Large")


@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("path", ["/1.1/comment-check", "/1.1/no-such-call", "/1.2/no/such/call", "/1.1/"])
def test_what_is_no_call_is_an_error_in_this_format(akismet: Akismet, method: str, path: str) -> None:
    if path == "/1.1/":
        path = "/1.1/%00"
    answer = akismet.client.open(path, method=method)
    assert (body(answer), answer.headers[HELP]) == ("error", "There is no such call")


def test_the_reachability_test_needs_no_key(akismet: Akismet) -> None:
    assert body(akismet.client.get("/1.1/test")) == "ok"


def test_what_nobody_foresaw_is_an_error_and_is_logged(akismet: Akismet, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("boom")

    monkeypatch.setattr(routes, "Submission", fails)
    with capture_logs() as logs:
        answer = akismet.check(SPAM["en"])
    assert body(answer) == "error"
    assert "boom" not in answer.headers[HELP]
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["unexpected error"]


def test_a_site_that_asks_too_often_is_told_in_the_headers(akismet: Akismet, monkeypatch: pytest.MonkeyPatch) -> None:
    def over(_site: str) -> None:
        raise TooManyRequests("this site's rate is 5", 7, 5)

    monkeypatch.setattr(routes, "count_request", over)
    answer = akismet.check(SPAM["en"])
    assert body(answer) == "invalid"
    assert answer.headers["X-akismet-alert-code"].isdigit()
    assert (answer.headers["Retry-After"], answer.headers["X-akismet-error"]) == ("7", "429")
    assert answer.headers["X-akismet-alert-msg"] == answer.headers[HELP]


def test_nothing_that_was_sent_is_logged(akismet: Akismet, app: APIFlask, site: Credentials) -> None:
    with capture_logs() as logs:
        akismet.check("a text that nobody else writes", HTTP_COOKIE="session=hunter2")
        akismet.post("comment-check", api_key="a-key-that-nobody-has", comment_content="a text that nobody else writes")
    told = str(logs)
    for secret in ("hunter2", "nobody else writes", "a-key-that", site.api_key):
        assert secret not in told


def test_the_routes_are_not_in_the_description_of_our_own_api(app: Flask) -> None:
    described = app.test_client().get("/openapi.json").json
    assert not [path for path in described["paths"] if path.startswith("/1.")]

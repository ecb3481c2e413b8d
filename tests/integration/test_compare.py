"""`saring compat compare` against an old service that is slow, refuses, breaks and lacks languages, as the real one does."""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator
from html.parser import HTMLParser
from pathlib import Path
from threading import Thread

import pytest
from click.testing import CliRunner, Result
from flask import Flask, Response, jsonify, request
from werkzeug.serving import make_server

from service.cli import main
from service.cli.compare import asking
from service.moderation.sites import Credentials
from service.settings import Settings

KEY = "a-secret-old-key"

TEXTS = (
    "Terima kasih, beritanya jelas sekali.",
    "dasar bodoh, goblok kau",
    "What a lovely day in the park",
    "you are a stupid idiot",
    "Menarik, ditunggu lanjutannya",
    "<script>alert('x')</script> dasar tolol & bodoh",
    "shut up you moron",
)


class Perspective:
    """Answers as the old service: toxic when it says so; `broken` are answers that it gives first, for each text."""

    def __init__(self) -> None:
        self.asked: Counter[str] = Counter()
        self.questions: list[dict[str, object]] = []
        self.broken: dict[str, list[Response]] = {}
        self.app = Flask("perspective")
        self.app.add_url_rule("/v1alpha1/comments:analyze", "analyze", self.analyze, methods=["POST"])

    def analyze(self) -> Response:
        body = request.get_json()
        text = body["comment"]["text"]
        self.asked[text] += 1
        self.questions.append(body)
        if request.args.get("key") != KEY:
            return error(400, "API key not valid. Please pass a valid API key.", {"reason": "API_KEY_INVALID"})
        if self.broken.get(text):
            return self.broken[text].pop(0)
        if "THREAT" in body["requestedAttributes"] and text.startswith("Menarik"):
            about = {"detectedLanguages": ["id"], "attribute": "THREAT"}
            kind = "LANGUAGE_NOT_SUPPORTED_BY_ATTRIBUTE"
            said = "Attribute THREAT does not support request languages: id"
            return error(400, said, {"errorType": kind, "languageNotSupportedByAttributeError": about})
        if "SPAM" in body["requestedAttributes"]:
            return error(400, "Unknown requested attribute: SPAM", {"errorType": "INVALID_REQUEST"})
        value = 0.95 if re.search("bodoh|stupid|moron", text) else 0.1 + len(text) / 1_000
        score = {"summaryScore": {"value": value, "type": "PROBABILITY"}}
        return jsonify({"attributeScores": dict.fromkeys(body["requestedAttributes"], score), "languages": ["id"]})


def error(status: int, message: str, detail: dict[str, object], headers: dict[str, str] | None = None) -> Response:
    body = {"error": {"code": status, "message": message, "status": "X", "details": [detail]}}
    return Response(json.dumps(body), status, headers, content_type="application/json")


@pytest.fixture
def old() -> Iterator[Perspective]:
    service = Perspective()
    server = make_server("127.0.0.1", 0, service.app, threaded=True)
    service.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield service
    server.shutdown()
    thread.join()


@pytest.fixture
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Seconds that were waited for, none of them really."""
    waits: list[float] = []
    monkeypatch.setattr(asking.OldService.__init__, "__defaults__", (waits.append, asking.time.monotonic))
    return waits


@pytest.fixture
def database_url(sqlite_template: Path, tmp_path: Path) -> str:
    """One database: nothing here depends on its kind."""
    (tmp_path / "saring.db").write_bytes(sqlite_template.read_bytes())
    return f"sqlite:///{tmp_path / 'saring.db'}"


@pytest.fixture
def comments(tmp_path: Path) -> Path:
    file = tmp_path / "comments.jsonl"
    file.write_text("".join(json.dumps({"text": text}) + "\n" for text in (*TEXTS, TEXTS[0], "", "ä" * 10_241)))
    return file


Compare = Callable[..., Result]


@pytest.fixture
def compare(settings: Settings, old: Perspective, comments: Path, tmp_path: Path) -> Compare:
    env = {
        "SARING_DATA_DIR": str(settings.data_dir),
        "SARING_DATABASE_URL": settings.database_url,
        "SARING_REDIS_URL": settings.redis_url or "",
    }

    def run(*arguments: str, key: str = KEY) -> Result:
        usual = ["--old", old.url, "--key", key, "--rate", "1000", "--out", str(tmp_path / "report.html")]
        return CliRunner().invoke(main, ["compat", "compare", str(comments), *usual, *arguments], env=env)

    return run


class Page(HTMLParser):
    """What a browser makes of the report."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] += 1
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.words += data


def test_comments_are_compared_and_a_threshold_is_proposed(
    compare: Compare, tmp_path: Path, old: Perspective, site: Credentials
) -> None:
    done = compare("--site", "news.example")
    assert done.exit_code == 0, done.output
    rows = {line.split("  ")[0].strip(): line.split() for line in done.stdout.splitlines()}
    assert rows["held before"][-6:] == ["4"] * 6
    assert rows["comments"][-6:] == ["7", "7", "7", "7", "7", "6"]
    assert rows["policy now"][2] == "0.5" or float(rows["policy now"][2]) > 0
    page = Page((tmp_path / "report.html").read_text("utf-8"))
    assert (page.tags["svg"], page.tags["script"]) == (6, 0)
    assert '"toxicity"' in page.words
    assert "no text: 1" in page.words
    assert "over 20480 bytes: 1" in page.words
    # the question is Perspective's, and asks that nothing be kept
    assert old.questions[0]["doNotStore"] is True
    assert max(old.asked[text] for text in TEXTS if not text.startswith("Menarik")) == 1


def test_the_page_loads_nothing_and_has_no_text_unless_asked(compare: Compare, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    compare("--attribute", "insult")
    without = report.read_text("utf-8")
    assert "tolol" not in without
    assert "script-src" not in without
    assert "default-src 'none'" in without
    page = Page(without)
    assert not [value for name, value in page.attributes if name in ("src", "href", "style") or name.startswith("on")]


def test_texts_are_escaped(compare: Compare, comments: Path, tmp_path: Path) -> None:
    hostile = "<script>alert(1)</script><img src=x onerror=alert(1)> </bdi>\u202e what a lovely moron"
    calm = [{"text": text} for text in ("dasar goblok tolol kau anjing", "Selamat pagi semua")]
    comments.write_text("\n".join(json.dumps(row) for row in [{"text": hostile}, *calm]))
    assert compare("--attribute", "severe_toxicity", "--show-texts").exit_code == 0
    page = Page((tmp_path / "report.html").read_text("utf-8"))
    assert (page.tags["img"], page.tags["script"], page.tags["bdi"]) == (0, 0, 2)
    assert hostile in page.words


def test_what_was_answered_is_not_asked_again(compare: Compare, old: Perspective, tmp_path: Path) -> None:
    compare()
    asked = old.asked.total()
    kept = tmp_path / "report.scores.jsonl"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert "bodoh" not in kept.read_text("utf-8")
    # the last line was being written when the run was broken off
    kept.write_bytes(kept.read_bytes()[:-20])
    assert compare().exit_code == 0
    assert old.asked.total() == asked + 1
    assert compare().exit_code == 0
    assert old.asked.total() == asked + 1


def test_too_many_and_broken_answers_are_waited_out(compare: Compare, old: Perspective, slept: list[float]) -> None:
    quota = error(429, "Quota exceeded for quota metric", {"reason": "RATE_LIMIT_EXCEEDED"}, {"Retry-After": "42"})
    old.broken[TEXTS[1]] = [quota, Response("<html>", 500), Response("", 503)]
    assert compare().exit_code == 0
    assert old.asked[TEXTS[1]] == 4
    assert {42.0, 2.0, 4.0} <= set(slept)


@pytest.mark.parametrize("wanted", ["1e9", "-3", "soon", "nan", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_no_answer_makes_it_wait_for_ever(compare: Compare, old: Perspective, slept: list[float], wanted: str) -> None:
    old.broken[TEXTS[1]] = [error(429, "Quota", {}, {"Retry-After": wanted})]
    assert compare().exit_code == 0
    assert max(slept) <= 300
    assert min(slept) >= 0


def test_one_comment_at_which_it_breaks_is_left_out_and_asked_again_later(
    compare: Compare, old: Perspective, slept: list[float]
) -> None:
    old.broken[TEXTS[1]] = [Response("", 500) for _ in range(asking.TRIES)]
    done = compare()
    assert done.exit_code == 0
    assert "left out: 1 (no answer)" in done.stderr
    assert "no answer" not in compare().stderr


def test_a_service_that_stays_away_ends_it_in_one_line(compare: Compare, old: Perspective, slept: list[float]) -> None:
    old.broken = {text: [Response("", 500) for _ in range(asking.TRIES)] for text in TEXTS[2:]}
    done = compare()
    assert done.exit_code == 1
    assert "did not answer" in done.stderr
    assert KEY not in done.output
    # what it had said before is kept
    asked = old.asked[TEXTS[0]]
    old.broken = {}
    assert compare().exit_code == 0
    assert old.asked[TEXTS[0]] == asked


def test_nobody_listens(compare: Compare, slept: list[float]) -> None:
    done = compare("--old", "http://127.0.0.1:9")
    assert done.exit_code == 1
    assert "ConnectError" in done.stderr
    assert KEY not in done.output


def test_a_wrong_key_ends_it_at_once(compare: Compare, old: Perspective) -> None:
    done = compare(key="not-this-one")
    assert (done.exit_code, old.asked.total()) == (1, 1)
    assert "refuses the key" in done.stderr


def test_an_attribute_that_it_lacks_is_asked_for_once(compare: Compare, old: Perspective) -> None:
    done = compare("--attribute", "SPAM", "--attribute", "INSULT")
    assert done.exit_code == 0
    assert old.asked.total() == len(TEXTS) + 1
    assert "SPAM" not in done.stdout


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"[]",
        b"nonsense",
        b'{"attributeScores": 7}',
        b'{"attributeScores": {"INSULT": {"summaryScore": null}}}',
        b'{"attributeScores": {"INSULT": {"summaryScore": {"value": "0.9"}}}}',
        b'{"attributeScores": {"INSULT": {"summaryScore": {"value": 17}}}}',
        b'{"attributeScores": {"INSULT": {"summaryScore": {"value": true}}}}',
    ],
)
@pytest.mark.parametrize("status", [200, 302, 400, 404])
def test_an_answer_that_makes_no_sense_gives_no_score(
    compare: Compare, old: Perspective, body: bytes, status: int
) -> None:
    old.broken = {text: [Response(body, status)] for text in TEXTS}
    done = compare("--attribute", "INSULT")
    assert done.exit_code == 1
    assert "scored none of these comments" in done.stderr


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("--attribute", "FLIRTATION"), "Saring has no FLIRTATION"),
        (("--old", "ftp://old.example"), "give --old as an address"),
        (("--old", "https://old.example/?key=1"), "give --old as an address"),
        (("--old", "http://["), "give --old as an address"),
        (("--threshold", "0"), "--threshold"),
        (("--column", "words"), "which column is the text"),
        (("--site", "no.such"), "no.such"),
    ],
)
def test_what_cannot_be_is_said_in_one_line(compare: Compare, given: tuple[str, ...], said: str) -> None:
    done = compare(*given)
    assert done.exit_code in (1, 2)
    assert said in done.stderr


def test_a_file_that_is_no_answers_is_left_alone(compare: Compare, tmp_path: Path) -> None:
    kept = tmp_path / "report.scores.jsonl"
    kept.write_text("my notes\n")
    done = compare()
    assert (done.exit_code, "line 1 is no answer" in done.stderr) == (1, True)
    assert kept.read_text() == "my notes\n"


@pytest.mark.parametrize(
    "url",
    [
        "https://old.example",
        "https://old.example/",
        "https://old.example/v1alpha1",
        "https://old.example/v1alpha1/comments:analyze",
    ],
)
def test_the_address_may_be_given_as_it_is_known(url: str) -> None:
    assert asking.analyze_url(url) == "https://old.example/v1alpha1/comments:analyze"


def test_it_asks_no_faster_than_it_is_told() -> None:
    waits: list[float] = []
    at = iter(range(100))

    def clock() -> float:
        # a tenth of a second for each answer
        return next(at) / 10

    service = asking.OldService("http://old.example", KEY, 1, None, waits.append, clock)
    for _ in range(3):
        service._wait_for_turn()
    service.close()
    assert waits == [pytest.approx(0.9), pytest.approx(1.8)]


def test_the_same_file_gives_the_same_sample(compare: Compare, old: Perspective) -> None:
    compare("--sample", "3", "--attribute", "INSULT")
    first = set(old.asked)
    compare("--sample", "3", "--attribute", "INSULT")
    assert (set(old.asked), old.asked.total()) == (first, 3)

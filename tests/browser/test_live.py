"""Two browsers on one queue, with a broker that dies and without any: what one does reaches the other."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from service.desk import live
from service.domain.change import Change, Kind
from service.domain.comment import Status
from service.moderation.accept import accept
from service.moderation.sign_in import sign_out
from service.runtime.embedded import EmbeddedBroker
from service.store.rows import CommentRow
from tests.browser.stage import Stage, put_in_queue, stored
from tests.factories import a_comment
from tests.integration.runtime.conftest import Broker
from tests.unit.runtime.tree import until

Queued = Callable[..., CommentRow]
Desk = Callable[..., Page]
CURRENT = "#hand .card:not([hidden])"
FRENCH = "Merci beaucoup pour cet article, il est vraiment très intéressant."
LISTEN = """() => {
    window.heard = [];
    document.addEventListener("saring:changed", ({ detail }) => window.heard.push({ ...detail, at: Date.now() }));
}"""

PAUSES = """() => {
    const asked = performance.getEntriesByType("resource").filter((one) => one.name.includes("/desk/pulse"));
    const due = ({ startTime, responseEnd }) => Math.max(startTime + 2_000, responseEnd);
    return asked.slice(1).map(({ startTime }, place) => startTime - due(asked[place]));
}"""
"""Script for how late the page asked each time, in milliseconds after it could have."""


@pytest.fixture
def own_broker(tmp_path: Path) -> Iterator[Broker]:
    """A broker that the test may kill."""
    broker = Broker(EmbeddedBroker(tmp_path / "broker", tmp_path / "broker.sock"))
    broker.start()
    yield broker
    broker.kill()


@pytest.fixture
def broker(own_broker: Broker) -> EmbeddedBroker:
    """In place of the one for all tests."""
    return own_broker.server


@pytest.fixture
def pair(stage: Stage, queued: Queued, desk: Desk) -> tuple[Page, Page]:
    """Two moderators with a full hand each, whose pages are told of changes."""
    for number in range(14):
        queued(risk=2 - number / 20)
    pages = desk("Ayu@news.example"), desk("Bima@news.example")
    for page in pages:
        page.evaluate(LISTEN)
    for page in pages:
        await_stream(stage, page)
    return pages


def await_stream(stage: Stage, page: Page) -> None:
    """Until the page hears what is told."""

    def hears() -> bool:
        stage.services.live.tell([Change(stage.site.site_id, Kind.DECIDED, ("probe",))])
        page.wait_for_timeout(200)
        return bool(page.evaluate("window.heard.some((one) => one.ids.includes('probe'))"))

    until(hears, seconds=20)
    forget(page)


def current(page: Page) -> str:
    return page.get_attribute(CURRENT, "data-comment") or ""


def settle(page: Page) -> None:
    page.wait_for_selector("#hand[data-waiting='0']", state="attached")


def forget(page: Page) -> None:
    page.evaluate("window.heard = []")


def await_kind(page: Page, kind: str, comment_id: str = "", seconds: float = 15.0) -> float:
    """Wait for a change of this kind, that names the comment; when it was heard, in milliseconds since 1970."""
    heard = page.wait_for_function(
        "([kind, id]) => window.heard.find((one) => one.kind === kind && (!id || one.ids.includes(id)))",
        arg=[kind, comment_id],
        timeout=seconds * 1_000,
    )
    return float(heard.json_value()["at"])


def ids(page: Page) -> set[str]:
    return set(page.locator("#hand .card").evaluate_all("(cards) => cards.map((card) => card.dataset.comment)"))


def status(stage: Stage, comment_id: str) -> Status:
    return stored(stage.services, stage.site.site_id, comment_id).status


def reject(stage: Stage, page: Page) -> tuple[str, float]:
    """Reject the card in sight; which it was, and when it was saved, in milliseconds since 1970."""
    comment_id = current(page)
    page.keyboard.press("r")
    until(lambda: status(stage, comment_id) is Status.REJECTED, seconds=10)
    return comment_id, time.time() * 1_000


def test_a_decision_in_one_browser_reaches_the_other_within_two_seconds(stage: Stage, pair: tuple[Page, Page]) -> None:
    ayu, bima = pair
    for page, other, name in ((ayu, bima, "Ayu"), (bima, ayu, "Bima")):
        comment_id, saved = reject(stage, page)
        assert await_kind(other, "decided", comment_id) - saved < 2_000
        named = "(id) => window.heard.find((one) => one.ids.includes(id)).by"
        assert other.evaluate(named, comment_id) == name
    assert not ids(ayu) & ids(bima)


def test_the_number_of_waiting_comments_follows(stage: Stage, pair: tuple[Page, Page]) -> None:
    ayu, bima = pair
    expect(bima.locator("#standing .waiting")).to_contain_text("14")
    reject(stage, ayu)
    expect(bima.locator("#standing .waiting")).to_contain_text("13", timeout=15_000)
    put_in_queue(stage.services, stage.site.site_id, a_comment())
    put_in_queue(stage.services, stage.site.site_id, a_comment())
    expect(bima.locator("#standing .waiting")).to_contain_text("15", timeout=15_000)


def test_while_redis_is_dead_asking_takes_over_and_nothing_is_lost(
    stage: Stage, own_broker: Broker, pair: tuple[Page, Page]
) -> None:
    ayu, bima = pair
    own_broker.kill()
    decided = set()
    for page, other in ((ayu, bima), (bima, ayu)):
        other.wait_for_timeout(2_500)
        forget(other)
        comment_id, saved = reject(stage, page)
        decided.add(comment_id)
        # asked for every two seconds
        assert await_kind(other, "resync") - saved < 3_000
        settle(page)
        settle(other)
        assert not ids(ayu) & ids(bima)
    for page in pair:
        forget(page)
    own_broker.start()
    for page in pair:
        await_kind(page, "resync")
        await_stream(stage, page)
    comment_id, saved = reject(stage, ayu)
    assert await_kind(bima, "decided", comment_id) - saved < 2_000
    assert all(status(stage, one) is Status.REJECTED for one in (*decided, comment_id))
    assert not ids(ayu) & ids(bima)


def test_a_desk_that_is_refused_a_stream_asks(stage: Stage, queued: Queued, desk: Desk) -> None:
    stage.services.live._most = 0
    queued()
    page = desk()
    page.evaluate(LISTEN)
    await_kind(page, "resync")
    forget(page)
    put_in_queue(stage.services, stage.site.site_id, a_comment())
    began = time.time() * 1_000
    assert await_kind(page, "resync") - began < 3_000
    # and by the page's own clock every two seconds, whatever the server takes for its answers
    assert max(page.evaluate(PAUSES)) < 1_000
    page.context.close()
    desk.complaints[:] = [text for text in desk.complaints if "503" not in text]  # type: ignore[attr-defined]


def test_between_two_streams_nothing_is_missed(queued: Queued, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live, "STREAM_SECONDS", 0.5)
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.1)
    queued()
    page = desk()
    page.evaluate(LISTEN)
    for _ in range(2):
        forget(page)
        await_kind(page, "resync")


def test_a_hidden_page_asks_for_nothing(stage: Stage, queued: Queued, desk: Desk) -> None:
    stage.services.live._most = 0
    queued()
    page = desk()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "pulse" in request.url else None)
    page.wait_for_timeout(2_600)
    assert asked
    page.evaluate(
        """() => {
            Object.defineProperty(document, "hidden", { value: true });
            document.dispatchEvent(new Event("visibilitychange"));
        }"""
    )
    page.wait_for_timeout(500)
    asked.clear()
    page.wait_for_timeout(3_000)
    assert asked == []
    page.context.close()
    desk.complaints[:] = [text for text in desk.complaints if "503" not in text]  # type: ignore[attr-defined]


def test_a_revoked_session_hears_no_more(
    stage: Stage, pair: tuple[Page, Page], desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "CHECK_SECONDS", 0.0)
    ayu, bima = pair
    token = next(cookie["value"] for cookie in bima.context.cookies() if cookie["name"] == "saring")
    sign_out(stage.services.store, token)
    reject(stage, ayu)
    expect(bima).to_have_url(re.compile("/login"), timeout=20_000)
    bima.context.close()
    known = ("event-stream", "401", "UNAUTHORIZED")
    desk.complaints[:] = [text for text in desk.complaints if not any(word in text for word in known)]  # type: ignore[attr-defined]


@pytest.fixture
def start_scorer(stage: Stage, tmp_path: Path) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Starts a real scoring worker."""
    settings = stage.services.settings
    started: list[subprocess.Popen[bytes]] = []
    env = {
        **os.environ,
        "SARING_DATA_DIR": str(tmp_path),
        "SARING_DATABASE_URL": settings.database_url,
        "SARING_REDIS_URL": str(settings.redis_url),
    }

    def start() -> subprocess.Popen[bytes]:
        argv = [sys.executable, "-m", "service.cli", "worker", "--queue", "score", "--concurrency", "1"]
        with (tmp_path / "worker.log").open("ab") as log:
            root = Path(__file__).parents[2]
            started.append(subprocess.Popen(argv, cwd=root, env=env, stdout=log, stderr=log, start_new_session=True))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def test_what_a_worker_flags_appears_and_its_death_loses_no_decision(
    stage: Stage, pair: tuple[Page, Page], start_scorer: Callable[[], subprocess.Popen[bytes]]
) -> None:
    ayu, bima = pair
    services, site_id = stage.services, stage.site.site_id

    def send() -> str:
        sent = accept([a_comment(text=FRENCH)], site_id, services.store, lambda: None)
        services.waker.poke("score_pending")
        return sent[0].id

    worker = start_scorer()
    flagged = send()
    until(lambda: status(stage, flagged) is Status.FLAGGED, seconds=60)
    at = time.time() * 1_000
    assert await_kind(ayu, "flagged", flagged) - at < 2_000
    os.killpg(worker.pid, signal.SIGKILL)
    worker.wait()
    waits = send()
    comment_id, saved = reject(stage, ayu)
    assert await_kind(bima, "decided", comment_id) - saved < 2_000
    assert status(stage, waits) is Status.PENDING
    start_scorer()
    services.waker.poke("score_pending")
    await_kind(bima, "flagged", waits, seconds=60)
    assert status(stage, comment_id) is Status.REJECTED
    assert not ids(ayu) & ids(bima)

"""How soon a moderator sees the next comment after a key, in a real browser, beside a bare round trip of the same page."""

import statistics
from collections.abc import Callable

from playwright.sync_api import Page, sync_playwright

from bench.batches import batches
from bench.client import Client
from bench.measure import Measure, interleaved
from bench.saring import Saring, saring
from bench.through import await_decided
from tests.browser.stage import launch

PRESSES = 10
"""Keys that make one reading; the middle one counts."""

QUEUED = 40
"""Comments that still wait when the last key was pressed."""

HOLD_ALL: dict[str, object] = {"authors": {"hold_first": 1_000_000}}
"""A policy by which every comment is flagged."""

CURRENT = "#hand .card:not([hidden])"

WATCH = """() => {
    window.shown = [];
    window.saved = [];
    const hand = document.getElementById("hand");
    const current = () => hand.querySelector(".card:not([hidden])")?.dataset.comment;
    let begun = 0, waits = false;
    const note = (times) => {
        times.push(performance.now() - begun);
        hand.dataset.timed = Math.min(window.shown.length, window.saved.length);
    };
    // on its way down, so before the page's own listener
    document.addEventListener("keydown", (event) => {
        const before = current();
        begun = event.timeStamp;
        waits = true;
        const look = () => requestAnimationFrame(() => {
            if (!current() || current() === before) return look();
            setTimeout(() => note(window.shown));  // after that frame was painted
        });
        look();
    }, true);
    new MutationObserver(() => {
        if (!waits || hand.dataset.waiting !== "0") return;
        waits = false;
        note(window.saved);
    }).observe(hand, { attributeFilter: ["data-waiting"] });
}"""
"""Script that notes for each key the milliseconds until the next comment was painted, and until the server had the decision."""

FETCH = """async (times) => {
    const taken = [];
    for (let turn = 0; turn < times; turn++) {
        const begun = performance.now();
        await (await fetch("/healthz", { cache: "no-store" })).text();
        taken.push(performance.now() - begun);
    }
    return taken;
}"""


def desk(rounds: int, told: Callable[[], None]) -> list[Measure]:
    """Milliseconds from the key to the next comment in sight, and to the answer of the server with a new card."""
    with saring(log_level="error") as running, sync_playwright() as playwright:
        running.set_policy(HOLD_ALL)
        _fill(running, PRESSES * (rounds + 1) + QUEUED)
        browser = launch(playwright)
        page = browser.new_page(locale="en", viewport={"width": 1440, "height": 900})
        _log_in(page, running)
        page.evaluate(WATCH)
        saved: list[float] = []

        def press() -> float:
            shown, answered = _press(page)
            saved.append(answered)
            return shown

        ways = {"shown": press, "fetch": lambda: statistics.median(page.evaluate(FETCH, PRESSES))}
        read = interleaved(ways, rounds, told)
        browser.close()
    bare = "fetch of /healthz, same page"
    return [
        Measure("desk: key to the next comment in sight", "ms", read["shown"], bare, read["fetch"]),
        # the first round does not count
        Measure("desk: key to saved and dealt anew", "ms", saved[1:], bare, read["fetch"]),
    ]


def _press(page: Page) -> tuple[float, float]:
    """Approve so many comments, one after the other; medians until shown and until saved."""
    before = page.evaluate("window.shown.length")
    for number in range(before + 1, before + PRESSES + 1):
        page.keyboard.press("a")
        page.wait_for_selector(f"#hand[data-timed='{number}']", state="attached")
    shown, saved = page.evaluate("[window.shown, window.saved]")
    return statistics.median(shown[before:]), statistics.median(saved[before:])


def _fill(running: Saring, number: int) -> None:
    client = Client(running.url, running.first_run["api_key"])
    try:
        for batch in batches(10, number // 10):
            client.post(batch)
    finally:
        client.close()
    await_decided(running)


def _log_in(page: Page, running: Saring) -> None:
    page.goto(f"{running.url}/login")
    page.fill("#email", running.first_run["email"])
    page.fill("#password", running.first_run["password"])
    page.keyboard.press("Enter")
    page.wait_for_selector(CURRENT)
    page.wait_for_load_state("load")

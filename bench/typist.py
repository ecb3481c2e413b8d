"""Whoever sits at the desk and presses keys without reading, in a real browser, with a clock in the page."""

import time
from dataclasses import dataclass

import httpx
from playwright.sync_api import Browser, Page

from bench.queues import PASSWORD, Site
from bench.saring import Saring

BARE = "fetch of /healthz, same page"

KEYS = "aaar"
"""What is pressed in turn: most of what is flagged is approved."""

CURRENT = "#hand .card:not([hidden])"

PATIENCE_MS = 10_000

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
"""Script that notes for each key the milliseconds until the next card was painted, and until the server had the decision."""

FETCH = """async (times) => {
    const taken = [];
    for (let turn = 0; turn < times; turn++) {
        const begun = performance.now();
        await (await fetch("/healthz", { cache: "no-store" })).text();
        taken.push(performance.now() - begun);
    }
    return taken;
}"""


@dataclass(frozen=True)
class Times:
    """Milliseconds of each key until the next card was painted, and until the decision was saved and a new card dealt."""

    shown: list[float]
    saved: list[float]


@dataclass(frozen=True)
class Typist:
    """A page of the desk and a hand on the keyboard."""

    page: Page

    def clear(self, presses: int | None, seconds: float = 600.0) -> Times:
        """Decide so many cards or for so long, each key as soon as the next card is painted and the last decision saved."""
        before, until = self.page.evaluate("window.shown.length"), time.monotonic() + seconds
        pressed = 0
        while time.monotonic() < until and pressed != presses:
            self.page.keyboard.press(KEYS[pressed % len(KEYS)])
            pressed += 1
            timed = f"#hand[data-timed='{before + pressed}']"
            self.page.wait_for_selector(timed, state="attached", timeout=PATIENCE_MS)
        shown, saved = self.page.evaluate(
            "(before) => [window.shown.slice(before), window.saved.slice(before)]", before
        )
        return Times(shown, saved)

    def fetch(self, times: int) -> list[float]:
        """Milliseconds of so many round trips that do nothing, one after the other."""
        taken: list[float] = self.page.evaluate(FETCH, times)
        return taken

    def close(self) -> None:
        """Leave; the cards go back."""
        self.page.context.close()


def open_desk(browser: Browser, running: Saring, site: Site) -> Typist:
    """Log in as the site's moderator and wait for the first card."""
    page = browser.new_context(locale="en", viewport={"width": 1440, "height": 900}).new_page()
    page.goto(f"{running.url}/login")
    page.fill("#email", site.email)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_selector(CURRENT)
    page.wait_for_load_state("load")
    # the hand is filled
    page.wait_for_selector("#hand[data-waiting='0']", state="attached")
    page.evaluate(WATCH)
    return Typist(page)


def cookies_of(browser: Browser, running: Saring, site: Site) -> httpx.Cookies:
    """The session of the site's moderator, for pages that are fetched without a browser."""
    typist = open_desk(browser, running, site)
    cookies = httpx.Cookies({cookie["name"]: cookie["value"] for cookie in typist.page.context.cookies()})
    typist.close()
    return cookies

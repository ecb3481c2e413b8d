"""The pictures of the desk in docs/images, taken from the real application with the demo's comments.

python -m tests.browser.pictures [--only NAME]
"""

import argparse
import base64
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from service.bootstrap import build
from service.domain.decision import Action
from service.moderation.judge import score_texts
from service.moderation.queue import worst
from service.moderation.review import Act
from service.moderation.sites import add_site
from service.settings import Settings
from service.store import migrations
from service.store.rows import CommentRow
from tests.browser.furnish import Say, decide, furnish, people, visited
from tests.browser.places import PLACES, Place
from tests.browser.stage import Stage, demo_comments, launch, open_desk, send, served
from tests.servers import valkey

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LANGUAGES = ("en", "id")
THEMES = ("light", "dark")
SIZES = {360: 780, 1440: 900}
SHOWN = {"en": "l.o.s.e.r.s", "id": "t-o-l-o-l"}
"""A word of the comment in the picture: one that shows marks and a disguise, and that one can show."""

QUALITY = 35
"""Of WebP, in percent: letters stay sharp, and all pictures together stay below some megabytes."""

LIKE_OTHERS = ("looked-at", "comment-escalated", "invitation-joined", "not-allowed")
"""Places of which there is no picture: they look like others."""

REMARKS = (
    "Sudah ditegur dua kali minggu ini.",
    "The same under another story yesterday.",
    "Menyerang orangnya, bukan beritanya.",
    "Quotes somebody; look at the whole sentence.",
    "Saya hanya bercanda, mohon dilihat lagi.",
)
NAMES = ("Kasar sekali", "Sedang berulang", "Melanggar tata tertib", "Kabar bohong", "Minggu ini", "Dewi Anggraini")


@contextmanager
def demo_stage() -> Iterator[Stage]:
    """A Saring with the demo's comments in it, and people who have worked on some of them."""
    with tempfile.TemporaryDirectory() as folder, valkey() as broker:
        settings = Settings.from_env({"SARING_DATA_DIR": folder, "SARING_REDIS_URL": broker.url})
        services = build(settings)
        migrations.upgrade(services.store)
        site = add_site("kabar.example", None, services.store, allow_private=True)
        send(services, site.site_id, demo_comments(datetime.now(UTC)))
        with served(services, site) as stage:
            yield stage
        services.store.close()


def furnished(stage: Stage) -> Mapping[str, str]:
    """People's work on comments that one can show, so that no page is empty."""
    waiting = worst(stage.services.store, stage.site.site_id, 60)
    shown = [comment for comment in waiting if showable(stage, comment)]
    some = [comment for comment in shown if not any(word in comment.text for word in SHOWN.values())]
    made = furnish(stage, some, sensible())
    bima = people(stage)["bima@news.example"]
    for number, comment in enumerate(some[8:20]):
        decide(stage, bima, [comment], Act(Action.REJECT, "insult") if number % 3 else Act(Action.APPROVE))
    return made


def showable(stage: Stage, comment: CommentRow) -> bool:
    """Neither sexual nor a threat: a picture is seen by people who did not choose to."""
    scores = score_texts([comment.text], stage.services.classifier)[0].by_attribute
    return scores["sexually_explicit"] < 0.3 and scores["threat"] < 0.3 and scores["identity_attack"] < 0.4


def sensible() -> Say:
    """Names, what a server answers, and remarks: by how long they may be."""
    names, remarks = cycle(NAMES), cycle(REMARKS)
    return lambda most: next(names) if most <= 100 else "503 Service Unavailable" if most == 200 else next(remarks)


def skip_to(page: Page, word: str) -> None:
    """Skip cards until one has this word; the page as if nothing had been pressed."""
    for _ in range(40):
        if word in page.inner_text("#hand .card:not([hidden]) .text"):
            break
        page.keyboard.press("s")
        page.wait_for_selector("#hand[data-waiting='0']", state="attached")
    page.wait_for_selector(".toast", state="detached")
    page.evaluate("document.activeElement.blur()")


def photograph(page: Page, name: str) -> None:
    """What is in sight, as WebP, which Chromium makes of it."""
    asked = {"format": "webp", "quality": QUALITY, "optimizeForSpeed": False}
    taken = page.context.new_cdp_session(page).send("Page.captureScreenshot", asked)
    (IMAGES / f"{name}.webp").write_bytes(base64.b64decode(taken["data"]))


def take_all(browser: Browser, stage: Stage, made: Mapping[str, str], places: Sequence[Place]) -> None:
    """Each place in each language, theme and size."""
    for language in LANGUAGES:
        for theme in THEMES:
            for width, height in SIZES.items():
                view = {"width": width, "height": height}
                options = {"viewport": view, "locale": language, "color_scheme": theme}

                def desk(email: str | None, **chosen: object) -> Page:
                    if email:
                        return open_desk(browser, stage, email, **chosen)
                    return browser.new_context(**chosen).new_page()  # type: ignore[arg-type]

                for place, page in visited(stage, made, desk, places, **options):
                    if place.name == "queue":
                        skip_to(page, SHOWN[language])
                    page.wait_for_timeout(150)
                    photograph(page, f"{place.name}-{language}-{theme}-{width}")
                for context in browser.contexts:
                    context.close()


def main() -> None:
    """Take them all, or those of some places."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", action="append", default=[], choices=[place.name for place in PLACES])
    only = parser.parse_args().only
    places = [place for place in PLACES if place.name in only or (not only and place.name not in LIKE_OTHERS)]
    IMAGES.mkdir(parents=True, exist_ok=True)
    with demo_stage() as stage, sync_playwright() as playwright:
        browser = launch(playwright)
        take_all(browser, stage, furnished(stage), places)
        browser.close()


if __name__ == "__main__":
    main()

"""The pictures of the desk in docs/images, taken from the real application with the demo's comments.

python -m tests.browser.pictures
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from service.bootstrap import build
from service.moderation.sites import add_site
from service.settings import Settings
from service.store import migrations
from tests.browser.stage import Stage, demo_comments, launch, open_desk, send, served
from tests.servers import valkey

IMAGES = Path(__file__).parents[2] / "docs" / "images"
LANGUAGES = ("en", "id")
THEMES = ("light", "dark")
SIZES = {360: 780, 1440: 900}
SHOWN = {"en": "l.o.s.e.r.s", "id": "t-o-l-o-l"}
"""A word of the comment in the picture: one that shows marks and a disguise, and that one can show."""


@contextmanager
def demo_stage() -> Iterator[Stage]:
    """A Saring with the demo's comments in it."""
    with tempfile.TemporaryDirectory() as folder, valkey() as broker:
        settings = Settings.from_env({"SARING_DATA_DIR": folder, "SARING_REDIS_URL": broker.url})
        services = build(settings)
        migrations.upgrade(services.store)
        site = add_site("kabar.example", None, services.store, allow_private=True)
        send(services, site.site_id, demo_comments(datetime.now(UTC)))
        with served(services, site) as stage:
            yield stage
        services.store.close()


def skip_to(page: Page, word: str) -> None:
    """Skip cards until one has this word; the page as if nothing had been pressed."""
    for _ in range(40):
        if word in page.inner_text("#hand .card:not([hidden]) .text"):
            break
        page.keyboard.press("s")
        page.wait_for_selector("#hand[data-waiting='0']", state="attached")
    page.wait_for_selector(".toast", state="detached")
    page.evaluate("document.activeElement.blur()")


def main() -> None:
    """Take them all."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with demo_stage() as stage, sync_playwright() as playwright:
        browser = launch(playwright)
        for language in LANGUAGES:
            for theme in THEMES:
                for width, height in SIZES.items():
                    view = {"width": width, "height": height}
                    page = open_desk(browser, stage, viewport=view, locale=language, color_scheme=theme)
                    skip_to(page, SHOWN[language])
                    page.screenshot(path=IMAGES / f"desk-{language}-{theme}-{width}.png")
                    page.context.close()
        browser.close()


if __name__ == "__main__":
    main()

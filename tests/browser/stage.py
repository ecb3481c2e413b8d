"""A running Saring to look at: the real application on a database of its own, served from a thread."""

import json
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, Playwright
from werkzeug.serving import WSGIRequestHandler, make_server

from service.bootstrap import Services
from service.domain.comment import Author, NewComment, Thread
from service.domain.decision import Action, Actor, Reason
from service.moderation.accept import accept
from service.moderation.judge import score_texts
from service.moderation.record import record
from service.moderation.score import score_batch
from service.moderation.sign_in import add_user, sign_in
from service.moderation.sites import Credentials
from service.store.comments import Comments
from service.store.ledger import Ruling
from service.store.queue import Queue
from service.store.rows import CommentRow
from tests.app import an_app

DEMO = Path(__file__).parents[2] / "service" / "cli" / "demo"
WITHOUT_HIDDEN = (
    "(element) => { element.querySelectorAll('.vh').forEach((one) => one.remove()); return element.textContent }"
)
"""Script for the text of an element as it is seen, without what only screen readers get."""

PASSWORD = "saring air keruh"
UNWANTED = (
    "AvoidUnnecessaryBeforeUnloadCheckSync", "DestroyProfileOnBrowserClose", "HttpsUpgrades", "HttpsFirstBalancedModeAutoEnable",
    "LensOverlay", "MediaRouter", "PaintHolding", "ThirdPartyStoragePartitioning", "AvoidCorsURLLoaderRestartOnRedirect",
    "TcpPortRandomizationWin", "OptimizationHints", "NetworkTimeServiceQuerying", "AimEnabled", "PreconnectToSearch",
)  # fmt: skip
"""Features that Playwright turns off. Of two switches that name some the last one counts, so ours names these again."""

ADDRESS_BAR = ("WebUIOmniboxPopup", "WebUIOmniboxAimPopup")
"""Two pages of each new window's address bar, which take longer to start than the page that a test looks at."""

CHROMIUM_ARGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--disable-features={','.join((*UNWANTED, *ADDRESS_BAR))}",
)


@dataclass(frozen=True)
class Stage:
    """Where the browser goes, and what stands behind."""

    url: str
    services: Services
    site: Credentials


class Quiet(WSGIRequestHandler):
    """Keeps connections open as a real server does, and writes no log."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


@contextmanager
def served(services: Services, site: Credentials) -> Iterator[Stage]:
    """The application in a thread, with the people who work there."""
    for name in ("Ayu", "Bima"):
        add_user(services.store, f"{name}@news.example", name, PASSWORD, site.site_id, "moderator")
    add_user(services.store, "lead@news.example", "Rina Hartati", PASSWORD, site.site_id, "lead")
    add_user(services.store, "admin@news.example", "Sari Dewi", PASSWORD, site.site_id, "admin")
    add_user(services.store, "viewer@news.example", "Vino", PASSWORD, site.site_id, "viewer")
    server = make_server("127.0.0.1", 0, an_app(services), threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Stage(f"http://127.0.0.1:{server.server_port}", services, site)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def send(services: Services, site_id: str, comments: Sequence[NewComment]) -> None:
    """Take comments in and have them decided, as a worker would."""
    accept(comments, site_id, services.store, lambda: None)
    while score_batch(services.store, services.classifier, limit=500, lease=30):
        pass


def put_in_queue(services: Services, site_id: str, new: NewComment, risk: float = 1.0) -> CommentRow:
    """A comment that the policy flagged for insult, whatever is in it."""
    return put_all_in_queue(services, site_id, [new], risk)[0]


def put_all_in_queue(
    services: Services, site_id: str, new: Sequence[NewComment], risk: float = 1.0
) -> list[CommentRow]:
    """The same of several; the earlier ones come first in the queue."""
    accepted = [one.id for one in accept(new, site_id, services.store, lambda: None)]
    reasons = (Reason("score", Action.FLAG, "insult", 0.9, 0.5),)
    scores = score_texts([one.text for one in new], services.classifier)
    with services.store.begin() as tx:
        found = Queue(tx, site_id).of_ids(accepted)
        rulings = [
            Ruling(
                comment, Action.FLAG, Actor.POLICY, reasons, policy_version=1, scores=of_text, risk=risk - place / 10_000
            )
            for place, (comment, of_text) in enumerate(zip(found, scores, strict=True))
        ]  # fmt: skip
        record(tx, site_id, rulings)
    with services.store.read() as tx:
        return Queue(tx, site_id).of_ids(accepted)


def stored(services: Services, site_id: str, comment_id: str) -> CommentRow:
    """A comment as it stands."""
    with services.store.read() as tx:
        comment = Comments(tx, site_id).get(comment_id)
    assert comment is not None
    return comment


def launch(playwright: Playwright) -> Browser:
    """Chromium: the system's where there is one, else Playwright's own."""
    found = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    return playwright.chromium.launch(executable_path=found, args=list(CHROMIUM_ARGS))


def give_password(page: Page, stage: Stage, email: str) -> None:
    """What one does at the login page."""
    page.goto(f"{stage.url}/login")
    page.fill("#email", email)
    page.fill("#password", PASSWORD)
    page.keyboard.press("Enter")


def log_in(page: Page, stage: Stage, email: str) -> Page:
    """Log in at the login page; ends at the desk, its hand filled."""
    give_password(page, stage, email)
    return _at_desk(page)


def enter(page: Page, stage: Stage, email: str) -> Page:
    """Begin a session in this browser without the login page, which takes as long as most tests; ends at the desk, too."""
    token = sign_in(stage.services.store, email, PASSWORD, page.evaluate("navigator.userAgent"))
    assert isinstance(token, str), f"{email} owes a code"
    page.context.add_cookies(
        [{"name": "saring", "value": token, "url": stage.url, "httpOnly": True, "sameSite": "Lax"}]
    )
    page.goto(f"{stage.url}/desk")
    return _at_desk(page)


def _at_desk(page: Page) -> Page:
    page.wait_for_selector("#hand .card:not([hidden]), #clear:not([hidden])")
    page.wait_for_load_state("load")
    # by then the page's script, where there is one, has asked for the cards behind the first
    page.wait_for_selector("#hand[data-waiting='0']", state="attached")
    return page


def open_desk(browser: Browser, stage: Stage, email: str = "lead@news.example", **options: Any) -> Page:
    """The desk in a context of its own."""
    return log_in(browser.new_context(**options).new_page(), stage, email)


def demo_comments(now: datetime) -> list[NewComment]:
    """The comments of `make demo`, the last one just posted."""
    told = json.loads((DEMO / "stories.json").read_text())
    stories = {story["id"]: Thread(story["id"], story["url"], story["title"]) for story in told}
    rows = [json.loads(line) for line in (DEMO / "comments.jsonl").read_text().splitlines()]
    return [
        NewComment(
            row["id"],
            row["text"],
            Author(row["author"]["id"], row["author"]["name"]),
            stories[row["thread"]],
            row["parent_id"],
            created_at=now - timedelta(seconds=97 * (len(rows) - number)),
        )
        for number, row in enumerate(rows)
    ]

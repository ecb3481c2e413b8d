"""What stands in an address or is typed into a form comes back as words: never run, and never the end of a page."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle, islice
from urllib.parse import urlencode, urlsplit

import pytest
from playwright.sync_api import Page

from tests.browser.awkward import awkward, saying
from tests.browser.furnish import furnish, visited
from tests.browser.hostile import texts
from tests.browser.places import ADMIN, PLACES
from tests.browser.stage import Stage
from tests.browser.test_hostile import harmless

PHONE = {"width": 360, "height": 780}

ASKED = (
    "q", "queue", "order", "attribute", "low", "high", "language", "older", "newer", "thread", "author", "cursor", "before",
    "since", "at", "next", "back", "after", "days", "name", "seen", "error", "state", "code", "__proto__[polluted]",
)  # fmt: skip
"""Names in query strings: those that our pages know, and some that they don't."""

KEPT = (
    "/logout",
    "/sessions/end",
    "/second-factor",
    "/account/password",
    "/language",
    "/theme",
    "/remove",
    "/role",
    "/site",
    "/revoke",
)
"""Forms that would end the test's own session, or its person."""

FORMS = """() => [...document.querySelectorAll("form[method=post]")].map((form) => ({
    path: form.getAttribute("action"),
    fields: [...new FormData(form)],
    names: [...form.elements].map((element) => element.name).filter(Boolean),
}))"""

Desk = Callable[..., Page]


@pytest.fixture
def made(stage: Stage) -> Mapping[str, str]:
    """A site in full use."""
    return furnish(stage, awkward(stage), saying())


def asked(path: str, some: Sequence[str]) -> Iterator[str]:
    """Addresses that have each of these texts in some parameter, all parameters at once or the first alone."""
    base, _, query = path.partition("?")
    turn = cycle(some)
    for number in range(0, len(some), len(ASKED)):
        given = list(zip(ASKED, islice(turn, len(ASKED)), strict=False))
        yield f"{base}?{urlencode(given)}"
        yield f"{base}?{query}&{urlencode([('q', some[number]), ('next', some[-number - 1]), ('back', some[number])])}"


def test_addresses_are_shown_as_words_and_lead_nowhere_else(stage: Stage, made: Mapping[str, str], desk: Desk) -> None:
    """Each page gets its share of the corpus, and every page the beginning of it."""
    every = [text[:2_000] for text in texts()]
    size = len(every) // len(PLACES) + 1
    for number, (place, page) in enumerate(visited(stage, made, desk, viewport=PHONE)):
        some = [*every[:50], *every[number * size : (number + 1) * size]]
        for url in asked(place.at(made), some):
            answer = page.goto(stage.url + url)
            assert answer, url
            assert answer.status < 500, url
            assert urlsplit(page.url).netloc == urlsplit(stage.url).netloc, url
            harmless(page)
        desk.complaints[:] = [text for text in desk.complaints if "status of 4" not in text]  # type: ignore[attr-defined]


def test_forms_take_anything_and_show_it_as_words(stage: Stage, made: Mapping[str, str], desk: Desk) -> None:
    """Every form of every page, each field hostile in turn and all at once; no answer is an error of ours."""
    every = cycle(text[:3_000] for text in texts())
    forms = {}
    for place, page in visited(stage, made, desk, viewport=PHONE):
        for form in page.evaluate(FORMS):
            path = urlsplit(form["path"]).path
            if not any(part in path for part in KEPT):
                kind = path.translate(str.maketrans("", "", "0123456789abcdef-"))
                forms.setdefault((place.endpoint, kind), (place, page, form))
    assert len(forms) >= 15
    for place, page, form in forms.values():
        for fields in _filled(form["fields"], form["names"], every):
            answer = page.request.post(stage.url + form["path"], form=fields, headers={"Referer": page.url})
            assert answer.status < 500, (form["path"], fields)
            assert urlsplit(answer.url).netloc == urlsplit(stage.url).netloc
        page.goto(stage.url + place.at(made))
        harmless(page)
    desk.complaints[:] = [text for text in desk.complaints if "status of 4" not in text]  # type: ignore[attr-defined]


def _filled(fields: Sequence[tuple[str, str]], names: Sequence[str], every: Iterator[str]) -> Iterator[dict[str, str]]:
    """The form with each of its fields hostile, and with all of them."""
    given = dict(fields)
    own = [name for name in dict.fromkeys([*given, *names]) if name != "csrf_token"]
    for name in own:
        yield {**given, name: next(every)}
    for _ in range(3):
        yield {**given, **{name: next(every) for name in own}}


def test_a_refused_form_shows_what_was_typed(stage: Stage, desk: Desk) -> None:
    page = desk(ADMIN, viewport=PHONE)
    for path, field in (("/settings/people", "#email"), ("/settings/policy", "[name='thresholds.insult.flag']")):
        for text in texts()[5:600:60]:
            page.goto(stage.url + path)
            page.fill(field, text[:60].replace("\n", " "))
            page.locator(field).press("Enter")
            page.wait_for_load_state("load")
            harmless(page)
    desk.complaints[:] = [text for text in desk.complaints if "status of 4" not in text]  # type: ignore[attr-defined]

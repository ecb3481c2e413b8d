"""Second looks on their pages: what one sees of the first decision, and what a lead reads."""

import re
from collections.abc import Callable

import pytest

from service.domain.comment import Author
from service.domain.decision import Action, Actor
from service.moderation.accept import accept
from service.moderation.record import record
from service.moderation.second_look import disagreements, look_again, next_look, sample
from service.moderation.sites import Credentials
from service.store import Store
from service.store.ledger import Ruling
from service.store.sites import Sites
from tests.factories import a_comment
from tests.integration.desk.browser import Browser
from tests.integration.desk.conftest import Queued
from tests.integration.desk.looks import decided

Browse = Callable[[str], Browser]


@pytest.fixture
def cleo(browse: Browse) -> Browser:
    """A moderator's browser."""
    return browse("moderator")


def test_the_page_is_blind(cleo: Browser, store: Store, queued: Queued, ayu: str, bima: str) -> None:
    """Nothing of the first decision: neither what, nor whose, nor why, nor what came of it."""
    comment = queued(text="kamu goblok", author=Author("u9", "Dewi"))
    with store.begin() as tx:
        ruling = Ruling(comment, Action.REJECT, Actor.MODERATOR, user_id=ayu, note="sangat kasar")
        record(tx, queued.site_id, [ruling])
        sample(tx, queued.site_id, 1.0, [ruling], ayu)
    page = cleo.get("/desk/second-looks").text
    main = page[page.index("<main") : page.index("</main>")]
    main = re.sub(r"<(svg|form)\b.*?</\1>", "", main, flags=re.DOTALL).replace(f'"by-{comment.id}"', "")
    assert "goblok" in main
    assert "Dewi" in main
    for word in ("Ayu", "kasar", "reject", "approve", "flagged", "pill", comment.author.id, f"comments/{comment.id}"):
        assert word.lower() not in main.lower()


def look_on(page: str) -> str:
    found = re.search(r'name="look" value="([^"]+)"', page)
    assert found
    return found.group(1)


def test_it_is_taken_by_a_form(cleo: Browser, store: Store, queued: Queued, ayu: str) -> None:
    written = [queued(author=Author(f"u{number}", f"Penulis {number}")) for number in range(2)]
    for comment in written:
        decided(store, ayu, comment)
    page = cleo.get("/desk/second-looks").text
    assert 'Second looks <span class="tag">2</span>' in page
    first, second = written if written[0].author.name in page else reversed(written)
    skipped = cleo.post("/desk/second-looks", {"look": look_on(page), "action": "skip"})
    after = cleo.get(skipped.location).text
    assert second.author.name in after
    done = cleo.post("/desk/second-looks", {"look": look_on(after), "action": "approve"})
    assert (done.status_code, done.location) == (303, "/desk/second-looks")
    rest = cleo.get("/desk/second-looks").text
    assert "The comment itself stays as it is." in rest
    assert first.author.name in rest
    assert [row.comment_id for row in disagreements(store, queued.site_id).rows] == [second.id]


def test_a_look_that_came_to_nothing_is_told(cleo: Browser, store: Store, queued: Queued, ayu: str) -> None:
    decided(store, ayu, queued(id="edited"))
    look = look_on(cleo.get("/desk/second-looks").text)
    accept([a_comment(id="edited", text="Kini lain.")], queued.site_id, store, lambda: None)
    cleo.post("/desk/second-looks", {"look": look, "action": "approve"})
    assert "your look was not counted" in cleo.get("/desk/second-looks").text


@pytest.mark.parametrize("form", [
    {}, {"look": "x", "action": "approve"}, {"look": "01a20dd2-1159-735a-9cc6-514c279da40e", "action": "flag"},
    {"look": "01a20dd2-1159-735a-9cc6-514c279da40e"}, {"look": "\x00", "action": "\x00"},
])  # fmt: skip
def test_a_form_that_can_not_be_is_refused(cleo: Browser, form: dict[str, str]) -> None:
    assert cleo.post("/desk/second-looks", form).status_code == 400


def test_addresses_that_can_not_be_are_refused(browse: Browse) -> None:
    lead = browse("lead")
    assert lead.get("/desk/second-looks?after=x").status_code == 400
    for before in ("x", "0001-01-01", "9999-12-31T23:59:59-23:59", "\x00"):
        answer = lead.get("/desk/second-looks/disagreements", query_string={"before": before})
        assert answer.status_code in (200, 400), before


def test_a_lead_reads_the_disagreements_without_names(
    browse: Browse, store: Store, queued: Queued, ayu: str, bima: str
) -> None:
    comment = queued(text="<i>kamu</i> goblok", author=Author("u9", "Dewi"))
    decided(store, ayu, comment, action=Action.REJECT)
    look = next_look(store, queued.site_id, bima)
    assert look is not None
    look_again(store, queued.site_id, bima, look.id, Action.APPROVE)
    page = browse("lead").get("/desk/second-looks/disagreements").text
    assert "&lt;i&gt;kamu&lt;/i&gt; goblok" in page
    assert re.search(r"First:.*?pill rejected.*?Second:.*?pill approved", page)
    assert f"/desk/comments/{comment.id}" in page
    assert "Ayu" not in page
    assert "Bima" not in page


def test_roles_for_second_looks(browse: Browse) -> None:
    viewer, moderator = browse("viewer"), browse("moderator")
    assert viewer.get("/desk/second-looks").status_code == 403
    assert moderator.get("/desk/second-looks").status_code == 200
    assert moderator.get("/desk/second-looks/disagreements").status_code == 403


def test_a_lead_sets_the_share(browse: Browse, store: Store, site: Credentials) -> None:
    lead = browse("lead")
    lead.post("/insights/second-looks", {"share": "15"})
    with store.read() as tx:
        found = Sites(tx).get(site.site_id)
    assert found is not None
    assert found.second_look_share == 0.15
    for share in ("101", "-1", "", "1.5"):
        answer = lead.post("/insights/second-looks", {"share": share})
        assert answer.status_code == 422
        assert "Give whole percent from 0 to 100." in answer.text

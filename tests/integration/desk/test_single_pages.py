"""The pages of one comment, one author and one story."""

import re
from collections.abc import Callable

import pytest

from service.bootstrap import Services
from service.domain.comment import Author, Status, Thread
from service.domain.decision import Action
from service.moderation.appeal import appeal
from service.moderation.ban import ban, bans_of
from service.moderation.look_up import LEAD, PAGE
from service.moderation.review import Act, Seen, review
from service.store.comments import Comments
from tests.conftest import Clock
from tests.integration.desk.browser import Browser
from tests.integration.desk.conftest import Queued
from tests.remarks import notes_of

Browse = Callable[[str], Browser]
NOBODY = "01a20dd2-1159-735a-9cc6-514c279da40e"
STORY = Thread("s", "https://news.example/s", "Harga beras")
SARI = Author("sari", "Sari")


def nothing() -> None:
    pass


def decide(services: Services, who: str, queued: Queued, id: str, act: Act) -> None:
    now = queued.now(id)
    review(services.store, nothing, queued.site_id, who, [Seen(now.id, now.revision, now.status)], act)


def ids_on(page: str) -> list[str]:
    """The comments of a story's page, in their order."""
    return re.findall(r'<li id="c-([0-9a-f-]{36})"', page)


def link(page: str, rel: str) -> str | None:
    """Where a page's link to its neighbour leads."""
    found = re.search(rf'href="([^"]+)" rel="{rel}"', page)
    return found.group(1).replace("&amp;", "&") if found else None


def test_a_comments_history_gives_reasons_in_words(
    browse: Browse, services: Services, queued: Queued, ayu: str
) -> None:
    comment = queued()
    decide(services, ayu, queued, comment.id, Act(Action.REJECT, "off_topic", "jauh sekali"))
    browser = browse("viewer")
    page = browser.get(f"/desk/comments/{comment.id}").text
    assert "The policy flagged it: insult (90%)" in page
    assert "Ayu rejected it: off topic" in page
    assert "jauh sekali" in page


def test_a_note_is_left_and_read(browse: Browse, services: Services, queued: Queued) -> None:
    comment, browser = queued(), browse("moderator")
    path = f"/desk/comments/{comment.id}"
    assert browser.post(f"{path}/notes", {"text": " lihat\x00 surelnya "}).location == f"{path}#notes"
    assert "lihat surelnya" in browser.get(path).text
    assert [note.name for note in notes_of(services.store, queued.site_id, comment.id)] == ["Moderator"]


@pytest.mark.parametrize("text", ["", "  ", "\x00", "x" * 2_001])
def test_a_note_that_cannot_be_is_not_saved(browse: Browse, services: Services, queued: Queued, text: str) -> None:
    comment, browser = queued(), browse("moderator")
    browser.post(f"/desk/comments/{comment.id}/notes", {"text": text})
    assert "Not saved: a note has" in browser.get(f"/desk/comments/{comment.id}").text
    assert notes_of(services.store, queued.site_id, comment.id) == []


def test_earlier_texts_are_on_the_comments_page(browse: Browse, queued: Queued) -> None:
    for text in ("kamu bodoh", "kamu kurang tahu", "saya tidak setuju"):
        comment = queued(id="edited", text=text)
    page = browse("viewer").get(f"/desk/comments/{comment.id}").text
    assert page.index("kamu kurang tahu") < page.index("kamu bodoh")
    assert "Version 1, replaced" in page
    assert "about an earlier text" in page


def test_all_scores_are_there_with_their_model(browse: Browse, queued: Queued) -> None:
    comment = queued()
    page = browse("viewer").get(f"/desk/comments/{comment.id}").text
    assert page.count('<svg class="bar ') == len(comment.scores or {}) == 8
    assert f"<bdi>{comment.model_version}</bdi>" in page


def test_a_rejected_comment_can_be_left_rejected_when_its_author_asks(
    browse: Browse, services: Services, queued: Queued, ayu: str
) -> None:
    comment, browser = queued(), browse("lead")
    decide(services, ayu, queued, comment.id, Act(Action.REJECT))
    path = f"/desk/comments/{comment.id}"
    assert "Leave it rejected" not in browser.get(path).text
    appeal(services.store, queued.site_id, comment.id, "Tolong.")
    assert "Leave it rejected" in browser.get(path).text
    now = queued.now(comment.id)
    browser.post("/desk/decisions", {"action": "reject", "comment": f"{now.id}:{now.revision}:{now.status.value}"})
    assert queued.now(comment.id).appealed_at is None


def test_a_comment_offers_the_sites_reasons(browse: Browse, queued: Queued) -> None:
    comment = queued()
    page = browse("moderator").get(f"/desk/comments/{comment.id}").text
    assert '<button name="reason" value="off_topic" class="second">off topic</button>' in page
    assert 'name="reason"' not in browse("viewer").get(f"/desk/comments/{comment.id}").text


def test_an_authors_comments_are_paged(browse: Browse, queued: Queued) -> None:
    made = [queued(author=SARI, text=f"nomor {number}.") for number in range(PAGE + 3)]
    browser = browse("viewer")
    first = browser.get(f"/desk/authors/{made[0].author.id}").text
    older = link(first, "next")
    assert older
    assert "nomor 52." in first
    assert "nomor 3." in first
    assert "nomor 2." not in first
    second = browser.get(older).text
    assert "nomor 2." in second
    assert "nomor 0." in second
    assert "nomor 3." not in second
    assert link(second, "next") is None


def test_an_author_is_banned_and_let_off(browse: Browse, services: Services, queued: Queued) -> None:
    author, browser = queued(author=SARI).author, browse("moderator")
    path = f"/desk/authors/{author.id}"
    assert browser.post(f"{path}/ban", {"days": "3", "note": "tiga kali"}).location == path
    page = browser.get(path).text
    assert "Banned for 3 days." in page
    assert "what this author sends is rejected" in page
    assert "tiga kali" in page
    browser.post(f"{path}/lift")
    assert "The ban is lifted." in browser.get(path).text
    assert bans_of(services.store, queued.site_id, author.id)[0].lifted_at is not None


@pytest.mark.parametrize(("role", "days", "status"), [
    ("viewer", "1", 403), ("moderator", "7", 303), ("moderator", "8", 403), ("lead", "365", 303), ("lead", "366", 403),
])  # fmt: skip
def test_how_long_one_may_ban_is_in_the_role(
    browse: Browse, services: Services, queued: Queued, role: str, days: str, status: int
) -> None:
    author = queued().author
    assert browse(role).post(f"/desk/authors/{author.id}/ban", {"days": days}).status_code == status
    assert len(bans_of(services.store, queued.site_id, author.id)) == (status == 303)


@pytest.mark.parametrize("days", ["", "0", "-1", "x", "9" * 5_000, "1.5", "\x00"])
def test_a_ban_that_cannot_be_is_not_set(browse: Browse, services: Services, queued: Queued, days: str) -> None:
    author, browser = queued().author, browse("lead")
    assert browser.post(f"/desk/authors/{author.id}/ban", {"days": days}).status_code < 500
    assert bans_of(services.store, queued.site_id, author.id) == []


def test_a_moderator_does_not_shorten_a_leads_ban(
    browse: Browse, services: Services, queued: Queued, ayu: str, clock: Clock
) -> None:
    author, browser = queued().author, browse("moderator")
    ban(services.store, queued.site_id, ayu, author.id, 30, None)
    path = f"/desk/authors/{author.id}"
    assert "Only a lead can change so long a ban." in browser.get(path).text
    assert browser.post(f"{path}/lift").status_code == 403
    assert browser.post(f"{path}/ban", {"days": "1"}).status_code == 403
    assert browse("lead").post(f"{path}/lift").status_code == 303


def test_all_that_an_author_shows_is_rejected_after_a_question(browse: Browse, queued: Queued) -> None:
    made = [queued(author=SARI) for _ in range(3)]
    other, browser = queued(author=Author("dewi", "Dewi")), browse("moderator")
    path = f"/desk/authors/{made[0].author.id}"
    assert f'href="{path}/hide"' in browser.get(path).text
    asked = browser.get(f"{path}/hide").text
    assert "Reject 3 comments" in asked
    assert all(queued.status(comment.id) is Status.FLAGGED for comment in made)
    assert browser.post(f"{path}/hide", {"reason": "spam", "note": "iklan"}).location == path
    assert "3 comments rejected." in browser.get(path).text
    assert all(queued.status(comment.id) is Status.REJECTED for comment in made)
    assert queued.status(other.id) is Status.FLAGGED
    assert "No comment by this author is shown or waits." in browser.get(f"{path}/hide").text


def test_a_reason_that_is_none_rejects_nothing(browse: Browse, queued: Queued) -> None:
    comment = queued()
    answer = browse("moderator").post(f"/desk/authors/{comment.author.id}/hide", {"reason": "\x00nonsense"})
    assert 400 <= answer.status_code < 500
    assert queued.status(comment.id) is Status.FLAGGED


def test_a_story_shows_its_comments_in_order_with_what_is_held(browse: Browse, queued: Queued) -> None:
    made = [queued(thread=STORY, author=SARI) for _ in range(3)]
    queued(thread=Thread("other", None, None))
    thread = made[0].thread
    assert thread
    page = browse("viewer").get(f"/desk/threads/{thread.id}").text
    assert ids_on(page) == [comment.id for comment in made]
    assert page.count('class="flagged"') == 3
    assert f'href="/desk?thread={thread.id}"' in page
    assert '<a href="https://news.example/s" rel="noopener noreferrer nofollow"' in page


def test_a_reply_says_what_it_replies_to(browse: Browse, queued: Queued) -> None:
    first = queued(thread=STORY, author=SARI)
    reply = queued(thread=STORY, parent_id=first.site_comment_id, author=Author("dewi", "Dewi"))
    assert reply.thread
    page = browse("viewer").get(f"/desk/threads/{reply.thread.id}").text
    assert re.search(rf'In reply to <a href="[^"]*at={first.id}#c-{first.id}"><bdi>Sari</bdi>', page)


def test_a_story_is_paged_both_ways_and_opens_at_a_comment(browse: Browse, queued: Queued) -> None:
    made = [queued(thread=STORY, author=SARI).id for _ in range(2 * PAGE + 5)]
    thread = queued.now(made[0]).thread
    assert thread
    browser, path = browse("viewer"), f"/desk/threads/{thread.id}"
    first = browser.get(path).text
    assert ids_on(first) == made[:PAGE]
    assert link(first, "prev") is None
    later = link(first, "next")
    assert later
    second = browser.get(later).text
    assert ids_on(second) == made[PAGE : 2 * PAGE]
    back = link(second, "prev")
    assert back
    assert ids_on(browser.get(back).text) == made[:PAGE]
    opened = browser.get(f"{path}?at={made[60]}").text
    assert ids_on(opened) == made[60 - LEAD : 60 - LEAD + PAGE]
    assert f'id="c-{made[60]}" class="flagged" aria-current="true"' in opened
    last = browser.get(f"{path}?since={made[2 * PAGE]}").text
    assert ids_on(last) == made[2 * PAGE :]
    assert link(last, "next") is None


@pytest.mark.parametrize("place", ["", "x", "\x00", "1" * 40, "' OR 1=1", "🤡"])
def test_a_place_that_cannot_be_is_refused(browse: Browse, queued: Queued, place: str) -> None:
    comment, browser = queued(), browse("viewer")
    assert comment.thread
    for key in ("at", "since", "before"):
        answer = browser.get(f"/desk/threads/{comment.thread.id}", query_string={key: place})
        assert answer.status_code == 400
    assert browser.get(f"/desk/authors/{comment.author.id}", query_string={"before": place}).status_code == 400


@pytest.mark.parametrize("key", ["at", "since", "before"])
def test_a_place_that_is_nowhere_shows_what_is_near(browse: Browse, queued: Queued, key: str) -> None:
    comment = queued()
    assert comment.thread
    answer = browse("viewer").get(f"/desk/threads/{comment.thread.id}", query_string={key: NOBODY})
    assert answer.status_code == 200


def test_another_sites_pages_are_not_found(browse: Browse, elsewhere: Queued) -> None:
    theirs, browser = elsewhere(), browse("admin")
    assert theirs.thread
    author = f"/desk/authors/{theirs.author.id}"
    for path in (f"/desk/threads/{theirs.thread.id}", author, f"{author}/hide", f"/desk/comments/{theirs.id}"):
        assert browser.get(path).status_code == 404
    for path, form in (
        (f"/desk/comments/{theirs.id}/notes", {"text": "x"}),
        (f"{author}/ban", {"days": "1"}),
        (f"{author}/lift", {}),
    ):
        assert browser.post(path, form).status_code == 404, path
    browser.post(f"{author}/hide", {})
    assert elsewhere.status(theirs.id) is Status.FLAGGED


@pytest.mark.parametrize("what", ["comments/{id}/notes", "authors/{id}/ban", "authors/{id}/lift", "authors/{id}/hide"])
def test_a_viewer_changes_nothing(browse: Browse, queued: Queued, what: str) -> None:
    comment, browser = queued(), browse("viewer")
    id = comment.id if what.startswith("comments") else comment.author.id
    assert browser.post(f"/desk/{what.format(id=id)}", {"days": "1", "text": "x"}).status_code == 403
    assert "<select" not in browser.get(f"/desk/authors/{comment.author.id}").text


def test_forms_of_single_pages_need_their_token(browse: Browse, queued: Queued) -> None:
    comment, client = queued(), browse("lead").client
    for path in (f"comments/{comment.id}/notes", f"authors/{comment.author.id}/ban", f"authors/{comment.author.id}/lift",
                 f"authors/{comment.author.id}/hide"):  # fmt: skip
        assert client.post(f"/desk/{path}", data={"days": "1", "text": "x"}).status_code == 400


def test_an_author_without_comments_has_a_page(browse: Browse, services: Services, queued: Queued) -> None:
    comment = queued(author=SARI)
    with services.store.begin() as tx:
        Comments(tx, queued.site_id).erase([comment.id])
    page = browse("viewer").get(f"/desk/authors/{comment.author.id}")
    assert page.status_code == 200
    assert "No comments." in page.text


def test_hostile_names_break_no_page(browse: Browse, queued: Queued) -> None:
    evil = "\"><script>alert(1)</script>\u202e'"
    comment = queued(author=Author("e", evil), thread=Thread(evil, "javascript:alert(1)", evil), text=evil)
    browser = browse("moderator")
    assert comment.thread
    for path in (f"comments/{comment.id}", f"authors/{comment.author.id}", f"threads/{comment.thread.id}"):
        page = browser.get(f"/desk/{path}").text
        assert "<script>alert" not in page
        assert 'href="javascript' not in page

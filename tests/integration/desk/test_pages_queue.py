"""The queue's page, its lists and its forms, as the server answers them."""

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa

from service.bootstrap import Services
from service.domain.comment import Author, Status, Thread
from service.domain.decision import Action
from service.domain.reasons import ChosenReason
from service.domain.view import View
from service.moderation.bands import histogram
from service.moderation.steer import set_reasons
from service.store.comments import Comments
from service.store.decisions import Decisions
from service.store.rows import CommentRow, DecisionRow
from service.store.tables import comments
from tests.conftest import one_database
from tests.integration.desk.browser import Browser
from tests.integration.desk.conftest import Queued
from tests.remarks import notes_of

NOBODY = "01a20dd2-1159-735a-9cc6-514c279da40e"
Browse = Callable[[str], Browser]


def seen(comment: CommentRow) -> str:
    return f"{comment.id}:{comment.revision}:{comment.status.value}"


def last_of(services: Services, comment: CommentRow) -> DecisionRow:
    with services.store.read() as tx:
        return Decisions(tx, comment.site_id).latest([comment.id])[comment.id]


def change(services: Services, comment: CommentRow, **fields: object) -> None:
    with services.store.begin() as tx:
        tx.connection.execute(sa.update(comments).where(comments.c.id == comment.id).values(**fields))


def text_of(page: str) -> str:
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", page)))


def test_the_tabs_say_what_waits_where(browse: Browse, services: Services, queued: Queued) -> None:
    queued()
    change(services, queued(), reported_at=services.clock())
    tabs = text_of(re.search(r'<nav id="tabs".*?</nav>', browse("lead").get("/desk").text, re.DOTALL).group())  # type: ignore[union-attr]
    assert "Flagged 2 Reported 1 New authors 2 Appeals 0 Escalated 0 Not scored yet 0 Decided By story By score" in tabs


def test_a_moderator_sees_no_tab_of_what_is_for_leads(browse: Browse) -> None:
    page = browse("moderator").get("/desk").text
    assert "queue=escalated" not in page
    assert "queue=appeals" not in page
    assert "/desk/bands" not in page


@pytest.mark.parametrize("path", ["/desk?queue=escalated", "/desk?queue=appeals", "/desk/bands"])
def test_what_is_for_leads_is_refused_to_others(browse: Browse, path: str) -> None:
    assert browse("moderator").get(path).status_code == 403
    assert browse("lead").get(path).status_code == 200


@one_database
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("queue=nope", "There is no such queue."),
        ("order=best", "There is no such order."),
        ("attribute=rude", "There is no such attribute."),
        ("attribute=insult&low=2", "The lower score must be from 0 to 1"),
        ("attribute=insult&high=nan", "The upper score must be from 0 to 1"),
        ("language=%00", "The language must be a code"),
        ("older=9999999999999999999", "The ages must be whole numbers of hours"),
        ("thread=1", "There is no such thread."),
        ("author=%FF", "There is no such author."),
        ("q=%00", "The words are too many"),
        ("q=" + "x" * 300, "The words are too many"),
    ],
)
@pytest.mark.parametrize("path", ["/desk", "/desk/list", "/desk/bands"])
def test_an_address_that_asks_for_what_cannot_be_says_so(browse: Browse, path: str, query: str, said: str) -> None:
    answer = browse("lead").get(f"{path}?{query}")
    assert answer.status_code == 422
    assert said in html.unescape(answer.text)


@pytest.mark.parametrize("cursor", ["x", "0~x~y", "9~1", "0~nan~" + NOBODY, "%00", "~" * 500])
@pytest.mark.parametrize("path", ["/desk/list?queue=decided", "/desk/list?queue=pending", "/desk/stories?x=1"])
def test_a_cursor_that_is_none_says_so(browse: Browse, path: str, cursor: str) -> None:
    assert browse("viewer").get(f"{path}&cursor={cursor}").status_code == 422


def test_a_queue_without_cards_is_a_list_and_the_other_way_round(browse: Browse) -> None:
    browser = browse("viewer")
    assert browser.get("/desk?queue=pending&language=id").location == "/desk/list?queue=pending&language=id"
    assert browser.get("/desk/list?queue=reported").location == "/desk?queue=reported"


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("", "Queue is clear"),
        ("?queue=reported", "No reports"),
        ("?queue=new_authors", "Nobody new"),
        ("?queue=appeals", "No appeals"),
        ("?queue=escalated", "Nothing escalated"),
        ("?language=id", "Nothing fits"),
    ],
)
def test_each_empty_queue_says_what_that_means(browse: Browse, query: str, said: str) -> None:
    assert said in browse("lead").get(f"/desk{query}").text


@pytest.mark.parametrize(("queue", "said"), [("pending", "All is scored"), ("decided", "Nothing decided yet")])
def test_each_empty_list_says_what_that_means(browse: Browse, queue: str, said: str) -> None:
    assert said in browse("viewer").get(f"/desk/list?queue={queue}").text


def test_filters_narrow_the_queue_and_are_shown_as_what_can_be_taken_away(browse: Browse, queued: Queued) -> None:
    queued(text="dasar goblok", author=Author("u1", "Sari"), thread=Thread("t1"))
    queued(text="baik sekali", author=Author("u2", "Dewi"), thread=Thread("t2"))
    page = browse("viewer").get("/desk?q=goblok&order=oldest").text
    assert "dasar goblok" in page
    assert "baik sekali" not in page
    assert 'class="chip" href="/desk?order=oldest"><span>“goblok”' in page


def test_what_people_decided_is_listed_page_by_page(browse: Browse, queued: Queued) -> None:
    browser = browse("moderator")
    some = [queued(text=f"komentar nomor {number}", thread=Thread(f"t{number}")) for number in range(53)]
    for comment in some:
        browser.post("/desk/decisions", {"action": "approve", "comment": seen(comment)})
    first = browser.get("/desk/list?queue=decided").text
    following = re.search(r'rel="next" href="([^"]+)"', first)
    assert following
    second = browser.get(html.unescape(following.group(1))).text
    listed = [re.findall(r"komentar nomor (\d+)", page) for page in (first, second)]
    assert [int(number) for page in listed for number in page] == list(range(52, -1, -1))


def test_stories_lead_to_the_cards_of_each(browse: Browse, queued: Queued) -> None:
    story = Thread("t1", "https://news.example/a", "Sebuah judul")
    for _ in range(3):
        queued(thread=story, text="di sini")
    queued(thread=Thread("t2", None, "Judul lain"), text="di sana", risk=0.5, author=Author("u2", "Dewi"))
    browser = browse("viewer")
    page = browser.get("/desk/stories").text
    assert "3 waiting : Sebuah judul" in text_of(page)
    thread = re.search(r'href="(/desk\?thread=[^"]+)"', page)
    assert thread
    narrowed = browser.get(thread.group(1)).text
    assert "di sini" in narrowed
    assert "di sana" not in narrowed
    assert "Sebuah judul" in narrowed


def test_several_acts_in_one_request_are_undone_one_by_one(browse: Browse, services: Services, queued: Queued) -> None:
    first, second, third = (queued(risk=3 - number) for number in range(3))
    browser = browse("moderator")
    acts = [f"approve {seen(first)}", f"reject:spam {seen(second)} {seen(third)}"]
    assert browser.post("/desk/decisions", {"act": acts}, script=True).status_code == 200
    assert [queued.status(one.id).value for one in (first, second, third)] == ["approved", "rejected", "rejected"]
    assert [reason.code for reason in last_of(services, second).reasons] == ["spam"]
    assert "Undone: 2 comments are flagged again." in browser.post("/desk/undo", {}, script=True).text
    assert queued.status(first.id) is Status.APPROVED


def test_an_act_that_comes_too_late_does_not_stop_the_others(browse: Browse, queued: Queued, elsewhere: Queued) -> None:
    first, second, theirs = queued(), queued(), elsewhere()
    acts = [f"approve {seen(theirs)}", f"approve {seen(first)}", f"reject {seen(first)}", f"reject {seen(second)}"]
    answer = browse("moderator").post("/desk/decisions", {"act": acts}, script=True)
    assert answer.status_code == 409
    assert "That comment is not there any more." in answer.text
    assert "Moderator was faster: that comment is approved." in answer.text
    assert queued.status(second.id) is Status.REJECTED
    assert elsewhere.status(theirs.id) is Status.FLAGGED


@pytest.mark.parametrize("act", ["", "approve", "flag {}", "reject:nope {}", "approve {} x", "reject: {} :", "\x00 {}"])
def test_acts_that_make_no_sense_change_nothing(browse: Browse, queued: Queued, act: str) -> None:
    first, second = queued(), queued()
    form = {"act": [f"approve {seen(first)}", act.format(seen(second))]}
    assert browse("moderator").post("/desk/decisions", form, script=True).status_code in (400, 422)
    assert queued.status(first.id) is Status.FLAGGED


def test_a_site_has_its_own_reasons_with_keys(browse: Browse, services: Services, queued: Queued) -> None:
    set_reasons(services.store, queued.site_id, (ChosenReason("libel", "<b>Fitnah"), ChosenReason("spam")))
    comment, browser = queued(), browse("moderator")
    page = browser.get("/desk").text
    assert 'value="libel" data-do="reason" data-key="1" data-label="&lt;b&gt;Fitnah"' in page
    assert 'value="spam" data-do="reason" data-key="2"' in page
    browser.post("/desk/decisions", {"reason": "libel", "comment": seen(comment)})
    assert [reason.code for reason in last_of(services, comment).reasons] == ["libel"]


def test_one_card_stands_for_what_is_nearly_the_same(browse: Browse, services: Services, queued: Queued) -> None:
    same = [queued(text="beli di sini", risk=5 - number) for number in range(4)]
    for comment in same:
        change(services, comment, likeness=7)
    browser = browse("moderator")
    page = browser.get("/desk").text
    assert page.count('<article class="card') == 1
    assert f'id="of-{same[0].id}" value="" data-author="{same[0].author.id}" data-alike="3"' in page
    browser.post("/desk/decisions", {"act": [f"reject {seen(same[0])}"]}, script=True)
    assert {queued.status(comment.id) for comment in same} == {Status.REJECTED}
    undone = browser.post("/desk/undo", {}, script=True).text
    assert "Undone: 4 comments are flagged again." in undone
    assert undone.count('<article class="card') == 1
    assert 'data-alike="3"' in undone


def test_what_is_handed_to_a_lead_leaves_the_queue_with_its_note(
    browse: Browse, services: Services, queued: Queued
) -> None:
    comment, browser = queued(), browse("moderator")
    form = {"comment": seen(comment), "note": "Apakah ini fitnah?"}
    asked = browser.post("/desk/escalate", form)
    assert "Hand this comment to a lead?" in asked.text
    assert queued.now(comment.id).escalated_at is None
    browser.post("/desk/escalate", {**form, "sure": "1"})
    assert queued.now(comment.id).escalated_at is not None
    assert "Queue is clear" in browser.get("/desk").text
    page = browse("lead").get("/desk?queue=escalated").text
    assert "Apakah ini fitnah?" in page
    assert 'data-do="escalate"' not in page


def test_a_note_comes_back_with_its_card(browse: Browse, services: Services, queued: Queued) -> None:
    comment = queued()
    answer = browse("moderator").post("/desk/notes", {"comment": seen(comment), "text": "sudah ditanya"}, script=True)
    assert "sudah ditanya" in answer.text
    assert "data-first" in answer.text
    assert [note.text for note in notes_of(services.store, queued.site_id, comment.id)] == ["sudah ditanya"]


@pytest.mark.parametrize("text", ["", "  ", "\x00"])
def test_an_empty_note_is_none(browse: Browse, queued: Queued, text: str) -> None:
    form = {"comment": seen(queued()), "text": text}
    answer = browse("moderator").post("/desk/notes", form, script=True)
    assert answer.status_code == 422
    assert "<html" not in answer.text


def test_an_authors_others_are_counted_before_they_are_hidden(browse: Browse, queued: Queued) -> None:
    some = [queued(author=Author("u9", "Sari")) for _ in range(3)]
    browser, form = browse("moderator"), {"author": some[0].author.id}
    assert 'data-count="3"' in browser.post("/desk/hide", form, script=True).text
    assert queued.status(some[0].id) is Status.FLAGGED
    assert "3 comments rejected." in browser.post("/desk/hide", {**form, "sure": "1"}, script=True).text
    assert {queued.status(comment.id) for comment in some} == {Status.REJECTED}
    assert "Undone: 3 comments are flagged again." in browser.post("/desk/undo", {}, script=True).text


@pytest.mark.parametrize(("role", "most"), [("moderator", 7), ("lead", 365)])
def test_a_ban_lasts_as_long_as_the_role_allows(
    browse: Browse, services: Services, queued: Queued, role: str, most: int
) -> None:
    comment, browser = queued(), browse(role)
    form = {"author": comment.author.id, "sure": "1"}
    for days in (str(most + 1), "0", "-1", "x", "9" * 50):
        assert browser.post("/desk/ban", {**form, "days": days}, script=True).status_code == 422
    assert "is banned for" in browser.post("/desk/ban", {**form, "days": str(most)}, script=True).text
    with services.store.read() as tx:
        found = Comments(tx, queued.site_id).get(comment.id)
    assert found is not None
    assert found.author.banned_until == services.clock() + timedelta(days=most)


def test_a_moderator_does_not_shorten_a_leads_ban(browse: Browse, queued: Queued) -> None:
    form = {"author": queued().author.id, "sure": "1"}
    browse("lead").post("/desk/ban", {**form, "days": "365"}, script=True)
    assert browse("moderator").post("/desk/ban", {**form, "days": "1"}, script=True).status_code == 403


@pytest.mark.parametrize("path", ["/desk/hide", "/desk/ban", "/desk/notes", "/desk/escalate"])
def test_nothing_is_done_to_another_sites_comments_and_authors(browse: Browse, elsewhere: Queued, path: str) -> None:
    theirs = elsewhere()
    form = {"author": theirs.author.id, "comment": seen(theirs), "text": "x", "days": "1", "sure": "1"}
    answer = browse("admin").post(path, form, script=True)
    assert answer.status_code == 404 or "0 comments rejected" in answer.text
    assert elsewhere.now(theirs.id) == theirs


@pytest.mark.parametrize("path", ["/desk/hide", "/desk/ban"])
@pytest.mark.parametrize("author", ["", "x", "\x00"])
def test_an_author_who_is_none_is_refused(browse: Browse, path: str, author: str) -> None:
    assert browse("lead").post(path, {"author": author, "sure": "1"}, script=True).status_code == 400


@pytest.mark.parametrize(
    "path", ["/desk/decisions", "/desk/skip", "/desk/undo", "/desk/claims", "/desk/escalate", "/desk/notes", "/desk/hide",
             "/desk/ban", "/desk/bands"]
)  # fmt: skip
def test_a_viewer_acts_on_nothing(browse: Browse, queued: Queued, path: str) -> None:
    comment = queued()
    form = {"comment": seen(comment), "author": comment.author.id, "text": "x", "days": "1", "sure": "1"}
    assert browse("viewer").post(path, {**form, "action": "reject"}).status_code == 403


def test_a_view_is_saved_listed_with_its_count_and_deleted(browse: Browse, queued: Queued) -> None:
    queued(text="dasar goblok")
    queued(text="baik sekali")
    browser = browse("moderator")
    assert browser.post("/desk/views?q=goblok", {"name": " <i>Kasar "}).location == "/desk?q=goblok"
    page = browser.get("/desk/views").text
    assert '<a href="/desk?q=goblok"><bdi>&lt;i&gt;Kasar</bdi> <b>1</b></a>' in page
    assert "<html" not in browser.get("/desk/views", headers={"HX-Request": "true"}).text
    path = re.search(r"/desk/views/[0-9a-f-]{36}/delete", page)
    assert path
    assert browse("lead").post(path.group()).status_code == 303
    assert "Kasar" in browser.get("/desk/views").text
    browser.post(path.group())
    assert "None yet." in browser.get("/desk/views").text


@pytest.mark.parametrize("name", ["", " ", "\x00", "x" * 61, "\u202e"])
def test_a_view_needs_a_name_that_can_be_read(browse: Browse, name: str) -> None:
    answer = browse("viewer").post("/desk/views", {"name": name})
    assert answer.status_code == 422
    assert "Give a name of 1 to 60 characters." in answer.text


def test_views_come_to_an_end(browse: Browse) -> None:
    browser = browse("viewer")
    for number in range(20):
        browser.post("/desk/views", {"name": f"nomor {number}"})
    answer = browser.post("/desk/views", {"name": "satu lagi"})
    assert answer.status_code == 422
    assert "as many saved views as there can be" in answer.text


def test_a_band_is_asked_about_and_decided_whole(browse: Browse, services: Services, queued: Queued) -> None:
    some = [queued(text=f"komentar nomor {number}") for number in range(4)]
    for comment, score in zip(some, (0.11, 0.52, 0.58, 0.91), strict=True):
        change(services, comment, scores={"insult": score})
    browser, path = browse("lead"), "/desk/bands?attribute=insult&low=0.5&high=0.6"
    page = browser.get(path).text
    assert '<b id="count">2</b>' in page
    assert page.count("column chosen") == 5
    assert "Reject 2 comments?" in browser.post(path, {"reason": "spam"}).text
    assert queued.status(some[1].id) is Status.FLAGGED
    browser.post(path, {"action": "reject", "reason": "spam", "sure": "1"})
    expected = [Status.FLAGGED, Status.REJECTED, Status.REJECTED, Status.FLAGGED]
    assert [queued.status(comment.id) for comment in some] == expected
    assert sum(histogram(services.store, queued.site_id, View(), "insult").counts) == 2
    browser.post("/desk/undo", {"back": path})
    assert {queued.status(comment.id) for comment in some} == {Status.FLAGGED}


def test_a_band_shows_some_of_it_to_the_pages_script(browse: Browse, services: Services, queued: Queued) -> None:
    for number in range(7):
        change(services, queued(text=f"komentar nomor {number}"), scores={"insult": 0.5})
    browser = browse("lead")
    some = browser.get("/desk/bands?attribute=insult&low=0.4&high=0.6", headers={"HX-Request": "true"}).text
    assert "<html" not in some
    assert some.count("komentar nomor") == 5
    none = browser.get("/desk/bands?attribute=insult&low=0.6&high=0.7", headers={"HX-Request": "true"}).text
    assert "Nothing lies in this band." in none


@pytest.mark.parametrize("form", [{}, {"action": "flag"}, {"action": "reject", "reason": "nope"}, {"action": "\x00"}])
def test_a_band_without_an_act_is_left_alone(browse: Browse, queued: Queued, form: dict[str, str]) -> None:
    queued()
    assert browse("lead").post("/desk/bands?low=0", {**form, "sure": "1"}).status_code in (400, 422)


@pytest.mark.parametrize("queue", ["pending", "decided"])
def test_lists_are_not_decided_by_the_band(browse: Browse, queue: str) -> None:
    assert browse("lead").get(f"/desk/bands?queue={queue}").status_code == 403


def test_approving_what_readers_reported_ends_their_wait(browse: Browse, services: Services, queued: Queued) -> None:
    comment, browser = queued(), browse("moderator")
    browser.post("/desk/decisions", {"action": "approve", "comment": seen(comment)})
    change(services, comment, reported_at=services.clock(), reports=2)
    page = browser.get("/desk?queue=reported").text
    assert f'data-seen="{comment.id}:1:approved"' in page
    form = {"act": [f"approve {comment.id}:1:approved"], "shown": []}
    browser.post("/desk/decisions?queue=reported", form, script=True)
    assert queued.now(comment.id).reported_at is None
    assert last_of(services, comment).action is Action.APPROVE


def test_each_answer_deals_from_the_view_of_its_page(browse: Browse, queued: Queued) -> None:
    for number in range(3):
        queued(text=f"goblok nomor {number}", thread=Thread(f"t{number}"), risk=3 - number)
    queued(text="baik sekali", risk=9, thread=Thread("t9"), author=Author("u9", "Dewi"))
    answer = browse("moderator").post("/desk/claims?q=goblok", {"size": "9"}, script=True, page="/desk?q=x").text
    assert answer.count('<article class="card') == 3
    assert "baik sekali" not in answer

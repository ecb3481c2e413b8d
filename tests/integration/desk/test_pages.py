"""The desk's pages and forms, without script."""

import gzip
import re
from collections.abc import Callable
from dataclasses import replace
from http import HTTPStatus

import pytest
from apiflask import APIFlask
from flask.testing import FlaskClient

from service.app import create_app
from service.bootstrap import Services
from service.domain.comment import Author, Status, Thread
from service.moderation.accept import accept
from service.moderation.score import score_batch
from service.moderation.sign_in import add_user
from service.moderation.sites import Credentials
from service.store.rows import CommentRow
from tests.conftest import one_database
from tests.factories import a_comment
from tests.integration.desk.browser import PASSWORD, Browser
from tests.integration.desk.conftest import Queued

NOBODY = "01a20dd2-1159-735a-9cc6-514c279da40e"


Browse = Callable[[str], Browser]


def seen(comment: CommentRow) -> str:
    return f"{comment.id}:{comment.revision}:{comment.status.value}"


def test_the_front_leads_to_the_desk_and_the_desk_to_the_login(client: FlaskClient) -> None:
    assert client.get("/").location == "/desk"
    assert client.get("/desk?x=1").location == "/login?next=/desk?x%3D1"


def test_the_desk_is_found_with_a_slash_at_its_end(browse: Browse) -> None:
    assert browse("moderator").get("/desk/").status_code == HTTPStatus.OK


def test_login_sets_a_cookie_that_scripts_and_other_sites_do_not_get(browse: Browse, app: APIFlask) -> None:
    browse("moderator")
    answer = Browser(app.test_client()).log_in("moderator@news.example")
    cookie = next(line for line in answer.headers.getlist("Set-Cookie") if line.startswith("saring="))
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_over_https_no_other_host_of_the_domain_can_set_our_cookies(services: Services, queued: Queued) -> None:
    app = create_app(replace(services, settings=replace(services.settings, public_url="https://saring.example")))
    answer = app.test_client().get("/login", base_url="https://saring.example")
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-saring_page=")
    assert {"Secure", "Path=/"} <= set(cookie.split("; "))
    assert "Domain" not in cookie


@one_database
@pytest.mark.parametrize("path", ["//evil.example", "https://evil.example", "/\\evil.example", "/\t/evil.example", ""])
def test_login_leads_nowhere_else(browse: Browse, app: APIFlask, path: str) -> None:
    browse("moderator")
    assert Browser(app.test_client()).log_in("moderator@news.example", next=path).location == "/desk"


def test_a_wrong_password_shows_the_login_again(browse: Browse, app: APIFlask) -> None:
    browse("moderator")
    answer = Browser(app.test_client()).log_in("moderator@news.example", "not the password")
    assert answer.status_code == 401
    assert "address or the password is wrong" in answer.text


def test_logging_out_ends_it(browse: Browse) -> None:
    browser = browse("moderator")
    browser.post("/logout")
    assert browser.get("/desk").status_code == 302


@one_database
@pytest.mark.parametrize(
    "path", ["/login", "/logout", "/language", "/theme", "/site", "/desk/decisions", "/desk/skip", "/desk/undo", "/desk/claims",
             "/desk/leave", "/settings/policy", "/settings/deliveries/resend"]
)  # fmt: skip
def test_every_form_needs_its_token(browse: Browse, path: str) -> None:
    assert browse("lead").client.post(path, data={}).status_code == 400


def test_pages_allow_nothing_from_elsewhere_and_nothing_inline(browse: Browse) -> None:
    answer = browse("lead").get("/desk")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\bstyle=|\bon[a-z]+=|https?://", answer.text)


def test_a_comment_is_decided_and_the_decision_undone(browse: Browse, queued: Queued) -> None:
    comment, browser = queued(), browse("moderator")
    assert browser.post("/desk/decisions", {"action": "reject", "comment": seen(comment)}).location == "/desk"
    assert queued.status(comment.id) is Status.REJECTED
    assert "Queue is clear" in browser.get("/desk").text
    browser.post("/desk/undo")
    assert queued.status(comment.id) is Status.FLAGGED
    assert "the comment is flagged again" in browser.get("/desk").text


def test_a_script_gets_only_what_changed(browse: Browse, queued: Queued) -> None:
    comments = [
        queued(text=f"komentar nomor {number}", author=Author(f"u{number}", "Sari"), thread=Thread(f"t{number}"))
        for number in range(7)
    ]
    browser = browse("moderator")
    page = browser.get("/desk").text
    assert "komentar nomor 0" in page
    assert "komentar nomor 1" not in page
    hand = browser.post("/desk/claims", {"shown": [comments[0].id]}, script=True).text
    assert ["komentar nomor 0" in hand, "komentar nomor 4" in hand, "komentar nomor 5" in hand] == [False, True, False]
    form = {"action": "approve", "comment": seen(comments[0]), "shown": [comment.id for comment in comments[1:5]]}
    answer = browser.post("/desk/decisions", form, script=True)
    assert "<html" not in answer.text
    assert "komentar nomor 5" in answer.text
    assert "komentar nomor 6" not in answer.text
    assert "komentar nomor 3" not in answer.text


def test_a_skipped_comment_comes_after_the_others(browse: Browse, queued: Queued) -> None:
    worst = queued(risk=2.0, text="yang pertama", author=Author("u1", "Sari"), thread=Thread("t1"))
    other = queued(risk=1.0, text="yang kedua", author=Author("u2", "Dewi"), thread=Thread("t2"))
    browser = browse("moderator")
    browser.post("/desk/skip", {"comment": seen(worst)})
    page = browser.get("/desk").text
    assert "yang kedua" in page
    assert "yang pertama" not in page
    browser.post("/desk/decisions", {"action": "approve", "comment": seen(other)})
    assert "yang pertama" in browser.get("/desk").text


def test_whoever_is_second_reads_who_was_first(browse: Browse, queued: Queued, app: APIFlask, bima: str) -> None:
    comment, first = queued(), Browser(app.test_client())
    first.log_in("bima@news.example")
    second = browse("moderator")
    first.post("/desk/decisions", {"action": "reject", "comment": seen(comment)})
    answer = second.post("/desk/decisions", {"action": "approve", "comment": seen(comment)}, script=True)
    assert answer.status_code == 409
    assert "Bima was faster: that comment is rejected." in answer.text


def test_a_viewer_looks_and_decides_nothing(browse: Browse, queued: Queued) -> None:
    comment, browser = queued(), browse("viewer")
    page = browser.get("/desk").text
    assert comment.text in page
    assert 'id="actions"' not in page
    answer = browser.post("/desk/decisions", {"action": "reject", "comment": seen(comment)})
    assert answer.status_code == 403
    assert queued.status(comment.id) is Status.FLAGGED


def test_another_sites_things_are_not_found(browse: Browse, elsewhere: Queued) -> None:
    theirs, browser = elsewhere(), browse("admin")
    assert browser.get(f"/desk/comments/{theirs.id}").status_code == 404
    assert browser.get(f"/desk/authors/{theirs.author.id}").status_code == 404
    assert browser.post("/desk/decisions", {"action": "reject", "comment": seen(theirs)}).status_code == 404
    assert browser.post(f"/settings/deliveries/{NOBODY}/resend").status_code == 404
    assert elsewhere.status(theirs.id) is Status.FLAGGED


@pytest.mark.parametrize("text", ["", "x", f"{NOBODY}:x:flagged", f"{NOBODY}:1:lost", "a:b:c:d"])
def test_a_form_that_makes_no_sense_is_refused(browse: Browse, text: str) -> None:
    assert browse("moderator").post("/desk/decisions", {"action": "reject", "comment": text}).status_code == 400


def test_somebody_with_two_sites_chooses(
    app: APIFlask, services: Services, queued: Queued, elsewhere: Queued, ayu: str
) -> None:
    queued(text="dari situs pertama")
    elsewhere(text="dari situs lain")
    add_user(services.store, "ayu@news.example", "Ayu", PASSWORD, elsewhere.site_id, "moderator")
    browser = Browser(app.test_client())
    browser.log_in("ayu@news.example")
    assert "dari situs pertama" in browser.get("/desk").text
    browser.post("/site", {"site": elsewhere.site_id})
    assert "dari situs lain" in browser.get("/desk").text


def test_nobody_chooses_a_site_of_others(browse: Browse, other_site: Credentials) -> None:
    assert browse("admin").post("/site", {"site": other_site.site_id}).status_code == 404


def test_the_language_is_the_browsers_until_one_is_chosen(browse: Browse) -> None:
    browser = browse("moderator")
    indonesian = {"Accept-Language": "id-ID,id;q=0.9,en;q=0.5"}
    assert "Antrean bersih" in browser.get("/desk", headers=indonesian).text
    assert "Queue is clear" in browser.get("/desk", headers={"Accept-Language": "fr"}).text
    browser.post("/language", {"language": "id"})
    assert "Antrean bersih" in browser.get("/desk", headers={"Accept-Language": "en"}).text


def test_the_language_goes_with_the_person(browse: Browse, app: APIFlask) -> None:
    browse("moderator").post("/language", {"language": "id"})
    elsewhere = Browser(app.test_client())
    elsewhere.log_in("moderator@news.example")
    assert "Antrean bersih" in elsewhere.get("/desk").text


def test_the_theme_is_kept(browse: Browse) -> None:
    browser = browse("moderator")
    browser.post("/theme", {"theme": "dark"})
    assert 'data-theme="dark"' in browser.get("/desk").text


def test_a_comment_shows_its_history_and_is_decided_there(browse: Browse, queued: Queued) -> None:
    comment, browser = queued(), browse("moderator")
    path = f"/desk/comments/{comment.id}"
    form = {"action": "reject", "comment": seen(comment), "note": "jelas menghina", "back": path}
    assert browser.post("/desk/decisions", form).location == path
    page = browser.get(path).text
    assert "Moderator rejected it" in page
    assert "jelas menghina" in page


def test_a_comment_that_another_works_on_says_so(browse: Browse, queued: Queued, app: APIFlask, bima: str) -> None:
    comment, other = queued(), Browser(app.test_client())
    other.log_in("bima@news.example")
    other.get("/desk")
    page = browse("moderator").get(f"/desk/comments/{comment.id}").text
    assert "<bdi>Bima</bdi> is working on this comment." in page
    assert 'name="action"' not in page


def test_an_author_shows_their_last_comments(browse: Browse, queued: Queued) -> None:
    comment = queued(author=Author("u9", "Sari", "sari@mail.example", "192.0.2.7"), text="yang satu")
    queued(author=Author("u9", "Sari"), text="yang lain")
    page = browse("viewer").get(f"/desk/authors/{comment.author.id}").text
    assert "yang satu" in page
    assert "yang lain" in page


@one_database
@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//evil.example", "ftp://x.example", "http://a b", "https://[", None],
)
def test_only_web_addresses_become_links(browse: Browse, queued: Queued, url: str | None) -> None:
    queued(thread=Thread("t", url, "Sebuah judul"))
    page = browse("moderator").get("/desk").text
    assert "<bdi>Sebuah judul</bdi>" in page
    assert 'target="_blank"' not in page


def test_a_thread_is_linked_without_telling_where_from(browse: Browse, queued: Queued) -> None:
    queued(thread=Thread("t", "https://news.example/a", "Sebuah judul"))
    assert (
        '<a href="https://news.example/a" rel="noopener noreferrer nofollow"' in browse("moderator").get("/desk").text
    )


def test_search_finds_in_the_queue(browse: Browse, queued: Queued) -> None:
    queued(text="dasar goblok")
    queued(text="baik sekali")
    page = browse("moderator").get("/desk/search?q=GOBLOK").text
    assert "dasar goblok" in page
    assert "baik sekali" not in page


def test_a_card_shows_what_else_its_author_wrote(browse: Browse, queued: Queued) -> None:
    earlier = queued(text="yang dulu", author=Author("u9", "Sari"))
    queued(text="oleh orang lain", author=Author("u8", "Dewi"), thread=Thread("elsewhere"))
    comment = queued(text="yang baru", author=Author("u9", "Sari"), thread=Thread("here"))
    page = browse("viewer").get(f"/desk/comments/{comment.id}").text
    assert f'href="/desk/comments/{earlier.id}" class="veil"><bdi>yang dulu</bdi>' in page
    assert "oleh orang lain" not in page


@pytest.mark.parametrize(
    ("language", "name", "why"),
    [
        ("en", "another language", "Flagged for being in a language that is not supported."),
        ("id", "bahasa lain", "Ditandai karena bahasanya tidak didukung."),
    ],
)
def test_a_card_says_that_a_language_is_not_supported(
    browse: Browse, services: Services, site: Credentials, language: str, name: str, why: str
) -> None:
    new = a_comment(text="Muchas gracias por la información, muy buen artículo")
    [accepted] = accept([new], site.site_id, services.store, lambda: None)
    score_batch(services.store, services.classifier, limit=1, lease=30)
    browser = browse("viewer")
    page = browser.get(f"/desk/comments/{accepted.id}", headers={"Accept-Language": language}).text
    assert name in page
    assert why in page
    assert 'lang="other"' not in page


def test_a_search_that_finds_more_than_it_lists_says_so(browse: Browse, queued: Queued) -> None:
    browser = browse("viewer")
    for _ in range(50):
        queued(text="dasar goblok")
    assert "50 flagged comments have" in browser.get("/desk/search?q=goblok").text
    queued(text="dasar goblok")
    page = browser.get("/desk/search?q=goblok").text
    assert "The worst 50 of the flagged comments that have" in page
    assert 'href="/desk?q=goblok"' in page


@one_database
def test_style_sheets_are_sent_zipped_to_whoever_takes_that(client: FlaskClient) -> None:
    path = "/desk/static/desk.css"
    with client.get(path) as plain:
        unzipped = plain.data
    zipped = client.get(f"{path}?v=1", headers={"Accept-Encoding": "gzip, br"})
    assert "Content-Encoding" not in plain.headers
    assert zipped.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(zipped.data) == unzipped
    assert int(zipped.headers["Content-Length"]) == len(zipped.data) < len(unzipped) / 3
    assert plain.headers["Vary"] == zipped.headers["Vary"] == "Accept-Encoding"
    assert "immutable" in zipped.headers["Cache-Control"]
    assert "immutable" not in plain.headers["Cache-Control"]

"""A page that closes tells the rest by beacons, which have no headers of ours and whose answers nobody reads."""

from collections.abc import Callable

from service.bootstrap import Services
from service.domain.comment import Author, Status
from service.moderation.look_up import author_of
from service.store.queue import Queue
from service.store.rows import CommentRow
from tests.integration.desk.browser import Browser
from tests.integration.desk.conftest import Queued
from tests.remarks import notes_of

Browse = Callable[[str], Browser]


def seen(comment: CommentRow) -> str:
    return f"{comment.id}:{comment.revision}:{comment.status.value}"


def closing(browser: Browser, path: str, **form: str) -> None:
    answer = browser.post(path, {"closing": "1", **form}, page="/settings/account")
    assert (answer.status_code, answer.text) == (204, "")


def held(services: Services, comment: CommentRow) -> object:
    with services.store.read() as tx:
        return Queue(tx, comment.site_id).holder(comment.id)


def test_decisions_are_recorded_and_nothing_more_is_dealt(browse: Browse, services: Services, queued: Queued) -> None:
    first, second, third = queued(risk=3), queued(risk=2), queued(risk=1)
    browser = browse("moderator")
    closing(browser, "/desk/decisions", act=f"approve {seen(first)}")
    closing(browser, "/desk/skip", comment=seen(second))
    assert queued.status(first.id) is Status.APPROVED
    assert [held(services, one) for one in (second, third)] == [None, None]


def test_notes_bans_and_what_is_hidden_are_recorded(browse: Browse, services: Services, queued: Queued) -> None:
    one, other = (queued(text=f"komentar {number}", author=Author("u1", "Sari")) for number in range(2))
    browser = browse("moderator")
    closing(browser, "/desk/notes", comment=seen(one), text="sudah ditanya")
    closing(browser, "/desk/ban", author=one.author.id, days="1", sure="1")
    closing(browser, "/desk/hide", author=one.author.id, sure="1")
    assert len(notes_of(services.store, queued.site_id, one.id)) == 1
    assert author_of(services.store, queued.site_id, one.author.id).banned_until is not None
    assert {queued.status(one.id), queued.status(other.id)} == {Status.REJECTED}

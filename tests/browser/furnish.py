"""A site in full use: what people write at the desk around the comments in its queue, from whatever texts one likes."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from playwright.sync_api import Page

from service.domain.comment import Author, NewComment, Thread
from service.domain.decision import Action
from service.domain.reasons import ChosenReason
from service.domain.view import Order, QueueName, View
from service.moderation.accept import accept
from service.moderation.appeal import appeal
from service.moderation.ban import ban
from service.moderation.invite import invite
from service.moderation.note import add_note
from service.moderation.report import report
from service.moderation.review import Act, Seen, escalate, review
from service.moderation.second_factor import offer
from service.moderation.second_look import look_again, next_look
from service.moderation.sign_in import add_user
from service.moderation.steer import set_reasons, set_second_look_share
from service.moderation.views import save_view
from service.store.deliveries import Deliveries
from service.store.rows import CommentRow
from service.store.sites import Sites
from service.store.users import Users
from tests.browser.places import HALF_IN, PLACES, Place
from tests.browser.stage import PASSWORD, Stage, give_password, put_in_queue

Say = Callable[[int], str]
"""Gives another text each time, of up to so many characters."""

Visited = tuple[Place, Page]

PEOPLE = ("ayu@news.example", "bima@news.example", "lead@news.example", "admin@news.example")


def furnish(stage: Stage, comments: Sequence[CommentRow], say: Say) -> Mapping[str, str]:
    """Let people work on the first comments of a queue of eight or more; what a place's path may name.

    The first stays in the queue with all that a card can have; the others are rejected and appealed, escalated, decided, banned.
    """
    store, site_id = stage.services.store, stage.site.site_id
    main, appealed, escalated, banned, *decided = comments[:8]
    _settings(stage, say)
    ids = people(stage)
    report(main.id, say(100), say(100), say(500), site_id, store)
    report(main.id, say(100), "abuse", None, site_id, store)
    add_note(store, site_id, ids["bima@news.example"], main.id, say(2_000))
    ayu = ids["ayu@news.example"]
    decide(stage, ayu, [appealed], Act(Action.REJECT, "insult", say(2_000)))
    appeal(store, site_id, appealed.id, say(1_000))
    escalate(store, site_id, ayu, [seen(escalated)], say(2_000))
    ban(store, site_id, ids["lead@news.example"], banned.author.id, 7, say(500))
    for number, comment in enumerate(decided):
        decide(stage, ayu, [comment], Act(Action.REJECT, "spam") if number % 2 else Act(Action.APPROVE))
    if look := next_look(store, site_id, ids["bima@news.example"]):
        # otherwise than Ayu, who approved and rejected in turn
        look_again(store, site_id, ids["bima@news.example"], look.id, Action.APPROVE)
    for user_id in ids.values():
        save_view(store, site_id, user_id, say(60), View(QueueName.FLAGGED, Order.OLDEST, "insult", 0.5))
    accept([NewComment("waits", say(20_000), Author("waiter", say(100)), Thread("story-1"))], site_id, store, _nobody)
    with store.begin() as tx:
        Deliveries(tx, site_id).stop(say(200))
        Sites(tx).change(site_id, callback_disabled_at=tx.now, callback_disabled_why=say(200))
    add_user(store, "guest@news.example", say(100), PASSWORD, site_id, "viewer")
    offer(store, ids["admin@news.example"], PASSWORD)
    careful = add_user(store, HALF_IN, say(100), PASSWORD, site_id, "moderator")
    with store.begin() as tx:
        Users(tx).change(careful, totp_secret="JBSWY3DPEHPK3PXP", totp_at=tx.now)
    token = invite(store, site_id, ids["admin@news.example"], "moderator", "new@news.example").token
    thread = main.thread.id if main.thread else ""
    return {
        "comment": main.id, "author": main.author.id, "thread": thread, "appealed": appealed.id, "escalated": escalated.id,
        "banned": banned.author.id, "decided": decided[0].id, "token": token,
    }  # fmt: skip


def visited(
    stage: Stage,
    made: Mapping[str, str],
    desk: Callable[..., Page],
    places: Sequence[Place] = PLACES,
    **options: object,
) -> Iterator[Visited]:
    """Go to every place in turn, each as somebody who may; `options` are the browser's."""
    # in this order: whoever opens the queue first has a full hand of what little is left in it
    pages = {email: _entered(stage, desk, email, options) for email in dict.fromkeys(place.email for place in places)}
    for place in places:
        page = pages[place.email]
        answer = page.goto(stage.url + place.at(made))
        assert answer, place
        assert answer.status == place.status, place
        yield place, page


def _entered(stage: Stage, desk: Callable[..., Page], email: str | None, options: Mapping[str, object]) -> Page:
    if email != HALF_IN:
        return desk(email, **options)
    page = desk(None, **options)
    give_password(page, stage, email)
    page.wait_for_url("**/login/code")
    return page


def edited(stage: Stage, comment: CommentRow, earlier: str) -> CommentRow:
    """The comment with a text that its author wrote before this one."""
    fields = {"id": comment.site_comment_id, "author": Author("editor", comment.author.name)}
    put_in_queue(stage.services, stage.site.site_id, NewComment(text=earlier, **fields))
    return put_in_queue(stage.services, stage.site.site_id, NewComment(text=comment.text, **fields))


def people(stage: Stage) -> dict[str, str]:
    """The ids of those who work there, by their e-mail addresses."""
    with stage.services.store.read() as tx:
        found = {email: Users(tx).by_email(email) for email in PEOPLE}
    return {email: user.id for email, user in found.items() if user}


def seen(comment: CommentRow) -> Seen:
    """The comment as it was when it was put in the queue."""
    return Seen(comment.id, comment.revision, comment.status)


def decide(stage: Stage, user_id: str, comments: Sequence[CommentRow], act: Act) -> None:
    """As a moderator, without a page, and each comment for itself."""
    seen_then = [seen(comment) for comment in comments]
    done = review(stage.services.store, _nobody, stage.site.site_id, user_id, seen_then, act, alike=False)
    assert done.overtaken == ()


def _settings(stage: Stage, say: Say) -> None:
    """Reasons with labels of one's own, a second look at each decision, an address to deliver to."""
    store, site_id = stage.services.store, stage.site.site_id
    own = [ChosenReason(f"own_{number}", say(60).strip() or "-") for number in range(3)]
    set_reasons(store, site_id, [ChosenReason("insult"), ChosenReason("spam"), *own])
    set_second_look_share(store, site_id, 1.0)
    with store.begin() as tx:
        Sites(tx).change(site_id, callback_url="https://news.example/hook")


def _nobody() -> None:
    """Nobody is woken."""

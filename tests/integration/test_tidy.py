"""Tidying: what has run out goes piece by piece, and what somebody still needs stays."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from service.bootstrap import Services
from service.cli.worker import Tidier
from service.domain.comment import Author
from service.domain.decision import Action
from service.moderation import tidy as tidying
from service.moderation.accept import accept
from service.moderation.appeal import appeal
from service.moderation.ban import ban
from service.moderation.decide import decide_by_api
from service.moderation.note import add_note
from service.moderation.report import report
from service.moderation.sign_in import add_user
from service.moderation.sites import Credentials, set_callback
from service.moderation.tidy import DELIVERED_DAYS, RECEIPT_DAYS, tidy
from service.store import Store
from service.store.comments import Comments
from service.store.deliveries import Deliveries, Outbox
from service.store.engine import first_id, new_id
from service.store.receipts import Receipts
from service.store.second_looks import SecondLooks
from service.store.tables import (
    appeals,
    authors,
    bans,
    comments,
    decisions,
    deliveries,
    erasures,
    notes,
    receipts,
    reports,
    revisions,
    second_looks,
)
from tests.conftest import Clock
from tests.factories import a_comment

Add = Callable[..., str]

ON_POSTGRESQL = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
"""For what can't happen on SQLite, where one transaction writes at a time."""


@pytest.fixture
def add(store: Store, site: Credentials) -> Add:
    """Take a comment in, and decide about it unless told otherwise; its id."""

    def adding(action: Action | None = Action.APPROVE, **fields: object) -> str:
        (accepted,) = accept([a_comment(**fields)], site.site_id, store, lambda: None)
        if action is not None:
            decide_by_api(accepted.id, action, None, None, site.site_id, store)
        return accepted.id

    return adding


def round_of(store: Store, clock: Clock, days: int) -> Counter[str]:
    """One whole round; what went."""
    gone: Counter[str] = Counter()
    for step in tidy(store, clock, days):
        gone.update(step.counts)
    return +gone


def rows(store: Store, table: sa.Table) -> int:
    with store.read() as tx:
        return int(tx.connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def ids(store: Store) -> set[str]:
    with store.read() as tx:
        return set(tx.connection.execute(sa.select(comments.c.id)).scalars())


def test_decided_comments_go_when_they_are_old(store: Store, clock: Clock, add: Add) -> None:
    add(Action.APPROVE), add(Action.REJECT)
    clock.forward(days=20)
    young = add()
    clock.forward(days=11)
    assert round_of(store, clock, 30)["comments"] == 2
    assert ids(store) == {young}


def test_zero_days_keep_them_for_ever(store: Store, clock: Clock, add: Add) -> None:
    add()
    clock.forward(days=36_500)
    assert round_of(store, clock, 0) == {}


def test_what_waits_for_a_worker_or_a_person_stays(store: Store, clock: Clock, add: Add) -> None:
    waiting = {add(None), add(Action.FLAG)}
    add()
    clock.forward(days=100)
    round_of(store, clock, 30)
    assert ids(store) == waiting


def test_a_decision_that_can_still_be_undone_keeps_its_comment(
    store: Store, clock: Clock, site: Credentials, add: Add
) -> None:
    flagged = add(Action.FLAG)
    clock.forward(days=100)
    decide_by_api(flagged, Action.APPROVE, None, None, site.site_id, store)
    clock.forward(hours=23)
    assert round_of(store, clock, 30) == {}
    clock.forward(hours=2)
    assert round_of(store, clock, 30)["comments"] == 1


def test_a_comment_stays_until_the_site_has_heard_of_it(
    services: Services, store: Store, clock: Clock, site: Credentials, add: Add
) -> None:
    set_callback("news.example", "http://127.0.0.1:1/", store, allow_private=True)
    comment = add()
    clock.forward(days=100)
    assert round_of(store, clock, 30) == {}
    with store.begin() as tx:
        claimed = Deliveries(tx, site.site_id).claim(10, 90)
        Outbox(tx).delivered([delivery.id for delivery in claimed])
    assert round_of(store, clock, 30)["comments"] == 1
    assert comment not in ids(store)
    assert rows(store, deliveries) == 0


def test_an_event_that_could_not_be_delivered_keeps_its_comment_as_long_again(
    store: Store, clock: Clock, site: Credentials, add: Add
) -> None:
    flagged = add(Action.FLAG)
    clock.forward(days=29)
    set_callback("news.example", "http://127.0.0.1:1/", store, allow_private=True)
    decide_by_api(flagged, Action.APPROVE, None, None, site.site_id, store)
    with store.begin() as tx:
        Deliveries(tx, site.site_id).stop("gone")
    clock.forward(days=29)
    assert round_of(store, clock, 30) == {}
    clock.forward(days=2)
    assert round_of(store, clock, 30)["comments"] == 1


def test_everything_about_a_comment_goes_but_counts(store: Store, clock: Clock, site: Credentials, add: Add) -> None:
    comment = add(id="edited", text="one")
    accept([a_comment(id="edited", text="two")], site.site_id, store, lambda: None)
    decide_by_api(comment, Action.REJECT, None, None, site.site_id, store)
    report(comment, "reader", "rude", None, site.site_id, store)
    clock.forward(days=31)
    round_of(store, clock, 30)
    assert [rows(store, table) for table in (comments, decisions, revisions, reports, authors)] == [0] * 5
    with store.read() as tx:
        counted = tx.connection.execute(sa.select(erasures.c.action, erasures.c.actor, erasures.c.count)).all()
    assert sorted(map(tuple, counted)) == [("approve", "api", 1), ("reject", "api", 1)]


def test_what_people_said_about_a_comment_goes_with_it(store: Store, clock: Clock, site: Credentials, add: Add) -> None:
    comment = add(Action.REJECT)
    person = add_user(store, "ayu@news.example", "Ayu", "saring air keruh", site.site_id, "moderator")
    appeal(store, site.site_id, comment, "It was a quotation, says Sari")
    add_note(store, site.site_id, person, comment, "Sari again")
    with store.begin() as tx:
        looked = {"revision": 1, "decision_id": new_id(), "first_user_id": person, "first_action": "reject"}
        row = {
            "id": new_id(),
            "site_id": site.site_id,
            "comment_id": comment,
            "created_at": tx.now,
            "decided_at": tx.now,
            **looked,
        }
        tx.connection.execute(sa.insert(second_looks).values(row))
    clock.forward(days=31)
    assert round_of(store, clock, 30) == {}
    decide_by_api(comment, Action.REJECT, None, None, site.site_id, store)
    clock.forward(days=2)
    assert round_of(store, clock, 30)["comments"] == 1
    assert [rows(store, table) for table in (comments, appeals, notes, second_looks)] == [0] * 4


def test_reports_that_wait_for_a_person_keep_a_comment(store: Store, clock: Clock, site: Credentials, add: Add) -> None:
    reported = add()
    report(reported, "reader", "rude", None, site.site_id, store)
    clock.forward(days=100)
    assert round_of(store, clock, 30) == {}
    decide_by_api(reported, Action.APPROVE, None, None, site.site_id, store)
    clock.forward(days=2)
    assert round_of(store, clock, 30)["comments"] == 1


def test_a_banned_author_is_known_until_the_ban_ends(store: Store, clock: Clock, site: Credentials, add: Add) -> None:
    add(author=Author("gone", "Gone")), add(author=Author("here", "Here"))
    person = add_user(store, "ayu@news.example", "Ayu", "saring air keruh", site.site_id, "lead")
    with store.read() as tx:
        ids = tx.connection.execute(sa.select(authors.c.id)).scalars().all()
    for id in ids:
        ban(store, site.site_id, person, id, 60, "spam")
    clock.forward(days=31)
    young = add(author=Author("here", "Here"))
    assert round_of(store, clock, 30) == {"comments": 2}
    assert rows(store, authors) == 2
    clock.forward(days=29)
    assert round_of(store, clock, 0) == {"authors": 1}
    assert (rows(store, authors), rows(store, bans)) == (1, 1)
    with store.read() as tx:
        left = Comments(tx, site.site_id).get(young)
    assert left is not None
    assert left.author.banned_until is None


def test_an_author_goes_with_the_last_comment_and_keeps_the_counts_until_then(
    store: Store, clock: Clock, site: Credentials, add: Add
) -> None:
    add(author=Author("gone", "Gone")), add(author=Author("here", "Here"))
    clock.forward(days=31)
    young = add(author=Author("here", "Here"))
    assert round_of(store, clock, 30) == {"comments": 2, "authors": 1}
    with store.read() as tx:
        left = Comments(tx, site.site_id).get(young)
        assert tx.connection.execute(sa.select(authors.c.site_author_id)).scalars().all() == ["here"]
    assert left is not None
    assert left.author.approved == 2


def test_one_site_s_comments_are_counted_for_that_site(
    store: Store, clock: Clock, site: Credentials, other_site: Credentials, add: Add
) -> None:
    add()
    (theirs,) = accept([a_comment()], other_site.site_id, store, lambda: None)
    decide_by_api(theirs.id, Action.REJECT, None, None, other_site.site_id, store)
    clock.forward(days=31)
    assert round_of(store, clock, 30)["comments"] == 2
    with store.read() as tx:
        counted = tx.connection.execute(sa.select(erasures.c.site_id, erasures.c.action)).all()
    assert set(map(tuple, counted)) == {(site.site_id, "approve"), (other_site.site_id, "reject")}


def test_a_round_goes_piece_by_piece_past_what_stays(
    store: Store, clock: Clock, site: Credentials, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What may not go yet, here three undelivered ones at the front, is looked at once and stops nothing."""
    monkeypatch.setattr(tidying, "PIECE", 2)
    set_callback("news.example", "http://127.0.0.1:1/", store, allow_private=True)
    kept = {add() for _ in range(3)}
    set_callback("news.example", None, store, allow_private=True)
    for _ in range(6):
        add()
    clock.forward(days=31)
    pieces = [step.counts["comments"] for step in tidy(store, clock, 30) if step.counts.get("comments")]
    assert sum(pieces) == 6
    assert max(pieces) == 2
    assert ids(store) == kept


@ON_POSTGRESQL
def test_a_comment_somebody_holds_is_passed_over(store: Store, clock: Clock, site: Credentials, add: Add) -> None:
    held = add()
    add()
    clock.forward(days=31)
    with store.begin() as tx:
        Comments(tx, site.site_id).get_for_update(held)
        assert round_of(store, clock, 30)["comments"] == 1
    assert ids(store) == {held}


def test_old_receipts_and_arrived_deliveries_go_and_young_ones_stay(
    store: Store, clock: Clock, site: Credentials, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "ROWS", 2)
    set_callback("news.example", "http://127.0.0.1:1/", store, allow_private=True)

    def arrive() -> None:
        add()
        with store.begin() as tx:
            claimed = Deliveries(tx, site.site_id).claim(10, 90)
            Outbox(tx).delivered([delivery.id for delivery in claimed])
            Receipts(tx, site.site_id).take(new_id(), tx.now)

    for _ in range(5):
        arrive()
    clock.forward(days=DELIVERED_DAYS - RECEIPT_DAYS - 1)
    arrive()
    clock.forward(days=RECEIPT_DAYS + 2)
    assert round_of(store, clock, 0) == {"receipts": 6, "deliveries": 5}
    assert (rows(store, receipts), rows(store, deliveries)) == (0, 1)


def test_second_looks_go_that_nobody_took_for_a_month(store: Store, clock: Clock, site: Credentials, add: Add) -> None:
    person = add_user(store, "ayu@news.example", "Ayu", "saring air keruh", site.site_id, "moderator")
    decided = [(add(), 1, new_id(), Action.REJECT) for _ in range(3)]
    with store.begin() as tx:
        looks = SecondLooks(tx, site.site_id)
        looks.add(decided, person)
        taken, held = looks.run(sa.select(second_looks.c.id).limit(2)).scalars()
        one = sa.update(second_looks)
        looks.run(one.where(second_looks.c.id == taken).values(decided_at=clock.now, second_action="reject"))
        until = clock.now + timedelta(days=31, minutes=1)
        looks.run(one.where(second_looks.c.id == held).values(claimed_until=until))
    clock.forward(days=31)
    assert round_of(store, clock, 0) == {"second_looks": 1}
    clock.forward(hours=1)
    assert round_of(store, clock, 0) == {"second_looks": 1}
    assert rows(store, second_looks) == 1


@ON_POSTGRESQL
def test_an_author_who_writes_again_just_now_is_made_anew(
    store: Store, clock: Clock, site: Credentials, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A comment is coming in, its author looked up but nothing committed, when the author's last one is forgotten."""
    add(author=Author("returns", "Ayu"))
    clock.forward(days=31)
    tidied = []
    add_up = Comments._add

    def add_late(self: Comments, *given: Any) -> dict[str, str]:
        if not tidied:
            tidied.append(round_of(store, clock, 30))
        return add_up(self, *given)

    monkeypatch.setattr(Comments, "_add", add_late)
    accept([a_comment(author=Author("returns", "Ayu"))], site.site_id, store, lambda: None)
    assert tidied == [{"comments": 1, "authors": 1}]
    assert rows(store, authors) == 1
    with store.read() as tx:
        assert [comment.author.name for comment in Comments(tx, site.site_id).page()] == ["Ayu"]


def test_ids_sort_by_the_time_they_were_made() -> None:
    now = datetime.now(UTC)
    assert first_id(now - timedelta(seconds=1)) < new_id() < first_id(now + timedelta(seconds=60))


def test_the_beat_tidies_step_by_step_and_pauses_between(
    services: Services, store: Store, clock: Clock, add: Add, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tidying, "PIECE", 1)
    services.__dict__["settings"] = services.settings.__class__(**{**vars(services.settings), "retention_days": 30})
    for _ in range(3):
        add()
    clock.forward(days=31)
    tidier = Tidier(services)
    seen = []
    for _ in range(50):
        tidier.step()
        seen.append(len(ids(store)))
    assert seen[0] == 3
    assert sorted(set(seen), reverse=True) == [3, 2, 1, 0]

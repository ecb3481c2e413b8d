"""Many rows in one statement: what goes in comes back as it was, on both databases."""

from collections.abc import Mapping
from threading import Thread
from typing import Any

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.domain.errors import Invalid
from service.moderation.accept import accept
from service.moderation.sites import Credentials
from service.store import Store, bulk
from service.store.engine import new_id
from service.store.tables import authors, comments, receipts, threads
from tests.factories import a_comment
from tests.servers import await_lock

AWKWARD = (
    "",
    " ",
    "NULL",
    "null",
    "'",
    '"',
    '""',
    "\\",
    "\\\\",
    '\\"',
    "\\N",
    "\\x41",
    "a,b",
    '","',
    "{}",
    "{a,b}",
    "{",
    "}",
    "[1]",
    "a\nb\r\nc\td",
    " spaced out ",
    "😀👩‍👩‍👧 e\u0301 \u202e \U0010ffff",
    "%s %(text)s %% ? ?1 :text $1",
    "\x01\x1f\x7f\ufeff",
    "'; DROP TABLE comments; --",
)
"""Texts that mean something to one of those who carry them: arrays, JSON, SQL, drivers."""


def insert_threads(store: Store, site: Credentials, titles: list[str | None], **more: Any) -> list[str]:
    """Threads with these titles; their ids."""
    ids = [new_id() for _ in titles]
    columns = {"id": ids, "site_id": site.site_id, "site_thread_id": ids, "title": titles, **more}
    with store.begin() as tx:
        assert bulk.insert(tx, threads, columns) == len(titles)
    return ids


def titles_of(store: Store, ids: list[str]) -> list[str | None]:
    """As they are stored, in this order."""
    stored = values_of(store, threads, "title")
    return [stored[id] for id in ids]


def values_of(store: Store, table: sa.Table, column: str) -> dict[str, Any]:
    """A column's values by id."""
    with store.read() as tx:
        rows = tx.connection.execute(sa.select(table.c.id, table.c[column]))
        return {id: value for id, value in rows}  # noqa: C416 - rows are no pairs to mypy


def insert_authors(store: Store, site: Credentials, count: int, **columns: Any) -> list[str]:
    ids = sorted(new_id() for _ in range(count))
    with store.begin() as tx:
        usual = {"id": ids, "site_id": site.site_id, "site_author_id": ids, "name": "Ayu", "first_seen_at": tx.now}
        bulk.insert(tx, authors, {**usual, **columns})
    return ids


@pytest.mark.parametrize("more", [[], [None], [None, None, ""]], ids=["texts", "and one None", "and several"])
def test_inserted_texts_come_back_as_they_went_in(store: Store, site: Credentials, more: list[str | None]) -> None:
    texts = [*AWKWARD, *more]
    assert titles_of(store, insert_threads(store, site, texts)) == texts


@pytest.mark.parametrize("text", [*AWKWARD, None])
def test_a_text_comes_back_that_is_the_same_in_all_rows_or_the_only_one(
    store: Store, site: Credentials, text: str | None
) -> None:
    alone = insert_threads(store, site, [text])
    folded = insert_threads(store, site, [text] * 3)
    sent_once = [new_id() for _ in range(2)]
    with store.begin() as tx:
        columns = {"id": sent_once, "site_id": site.site_id, "site_thread_id": sent_once, "title": text}
        assert bulk.insert(tx, threads, columns) == 2
    assert titles_of(store, [*alone, *folded, *sent_once]) == [text] * 6


@pytest.mark.parametrize("more", [[], [None, None]], ids=["texts", "and None"])
def test_updated_texts_come_back_as_they_went_in(store: Store, site: Credentials, more: list[str | None]) -> None:
    texts = [*AWKWARD, *more]
    ids = insert_threads(store, site, ["before"] * len(texts), url="https://news.example/")
    with store.begin() as tx:
        assert bulk.update(tx, threads, {"id": ids, "title": texts}, ()) == len(texts)
    assert titles_of(store, ids) == texts
    assert set(values_of(store, threads, "url").values()) == {"https://news.example/"}


def test_rows_are_looked_up_by_any_text_but_those_of_another_site(
    store: Store, site: Credentials, other_site: Credentials
) -> None:
    keys = list(AWKWARD)
    ids = insert_threads(store, site, keys[::-1], site_thread_id=keys)
    insert_threads(store, other_site, keys, site_thread_id=keys)
    with store.begin() as tx:
        found = bulk.look_up(tx, threads, "site_thread_id", [*keys, "not there"], ("title", "url"), site.site_id)
        assert found == {key: (id, title, None) for key, id, title in zip(keys, ids, keys[::-1], strict=True)}
        assert bulk.look_up(tx, threads, "site_thread_id", [], (), site.site_id) == {}


def test_among_takes_any_text_and_any_number_of_them(store: Store, site: Credentials) -> None:
    ids = insert_threads(store, site, [*AWKWARD, None])

    def found(column: sa.Column[Any], values: list[str]) -> set[str]:
        with store.read() as tx:
            return set(tx.connection.execute(sa.select(threads.c.id).where(bulk.among(tx, column, values))).scalars())

    for text, id in zip(AWKWARD, ids, strict=False):
        assert found(threads.c.title, [text]) == {id}
    assert found(threads.c.title, list(AWKWARD)) == set(ids[:-1])
    assert found(threads.c.title, []) == set()
    assert found(threads.c.id, ids[3:5]) == set(ids[3:5])
    assert found(threads.c.id, [*ids, *(new_id() for _ in range(40_000))]) == set(ids)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    texts=st.lists(st.none() | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60))
)
def test_any_text_without_a_nul_comes_back_as_it_went_in(
    store: Store, site: Credentials, texts: list[str | None]
) -> None:
    ids = insert_threads(store, site, texts)
    assert titles_of(store, ids) == texts
    some = [text for text in texts if text is not None]
    with store.begin() as tx:
        bulk.update(tx, threads, {"id": ids, "title": texts[::-1]}, ())
        here = sa.and_(bulk.among(tx, threads.c.id, ids), bulk.among(tx, threads.c.title, some))
        found = tx.connection.execute(sa.select(threads.c.title).where(here)).scalars().all()
    assert sorted(found) == sorted(some)
    assert titles_of(store, ids) == texts[::-1]


@pytest.mark.parametrize("texts", [["\0"], ["a", "b\0"], ["\0", "\0"], [None, "a\0b"], ["a", "\0,\0"]])
def test_a_nul_is_refused_and_nothing_is_written(store: Store, site: Credentials, texts: list[str | None]) -> None:
    with pytest.raises(Invalid):
        insert_threads(store, site, texts)
    ids = insert_threads(store, site, ["kept"] * len(texts))
    with pytest.raises(Invalid), store.begin() as tx:
        bulk.update(tx, threads, {"id": ids, "title": texts}, ())
    assert values_of(store, threads, "title") == dict.fromkeys(ids, "kept")


def test_a_nul_is_refused_where_rows_are_looked_for(store: Store, site: Credentials) -> None:
    with pytest.raises(Invalid), store.begin() as tx:
        bulk.look_up(tx, threads, "site_thread_id", ["a\0"], (), site.site_id)
    for texts in (["a", "\0"], ["a\0b"]):
        with pytest.raises(Invalid), store.read() as tx:
            tx.connection.execute(sa.select(threads.c.id).where(bulk.among(tx, threads.c.title, texts)))


def test_json_numbers_times_and_none_come_back_as_they_went_in(store: Store, site: Credentials) -> None:
    told: list[Mapping[str, object]] = [{"a": 1}, {"a": True}, {"a": 1.0}, {}, {"'\"\\,{}": ["😀", None, "NULL", "\n"]}]
    [author] = insert_authors(store, site, 1)
    ids = [new_id() for _ in told]
    with store.begin() as tx:
        columns = {
            "id": ids, "site_id": site.site_id, "site_comment_id": ids, "author_id": author, "text": "x",
            "created_at": [tx.now] * len(ids), "received_at": tx.now, "status": "pending", "metadata": told,
            "scores": [None, {"toxicity": 0.25}, None, {}, {"toxicity": 1e-300}],
            "risk": [0.0, 0.1 + 0.2, 1e300, -1.5, 1.0], "attempts": list(range(5)),
        }  # fmt: skip
        assert bulk.insert(tx, comments, columns) == len(ids)
        now = tx.now
    stored = values_of(store, comments, "metadata")
    # as text too: true, 1 and 1.0 are equal to Python
    assert [repr(stored[id]) for id in ids] == [repr(one) for one in told]
    for name in ("scores", "risk", "attempts"):
        kept = values_of(store, comments, name)
        assert [kept[id] for id in ids] == columns[name]
    assert set(values_of(store, comments, "created_at").values()) == {now}


@pytest.mark.parametrize(
    "told", [[{"a": 1}] * 3, [{"a": True}] * 3, [{}, {}, {}], [{"a": 1}, {"a": True}, {"a": 1.0}, {"a": 1}]]
)
def test_json_that_is_equal_in_all_rows_keeps_its_kind_in_each(
    store: Store, site: Credentials, told: list[dict[str, Any]]
) -> None:
    accepted = accept([a_comment(metadata=one) for one in told], site.site_id, store, lambda: None)
    stored = values_of(store, comments, "metadata")
    assert [repr(stored[one.id]) for one in accepted] == [repr(one) for one in told]


def test_what_is_to_be_added_is_added(store: Store, site: Credentials) -> None:
    ids = insert_authors(store, site, 3, approved=[5, 6, 7], rejected=[1, 1, 1])
    with store.begin() as tx:
        # one differs from row to row, the other doesn't
        columns = {"id": ids, "approved": [1, 0, -7], "rejected": [2, 2, 2], "name": "Sari"}
        assert bulk.update(tx, authors, columns, (), add=("approved", "rejected")) == 3
    assert [values_of(store, authors, "approved")[id] for id in ids] == [6, 6, 0]
    assert [values_of(store, authors, "rejected")[id] for id in ids] == [3, 3, 3]
    assert set(values_of(store, authors, "name").values()) == {"Sari"}


@pytest.mark.parametrize("locked", [False, True])
def test_only_rows_that_are_as_was_said_are_changed(
    store: Store, site: Credentials, other_site: Credentials, locked: bool
) -> None:
    ours, theirs = insert_authors(store, site, 3, email=["a", "b", None]), insert_authors(store, other_site, 1)
    with store.begin() as tx:
        columns = {"id": [*ours, *theirs], "site_id": site.site_id, "name": ["1", "2", "3", "4"]}
        assert bulk.update(tx, authors, columns, ("site_id",), locked=locked) == 3
        # a column that differs from row to row as well; what is not known is equal to nothing
        columns = {"id": ours, "email": ["a", "x", None], "ip": ["1", "2", "3"]}
        assert bulk.update(tx, authors, columns, ("email",), locked=locked) == 1
        assert bulk.update(tx, authors, {"id": [new_id()], "name": "nobody"}, (), locked=locked) == 0
        assert bulk.update(tx, authors, {"id": [], "name": []}, (), locked=locked) == 0
    names, ips, emails = (values_of(store, authors, column) for column in ("name", "ip", "email"))
    assert [names[id] for id in (*ours, *theirs)] == ["1", "2", "3", "Ayu"]
    assert [ips[id] for id in ours] == ["1", None, None]
    assert [emails[id] for id in ours] == ["a", "b", None]


def test_rows_are_moved_that_are_as_they_were_read(store: Store, site: Credentials, other_site: Credentials) -> None:
    ours, theirs = insert_authors(store, site, 4, approved=[1, 2, 3, 4]), insert_authors(store, other_site, 1)
    ids = sorted([*ours, *theirs, new_id()])
    read = dict(zip(ours, [1, 2, 0, 4], strict=True))
    with store.begin() as tx:
        columns = {"id": ids, "site_id": site.site_id, "name": [f"of {id}" for id in ids], "approved": 9}
        was = {"approved": [read.get(id, 0) for id in ids], "rejected": [0 for _ in ids]}
        assert sorted(bulk.move(tx, authors, columns, ("site_id",), was)) == [ours[0], ours[1], ours[3]]
        assert bulk.move(tx, authors, columns, ("site_id",), was) == []
    names, approved = (values_of(store, authors, column) for column in ("name", "approved"))
    assert [names[id] for id in ours] == [f"of {ours[0]}", f"of {ours[1]}", "Ayu", f"of {ours[3]}"]
    assert [approved[id] for id in (*ours, *theirs)] == [9, 9, 3, 9, 0]
    assert names[theirs[0]] == "Ayu"


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_of_two_who_move_a_row_the_second_waits_and_finds_it_moved(store: Store, site: Credentials) -> None:
    ids = insert_authors(store, site, 50, approved=1)
    columns = {"id": ids, "site_id": site.site_id, "approved": 2}
    moved: list[list[str]] = []

    def move(name: str) -> None:
        with store.begin() as tx:
            moved.append(bulk.move(tx, authors, {**columns, "name": name}, ("site_id",), {"approved": [1] * len(ids)}))

    with store.begin() as first:
        moved.append(bulk.move(first, authors, {**columns, "name": "1"}, ("site_id",), {"approved": [1] * len(ids)}))
        second = Thread(target=move, args=("2",))
        second.start()
        await_lock(first.connection)
    second.join(20)
    assert list(map(len, moved)) == [len(ids), 0]
    assert set(values_of(store, authors, "name").values()) == {"1"}


def test_rows_that_are_there_already_are_passed_over_only_when_that_is_asked_for(
    store: Store, site: Credentials
) -> None:
    def columns(keys: list[str], title: str) -> dict[str, object]:
        ids = [new_id() for _ in keys]
        return {"id": ids, "site_id": site.site_id, "site_thread_id": keys, "title": title}

    with store.begin() as tx:
        assert bulk.insert(tx, threads, columns(["a", "b"], "first"), or_ignore=True) == 2
        assert bulk.insert(tx, threads, columns(["b", "c", "c"], "second"), or_ignore=True) == 1
        assert bulk.insert(tx, threads, columns(["a"], "third"), or_ignore=True) == 0
    with pytest.raises(sa.exc.IntegrityError), store.begin() as tx:
        bulk.insert(tx, threads, columns(["d", "a"], "fourth"))
    with store.read() as tx:
        found = bulk.look_up(tx, threads, "site_thread_id", ["a", "b", "c", "d"], ("title",), site.site_id)
    assert {key: title for key, (_, title) in found.items()} == {"a": "first", "b": "first", "c": "second"}


def test_no_rows_are_no_rows(store: Store, site: Credentials) -> None:
    assert insert_threads(store, site, []) == []
    assert values_of(store, threads, "title") == {}


@pytest.mark.parametrize("count", [1, 3])
def test_rows_without_an_id_are_as_many_as_were_given(store: Store, site: Credentials, count: int) -> None:
    names = [f"msg_{number}" for number in range(count)]
    with store.begin() as tx:
        columns = {"site_id": site.site_id, "webhook_id": names, "sent_at": [tx.now] * count, "received_at": tx.now}
        assert bulk.insert(tx, receipts, columns) == count
        assert set(tx.connection.execute(sa.select(receipts.c.webhook_id)).scalars()) == set(names)

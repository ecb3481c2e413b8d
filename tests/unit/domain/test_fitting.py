"""Comments that are made to fit, since their callers can't be told that they don't."""

from dataclasses import replace

from service.domain.comment import MAX_TEXT, Author, NewComment, Thread, is_storable
from service.domain.fitting import fitting

PLAIN = NewComment(
    "c1",
    "Terima kasih",
    Author("u1", "Ayu", "ayu@example.com", "192.0.2.1"),
    Thread("t1", "https://news.example/1", "A story"),
    parent_id="c0",
    url="https://news.example/1#c1",
    declared_language="id",
    metadata={"kind": "comment", "count": 3},
)


def test_a_comment_that_fits_stays_as_it_is() -> None:
    assert fitting(PLAIN) == PLAIN


def test_a_long_text_is_cut() -> None:
    assert len(fitting(replace(PLAIN, text="a" * (MAX_TEXT + 1))).text) == MAX_TEXT


def test_two_long_ids_that_begin_alike_stay_two() -> None:
    ids = {fitting(replace(PLAIN, id="x" * 500 + end)).id for end in ("a", "b")}
    assert len(ids) == 2
    assert max(map(len, ids)) <= 200


def test_an_address_that_is_too_long_is_left_out_and_a_name_is_cut() -> None:
    author = fitting(replace(PLAIN, author=Author("u1", "A" * 300, "a" * 400, "1" * 50))).author
    assert (len(author.name), author.email, author.ip) == (200, None, None)
    assert fitting(replace(PLAIN, url="https://x/" + "a" * 3_000)).url is None


def test_what_no_database_keeps_is_replaced_everywhere() -> None:
    bad = "a\x00b\ud83d"
    comment = fitting(
        NewComment(
            bad, bad, Author(bad, bad, bad, bad), Thread(bad, bad, bad), bad, bad,
            declared_language=bad, metadata={bad: [bad, {bad: bad}]},
        )
    )  # fmt: skip
    assert is_storable(repr(comment).encode().decode("unicode_escape"))
    assert comment.text == "a\ufffdb\ufffd"
    assert comment.metadata == {"a\ufffdb\ufffd": ["a\ufffdb\ufffd", {"a\ufffdb\ufffd": "a\ufffdb\ufffd"}]}


def test_metadata_are_kept_to_a_depth() -> None:
    deep: object = "x"
    for _ in range(50):
        deep = [deep]
    assert repr(fitting(replace(PLAIN, metadata={"deep": deep})).metadata["deep"]).count("[") < 10

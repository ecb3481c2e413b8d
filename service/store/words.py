"""Looking for words: full text of what is flagged, on either database."""

import re
from typing import Any

import sqlalchemy as sa

from service.domain.view import QueueName
from service.store.scope import Scope
from service.store.tables import authors, comments
from service.store.types import Id

FOUND = 10_000
"""Texts found at most, the last flagged ones: a word that is in every comment finds no more."""

# written out and not bound: SQLite takes a partial index only for a constant that it sees in the statement
FLAGGED = comments.c.status == sa.literal_column("'flagged'")

_WHOLE = {QueueName.FLAGGED, QueueName.NEW_AUTHORS, QueueName.ESCALATED}
"""Queues of flagged comments: their texts are in the index."""

_searched = sa.table("searched", sa.column("id", sa.Integer), sa.column("comment_id", Id))
_searched_words = sa.table("searched_words", sa.column("rowid", sa.Integer))


def having(scope: Scope, queue: QueueName, words: str, first: sa.Select[Any]) -> sa.Select[Any]:
    """A query for the ids of what has these words in its text or in its author's name.

    In the text of flagged comments they are looked for as words, in any order, the last one as the beginning of a word. All
    else is looked for letter by letter among the `first` of a queue (id, author_id, text): names, the texts of other queues, and
    words with signs in them, of which no index knows, such as `100%` or an address.
    """
    few = first.subquery()
    named = of_author(authors.c.name, few.c.author_id).icontains(words, autoescape=True)
    by_letters = sa.select(few.c.id)
    if queue not in _WHOLE or not re.fullmatch(r"(?:[^\W_]|\s)+", words):
        return by_letters.where(sa.or_(few.c.text.icontains(words, autoescape=True), named))
    full_text = _on_sqlite if scope.tx.sqlite else _on_postgresql
    found = full_text(scope, words.split()).subquery()
    either = sa.union_all(sa.select(found.c.id), by_letters.where(named)).subquery()
    return sa.select(either.c.id)


def of_author(column: sa.Column[Any], author_id: sa.ColumnElement[str]) -> sa.ScalarSelect[Any]:
    """What is known of a comment's author.

    A value and no join: PostgreSQL then looks each author up by id, and never reads all authors of every site for some comments.
    """
    return sa.select(column).where(authors.c.id == author_id).scalar_subquery()


def _on_sqlite(scope: Scope, words: list[str]) -> sa.Select[Any]:
    """By FTS5; words in quotes mean nothing but themselves (https://www.sqlite.org/fts5.html#fts5_strings)."""
    asked = " ".join(f'"{word}"' for word in words) + "*"
    found = (
        scope.mine(sa.select(_searched.c.comment_id.label("id")), comments)
        .join_from(_searched_words, _searched, _searched.c.id == _searched_words.c.rowid)
        .join(comments, comments.c.id == _searched.c.comment_id)
    )
    matches = sa.literal_column("searched_words", sa.Text).op("MATCH", is_comparison=True)(asked)
    return found.where(matches).order_by(_searched_words.c.rowid.desc()).limit(FOUND)


def _on_postgresql(scope: Scope, words: list[str]) -> sa.Select[Any]:
    """By the index on just this expression; words in quotes mean nothing but themselves."""
    simple: sa.ColumnElement[str] = sa.literal_column("'simple'")
    asked = " & ".join(f"'{word}'" for word in words) + ":*"
    matches = sa.func.to_tsvector(simple, comments.c.text).bool_op("@@")(sa.func.to_tsquery(simple, asked))
    # OFFSET 0 lets the index find them: else the newest would be read one by one and taken apart until enough have the words
    found = scope.mine(sa.select(comments.c.id), comments).where(FLAGGED, matches).offset(0).subquery()
    return sa.select(found.c.id).order_by(found.c.id.desc()).limit(FOUND)

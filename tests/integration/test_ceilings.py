"""What ours is measured beside does what it is said to do."""

import httpx
import sqlalchemy as sa

from bench.bare import bare_server


def a_comment(id: str) -> dict[str, object]:
    return {"id": id, "text": f"text of {id}", "author": {"id": "author"}}


def stored(database_url: str) -> list[tuple[str, str, str]]:
    engine = sa.create_engine(database_url)
    with engine.connect() as connection:
        rows = connection.execute(sa.text("SELECT id, author, text FROM bare ORDER BY id")).all()
    engine.dispose()
    return [tuple(row) for row in rows]


def test_the_bare_route_has_committed_what_it_answers(database_url: str) -> None:
    with bare_server(database_url) as url:
        alone = httpx.post(url, json=a_comment("a"), trust_env=False)
        together = httpx.post(url, json={"comments": [a_comment("b"), a_comment("c")]}, trust_env=False)
        assert [answer.status_code for answer in (alone, together)] == [200, 200]
        assert [row["id"] for row in together.json()["comments"]] == ["b", "c"]
        assert stored(database_url) == [(id, "author", f"text of {id}") for id in "abc"]

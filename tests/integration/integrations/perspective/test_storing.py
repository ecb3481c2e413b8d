"""A comment that is only scored leaves nothing behind."""

from typing import Any

import pytest
import sqlalchemy as sa

from service.store import Store
from service.store.tables import metadata
from tests.integration.integrations.perspective.conftest import Caller

SECRET = "Rahasia sekali: dasar goblok kamu. Jangan disimpan."


def everything(store: Store) -> dict[str, list[Any]]:
    """Every row of every table."""
    with store.read() as tx:
        return {table.name: tx.connection.execute(sa.select(table)).all() for table in metadata.sorted_tables}


@pytest.mark.parametrize("do_not_store", [True, False, None])
def test_a_scored_comment_is_stored_nowhere(caller: Caller, store: Store, do_not_store: bool | None) -> None:
    before = everything(store)
    context = {"entries": [{"text": SECRET}]}
    answer = caller.analyze(SECRET, "INSULT", doNotStore=do_not_store, context=context, spanAnnotations=True)
    assert "attributeScores" in answer
    assert everything(store) == before


@pytest.mark.parametrize("attribute", ["TOXICITY", "Rahasia"])
@pytest.mark.parametrize("broken", [b"", b"{"])
def test_neither_text_nor_key_is_logged(
    caller: Caller, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture, attribute: str, broken: bytes
) -> None:
    with caplog.at_level("DEBUG"):
        caller.analyze(SECRET, attribute, doNotStore=True)
        caller.send("analyze", SECRET.encode() + broken)
    out, err = capfd.readouterr()
    told = out + err + caplog.text
    assert "/v1alpha1/comments:analyze" in told
    assert caller.key is not None
    assert "Rahasia" not in told
    assert caller.key not in told

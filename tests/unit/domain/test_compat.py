"""A site's choices for other services' formats, as they are stored and set."""

import pytest

from service.domain.compat import MAX_BUDGET, MIN_BUDGET, Compat, Images, OnFailure, UnknownAttributes
from service.domain.errors import Invalid


def test_what_is_stored_is_read_again() -> None:
    chosen = Compat(
        unknown_attributes=UnknownAttributes.ZERO,
        akismet_discard=0.95,
        on_failure=OnFailure.CLOSED,
        budget_ms=90,
        openai_images=Images.IGNORE,
        openai_thresholds={"harassment": 0.4},
    )
    assert Compat.from_json(chosen.to_json()) == chosen


def test_what_is_left_out_has_its_default() -> None:
    assert Compat.from_json({}) == Compat()
    assert Compat.from_json({"budget_ms": 200}) == Compat(budget_ms=200)


@pytest.mark.parametrize(
    ("stored", "says"),
    [
        (None, "compat is None: give an object with unknown_attributes"),
        ([], "compat is []"),
        ({"budget": 3}, "compat has no field 'budget': it has unknown_attributes"),
        ({"unknown_attributes": "guess"}, "unknown_attributes is 'guess': give error or zero"),
        ({"declared_language": ["auto"]}, "declared_language is ['auto']: give auto or trust or ignore"),
        ({"on_failure": True}, "on_failure is True: give open or closed"),
        ({"budget_ms": MIN_BUDGET - 1}, "budget_ms is 19: give a whole number of milliseconds from 20 to 5000"),
        ({"budget_ms": MAX_BUDGET + 1}, "budget_ms is 5001"),
        ({"budget_ms": 100.5}, "budget_ms is 100.5"),
        ({"budget_ms": True}, "budget_ms is True"),
        ({"akismet_discard": 0}, "akismet_discard is 0: give a number above 0 and up to 1"),
        ({"akismet_discard": float("nan")}, "akismet_discard is nan"),
        ({"openai_thresholds": 0.5}, "openai_thresholds is 0.5: give an object"),
        ({"openai_thresholds": {"rudeness": 0.5}}, "openai_thresholds has no category 'rudeness'"),
        ({"openai_thresholds": {3: 0.5}}, "openai_thresholds has no category 3"),
        ({"openai_thresholds": {"hate": 2}}, "openai_thresholds.hate is 2"),
    ],
)
def test_what_can_not_be_right_is_named_with_what_would_be(stored: object, says: str) -> None:
    with pytest.raises(Invalid) as told:
        Compat.from_json(stored)
    assert str(told.value).startswith(says)

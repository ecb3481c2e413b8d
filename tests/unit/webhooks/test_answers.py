"""What receivers' answers mean."""

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.webhooks.answers import LONGEST_WAIT, Outcome, excerpt_of, outcome_of, wait_asked

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, Outcome.DELIVERED),
        (202, Outcome.DELIVERED),
        (204, Outcome.DELIVERED),
        (299, Outcome.DELIVERED),
        (301, Outcome.RETRY),
        (308, Outcome.RETRY),
        (400, Outcome.RETRY),
        (401, Outcome.RETRY),
        (404, Outcome.RETRY),
        (410, Outcome.GONE),
        (429, Outcome.SLOW_DOWN),
        (500, Outcome.RETRY),
        (502, Outcome.SLOW_DOWN),
        (503, Outcome.RETRY),
        (504, Outcome.SLOW_DOWN),
        (999, Outcome.RETRY),
    ],
)
def test_what_a_status_means(status: int, outcome: Outcome) -> None:
    assert outcome_of(status) is outcome


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("120", 120.0),
        (" 0 ", 0.0),
        ("9" * 6000, LONGEST_WAIT),
        ("-5", None),
        ("1.5", None),
        ("soon", None),
        ("٣", None),
        ("Thu, 01 Jan 2026 00:01:00 GMT", 60.0),
        ("Thu, 01 Jan 2026 00:01:00 -0000", 60.0),
        ("Wed, 31 Dec 2025 23:00:00 GMT", 0.0),
        ("Sat, 01 Jan 2050 00:00:00 GMT", LONGEST_WAIT),
        ("Thu, 99 Jan 2026 00:00:00 GMT", None),
    ],
)
def test_both_forms_of_retry_after_are_read(header: str | None, seconds: float | None) -> None:
    assert wait_asked(header, NOW) == seconds


@settings(max_examples=300, deadline=None)
@given(st.text())
def test_no_retry_after_breaks_us(header: str) -> None:
    asked = wait_asked(header, NOW)
    assert asked is None or 0 <= asked <= LONGEST_WAIT


def test_an_excerpt_is_one_printable_line_of_200_characters() -> None:
    assert excerpt_of("\x1b[31mno\r\n\tsuch   page\x00\u202e") == "[31mno such page"
    assert len(excerpt_of("é" * 500)) == 200

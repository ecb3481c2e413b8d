"""What people choose for themselves, as it is stored and as a form has it."""

import pytest

from service.domain.errors import Invalid
from service.domain.preferences import Blur, Preferences

FORM = {"blur": "all", "break_minutes": "90", "theme": "dark", "single_keys": "on"}


def test_what_is_stored_is_read_again() -> None:
    chosen = Preferences(Blur.ALL, 0, single_keys=False, theme="dark")
    assert Preferences.from_json(chosen.to_json()) == chosen


@pytest.mark.parametrize(
    "stored",
    [
        None,
        [],
        "x",
        {},
        {"blur": "some", "break_minutes": 241, "single_keys": "yes", "theme": 3},
        {"blur": None, "break_minutes": True, "single_keys": 1, "theme": ["dark"]},
        {"break_minutes": -1, "of an older version": 1},
    ],
)
def test_what_can_not_be_right_has_its_default(stored: object) -> None:
    assert Preferences.from_json(stored) == Preferences()


def test_a_form_is_read() -> None:
    assert Preferences.from_form(FORM) == Preferences(Blur.ALL, 90, single_keys=True, theme="dark")
    without = {name: value for name, value in FORM.items() if name != "single_keys"}
    assert not Preferences.from_form(without).single_keys


@pytest.mark.parametrize("minutes", ["0", " 240 "])
def test_breaks_may_be_turned_off_or_rare(minutes: str) -> None:
    assert Preferences.from_form({**FORM, "break_minutes": minutes}).break_minutes == int(minutes)


@pytest.mark.parametrize(
    ("name", "value"),
    [("blur", "some"), ("blur", ""), ("theme", "pink"), ("break_minutes", "241"), ("break_minutes", "-1"),
     ("break_minutes", "٣"), ("break_minutes", "9" * 5_000), ("break_minutes", "1.5"), ("break_minutes", "")],
)  # fmt: skip
def test_a_wrong_field_is_named(name: str, value: str) -> None:
    with pytest.raises(Invalid, match=f"^{name}: give"):
        Preferences.from_form({**FORM, name: value})

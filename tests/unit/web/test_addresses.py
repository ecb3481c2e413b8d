"""Whose address it is that is counted at the login."""

import pytest

from service.web.rates import client_address


@pytest.mark.parametrize(
    ("text", "counted"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::"),
        ("2001:db8:1:2:ffff::1", "2001:db8:1:2::"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("", "unknown"),
        (None, "unknown"),
        ("\x00", "unknown"),
        ("x" * 10_000, "unknown"),
    ],
)
def test_an_address_is_counted_as_its_owner(text: str | None, counted: str) -> None:
    assert client_address(text) == counted

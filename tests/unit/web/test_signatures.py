"""Signatures in hex, as Coral, Discourse, GitHub and Hyvor Talk make them."""

import hashlib
import hmac

import pytest

from service.web.signatures import hex_signed

BODY = b'{"comment":"\xc3\xa9"}'


def signature(secret: str, body: bytes = BODY) -> str:
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def test_the_example_of_githubs_documentation() -> None:
    # https://docs.github.com/en/webhooks/using-webhooks/validating-webhook-deliveries
    header = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert hex_signed(header, b"Hello, World!", ["It's a Secret to Everybody"])


@pytest.mark.parametrize("form", ["{}", "sha256={}", " sha256={} ", "sha256=" + "0" * 64 + ",sha256={}", "v1,{}"])
def test_the_forms_of_a_signature(form: str) -> None:
    assert hex_signed(form.format(signature("s")), BODY, ["other", "s"])


def test_capital_digits_are_the_same_number() -> None:
    assert hex_signed(signature("s").upper(), BODY, ["s"])


@pytest.mark.parametrize(
    "header",
    [
        "",
        ",",
        "sha256=",
        "sha1=" + "0" * 40,
        signature("s")[:-1],
        signature("s") + "0",
        signature("other"),
        "\ud83d" * 64,
    ],
)
def test_what_is_no_signature_of_this_body(header: str) -> None:
    assert not hex_signed(header, BODY, ["s"])


def test_another_body_is_not_signed() -> None:
    assert not hex_signed(signature("s"), BODY + b" ", ["s"])


def test_without_a_secret_nothing_is_signed() -> None:
    assert not hex_signed(signature(""), BODY, [])
    assert not hex_signed(signature(""), BODY, [""])


def test_of_very_many_signatures_the_first_are_looked_at() -> None:
    many = ",".join([signature("other")] * 50_000)
    assert not hex_signed(f"{many},{signature('s')}", BODY, ["s"])

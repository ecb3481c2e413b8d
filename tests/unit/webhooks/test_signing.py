"""Standard Webhooks signatures, both ways."""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook

from service.domain.errors import BadSignature
from service.webhooks.signing import new_secret, sign, verify

SECRET = "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
OTHER = "whsec_" + base64.b64encode(b"another secret, also 32 bytes it").decode()
ID = "msg_01exampleexampleexample"
NOW = datetime(2026, 1, 1, tzinfo=UTC)
BODY = b'{"type":"comment.created","timestamp":"2026-01-01T00:00:00Z","data":{"id":"c1"}}'
SIGNATURE = "v1,KCsD7tSWFfK7owVL4I2QAlhMxmMrWplniQSEuZ397JM="

Headers = dict[str, str]


def signed(body: bytes = BODY, *, at: datetime = NOW, secret: str = SECRET) -> Headers:
    return sign([secret], ID, at, body)


def reference(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    """The signature by nothing but the standard library, over the header's own text."""
    text = secret.removeprefix("whsec_")
    key = base64.b64decode(text + "=" * (-len(text) % 4))
    mac = hmac.new(key, f"{message_id}.{timestamp}.".encode() + body, hashlib.sha256).digest()
    return "v1," + base64.b64encode(mac).decode()


# the worked example


def test_the_worked_example_is_signed_as_published() -> None:
    assert signed() == {"webhook-id": ID, "webhook-timestamp": "1767225600", "webhook-signature": SIGNATURE}


def test_the_worked_example_is_accepted() -> None:
    message = verify([SECRET], signed(), BODY, NOW)
    assert (message.id, message.timestamp) == (ID, NOW)


# secrets


def test_a_new_secret_carries_32_random_bytes() -> None:
    first, second = new_secret(), new_secret()
    assert first.startswith("whsec_")
    assert len(base64.b64decode(first.removeprefix("whsec_"), validate=True)) == 32
    assert first != second


@pytest.mark.parametrize(
    "written", [SECRET, SECRET.rstrip("="), SECRET.removeprefix("whsec_"), SECRET.removeprefix("whsec_").rstrip("=")]
)
def test_a_secret_may_lack_its_prefix_and_padding(written: str) -> None:
    assert verify([written], signed(), BODY, NOW).id == ID
    assert signed(secret=written)["webhook-signature"] == SIGNATURE


@pytest.mark.parametrize("broken", ["", "whsec_", "whsec_!!!!", "whsec_a", "whsec_žluť", "whsec_abc-def_"])
def test_an_unreadable_secret_signs_nothing_and_matches_nothing(broken: str) -> None:
    with pytest.raises(ValueError, match="no base64"):
        sign([broken], ID, NOW, BODY)
    with pytest.raises(BadSignature):
        verify([broken], signed(), BODY, NOW)
    assert verify([broken, SECRET], signed(), BODY, NOW).id == ID


def test_nothing_is_accepted_without_secrets() -> None:
    with pytest.raises(BadSignature):
        verify([], signed(), BODY, NOW)


# what must be refused


@pytest.mark.parametrize("name", ["webhook-id", "webhook-timestamp", "webhook-signature"])
@pytest.mark.parametrize(
    "spoil", [lambda headers, name: headers.pop(name), lambda headers, name: headers.update({name: ""})]
)
def test_each_header_is_needed(name: str, spoil: Callable[[Headers, str], None]) -> None:
    headers = signed()
    spoil(headers, name)
    with pytest.raises(BadSignature):
        verify([SECRET], headers, BODY, NOW)


@pytest.mark.parametrize("minutes", [-4, 0, 4])
def test_a_message_of_four_minutes_is_accepted(minutes: int) -> None:
    assert verify([SECRET], signed(at=NOW + timedelta(minutes=minutes)), BODY, NOW)


@pytest.mark.parametrize("minutes", [-6, 6])
def test_a_message_of_six_minutes_is_refused(minutes: int) -> None:
    with pytest.raises(BadSignature, match="5 minutes"):
        verify([SECRET], signed(at=NOW + timedelta(minutes=minutes)), BODY, NOW)


def test_a_wrong_secret_is_refused() -> None:
    with pytest.raises(BadSignature):
        verify([OTHER], signed(), BODY, NOW)


@pytest.mark.parametrize(
    "change",
    [{"webhook-id": "msg_2"}, {"webhook-timestamp": "1767225601"}, {"webhook-signature": SIGNATURE[:-2] + "A="}],
)
def test_a_changed_header_is_refused(change: Headers) -> None:
    with pytest.raises(BadSignature):
        verify([SECRET], signed() | change, BODY, NOW)


@pytest.mark.parametrize("body", [b"", BODY + b" ", BODY.replace(b"c1", b"c2"), json.dumps(json.loads(BODY)).encode()])
def test_a_changed_body_is_refused(body: bytes) -> None:
    with pytest.raises(BadSignature):
        verify([SECRET], signed(), body, NOW)


@pytest.mark.parametrize(
    "timestamp",
    [
        "soon",
        "1767225600.0",
        "+1767225600",
        " 1767225600",
        "01767225600",
        "1e9",
        "-1",
        "9" * 12,
        "9" * 5000,
        "nan",
        "١٧٦٧٢٢٥٦٠٠",
    ],
)
def test_a_timestamp_is_whole_seconds_and_nothing_else(timestamp: str) -> None:
    headers = signed() | {
        "webhook-timestamp": timestamp,
        "webhook-signature": reference(SECRET, ID, timestamp, BODY),
    }
    with pytest.raises(BadSignature):
        verify([SECRET], headers, BODY, NOW)


@pytest.mark.parametrize("message_id", ["msg.1", "msg\n1", "msg 1", "msg\x001", "m" * 201, "mé", "msg_\udc80"])
def test_an_id_is_200_visible_characters_without_full_stop(message_id: str) -> None:
    headers = signed() | {"webhook-id": message_id}
    if message_id.isprintable():
        headers["webhook-signature"] = reference(SECRET, message_id, "1767225600", BODY)
    with pytest.raises(BadSignature):
        verify([SECRET], headers, BODY, NOW)
    with pytest.raises(ValueError, match="message's id"):
        sign([SECRET], message_id, NOW, BODY)


def test_a_body_that_is_not_utf8_is_refused_even_when_signed() -> None:
    body = b'{"text":"\xff"}'
    headers = signed() | {"webhook-signature": reference(SECRET, ID, "1767225600", body)}
    with pytest.raises(BadSignature, match="UTF-8"):
        verify([SECRET], headers, body, NOW)


# what must not stand in the way


@pytest.mark.parametrize(
    "body", [b"{}", '{ "text" :\t"Kamu pintar sekali 👍 ñ \\u00e9" }\r\n'.encode(), "\ufeff{}".encode(), b""]
)
def test_bodies_are_signed_byte_for_byte(body: bytes) -> None:
    assert verify([SECRET], signed(body), body, NOW).id == ID
    assert signed(body)["webhook-signature"] == reference(SECRET, ID, "1767225600", body)


@pytest.mark.parametrize(
    "garbage",
    [
        "v1",
        ",",
        "v1,",
        "v1,!!!",
        "v1,AAA",
        "v1,a,b",
        "v2,xyz",
        "nonsense",
        "",
        "v1a,c2lnbmF0dXJl",
        "v1,žluť",
        "v1,\udc80",
        SIGNATURE.lower(),
    ],
)
def test_garbage_before_or_behind_a_good_signature_changes_nothing(garbage: str) -> None:
    for signatures in (f"{garbage} {SIGNATURE}", f"{SIGNATURE} {garbage}"):
        assert verify([SECRET], signed() | {"webhook-signature": signatures}, BODY, NOW).id == ID
    with pytest.raises(BadSignature):
        verify([SECRET], signed() | {"webhook-signature": garbage or " "}, BODY, NOW)


def test_the_signature_of_another_version_is_not_taken_for_v1() -> None:
    with pytest.raises(BadSignature):
        verify([SECRET], signed() | {"webhook-signature": SIGNATURE.replace("v1", "v1a")}, BODY, NOW)


def test_header_names_come_in_any_case() -> None:
    assert verify([SECRET], {name.title(): value for name, value in signed().items()}, BODY, NOW).id == ID


def test_svix_names_are_taken_when_the_others_are_absent() -> None:
    svix = {name.replace("webhook", "Svix"): value for name, value in signed().items()}
    assert verify([SECRET], svix, BODY, NOW).id == ID


def test_svix_names_do_not_fill_the_gaps_of_the_others() -> None:
    svix = {name.replace("webhook", "svix"): value for name, value in signed().items()}
    with pytest.raises(BadSignature):
        verify([SECRET], svix | {"webhook-id": ID}, BODY, NOW)


# rotation


def test_while_a_secret_is_replaced_both_signatures_are_sent() -> None:
    headers = sign([OTHER, SECRET], ID, NOW, BODY)
    assert headers["webhook-signature"].split(" ") == [reference(OTHER, ID, "1767225600", BODY), SIGNATURE]
    assert verify([SECRET], headers, BODY, NOW) == verify([OTHER], headers, BODY, NOW)


def test_while_a_secret_is_replaced_the_old_one_is_accepted() -> None:
    assert verify([OTHER, SECRET], signed(secret=SECRET), BODY, NOW).id == ID


# attempts


def test_another_attempt_keeps_the_id_and_has_a_new_time_and_signature() -> None:
    first, second = signed(), signed(at=NOW + timedelta(seconds=3))
    assert first["webhook-id"] == second["webhook-id"]
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 3
    assert first["webhook-signature"] != second["webhook-signature"]


def test_a_time_in_another_zone_is_the_same_moment() -> None:
    jakarta = NOW.astimezone(timezone(timedelta(hours=7)))
    assert signed(at=jakarta) == signed()


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        signed(at=NOW.replace(tzinfo=None))


def test_the_published_library_accepts_what_we_sign() -> None:
    body = '{"text":"Terima kasih 🙏"}'.encode()
    assert Webhook(SECRET).verify(body, sign([OTHER, SECRET], ID, datetime.now(UTC), body)) == json.loads(body)


def test_we_accept_what_the_published_library_signs() -> None:
    headers = signed() | {"webhook-signature": Webhook(SECRET).sign(ID, NOW, BODY.decode())}
    assert verify([SECRET], headers, BODY, NOW).id == ID


# anything at all

pieces = st.sampled_from(["webhook-id", "webhook-timestamp", "webhook-signature", "Svix-Id", "svix-timestamp", "x"])
values = st.one_of(
    st.text(), st.sampled_from([ID, "1767225600", SIGNATURE, "v1,", f"v1 {SIGNATURE}"]), st.integers().map(str)
)


@settings(max_examples=300, deadline=None)
@given(
    st.dictionaries(st.one_of(pieces, st.text(max_size=5)), values),
    st.binary(max_size=50),
    st.lists(st.text(), max_size=2),
)
def test_whatever_comes_is_refused_and_nothing_worse(headers: Headers, body: bytes, secrets: list[str]) -> None:
    with pytest.raises(BadSignature):
        verify([*secrets, SECRET], headers, body, NOW)


@settings(max_examples=200, deadline=None)
@given(st.text(), st.text())
def test_whatever_surrounds_a_good_signature_it_is_found(before: str, behind: str) -> None:
    assert verify([SECRET], signed() | {"webhook-signature": f"{before} {SIGNATURE} {behind}"}, BODY, NOW).id == ID


@settings(max_examples=200, deadline=None)
@given(st.text(st.characters(codec="utf-8")), st.binary(min_size=24, max_size=64))
def test_what_is_signed_is_verified(text: str, key: bytes) -> None:
    secret = "whsec_" + base64.b64encode(key).decode()
    body = text.encode()
    headers = sign([secret], ID, NOW, body)
    assert headers["webhook-signature"] == reference(secret, ID, headers["webhook-timestamp"], body)
    assert verify([secret], headers, body, NOW).id == ID

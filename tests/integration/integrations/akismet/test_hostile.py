"""Whatever comes, an answer of this format goes back, and nothing breaks."""

import json
from random import Random

import pytest

from tests.integration.integrations.akismet.conftest import Akismet, body

NAMES = (
    "api_key key blog user_ip user_agent referrer permalink comment_type content_type comment_author comment_author_email "
    "comment_author_url comment_content comment_date_gmt comment_post_modified_gmt blog_lang blog_charset user_role is_test "
    "recheck_reason honeypot_field_name ak_hp POST_ak_hp comment_context comment_context[] comment_context[0] callback from "
    "month limit offset format filter"
)
TEXTS = (
    b"", b"%", b"%zz", b"%00", b"%00%00x", b"%ED%A0%80", b"%FF%FE", b"%F0%9F%98%80", b"x" * 5_000, b"%C3%A9" * 3_000, b"1", b"-1",
    b"true", b"ak_hp", b"administrator", b"utf-16", b"punycode", b"http%3A%2F%2F%5B", b"javascript:1", b"2026-01-02T03:04:05Z",
    b"9999999999999999999999", b"%3Ca+href%3D" * 500, b"%26%23x110000%3B", b"=", b"a=b", b"+", b"%0D%0AX-Evil%3A+1", b"%7B%7D",
    b"999.1.1.1", b"::1%25eth0", b"%D9%A3-days", b"2026-13", b"csv", b"terima+kasih",
)  # fmt: skip
CALLS = (
    "1.1/verify-key", "1.1/comment-check", "1.1/submit-spam", "1.1/submit-ham", "1.1/get-subscription", "1.1/get-stats",
    "1.1/deactivate", "1.2/usage-limit", "1.2/key-sites", "1.1/none",
)  # fmt: skip
KINDS = (
    "application/x-www-form-urlencoded",
    "application/x-www-form-urlencoded; charset=utf-16",
    "multipart/form-data; boundary=x",
    "multipart/form-data",
    "text/plain",
    "",
    "application/json",
)


@pytest.mark.parametrize("seed", range(6))
def test_any_form_is_answered(akismet: Akismet, seed: int) -> None:
    dice = Random(seed)
    names = [name.encode() for name in NAMES.split()]
    for _ in range(40):
        pairs = [dice.choice(names) + b"=" + dice.choice(TEXTS) for _ in range(dice.randrange(25))]
        pairs += dice.choice(([], [b"api_key=" + akismet.key.encode(), b"blog=x"]))
        form = dice.choice((b"&", b"&&", b";", b"\x00&")).join(pairs)
        kind, call = dice.choice(KINDS[:1] * 20 + KINDS), dice.choice(CALLS)
        answer = akismet.client.post(f"/{call}", data=form, content_type=kind)
        assert body(answer) != "", (call, form)
        assert answer.headers.get("X-akismet-debug-help") != "An error that was logged: trying again later may help", (
            form
        )
        assert "X-Evil" not in answer.headers


@pytest.mark.parametrize(
    "value", [None, True, 1.5, 10**30, [], {}, [[1]], {"a": "b"}, "x\u0000y", ["a", None, {"b": 1}]]
)
@pytest.mark.parametrize("call", ["comment-check", "submit-spam"])
def test_any_json_is_answered(akismet: Akismet, call: str, value: object) -> None:
    sent = dict.fromkeys(NAMES.split(), value) | {"api_key": akismet.key, "blog": "x", "comment_content": "Halo semua"}
    answer = akismet.client.post(f"/1.1/{call}", data=json.dumps(sent), content_type="application/json")
    assert body(answer) in ("true", "false", "Thanks for making the web a better place.", "error")
    assert answer.headers.get("X-akismet-debug-help") in (None, "400 Bad Request")

"""JSON that holds what JSON can't."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import BadRequest

from service.web.json import lenient_json


@given(st.text(st.characters(codec=None), max_size=20))
def test_half_a_surrogate_pair_is_a_character_that_cannot_be_shown(text: str) -> None:
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    read = lenient_json(json.dumps(text).encode())
    assert [read.count(one) for one in whole if one != "\ufffd"] == [
        whole.count(one) for one in whole if one != "\ufffd"
    ]
    assert lenient_json(json.dumps(whole).encode()) == whole


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        (rb'"\ud83d\ude00"', "\U0001f600"),
        (rb'"a\ud83d"', "a\ufffd"),
        (rb'"\uDE00a"', "\ufffda"),
        (rb'"\ud83d\ud83d\ude00"', "\ufffd\U0001f600"),
        (rb'"\ud83d\ude00\ude00"', "\U0001f600\ufffd"),
        (rb'"\\ud83d"', r"\ud83d"),
        (rb'"\\\ud83d"', "\\\ufffd"),
        (b'"\xf0\x9f\x98\x80"', "\U0001f600"),
    ],
)
def test_each_half_alone_is_replaced(sent: bytes, read: str) -> None:
    assert lenient_json(sent) == read


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b"[" * 100_000, b"NaN", rb'"\ud83"'])
def test_what_is_no_json_is_a_bad_request(body: bytes) -> None:
    with pytest.raises(BadRequest, match="the body is not JSON"):
        lenient_json(body)

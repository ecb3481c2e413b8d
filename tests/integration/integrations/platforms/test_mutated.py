"""Whatever stands in a signed body and its headers, a platform's webhook is never answered 5xx."""

import copy
import json
from typing import Any

import pytest
from apiflask import APIFlask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from service.moderation.sites import Credentials
from tests.api import Api
from tests.integration.integrations.platforms.test_platforms import RECORDED, Sender, recorded, stored

NAMES = sorted(path.stem for path in RECORDED.glob("*.json"))

SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(1 << 80), 1 << 80),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(max_size=30),
    st.sampled_from(
        [
            "\x00",
            "a\x00b" * 100,
            "x" * 25_000,
            "<a href='" * 500,
            "<![CDATA[" * 50,
            "&#x110000;&#xd800;&#0;",
            "2026-03-02T08:15:30Z",
            "9999-12-31T23:59:59+14:00",
            "0001-01-01T00:00:00-14:00",
            "http://[",
            "-1",
            "1\n",
            1e300,
            -(1 << 63),
        ]
    ),
)
JSON = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
HEADERS = st.dictionaries(
    st.sampled_from(["X-Discourse-Event", "X-Discourse-Instance", "X-GitHub-Event", "Content-Type"]),
    st.sampled_from(
        [
            "",
            "post_edited",
            "post_destroyed",
            "issue_comment",
            "discussion_comment",
            "https://" + "a" * 200,
            "http://[::1",
            "HTTPS://Forum.Example/sub",
            "é",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=x",
        ]
    ),
    max_size=2,
)


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place in a body, outermost first."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(place for key, one in inner for place in places(one, (*path, key)))]


def put(body: Any, path: tuple[Any, ...], value: Any) -> Any:
    """The body with a value at a place."""
    if not path:
        return value
    changed = copy.deepcopy(body)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed


@pytest.mark.parametrize("platform", ["discourse", "github", "hyvor"])
def test_a_mutated_body_is_never_our_fault(app: APIFlask, site: Credentials, platform: str) -> None:
    sender = Sender(app, site.webhook_secret)
    names = [name for name in NAMES if name.startswith(platform)]

    @settings(max_examples=300, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(st.data())
    def check(drawn: st.DataObject) -> None:
        headers, body = recorded(drawn.draw(st.sampled_from(names)))
        for _ in range(drawn.draw(st.integers(1, 3))):
            # a change may have taken away what was beneath
            body = put(body, drawn.draw(st.sampled_from(places(body))), drawn.draw(JSON))
        headers |= drawn.draw(HEADERS)
        answer = sender.raw(platform, json.dumps(body).encode(), headers)
        assert answer.status_code in (200, 202, 400, 422), answer.text
        if answer.status_code >= 400:
            assert answer.content_type == "application/problem+json"

    check()


@pytest.mark.parametrize("platform", ["discourse", "github", "hyvor"])
def test_bytes_that_are_no_body_are_refused(app: APIFlask, site: Credentials, platform: str) -> None:
    sender = Sender(app, site.webhook_secret)
    headers, body = recorded(next(name for name in NAMES if name.startswith(platform)))
    raw = json.dumps(body).encode()
    cut = [raw[:length] for length in (0, 1, 8, len(raw) - 2)]
    for mangled in [*cut, b"\xff" + raw, b"[" * 100_000, b"NaN"]:
        for kind in ("application/json", "application/x-www-form-urlencoded", "text/plain", ""):
            answer = sender.raw(platform, mangled, {**headers, "Content-Type": kind})
            assert answer.status_code == 400, (mangled[:60], kind, answer.text)
            assert answer.content_type == "application/problem+json"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("discourse-post_created", ("post", "raw")),
        ("github-issue_comment-created", ("comment", "body")),
        ("hyvor-comment.create", ("data", "comment", "body_html")),
    ],
)
def test_a_text_that_was_cut_within_a_character_is_stored(
    app: APIFlask, api: Api, site: Credentials, name: str, place: tuple[str, ...]
) -> None:
    headers, body = recorded(name)
    raw = json.dumps(put(body, place, "Terima kasih \ud83d")).encode()
    assert b"\\ud83d" in raw
    answer = Sender(app, site.webhook_secret).raw(name.partition("-")[0], raw, headers)
    assert answer.status_code in (200, 202), answer.text
    assert ["Terima kasih \ufffd" in comment["text"] for comment in stored(api).values()] == [True]

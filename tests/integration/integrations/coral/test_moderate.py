"""The external moderation phase: who may ask, what is stored, and what Coral is told."""

import hashlib
import json
from dataclasses import replace
from typing import Any

import pytest
from apiflask import APIFlask

from service.bootstrap import Services
from service.domain.comment import ATTRIBUTES
from service.domain.compat import Compat, OnFailure
from service.domain.errors import CantDecide, TooManyPending, Unavailable
from service.domain.policy import Mode, Policy, Threshold
from service.integrations.coral import senders
from service.moderation.ban import ban
from service.moderation.sign_in import add_user
from service.moderation.sites import Credentials, rotate_secret
from service.store.comments import Comments
from service.store.compat import CompatSettings, PlatformSecrets
from service.store.policies import Policies
from tests.api import Api
from tests.app import an_app
from tests.conftest import Clock
from tests.integration.integrations.coral.conftest import (
    NAMED,
    PHASE_SECRET,
    WEBHOOK_SECRET,
    Coral,
    a_request,
    signature,
)
from tests.integration.integrations.coral.strict import as_coral_reads

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

INSULTS = ["kamu bodoh sekali, tolol", "you are a stupid idiot"]
THANKS = ["terima kasih, artikelnya bagus", "thank you, great article"]
PATH = "/integrations/coral/moderate"
TOXIC = {"actionType": "FLAG", "reason": "COMMENT_DETECTED_TOXIC"}
SPAM = {"actionType": "FLAG", "reason": "COMMENT_DETECTED_SPAM"}
NONE = dict.fromkeys(ATTRIBUTES, Threshold())
FLAG_INSULTS = Policy(thresholds={**NONE, "insult": Threshold(flag=0.5)})
SOFT, HARD = OnFailure.OPEN, OnFailure.CLOSED


def choose(services: Services, site: Credentials, policy: Policy | None = None, compat: Compat | None = None) -> None:
    with services.store.begin() as tx:
        if policy is not None:
            Policies(tx, site.site_id).add(policy)
        if compat is not None:
            CompatSettings(tx, site.site_id).put(compat)


def stored(services: Services, api: Api) -> list[dict[str, Any]]:
    """The site's comments, once all are written."""
    services.at_once.close()
    return list(api.get("/v1/comments").json["comments"])


def test_a_comment_that_may_pass_is_no_opinion_and_is_stored(coral: Coral, services: Services, api: Api) -> None:
    answer = coral.moderate("<div>Artikelnya bagus &amp; jelas, <b>terima</b> kasih.</div>")
    assert (answer.status_code, answer.data) == (204, b"")
    (comment,) = stored(services, api)
    asked = a_request()
    assert comment["text"] == "Artikelnya bagus & jelas, terima kasih."
    assert (comment["status"], comment["decision"]["actor"]) == ("approved", "policy")
    assert comment["author"]["id"] == asked["author"]["id"]
    assert (comment["thread"]["id"], comment["thread"]["url"]) == (asked["story"]["id"], asked["story"]["url"])
    assert comment["parent_id"] is None
    assert comment["metadata"] == {"action": "NEW", "role": "COMMENTER"}


def test_the_same_comment_again_is_the_same_one(coral: Coral, services: Services, api: Api) -> None:
    for _ in range(2):
        coral.moderate(THANKS[0])
    others = [
        {"story": {"id": "another", "url": "https://news.example/2"}},
        {"author": {"id": "another", "role": "MEMBER"}},
        {"comment": {"body": THANKS[0], "parentID": "p1"}},
        {"comment": {"body": THANKS[0] + "!", "parentID": None}},
    ]
    for changed in others:
        coral.moderate(**changed)
    ids = [comment["site_comment_id"] for comment in stored(services, api)]
    assert len(ids) == len(set(ids)) == 5
    asked = a_request()
    named = "\x00".join((asked["story"]["id"], asked["author"]["id"], "", THANKS[0]))
    assert "coral-" + hashlib.sha256(named.encode()).hexdigest() in ids


def test_an_edit_is_judged_and_says_that_it_is_one(coral: Coral, services: Services, api: Api) -> None:
    coral.moderate(THANKS[0], action="EDIT", author={"id": "u1", "role": "CEO"})
    (comment,) = stored(services, api)
    assert comment["metadata"] == {"action": "EDIT", "role": "COMMENTER"}


def test_insults_outrank_thanks_in_both_languages(coral: Coral, services: Services, site: Credentials) -> None:
    choose(services, site, FLAG_INSULTS)
    assert [as_coral_reads(coral.moderate(text)) for text in THANKS] == [{}, {}]
    for text in INSULTS:
        for body in (text, f"<p>{text[:5]}<b>{text[5:]}</b></p>"):
            assert as_coral_reads(coral.moderate(body)) == {"status": "SYSTEM_WITHHELD", "actions": [TOXIC]}


def test_the_shipped_policy_holds_insults_and_lets_thanks_pass(coral: Coral) -> None:
    assert [coral.moderate(text).status_code for text in THANKS] == [204, 204]
    for text in INSULTS:
        assert as_coral_reads(coral.moderate(text))["status"] in ("SYSTEM_WITHHELD", "REJECTED")


def test_where_comments_are_shown_until_rejected_a_flag_marks_and_does_not_hold(
    coral: Coral, services: Services, site: Credentials
) -> None:
    choose(services, site, replace(FLAG_INSULTS, mode=Mode.POST))
    assert as_coral_reads(coral.moderate(INSULTS[0])) == {"actions": [TOXIC]}


@pytest.mark.parametrize(
    ("policy", "actions"),
    [
        (Policy(thresholds=NONE, flag_words=("kopi",)), [TOXIC]),
        (Policy(thresholds=NONE, max_links=0), [SPAM]),
        (Policy(thresholds={**NONE, "spam": Threshold(flag=0.0001)}), [SPAM]),
        (Policy(thresholds={**NONE, "spam": Threshold(flag=0.0001)}, flag_words=("kopi",)), [TOXIC, SPAM]),
        (Policy(thresholds=NONE, hold_first=1), None),
    ],
)
def test_a_hold_is_marked_with_what_coral_has_a_word_for(
    coral: Coral, services: Services, site: Credentials, policy: Policy, actions: list[Any] | None
) -> None:
    choose(services, site, policy)
    held = as_coral_reads(coral.moderate("Ada kopi di https://kopi.example/x hari ini"))
    assert held == {"status": "SYSTEM_WITHHELD"} | ({"actions": actions} if actions else {})


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (Policy(thresholds=NONE, block_words=("kopi",)), "BANNED_WORD"),
        *(
            (Policy(thresholds={**NONE, attribute: Threshold(reject=0.0001)}), code)
            for attribute, code in (
                ("spam", "SPAM"),
                ("identity_attack", "HATE_SPEECH"),
                ("threat", "HARASSMENT_BULLYING"),
                ("insult", "ABUSIVE"),
                ("toxicity", "ABUSIVE"),
                ("severe_toxicity", "ABUSIVE"),
                ("profanity", "OFFENSIVE"),
                ("sexually_explicit", "OFFENSIVE"),
            )
        ),
        (Policy(thresholds={**NONE, "toxicity": Threshold(reject=0.0001), "spam": Threshold(reject=0.0001)}), "SPAM"),
        (Policy(thresholds={**NONE, "toxicity": Threshold(reject=0.0001), "spam": Threshold(flag=0.0001)}), "ABUSIVE"),
    ],
)
def test_a_rejection_tells_its_reason(
    coral: Coral, services: Services, site: Credentials, policy: Policy, code: str
) -> None:
    choose(services, site, policy)
    answer = as_coral_reads(coral.moderate("Ada kopi hari ini"))
    reason = answer["moderationAction"].pop("rejectionReason")
    assert answer == {"status": "REJECTED", "moderationAction": {"status": "REJECTED"}}
    assert reason["code"] == code
    assert reason["detailedExplanation"].startswith("Rejected automatically: ")
    assert "kopi" not in reason["detailedExplanation"]


def test_a_banned_author_is_rejected_for_the_ban(coral: Coral, services: Services, site: Credentials, api: Api) -> None:
    coral.moderate(THANKS[0])
    (comment,) = stored(services, api)
    with services.store.read() as tx:
        row = Comments(tx, site.site_id).get(comment["id"])
    assert row is not None
    moderator = add_user(services.store, "a@news.example", "Ayu", "saring air keruh", site.site_id, "moderator")
    ban(services.store, site.site_id, moderator, row.author.id, 1, None)
    assert as_coral_reads(coral.moderate(THANKS[1]))["moderationAction"]["rejectionReason"]["code"] == "OTHER"


def test_each_way_to_name_the_site_works(coral: Coral, other_site: Credentials) -> None:
    body = json.dumps(a_request(THANKS[0]), indent=2).encode()
    assert coral.send(body, NAMED).status_code == 204
    assert coral.send(body, f"{PATH}?site=news.example").status_code == 204
    assert coral.send(body, PATH, headers={"X-Saring-Site": "news.example"}).status_code == 204
    assert coral.send(body, PATH).status_code == 204
    for path in (f"{PATH}/other.example", f"{PATH}?site=other.example", f"{PATH}/nobody", f"{PATH}?site=%00"):
        assert coral.send(body, path).status_code == 401


def test_the_site_is_found_by_its_secret(
    coral: Coral, services: Services, api: Api, other_api: Api, other_site: Credentials
) -> None:
    body = json.dumps(a_request(THANKS[0]), indent=2).encode()
    # a site's own webhook secret is taken as it is shown, prefix included
    assert coral.send(body, PATH, other_site.webhook_secret).status_code == 204
    assert stored(services, api) == []
    assert len(stored(services, other_api)) == 1
    assert coral.send(body, PATH, WEBHOOK_SECRET).status_code == 204
    assert len(stored(services, api)) == 1


def test_among_many_sites_none_is_looked_for(
    coral: Coral, services: Services, monkeypatch: pytest.MonkeyPatch, other_site: Credentials
) -> None:
    monkeypatch.setattr(senders, "MOST_SITES", 1)
    body = json.dumps(a_request(THANKS[0]), indent=2).encode()
    assert coral.send(body, PATH).status_code == 401
    assert coral.send(body, NAMED).status_code == 204


def test_by_an_old_secret_of_very_many_no_site_is_looked_for(
    coral: Coral, services: Services, site: Credentials
) -> None:
    made = [f"made later {place}" for place in range(senders.NEWEST)]
    with services.store.begin() as tx:
        for secret in made:
            PlatformSecrets(tx, site.site_id).add("coral", secret)
    body = json.dumps(a_request(THANKS[0]), indent=2).encode()
    assert coral.send(body, PATH, PHASE_SECRET).status_code == 401
    assert coral.send(body, NAMED, PHASE_SECRET).status_code == 204
    assert {coral.send(body, PATH, secret).status_code for secret in (*made, site.webhook_secret)} == {204}


def test_one_good_signature_among_several_is_enough(coral: Coral) -> None:
    body = json.dumps(a_request(THANKS[0]), indent=2).encode()
    rotating = {"X-Coral-Signature": signature(body, "empsec_old", PHASE_SECRET)}
    assert coral.send(body, headers=rotating).status_code == 204


@pytest.mark.parametrize("path", [NAMED, PATH])
@pytest.mark.parametrize("given", ["", "sha256=", "sha256=" + "0" * 64, "garbage", ",", "sha256=é", "x" * 9_000])
def test_a_wrong_signature_is_refused_and_nothing_is_stored(
    coral: Coral, services: Services, api: Api, path: str, given: str
) -> None:
    body = json.dumps(a_request(INSULTS[0]), indent=2).encode()
    answer = coral.send(body, path, headers={"X-Coral-Signature": given})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")
    assert stored(services, api) == []


def test_a_body_that_was_changed_on_the_way_is_refused(coral: Coral, services: Services, api: Api) -> None:
    body = json.dumps(a_request(THANKS[0]), indent=2).encode()
    for changed in (body + b" ", body.replace(b"\n", b""), b""):
        headers = {"X-Coral-Signature": signature(body, PHASE_SECRET)}
        assert coral.send(changed, headers=headers).status_code == 401
    assert stored(services, api) == []


def test_a_secret_that_was_taken_back_ends_within_seconds(
    coral: Coral, services: Services, site: Credentials, clock: Clock
) -> None:
    assert coral.moderate().status_code == 204
    with services.store.begin() as tx:
        secrets = PlatformSecrets(tx, site.site_id)
        for secret in secrets.all():
            secrets.remove(secret.id)
    clock.forward(seconds=6)
    assert coral.moderate().status_code == 401
    body = json.dumps(a_request(), indent=2).encode()
    assert coral.send(body, secret=site.webhook_secret).status_code == 204
    rotate_secret("news.example", services.store, clock, at_once=True)
    clock.forward(seconds=6)
    assert coral.send(body, secret=site.webhook_secret).status_code == 401


BROKEN = [
    (b"", 400),
    (b"{", 400),
    (b"\xff", 400),
    (b"[" * 100_000, 400),
    (b"[]", 422),
    (b"null", 422),
    (b"{}", 422),
    (json.dumps(a_request(comment={"body": None})).encode(), 422),
    (json.dumps(a_request(comment={"body": "x", "parentID": 7})).encode(), 422),
    (json.dumps(a_request(author=None)).encode(), 422),
    (json.dumps(a_request(author={"id": ""})).encode(), 422),
    (json.dumps(a_request(author={"id": "x" * 201})).encode(), 422),
    (json.dumps(a_request(story={"id": "a\x00b"})).encode(), 422),
]


@pytest.mark.parametrize(("body", "status"), BROKEN)
def test_a_malformed_body_is_refused_where_the_site_lets_pass_what_cannot_be_judged(
    coral: Coral, services: Services, api: Api, body: bytes, status: int
) -> None:
    answer = coral.send(body)
    assert (answer.status_code, answer.content_type) == (status, "application/problem+json")
    assert stored(services, api) == []


@pytest.mark.parametrize(("body", "_status"), BROKEN)
def test_and_is_held_where_it_holds_it(
    coral: Coral, services: Services, site: Credentials, body: bytes, _status: int
) -> None:
    choose(services, site, compat=Compat(on_failure=HARD))
    assert as_coral_reads(coral.send(body)) == {"status": "PREMOD"}


@pytest.mark.parametrize(("on_failure", "expected"), [(SOFT, {}), (HARD, {"status": "PREMOD"})])
def test_what_cannot_be_decided_in_time_is_as_the_site_chose_and_is_stored(
    coral: Coral,
    services: Services,
    site: Credentials,
    api: Api,
    monkeypatch: pytest.MonkeyPatch,
    on_failure: OnFailure,
    expected: dict[str, Any],
) -> None:
    def busy(*_: Any) -> None:
        raise CantDecide("too many texts are being scored")

    choose(services, site, compat=Compat(on_failure=on_failure))
    monkeypatch.setattr(services.at_once, "_in_place", busy)
    assert as_coral_reads(coral.moderate(INSULTS[0])) == expected
    assert [comment["status"] for comment in stored(services, api)] == ["pending"]


@pytest.mark.parametrize(
    ("failure", "status"), [(TooManyPending("many wait", 7), 429), (Unavailable("the database is away"), 503)]
)
def test_what_cannot_be_taken_in_is_an_error_or_held(
    coral: Coral,
    services: Services,
    site: Credentials,
    monkeypatch: pytest.MonkeyPatch,
    failure: Exception,
    status: int,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise failure

    monkeypatch.setattr(services.at_once, "check", fail)
    assert coral.moderate(INSULTS[0]).status_code == status
    choose(services, site, compat=Compat(on_failure=HARD))
    assert as_coral_reads(coral.moderate(INSULTS[0])) == {"status": "PREMOD"}


def test_a_site_that_asks_too_often_does_not_get_comments_by(
    services: Services, site: Credentials, coral: Coral
) -> None:
    limited = replace(services, settings=replace(services.settings, rate_limit="1/hour"))
    limited.__dict__["classifier"] = services.classifier
    hasty = Coral(an_app(limited))
    assert hasty.moderate(THANKS[0]).status_code == 204
    assert hasty.moderate(THANKS[0]).status_code == 429
    choose(services, site, compat=Compat(on_failure=HARD))
    assert as_coral_reads(hasty.moderate(THANKS[0])) == {"status": "PREMOD"}
    limited.at_once.close()


def test_odd_words_are_judged_and_not_refused(coral: Coral, services: Services, site: Credentials, api: Api) -> None:
    choose(services, site, FLAG_INSULTS)
    for odd in ("satu \\ud83d", "dua \\udc00", "tiga\\u0000", "\\ud83d\\ude00"):
        body = json.dumps(a_request("@" + INSULTS[1])).replace("@", odd + " ").encode()
        assert as_coral_reads(coral.send(body))["status"] == "SYSTEM_WITHHELD", odd
    assert len(stored(services, api)) == 4


def test_an_address_that_cannot_be_linked_to_is_left_out(coral: Coral, services: Services, api: Api) -> None:
    addresses = (None, "", "javascript:alert(1)", "http://[::1", "https://x.example/" + "y" * 3_000, 7)
    for number, url in enumerate(addresses):
        answer = coral.moderate(THANKS[0], story={"id": f"s{number}", "url": url})
        assert answer.status_code == 204
    assert [comment["thread"]["url"] for comment in stored(services, api)] == [None] * len(addresses)


def test_a_picture_alone_is_no_comment_of_ours(coral: Coral, services: Services, api: Api) -> None:
    assert coral.moderate("<br>").status_code == 204
    assert stored(services, api) == []


def test_a_text_that_is_too_long_to_be_judged_whole_is_as_the_site_chose(
    coral: Coral, services: Services, site: Credentials, api: Api
) -> None:
    choose(services, site, FLAG_INSULTS)
    long = "bagus sekali " * 5_000
    assert as_coral_reads(coral.moderate(long)) == {}
    choose(services, site, compat=Compat(on_failure=HARD))
    assert as_coral_reads(coral.moderate(long)) == {"status": "PREMOD"}
    (comment,) = stored(services, api)
    assert comment["metadata"]["cut_from"] == len(long.strip())
    assert len(comment["text"]) <= 20_000


def test_too_large_a_body_is_refused(coral: Coral) -> None:
    assert coral.moderate("x" * (1024 * 1024)).status_code == 413


def test_other_paths_and_methods_answer_as_the_native_api_does(app: APIFlask, coral: Coral) -> None:
    answer = app.test_client().get(NAMED)
    assert (answer.status_code, answer.content_type) == (405, "application/problem+json")
    answer = coral.send(b"{}", "/integrations/coral/nothing")
    assert (answer.status_code, answer.content_type) == (404, "application/problem+json")

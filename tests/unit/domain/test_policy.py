"""The policy: rules over signals."""

import pytest

from service.domain.comment import ATTRIBUTES
from service.domain.decision import Action
from service.domain.errors import InvalidPolicy
from service.domain.policy import HARM, URGENT_AFTER, Policy, Threshold, decide, priority, risk
from service.domain.policy_json import from_json, to_json
from tests.factories import a_policy, some_signals


def test_a_harmless_comment_is_approved_without_a_reason() -> None:
    assert decide(a_policy(), some_signals()).action is Action.APPROVE
    assert decide(a_policy(), some_signals()).reasons == ()


def test_one_link_too_many_flags_and_says_so() -> None:
    verdict = decide(a_policy(max_links=2), some_signals(links=3))
    assert verdict.action is Action.FLAG
    assert [reason.code for reason in verdict.reasons] == ["links"]


def test_the_strictest_rule_wins_and_every_reason_is_kept() -> None:
    verdict = decide(a_policy(max_links=0), some_signals(links=1, blocked=("togel",)))
    assert verdict.action is Action.REJECT
    assert {reason.code for reason in verdict.reasons} == {"links", "word"}


@pytest.mark.parametrize(
    ("score", "action"), [(0.49, Action.APPROVE), (0.5, Action.FLAG), (0.79, Action.FLAG), (0.8, Action.REJECT)]
)
def test_a_score_at_a_threshold_reaches_it(score: float, action: Action) -> None:
    policy = a_policy(thresholds={"insult": Threshold(0.5, 0.8)})
    assert decide(policy, some_signals(scores={"insult": score})).action is action


def test_a_reason_says_attribute_score_and_threshold() -> None:
    policy = a_policy(thresholds={"insult": Threshold(0.5, 0.8)})
    [reason] = decide(policy, some_signals(scores={"insult": 0.9})).reasons
    assert (reason.attribute, reason.score, reason.threshold) == ("insult", 0.9, 0.8)


def test_an_attribute_without_a_threshold_is_never_a_reason() -> None:
    policy = a_policy(thresholds={"insult": Threshold(None, None)})
    assert decide(policy, some_signals(scores={"insult": 1.0})).reasons == ()


def test_a_trusted_author_is_flagged_where_others_are_rejected() -> None:
    policy = a_policy(thresholds={"insult": Threshold(0.5, 0.8)}, trust_after=10)
    assert decide(policy, some_signals(scores={"insult": 0.9}, author_approved=10)).action is Action.FLAG


def test_a_new_author_waits_for_a_person_where_the_site_wants_it() -> None:
    policy = a_policy(hold_first=2)
    assert decide(policy, some_signals(author_approved=1)).action is Action.FLAG
    assert decide(policy, some_signals(author_approved=2)).action is Action.APPROVE


def test_reports_flag_from_the_number_that_the_site_chose() -> None:
    assert decide(a_policy(flag_at_reports=3), some_signals(reports=3)).action is Action.FLAG
    assert decide(a_policy(flag_at_reports=0), some_signals(reports=99)).action is Action.APPROVE


def test_an_unsupported_language_goes_to_a_person_whatever_its_scores() -> None:
    policy = a_policy(thresholds={"insult": Threshold(0.5, 0.8)})
    for score in (0.01, 0.99):
        verdict = decide(policy, some_signals(supported=False, scores={"insult": score}))
        assert verdict.action is Action.FLAG
        assert "unsupported_language" in {reason.code for reason in verdict.reasons}


def test_the_words_of_a_site_reject_in_an_unsupported_language_too() -> None:
    assert decide(a_policy(), some_signals(supported=False, blocked=("togel",))).action is Action.REJECT


def test_a_site_can_have_unsupported_languages_decided_by_score() -> None:
    policy = a_policy(thresholds={"insult": Threshold(0.5, 0.8)}, flag_unsupported=False)
    assert decide(policy, some_signals(supported=False)).reasons == ()
    assert decide(policy, some_signals(supported=False, scores={"insult": 0.9})).action is Action.REJECT


def test_a_threat_is_worse_than_an_insult_and_a_curse() -> None:
    curse = {"profanity": 1.0, "toxicity": 0.3}
    insult = {"insult": 1.0, "toxicity": 1.0}
    threat = {"threat": 0.8, "toxicity": 0.6}
    assert risk({}) == 0 < risk(curse) < risk(insult) < risk(threat)


def test_every_attribute_has_its_weight() -> None:
    assert set(HARM) == set(ATTRIBUTES)


def test_a_policy_survives_being_stored() -> None:
    policy = Policy(
        version=7,
        block_words=("togel",),
        trust_after=5,
        flag_unsupported=False,
        thresholds={**Policy().thresholds, "spam": Threshold(0.3, None)},
    )
    assert from_json(to_json(policy), 7) == policy


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"mode": "maybe"}, "mode"),
        ({"thresholds": {"rudeness": {"flag": 0.5}}}, "rudeness"),
        ({"thresholds": {"insult": {"flag": 1.5}}}, "thresholds.insult.flag"),
        ({"thresholds": {"insult": {"flag": 0.9, "reject": 0.5}}}, "thresholds.insult"),
        ({"words": {"block": ["  "]}}, "words.block"),
        ({"words": {"block": "togel"}}, "words.block"),
        ({"links": {"max": -1}}, "links.max"),
        ({"links": {"max": True}}, "links.max"),
        ({"languages": {"flag_unsupported": 1}}, "languages.flag_unsupported"),
        ({"colour": "red"}, "colour"),
        ([], "policy"),
        (None, "policy"),
    ],
)
def test_a_policy_that_cannot_be_right_is_refused_by_name(fields: object, named: str) -> None:
    with pytest.raises(InvalidPolicy, match=named):
        from_json(fields, 1)


def test_half_a_day_of_waiting_counts_as_twice_the_risk() -> None:
    now = 1_800_000_000.0
    assert priority(2.0, 1, now) == pytest.approx(priority(1.0, 1, now - URGENT_AFTER))
    assert priority(2.0, 1, now) > priority(1.0, 1, now)


def test_reach_raises_priority_by_its_size_in_digits() -> None:
    assert priority(1.0, 1_000, 0) == pytest.approx(priority(4.0, 1, 0))
    assert priority(1.0, 0, 0) == priority(1.0, 1, 0)


def test_what_has_no_risk_still_has_a_place() -> None:
    assert priority(0.0, 1, 0) < priority(0.01, 1, 0)

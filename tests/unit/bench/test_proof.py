"""The auditor fails a run for each thing that must not be, and for nothing else."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

import pytest

from bench.evidence import Arrival, Claim, Comment, Decision, Stored, arrivals_of, claim_of
from bench.proof import bars, figures
from service.webhooks.signing import sign

Line = dict[str, Any]

JOURNAL: tuple[Line, ...] = (
    {"what": "send", "request": 1, "site": "s", "comments": [{"id": "a", "text": "one"}, {"id": "b", "text": "two"}]},
    {"what": "again", "request": 1, "why": "cut off"},
    {"what": "ack", "request": 1, "ids": [["a", "A"], ["b", "B"]]},
    {"what": "send", "request": 2, "site": "s", "comments": [{"id": "a", "text": "one, edited"}]},
    {"what": "ack", "request": 2, "ids": [["a", "A"]]},
    {"what": "decide", "request": 3, "site": "s", "comment": "B", "action": "reject"},
    {"what": "ack", "request": 3, "decision": {"id": "d4", "number": 2, "action": "reject"}},
)

COMMENTS = (Comment("A", ("s", "a"), "one, edited", 2, "approved"), Comment("B", ("s", "b"), "two", 1, "rejected"))

DECISIONS = (
    Decision("d1", "A", 1, 1, "policy", "flagged", "pending"),
    Decision("d2", "A", 2, 2, "policy", "approved", "pending"),
    Decision("d3", "B", 1, 1, "policy", "approved", "pending"),
    Decision("d4", "B", 2, 1, "api", "rejected", "approved"),
)


def arrival(ruling: Decision) -> Arrival:
    return Arrival(
        f"m{ruling.id}",
        ruling.comment,
        ruling.id,
        ruling.number,
        ruling.status,
        f"body {ruling.id}",
        signed=True,
        taken=True,
    )


@dataclass(frozen=True)
class Case:
    """All that is judged; as it stands nothing is wrong with it."""

    journal: Sequence[Line] = JOURNAL
    comments: Sequence[Comment] = COMMENTS
    decisions: Sequence[Decision] = DECISIONS
    arrivals: Sequence[Arrival] = tuple(map(arrival, DECISIONS))
    unread: int = 0

    def claim(self) -> Claim:
        return claim_of(self.journal)

    def unmet(self) -> set[str]:
        stored = Stored(self.comments, {"A": ["one"]}, self.decisions, frozenset({"shown"}), self.unread)
        return {bar.what for bar in bars(self.claim(), stored, self.arrivals) if not bar.met}


def altered(rows: Sequence[Any], place: int, **fields: Any) -> tuple[Any, ...]:
    return (*rows[:place], replace(rows[place], **fields), *rows[place + 1 :])


def without(rows: Sequence[Any], place: int) -> tuple[Any, ...]:
    return (*rows[:place], *rows[place + 1 :])


def test_a_good_run_meets_every_bar() -> None:
    assert Case().unmet() == set()


FAULTS: dict[str, Callable[[Case], Case]] = {
    "lost: acknowledged and not stored": lambda case: replace(
        case, comments=case.comments[:1], decisions=case.decisions[:2], arrivals=case.arrivals[:2]
    ),
    "stored twice": lambda case: replace(
        case, comments=(*case.comments, Comment("B2", ("s", "b"), "two", 1, "approved"))
    ),
    "stored under another id than acknowledged": lambda case: replace(
        case, journal=(*case.journal[:4], {"what": "ack", "request": 2, "ids": [["a", "X"]]}, *case.journal[5:])
    ),
    "stored and never sent": lambda case: replace(
        case, comments=(*case.comments, Comment("C", ("s", "c"), "three", 1, "approved"))
    ),
    "texts lost, changed or in another order": lambda case: replace(
        case, comments=altered(case.comments, 0, text="one")
    ),
    "revisions misnumbered": lambda case: replace(case, comments=altered(case.comments, 1, revision=2)),
    "pending left": lambda case: replace(case, comments=altered(case.comments, 0, status="pending")),
    "undecided": lambda case: replace(case, decisions=without(case.decisions, 1), arrivals=without(case.arrivals, 1)),
    "decided twice: a revision, by policy": lambda case: replace(
        case, decisions=altered(case.decisions, 3, actor="policy")
    ),
    "left waiting for the second reader": lambda case: replace(case, unread=1),
    "decisions acknowledged and not stored": lambda case: replace(
        case, decisions=without(case.decisions, 3), arrivals=without(case.arrivals, 3)
    ),
    "decisions misnumbered": lambda case: replace(case, decisions=altered(case.decisions, 1, number=3)),
    "decisions that do not follow the one before": lambda case: replace(
        case, decisions=altered(case.decisions, 3, from_status="flagged")
    ),
    "status other than the last decision's": lambda case: replace(
        case, comments=altered(case.comments, 1, status="flagged")
    ),
    "attempts without a valid signature": lambda case: replace(case, arrivals=altered(case.arrivals, 0, signed=False)),
    "decisions not delivered": lambda case: replace(case, arrivals=altered(case.arrivals, 3, taken=False)),
    "deliveries of what is not stored": lambda case: replace(
        case, arrivals=(*case.arrivals, replace(case.arrivals[3], decision="d5", event="m5", number=3))
    ),
    "comments told out of order": lambda case: replace(
        case, arrivals=(case.arrivals[1], case.arrivals[0], *case.arrivals[2:])
    ),
    "events with two bodies": lambda case: replace(
        case, arrivals=(*case.arrivals, replace(case.arrivals[0], body="another"))
    ),
    "decisions told as two events": lambda case: replace(
        case, arrivals=(*case.arrivals, replace(case.arrivals[0], event="another"))
    ),
    "requests refused": lambda case: replace(
        case, journal=(*case.journal, {"what": "refused", "request": 4, "status": "404"})
    ),
    "requests never answered": lambda case: replace(
        case, journal=(*case.journal, {"what": "decide", "request": 4, "site": "s"})
    ),
    "nothing was acknowledged or nothing told": lambda case: replace(case, arrivals=()),
}


@pytest.mark.parametrize("what", FAULTS)
def test_each_fault_fails_its_bar(what: str) -> None:
    assert what in FAULTS[what](Case()).unmet()


def test_every_bar_can_fail() -> None:
    stored = Stored(COMMENTS, {"A": ["one"]}, DECISIONS)
    assert {bar.what for bar in bars(Case().claim(), stored, Case().arrivals)} == FAULTS.keys()


def test_an_event_told_twice_is_no_fault() -> None:
    assert Case(arrivals=(*Case().arrivals, *Case().arrivals[:1])).unmet() == set()


def test_an_edit_that_was_never_acknowledged_may_have_come_or_not() -> None:
    sent = {"what": "send", "request": 4, "site": "s", "comments": [{"id": "a", "text": "one, edited"}]}
    journal = (*JOURNAL[:3], *JOURNAL[5:], sent)
    assert Case(journal=journal).unmet() == {"requests never answered"}
    other = {**sent, "comments": [{"id": "a", "text": "something else"}]}
    assert "texts lost, changed or in another order" in Case(journal=(*JOURNAL[:3], *JOURNAL[5:], other)).unmet()


SECRET = "whsec_" + "c2FyaW5n" * 4
BODY = '{"data":{"site":"s","id":"A","status":"approved","decision":{"id":"d1","number":1}}}'


def test_a_signature_counts_for_the_time_that_it_names_and_for_its_body_alone() -> None:
    headers = sign([SECRET], "m1", datetime(2001, 1, 1, tzinfo=UTC), BODY.encode())
    line = {"id": "m1", "time": headers["webhook-timestamp"], "signature": headers["webhook-signature"]}
    good = {**line, "body": BODY, "answer": "204"}
    bad = {**good, "body": BODY.replace("approved", "rejected")}
    assert [one.signed for one in arrivals_of([good, bad], {"s": SECRET})] == [True, False]


def read_again(site: str = "shown", **fields: Any) -> Case:
    """A comment that the first reader approved alone and both flagged a moment later."""
    first = Decision("d1", "A", 1, 1, "policy", "approved", "pending")
    second = replace(Decision("d2", "A", 2, 1, "policy", "flagged", "approved", by_both=True), **fields)
    return Case(
        (
            {"what": "send", "request": 1, "site": site, "comments": [{"id": "a", "text": "one"}]},
            {"what": "ack", "request": 1, "ids": [["a", "A"]]},
        ),
        (Comment("A", (site, "a"), "one", 1, second.status),),
        (first, second),
        (arrival(first), arrival(second)),
    )


def test_where_comments_are_shown_at_once_both_readers_may_make_the_policy_decide_anew() -> None:
    case = read_again()
    stored = Stored(case.comments, {}, case.decisions, frozenset({"shown"}))
    assert {bar.what for bar in bars(case.claim(), stored, case.arrivals) if not bar.met} == set()
    assert figures(case.claim(), stored, case.arrivals)["of them the policy's second about a revision"] == 1


TWICE = "decided twice: a revision, by policy"


def judged(case: Case) -> set[str]:
    stored = Stored(case.comments, {}, case.decisions, frozenset({"shown"}))
    return {bar.what for bar in bars(case.claim(), stored, case.arrivals) if not bar.met}


@pytest.mark.parametrize(
    "case",
    [
        read_again(site="held"),
        read_again(by_both=False),
        read_again(status="approved"),
    ],
    ids=["where they are held back", "by the first reader alone", "to the same end"],
)
def test_it_may_not_decide_twice(case: Case) -> None:
    assert judged(case) == {TWICE}


def test_it_may_not_decide_a_third_time_nor_after_somebody_else() -> None:
    case = read_again()
    third = Decision("d3", "A", 3, 1, "policy", "approved", "flagged", by_both=True)
    twice = replace(case, comments=altered(case.comments, 0, status="approved"), decisions=(*case.decisions, third))
    assert TWICE in judged(twice)
    person = Decision("d2", "A", 2, 1, "moderator", "rejected", "approved")
    later = Decision("d3", "A", 3, 1, "policy", "flagged", "rejected", by_both=True)
    assert TWICE in judged(replace(case, decisions=(case.decisions[0], person, later)))

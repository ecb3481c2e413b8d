"""The auditor of a chaotic run: from what the sites know, what is stored and what arrived, what is not as it must be."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import TypeVar

from bench.audit import Bar, in_order
from bench.evidence import Arrival, Claim, Comment, Decision, Stored

Key, Value = TypeVar("Key"), TypeVar("Value")


def bars(claim: Claim, stored: Stored, arrivals: Sequence[Arrival]) -> list[Bar]:
    """Every bar: how often something is so that must never be."""
    return [
        Bar("nothing was acknowledged or nothing told", int(not (claim.texts and arrivals)), 0),
        *_requests(claim),
        *_comments(claim, stored),
        *_decisions(claim, stored),
        Bar("left waiting for the second reader", stored.unread, 0),
        *_deliveries(stored, arrivals),
    ]


def figures(claim: Claim, stored: Stored, arrivals: Sequence[Arrival]) -> dict[str, int]:
    """How much there was to judge."""
    events = Counter(one.event for one in arrivals if one.taken)
    return {
        "requests": claim.requests,
        "requests sent again": sum(claim.again.values()),
        "comments acknowledged": len(claim.texts),
        "edits acknowledged": sum(len(texts) - 1 for texts in claim.texts.values()),
        "decisions acknowledged": len(claim.decided),
        "decisions stored": len(stored.decisions),
        "decisions by both readers": sum(one.by_both for one in stored.decisions),
        "of them the policy's second about a revision": len(_anew(stored)),
        "comments with several decisions": sum(n > 1 for n in Counter(d.comment for d in stored.decisions).values()),
        "delivery attempts": len(arrivals),
        "attempts failed on purpose": sum(not one.taken for one in arrivals),
        "events told more than once": sum(times > 1 for times in events.values()),
    }


def _requests(claim: Claim) -> Iterable[Bar]:
    yield Bar("requests refused", claim.refused, 0)
    yield Bar("requests never answered", claim.unanswered, 0)


def _comments(claim: Claim, stored: Stored) -> Iterable[Bar]:
    rows = Counter(one.name for one in stored.comments)
    sent = claim.texts.keys() | claim.unsure.keys()
    otherwise = [one for one in stored.comments if claim.ids.get(one.name, {one.id}) != {one.id}]
    changed = [one for one in stored.comments if one.name in sent and not _as_sent(claim, stored, one)]
    leaps = [one for one in stored.comments if one.revision != len(stored.earlier.get(one.id, ())) + 1]
    yield Bar("lost: acknowledged and not stored", sum(rows[name] == 0 for name in claim.texts), 0)
    yield Bar("stored twice", sum(times > 1 for times in rows.values()), 0)
    yield Bar("stored under another id than acknowledged", len(otherwise), 0)
    yield Bar("stored and never sent", len(rows.keys() - sent), 0)
    yield Bar("texts lost, changed or in another order", len(changed), 0)
    yield Bar("revisions misnumbered", len(leaps), 0)


def _as_sent(claim: Claim, stored: Stored, comment: Comment) -> bool:
    """True when its texts are those that were acknowledged, in order; the one that never was may be the last."""
    kept, sure = [*stored.earlier.get(comment.id, ()), comment.text], claim.texts.get(comment.name, [])
    return kept == sure or (comment.name in claim.unsure and kept == [*sure, claim.unsure[comment.name]])


def _decisions(claim: Claim, stored: Stored) -> Iterable[Bar]:
    anew = _anew(stored)
    first = [one for one in stored.decisions if one.actor == "policy" and one.id not in anew]
    by_policy = Counter((one.comment, one.revision) for one in first)
    of_comment = _of_comment(stored.decisions)
    decided = {(one.comment, one.revision) for one in stored.decisions}
    last = {id: rulings[-1].status for id, rulings in of_comment.items()}
    yield Bar("pending left", sum(one.status == "pending" for one in stored.comments), 0)
    yield Bar("undecided", sum((one.id, one.revision) not in decided for one in stored.comments), 0)
    yield Bar("decided twice: a revision, by policy", sum(times > 1 for times in by_policy.values()), 0)
    kept = {(one.id, one.number, one.status) for one in stored.decisions}
    yield Bar("decisions acknowledged and not stored", len(claim.decided - kept), 0)
    yield Bar("decisions misnumbered", sum(not _counted(rulings) for rulings in of_comment.values()), 0)
    yield Bar("decisions that do not follow the one before", sum(map(_leaps, of_comment.values())), 0)
    standing = [one for one in stored.comments if one.status not in ("pending", last.get(one.id, one.status))]
    yield Bar("status other than the last decision's", len(standing), 0)


def _anew(stored: Stored) -> set[str]:
    """The ids of decisions that the policy may make about a revision that it has decided: both readers have read what one had.

    Only where comments are shown at once, only if nothing came between, and only to another end.
    """
    shown = {one.id for one in stored.comments if one.name[0] in stored.shown}
    return {
        later.id
        for id, rulings in _of_comment(stored.decisions).items()
        if id in shown
        for earlier, later in pairwise(rulings)
        if _made_anew(earlier, later)
    }


def _made_anew(earlier: Decision, later: Decision) -> bool:
    same = (earlier.actor, earlier.revision, earlier.number + 1) == (later.actor, later.revision, later.number)
    readers = later.by_both and not earlier.by_both
    return same and readers and later.actor == "policy" and later.status != earlier.status


def _of_comment(decisions: Iterable[Decision]) -> dict[str, list[Decision]]:
    """The decisions of each comment, in order."""
    of_comment: dict[str, list[Decision]] = defaultdict(list)
    for one in decisions:
        of_comment[one.comment].append(one)
    return of_comment


def _counted(rulings: Sequence[Decision]) -> bool:
    return [one.number for one in rulings] == list(range(1, len(rulings) + 1))


def _leaps(rulings: Sequence[Decision]) -> int:
    """How many decisions start from another status than the one before left; after an edit that is pending."""
    return sum(
        later.from_status != ("pending" if later.revision > earlier.revision else earlier.status)
        for earlier, later in pairwise(rulings)
    ) + (bool(rulings) and rulings[0].from_status != "pending")


def _deliveries(stored: Stored, arrivals: Sequence[Arrival]) -> Iterable[Bar]:
    signed = [one for one in arrivals if one.signed]
    taken = [one for one in signed if one.taken]
    kept = {(one.comment, one.id, one.number, one.status) for one in stored.decisions}
    told = {(one.comment, one.decision, one.number, one.status) for one in taken}
    heard = {(one.comment, one.decision, one.number, one.status) for one in signed}
    yield Bar("attempts without a valid signature", len(arrivals) - len(signed), 0)
    yield Bar("decisions not delivered", len(kept - told), 0)
    yield Bar("deliveries of what is not stored", len(heard - kept), 0)
    numbers = _sets((one.comment, one.number) for one in taken)
    yield Bar("comments told out of order", sum(not in_order(list(told)) for told in numbers.values()), 0)
    bodies, events = _sets((one.event, one.body) for one in signed), _sets((one.decision, one.event) for one in signed)
    yield Bar("events with two bodies", sum(len(several) > 1 for several in bodies.values()), 0)
    yield Bar("decisions told as two events", sum(len(several) > 1 for several in events.values()), 0)


def _sets(pairs: Iterable[tuple[Key, Value]]) -> dict[Key, dict[Value, None]]:
    """The different values of each key, in the order in which they came."""
    sets: dict[Key, dict[Value, None]] = defaultdict(dict)
    for key, value in pairs:
        sets[key][value] = None
    return sets

"""What the generated databases hold: how many of what, and the SQL that tells row n's columns on either database.

All columns follow from n by arithmetic that both databases do alike, so a comment's decision and delivery find it without a join.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

SPAN_MS = 100 * 24 * 3_600_000
"""Comments are spread over a hundred days, whatever their number."""

WAITING_BY_MS = "({ms} - 1767225600000) / 43200000.0"
"""What waiting adds to a comment's place in the queue, as `priority` in the domain has it; to be subtracted."""

PENDING, WAITING = 1_000, 1_000
"""Comments that wait to be scored, and deliveries that wait: what is in flight does not grow with what is stored."""

SITES = 5
"""Of these the first has four fifths of everything."""

MODERATORS = 20

FLAGGED, REJECTED = 20, 30
"""Of a thousand decided comments; the others are approved."""


@dataclass(frozen=True)
class Plan:
    """One database to be generated; `now` is when its last comment came."""

    rows: int
    now: datetime
    sites: Sequence[str]
    users: Sequence[str]

    @property
    def decided(self) -> int:
        """Comments that are not pending: the first of all."""
        return self.rows - PENDING

    @property
    def authors(self) -> int:
        """One to 50 comments, in twentieths so that sites part them evenly."""
        return max(20, self.rows // 50 // 20 * 20)

    @property
    def threads(self) -> int:
        """One to 500 comments."""
        return max(20, self.rows // 500 // 20 * 20)

    @property
    def start_ms(self) -> int:
        """When the first comment came, in milliseconds since 1970."""
        return int(self.now.timestamp() * 1000) - SPAN_MS


@dataclass(frozen=True)
class Speech:
    """What the two databases say differently. Templates; `series` gives a table s of n from {first} to {last}."""

    series: str
    id: str
    time: str
    quoted_id: str


POSTGRESQL = Speech(
    series="WITH s AS (SELECT generate_series({first}::bigint, {last}::bigint) AS n)",
    id="(lpad(to_hex({ms}), 12, '0') || '7' || lpad(to_hex({low} & 4095), 3, '0') || '8' || lpad(to_hex({high}), 15, '0'))::uuid",
    time="to_timestamp(({ms}) / 1000.0)",
    quoted_id="'{id}'::uuid",
)
SQLITE = Speech(
    series="WITH RECURSIVE s(n) AS (SELECT {first} UNION ALL SELECT n + 1 FROM s WHERE n < {last})",
    id="printf('%012x7%03x8%015x', {ms}, {low} & 4095, {high})",
    time="strftime('%Y-%m-%d %H:%M:%f', ({ms}) / 1000.0, 'unixepoch') || '000'",
    quoted_id="replace('{id}', '-', '')",
)

# three numbers below 65,536 that follow from n and look like chance (multiplicative hashing, Knuth 6.4)
_A, _B, _C = (f"(s.n * {factor} % 4294967296 / 65536)" for factor in (2_654_435_761, 2_246_822_519, 3_266_489_917))
_WIDE = "(s.n * 3266489917 % 4294967296)"
_SITE = f"(CASE WHEN {_B} % 100 < 80 THEN 0 ELSE 1 + {_B} % {SITES - 1} END)"
_STATUS = (
    f"CASE WHEN {_A} % 1000 < {FLAGGED} THEN 'flagged' WHEN {_A} % 1000 < {FLAGGED + REJECTED} THEN 'rejected'"
    " ELSE 'approved' END"
)
_ACTION = _STATUS.replace("flagged'", "flag'").replace("rejected'", "reject'").replace("approved'", "approve'")
_BY_PERSON = f"({_C} % 100 = 0)"


class Columns:
    """The tables' columns for row n, as SQL."""

    def __init__(self, plan: Plan, speech: Speech) -> None:
        self.plan, self.speech = plan, speech
        self.ms = f"({plan.start_ms} + s.n * {SPAN_MS} / {plan.rows})"

    def authors(self) -> Mapping[str, str]:
        """Author n, from 0."""
        return {
            "id": self._part_id("s.n", 1),
            "site_id": self._choose(self._site_of_part("s.n", self.plan.authors), self.plan.sites),
            "site_author_id": "'a' || s.n",
            "name": "'Author ' || s.n",
            "email": "'author' || s.n || '@mail.example'",
            "ip": "'192.0.2.' || s.n % 256",
            "approved": "40",
            "rejected": "1",
            "first_seen_at": self._time(str(self.plan.start_ms)),
        }

    def threads(self) -> Mapping[str, str]:
        """Thread n, from 0."""
        return {
            "id": self._part_id("s.n", 2),
            "site_id": self._choose(self._site_of_part("s.n", self.plan.threads), self.plan.sites),
            "site_thread_id": "'story-' || s.n",
            "url": "'https://news.example/2026/stories/' || s.n",
            "title": "'What happened in story ' || s.n",
        }

    def comments(self) -> Mapping[str, str]:
        """Comment n, from 1; the last ones are pending."""
        pending = f"s.n > {self.plan.decided}"
        return {
            "id": self.comment_id(),
            "site_id": self._choose(_SITE, self.plan.sites),
            "site_comment_id": "CAST(s.n AS text)",
            "author_id": self._part_id(self._part(self.plan.authors), 1),
            "thread_id": self._part_id(self._part(self.plan.threads), 2),
            "text": "t.text",
            "created_at": self._time(self.ms),
            "received_at": self._time(self.ms),
            "metadata": "'{}'",
            "status": f"CASE WHEN {pending} THEN 'pending' ELSE {_STATUS} END",
            "language": f"CASE WHEN {pending} THEN NULL ELSE t.language END",
            "scores": f"CASE WHEN {pending} THEN NULL ELSE t.scores END",
            "model_version": f"CASE WHEN {pending} THEN NULL ELSE t.model_version END",
            "risk": f"CASE WHEN {pending} THEN 0 ELSE {_WIDE} / 4294967296.0 END",
            # a line in place of the logarithm, which not every SQLite has: as many different places, as far apart
            "priority": f"CASE WHEN {pending} THEN 0 ELSE 5 * {_WIDE} / 4294967296.0 - {WAITING_BY_MS.format(ms=self.ms)} END",
            "likeness": "s.n * 2654435761",
            "decisions": f"CASE WHEN {pending} THEN 0 ELSE 1 END",
            "attempts": f"CASE WHEN {pending} THEN 0 ELSE 1 END",
        }

    def decisions(self) -> Mapping[str, str]:
        """The decision about comment n; a hundredth are a person's."""
        return {
            "id": self._id(f"({self.ms} + 1)", 3),
            "site_id": self._choose(_SITE, self.plan.sites),
            "comment_id": self.comment_id(),
            "number": "1",
            "revision": "1",
            "actor": f"CASE WHEN {_BY_PERSON} THEN 'moderator' ELSE 'policy' END",
            "user_id": f"CASE WHEN {_BY_PERSON} THEN {self._choose(f'({_A} % {MODERATORS})', self.plan.users)} END",
            "action": _ACTION,
            "from_status": "'pending'",
            "reasons": f"CASE WHEN {_A} % 1000 < {FLAGGED + REJECTED} THEN t.reasons ELSE '[]' END",
            "model_version": "t.model_version",
            "policy_version": "1",
            "created_at": self._time(f"{self.ms} + 1"),
        }

    def deliveries(self) -> Mapping[str, str]:
        """What the site was told of comment n; the last ones wait."""
        waits = f"s.n > {self.plan.decided - WAITING}"
        return {
            "id": self._id(f"({self.ms} + 1)", 4),
            "site_id": self._choose(_SITE, self.plan.sites),
            "comment_id": self.comment_id(),
            "number": "1",
            "event": f"'comment.' || {_STATUS}",
            "body": "t.body || s.n || t.rest",
            "status": f"CASE WHEN {waits} THEN 'waiting' ELSE 'delivered' END",
            "attempts": f"CASE WHEN {waits} THEN 0 ELSE 1 END",
            "next_attempt_at": self._time(f"{self.ms} + 1"),
            "created_at": self._time(f"{self.ms} + 1"),
            "delivered_at": f"CASE WHEN {waits} THEN NULL ELSE {self._time(f'{self.ms} + 1000')} END",
        }

    def comment_id(self) -> str:
        """The id of comment n."""
        return self._id(self.ms, 0)

    def _id(self, ms: str, kind: int) -> str:
        return self.speech.id.format(ms=ms, low=_A, high=f"(s.n * 8 + {kind})")

    def _part_id(self, number: str, kind: int) -> str:
        """The id of an author or thread: they are older than the first comment."""
        ms = f"({self.plan.start_ms - SPAN_MS} + {number})"
        return self.speech.id.format(ms=ms, low="7", high=f"({number} * 8 + {kind})")

    def _part(self, whole: int) -> str:
        """An author or thread of comment n's site, by chance: four fifths of them are the first site's."""
        first, each = whole * 4 // 5, whole // 20
        return f"(CASE WHEN {_SITE} = 0 THEN {_WIDE} % {first} ELSE {first} + ({_SITE} - 1) * {each} + {_WIDE} % {each} END)"

    def _site_of_part(self, number: str, whole: int) -> str:
        first, each = whole * 4 // 5, whole // 20
        return f"(CASE WHEN {number} < {first} THEN 0 ELSE 1 + ({number} - {first}) / {each} END)"

    def _choose(self, index: str, ids: Sequence[str]) -> str:
        cases = " ".join(f"WHEN {place} THEN {self.speech.quoted_id.format(id=id)}" for place, id in enumerate(ids))
        return f"(CASE {index} {cases} END)"

    def _time(self, ms: str) -> str:
        return self.speech.time.format(ms=ms)

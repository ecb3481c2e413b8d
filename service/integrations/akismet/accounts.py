"""What settings pages and dashboards ask: whether a key is in use, and how much was checked with it."""

import re
from datetime import UTC, datetime, timedelta

from flask import Response, request

from service.integrations.akismet.answers import said, told
from service.integrations.akismet.fields import Sent
from service.integrations.akismet.routes import blueprint, caller
from service.integrations.akismet.submission import SOURCE
from service.store.checks import Checks, Counts
from service.store.rows import SiteRow
from service.web.current import services

MAX_LIMIT = 500
"""Sites in one answer: the service's default."""

MAX_WORD = 200

SECONDS_SAVED = 20
"""By each comment that nobody had to look at: about what it takes to read one and decide."""

AGO = re.compile(r"([1-9][0-9]{0,2})-(day|month)s?")
MONTH = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")

FIRST = datetime(2000, 1, 1, tzinfo=UTC)
"""Before any check."""

COLUMNS = {
    "site": "Site",
    "api_calls": "Total API Calls",
    "spam": "Spam",
    "ham": "Ham",
    "missed_spam": "Missed Spam",
    "false_positives": "False Positives",
    "is_revoked": "Is Revoked",
}
"""Fields of a site, and their titles where it is a line."""


@blueprint.post("/1.1/get-subscription")
def get_subscription() -> Response:
    """An account without a bill or a limit."""
    caller()
    kind = {"account_name": "self-hosted", "account_type": "self-hosted", "status": "active"}
    return told({"account_id": 1, **kind, "next_billing_date": False, "limit_reached": False})


@blueprint.post("/1.1/get-stats")
def get_stats() -> Response:
    """Counts since a time: `60-days`, `6-months`, or all."""
    site, sent = caller()
    now = services().clock()
    counts = _counts(site, _since(sent.text("from", MAX_WORD), now), now + timedelta(days=1))
    checked = counts.spam + counts.ham
    right = max(0, checked - counts.missed_spam - counts.false_positives)
    figures: dict[str, object] = dict(counts._asdict())
    figures["accuracy"] = round(100 * right / checked, 1) if checked else 100.0
    return told(figures | {"time_saved": SECONDS_SAVED * counts.spam, "breakdown": {}})


@blueprint.post("/1.1/deactivate")
def deactivate() -> Response:
    """Nothing has to be done: the key goes on until an operator ends it."""
    caller()
    return said("deactivated")


@blueprint.get("/1.1/test")
def test() -> Response:
    """Whether we can be reached."""
    return said("ok")


@blueprint.route("/1.2/usage-limit", methods=("GET", "POST"))
def usage_limit() -> Response:
    """Checks of this month. What a site may send is limited by time and not by month, so none is named."""
    site, _ = caller()
    now = services().clock()
    month = _month("", now)
    counts = _counts(site, month, _next(month))
    return told({"limit": "none", "usage": counts.spam + counts.ham, "percentage": "0.00", "throttled": False})


@blueprint.route("/1.2/key-sites", methods=("GET", "POST"))
def key_sites() -> Response:
    """Counts of the sites of a key in a month: here a key is one site's."""
    site, sent = caller()
    now = services().clock()
    month = _month(_asked(sent, "month"), now)
    limit, offset = _number(_asked(sent, "limit"), MAX_LIMIT), _number(_asked(sent, "offset"), 0)
    wanted = (_asked(sent, "filter") or _asked(sent, "url_filter")).lower()
    rows = [_row(site, _counts(site, month, _next(month)))] if wanted in site.name else []
    shown = rows[offset : offset + min(limit, MAX_LIMIT)]
    named = f"{month:%Y-%m}"
    if _asked(sent, "format").lower() == "csv":
        head = f"Active sites for {site.name} during {named} (limit:{limit}, offset: {offset}, total: {len(rows)})"
        return said("\n".join((head, ",".join(COLUMNS.values()), *(_line(row) for row in shown), "")))
    return told({named: shown, "limit": limit, "offset": offset, "total": len(rows)})


def _asked(sent: Sent, name: str) -> str:
    return sent.text(name, MAX_WORD) or request.args.get(name, "").strip()[:MAX_WORD]


def _counts(site: SiteRow, start: datetime, end: datetime) -> Counts:
    with services().store.read() as tx:
        return Checks(tx, site.id).made(SOURCE, start, end)


def _since(text: str, now: datetime) -> datetime:
    found = AGO.fullmatch(text)
    if found is None:
        return FIRST
    # no id of ours stands for a time before 1970
    return max(FIRST, now - timedelta(days=int(found[1]) * (30.5 if found[2] == "month" else 1)))


def _month(text: str, now: datetime) -> datetime:
    """The first moment of a month; of this one, where none is named."""
    found = MONTH.fullmatch(text)
    return (
        datetime(int(found[1]), int(found[2]), 1, tzinfo=UTC) if found else datetime(now.year, now.month, 1, tzinfo=UTC)
    )


def _next(month: datetime) -> datetime:
    return (month + timedelta(days=31)).replace(day=1)


def _number(text: str, default: int) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default


def _row(site: SiteRow, counts: Counts) -> dict[str, object]:
    """Numbers are texts here."""
    named = {name: str(number) for name, number in counts._asdict().items()}
    return {"site": site.name, "api_calls": str(counts.spam + counts.ham), **named, "is_revoked": False}


def _line(row: dict[str, object]) -> str:
    return ",".join(str(row[name]).lower() for name in COLUMNS)

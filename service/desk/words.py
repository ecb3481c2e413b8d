"""How the desk says things: attributes, statuses, reasons and times, in the reader's language."""

from collections.abc import Callable, Sequence
from datetime import datetime

from babel.lists import format_list

from service.desk.speech import format_datetime, format_timedelta, gettext, locale, ngettext
from service.domain.comment import UNSUPPORTED, Status
from service.domain.decision import Action, Actor, Reason
from service.domain.user import Role
from service.store.rows import DecisionRow
from service.web.current import services


def attribute(name: str | None) -> str:
    """An attribute's name; None is a word of the site's own list."""
    if name is None:
        return gettext("listed word")
    known = {
        "toxicity": gettext("toxicity"),
        "severe_toxicity": gettext("severe toxicity"),
        "identity_attack": gettext("identity attack"),
        "insult": gettext("insult"),
        "profanity": gettext("profanity"),
        "threat": gettext("threat"),
        "sexually_explicit": gettext("sexually explicit"),
        "spam": gettext("spam"),
    }
    return known.get(name, name.replace("_", " "))


def status(value: Status) -> str:
    """A status."""
    return {
        Status.PENDING: gettext("pending"),
        Status.APPROVED: gettext("approved"),
        Status.FLAGGED: gettext("flagged"),
        Status.REJECTED: gettext("rejected"),
    }[value]


def role(value: Role) -> str:
    """A role."""
    return {
        Role.VIEWER: gettext("viewer"),
        Role.MODERATOR: gettext("moderator"),
        Role.LEAD: gettext("lead"),
        Role.ADMIN: gettext("admin"),
    }[value]


def theme(name: str) -> str:
    """A theme."""
    return {"auto": gettext("As the system"), "light": gettext("Light"), "dark": gettext("Dark")}[name]


def language_of(code: str | None) -> str:
    """A language's name in the reader's language; unsupported and unknown ones as such."""
    if code == UNSUPPORTED:
        return gettext("another language")
    name = locale().languages.get(code) if code and code != "und" else None
    return name or gettext("language unknown")


def why(reasons: Sequence[Reason]) -> str:
    """Why the policy flagged or rejected a comment, in one sentence."""
    if not reasons:
        return gettext("A person put this comment into the queue.")
    phrases = list(dict.fromkeys(_phrase(reason) for reason in _strongest_first(reasons)))
    listed = format_list(phrases, locale=locale())
    if any(reason.action is Action.REJECT for reason in reasons):
        return gettext("Rejected for %(reasons)s.", reasons=listed)
    return gettext("Flagged for %(reasons)s.", reasons=listed)


def _strongest_first(reasons: Sequence[Reason]) -> list[Reason]:
    return sorted(reasons, key=lambda reason: -(reason.score or 2))


def _phrase(reason: Reason) -> str:
    phrases: dict[str, Callable[[Reason], str]] = {
        "score": lambda reason: f"{attribute(reason.attribute)} ({percent(reason.score or 0)})",
        "word": lambda reason: gettext("the listed word “%(word)s”", word=reason.detail or ""),
        "links": lambda reason: ngettext("%(num)s link", "%(num)s links", _count(reason)),
        "new_author": lambda _reason: gettext("being by a new author"),
        "reports": lambda reason: ngettext("%(num)s reader's report", "%(num)s readers' reports", _count(reason)),
        "unsupported_language": lambda _reason: gettext("being in a language that is not supported"),
        "unscored": lambda _reason: gettext("having no scores, since it could not be scored"),
    }
    return phrases[reason.code](reason) if reason.code in phrases else reason.code


def _count(reason: Reason) -> int:
    return int(reason.detail) if reason.detail and reason.detail.isdigit() else 0


def decided(decision: DecisionRow, name: str | None) -> str:
    """A decision as one line of a comment's history."""
    actor = {
        Actor.POLICY: gettext("The policy"),
        Actor.API: gettext("The site's own staff"),
        Actor.MODERATOR: name or gettext("A moderator"),
    }[decision.actor]
    if decision.undoes:
        return gettext("%(who)s undid a decision: %(status)s again", who=actor, status=status(decision.action.status))
    return {
        Action.APPROVE: gettext("%(who)s approved it", who=actor),
        Action.FLAG: gettext("%(who)s flagged it", who=actor),
        Action.REJECT: gettext("%(who)s rejected it", who=actor),
    }[decision.action]


def percent(score: float) -> str:
    """A probability in whole percent; never 100% for what isn't certain."""
    return f"{min(round(score * 100), 99)}%" if score < 1 else "100%"


def ago(at: datetime) -> str:
    """How long ago, roughly."""
    return format_timedelta(at - services().clock())


def moment(at: datetime) -> str:
    """A time in full, in UTC; the page's script turns it into the reader's own zone."""
    return f"{format_datetime(at, 'd MMM y, HH:mm')} UTC"

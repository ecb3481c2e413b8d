"""How the desk says things: attributes, statuses, reasons and times, in the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from babel.lists import format_list
from babel.numbers import format_decimal

from service.desk.speech import format_datetime, format_timedelta, gettext, locale, ngettext
from service.domain.comment import UNSUPPORTED, Status
from service.domain.decision import Action, Actor, Reason
from service.domain.policy import URGENT_AFTER
from service.domain.user import Role
from service.moderation.card import Card, Place
from service.store.rows import DecisionRow
from service.web.current import services

Say = Callable[[], str]

# asked for by name, and only then put into the reader's language: a page of cards says hundreds of these
ATTRIBUTES: Mapping[str, Say] = {
    "toxicity": lambda: gettext("toxicity"),
    "severe_toxicity": lambda: gettext("severe toxicity"),
    "identity_attack": lambda: gettext("identity attack"),
    "insult": lambda: gettext("insult"),
    "profanity": lambda: gettext("profanity"),
    "threat": lambda: gettext("threat"),
    "sexually_explicit": lambda: gettext("sexually explicit"),
    "spam": lambda: gettext("spam"),
}
STATUSES: Mapping[Status, Say] = {
    Status.PENDING: lambda: gettext("pending"),
    Status.APPROVED: lambda: gettext("approved"),
    Status.FLAGGED: lambda: gettext("flagged"),
    Status.REJECTED: lambda: gettext("rejected"),
}
REASONS: Mapping[str, Say] = {
    "insult": lambda: gettext("insult"),
    "hate": lambda: gettext("hate"),
    "threat": lambda: gettext("threat"),
    "sexual": lambda: gettext("sexual content"),
    "spam": lambda: gettext("spam"),
    "off_topic": lambda: gettext("off topic"),
    "misinformation": lambda: gettext("misinformation"),
    "personal_data": lambda: gettext("personal details"),
    "other": lambda: gettext("another reason"),
}


SERVICES: Mapping[str, str] = {
    "akismet": "Akismet",
    "coral": "Coral",
    "discourse": "Discourse",
    "github": "GitHub",
    "hyvor": "Hyvor Talk",
    "openai": "OpenAI",
    "perspective": "Perspective",
}
"""Names of services by our words for them: the same in every language."""


def service(name: str) -> str:
    """A service's name."""
    return SERVICES.get(name, name)


def went_by(how: str) -> str:
    """What became of a comment that could not be scored while its caller waited."""
    if how == "open":
        return gettext("Was published before it could be scored")
    return gettext("Was held because it could not be scored in time")


def attribute(name: str | None) -> str:
    """An attribute's name; None is a word of the site's own list."""
    if name is None:
        return gettext("listed word")
    return ATTRIBUTES[name]() if name in ATTRIBUTES else name.replace("_", " ")


def status(value: Status) -> str:
    """A status."""
    return STATUSES[value]()


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


def why_here(card: Card) -> str:
    """Why a moderator sees this comment: what the policy found, and what people ask."""
    sentences = []
    if card.comment.appealed_at:
        sentences.append(gettext("Its author asks for another look."))
    if card.comment.reported_at and all(reason.code != "reports" for reason in card.reasons):
        sentences.append(gettext("Readers reported it."))
    if card.reasons or (card.in_queue and not sentences):
        sentences.append(why(card.reasons))
    return " ".join(sentences) or gettext("No rule asked for a look at it.")


def _strongest_first(reasons: Sequence[Reason]) -> list[Reason]:
    return sorted(reasons, key=lambda reason: -(reason.score or 2))


def reason(code: str, label: str | None = None) -> str:
    """Why a person rejected or a reader reported: the site's own label, else our word for the code, else the code."""
    return label or (REASONS[code]() if code in REASONS else code.replace("_", " "))


def _phrase(reason: Reason) -> str:
    phrases: dict[str, Callable[[Reason], str]] = {
        "score": lambda reason: f"{attribute(reason.attribute)} ({percent(reason.score or 0)})",
        "word": lambda reason: gettext("the listed word “%(word)s”", word=reason.detail or ""),
        "links": lambda reason: ngettext("%(num)s link", "%(num)s links", _count(reason)),
        "new_author": lambda _reason: gettext("being by a new author"),
        "reports": lambda reason: ngettext("%(num)s reader's report", "%(num)s readers' reports", _count(reason)),
        "unsupported_language": lambda _reason: gettext("being in a language that is not supported"),
        "banned_author": lambda _reason: gettext("being by a banned author"),
        "unscored": lambda _reason: gettext("having no scores, since it could not be scored"),
    }
    return phrases[reason.code](reason) if reason.code in phrases else reason.code


def _count(reason: Reason) -> int:
    return int(reason.detail) if reason.detail and reason.detail.isdigit() else 0


def decided(decision: DecisionRow, name: str | None, labels: Mapping[str, str]) -> str:
    """A decision with its reasons as one line of a comment's history; labels: the site's own for its reasons, by their codes."""
    actor = {
        Actor.POLICY: gettext("The policy"),
        Actor.API: gettext("The site's own staff"),
        Actor.MODERATOR: name or gettext("A moderator"),
    }[decision.actor]
    if decision.undoes:
        return gettext("%(who)s undid a decision: %(status)s again", who=actor, status=status(decision.action.status))
    line = {
        Action.APPROVE: gettext("%(who)s approved it", who=actor),
        Action.FLAG: gettext("%(who)s flagged it", who=actor),
        Action.REJECT: gettext("%(who)s rejected it", who=actor),
    }[decision.action]
    policy, reasons = decision.actor is Actor.POLICY, _strongest_first(decision.reasons)
    phrases = [_phrase(one) if policy else reason(one.code, labels.get(one.code)) for one in reasons]
    return f"{line}: {format_list(list(dict.fromkeys(phrases)), locale=locale())}" if phrases else line


def place(one: Place) -> str:
    """Why a comment stands where it does in the queue, as a product."""
    return gettext(
        "risk %(risk)s \N{MULTIPLICATION SIGN} reach %(reach)s \N{MULTIPLICATION SIGN} wait %(wait)s",
        risk=number(one.risk),
        reach=number(one.reach_weight),
        wait=number(one.wait_weight),
    )


def place_explained(one: Place) -> str:
    """The same in sentences."""
    return gettext(
        "The order of the queue. Risk: the harm to expect of its scores. Reach: %(reach)s may read it, and ten times as many "
        "add 1. Wait: every %(hours)s hours double it.",
        reach=number(max(one.reach, 1), "#,##0"),
        hours=number(URGENT_AFTER / 3600, "#,##0"),
    )


def highest(scores: Mapping[str, float] | None, count: int = 2) -> list[tuple[str, float]]:
    """The highest scores with their attributes."""
    return sorted((scores or {}).items(), key=lambda pair: -pair[1])[:count]


MOST = 1e15
"""Beyond it nobody reads the digits, and Babel writes none: it refuses what has more than 28 of them."""


def number(value: float, pattern: str = "#,##0.0") -> str:
    """A number as the reader's language writes it; one beyond MOST as MOST."""
    return str(format_decimal(max(-MOST, min(value, MOST)), format=pattern, locale=locale()))


def percent(score: float) -> str:
    """A probability in whole percent; never 100% for what isn't certain."""
    return f"{min(round(score * 100), 99)}%" if score < 1 else "100%"


def ago(at: datetime) -> str:
    """How long ago, roughly."""
    return format_timedelta(at - services().clock())


def moment(at: datetime) -> str:
    """A time in full, in UTC; the page's script turns it into the reader's own zone."""
    return f"{format_datetime(at, 'd MMM y, HH:mm')} UTC"

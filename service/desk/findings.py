"""What the figures say, in plain sentences: each chart's question gets its answer."""

from babel.numbers import format_decimal

from service.desk import words
from service.desk.numbers import about, number, percent, span
from service.desk.speech import gettext, locale, ngettext
from service.domain.figures import AIM, FEW
from service.moderation.insights import NO_REASON, Cause, Figures, Precision


def queue(figures: Figures) -> str:
    """Whether the queue is under control."""
    queue = figures.queue
    if queue.now.median is None or queue.now.late is None:
        now = gettext("Yes: nothing waits.")
    else:
        verdict = (
            gettext("No.") if queue.now.median > figures.goal
            else gettext("Not quite.") if queue.now.late > figures.goal
            else gettext("Yes.")
        )  # fmt: skip
        waits = ngettext(
            "%(count)s comment waits, for %(median)s.",
            "%(count)s comments wait, half of them for more than %(median)s, one in twenty for more than %(late)s.",
            queue.waiting,
            count=number(queue.waiting), median=span(queue.now.median), late=span(queue.now.late),
        )  # fmt: skip
        now = f"{verdict} {waits}"
    if not queue.decided.n:
        nobody = gettext("Nobody has decided about a flagged comment in this time.")
        return f"{now} {nobody}"
    kept = gettext(
        "%(share)s of the decisions came within the goal of %(goal)s.",
        share=percent(queue.decided.within / queue.decided.n), goal=span(figures.goal),
    )  # fmt: skip
    return f"{now} {kept}"


def volume(figures: Figures) -> str:
    """How much comes in, and how much of it needs a person."""
    received, flagged = sum(figures.volume.received), sum(figures.volume.flagged)
    if not received:
        return gettext("No comment came in.")
    least = gettext("at least %(count)s", count=number(received)) if figures.volume.capped else number(received)
    return gettext(
        "%(received)s comments came in; %(flagged)s of them, %(share)s, were flagged for a person.",
        received=least, flagged=about(flagged, figures.share_flagged), share=percent(flagged / received),
    )  # fmt: skip


def pace(figures: Figures) -> str:
    """How fast the team decides."""
    decisions, hours = sum(figures.pace.decisions), sum(figures.pace.hours)
    if not hours:
        return gettext("Nobody has decided anything in this time.")
    return gettext(
        "%(rate)s decisions in an hour of a moderator's work: %(decisions)s decisions in %(hours)s such hours.",
        rate=number(decisions / hours), decisions=number(decisions), hours=number(hours),
    )  # fmt: skip


def precision(figures: Figures) -> str:
    """Whether the classifier flags the right comments."""
    overall = [one for one in figures.precision if one.language is None]
    enough = [one for one in overall if one.n >= FEW]
    if not overall:
        return gettext("Nobody has decided yet about a comment that was flagged for its scores.")
    if not enough:
        return gettext("Too few decisions to tell: no attribute has %(few)s yet.", few=FEW)
    worst, best = enough[0], enough[-1]
    if worst is best:
        return gettext(
            "Moderators rejected %(share)s of what was flagged for %(attribute)s.",
            share=percent(worst.share), attribute=words.attribute(worst.attribute),
        )  # fmt: skip
    return gettext(
        "Moderators agree least on %(worst)s, where they rejected %(low)s of what was flagged, and most on %(best)s (%(high)s).",
        worst=words.attribute(worst.attribute), low=percent(worst.share),
        best=words.attribute(best.attribute), high=percent(best.share),
    )  # fmt: skip


def hint(figures: Figures) -> str | None:
    """Which threshold to raise: the one that costs most looks for nothing, where it is sure that most flags are wrong."""
    overall = [one for one in figures.precision if one.language is None and one.threshold is not None]
    wrong = [one for one in overall if one.n >= FEW and one.interval.high < AIM]
    if not wrong:
        return None
    worst = max(wrong, key=lambda one: one.n - one.rejected)
    told = gettext(
        "Think of raising the flag threshold of %(attribute)s, now %(threshold)s: fewer than half of its flags were right.",
        attribute=words.attribute(worst.attribute), threshold=number_of(worst.threshold or 1.0),
    )  # fmt: skip
    return f"{told} {_better(worst)}"


def _better(one: Precision) -> str:
    if one.higher is None:
        return gettext("No higher threshold is known at which half of them would be.")
    return gettext(
        "At %(threshold)s half of them would have been: %(spared)s looks spared, and %(missed)s of %(rejected)s "
        "rejected comments not flagged for it.",
        threshold=number_of(one.higher.threshold), spared=number(one.higher.spared), missed=number(one.higher.missed),
        rejected=number(one.rejected),
    )  # fmt: skip


def number_of(threshold: float) -> str:
    """A threshold as the policy's page takes it."""
    return f"{threshold:.2g}"


def stories(figures: Figures) -> str:
    """Which stories draw the most flagged comments."""
    all_ = sum(figures.volume.flagged)
    if not figures.stories or not all_:
        return gettext("No story drew flagged comments.")
    top = figures.stories[0].flagged
    return ngettext(
        "One story drew %(share)s of all flagged comments.",
        "The first of these %(num)s drew %(share)s of all flagged comments.",
        len(figures.stories),
        share=percent(min(top / all_, 1.0)),
    )


def reasons(figures: Figures, labels: dict[str, str]) -> str:
    """Why comments are flagged and rejected."""
    flagged = figures.reasons.flagged[:1]
    rejected = [one for one in figures.reasons.rejected if one.code != NO_REASON][:1]
    told = []
    if flagged:
        told.append(gettext("Most are flagged for %(reason)s.", reason=cause(flagged[0], labels)))
    if rejected:
        told.append(gettext("Moderators reject most for %(reason)s.", reason=cause(rejected[0], labels)))
    return " ".join(told) or gettext("Nothing was flagged, and nobody gave a reason.")


def cause(one: Cause, labels: dict[str, str]) -> str:
    """A reason's name; `labels` are the site's own."""
    known = {
        NO_REASON: gettext("no reason given"),
        "word": gettext("a listed word"),
        "links": gettext("too many links"),
        "new_author": gettext("a new author"),
        "reports": gettext("readers' reports"),
        "unsupported_language": gettext("another language"),
        "unscored": gettext("no scores"),
        "banned_author": gettext("a banned author"),
    }
    if one.attribute:
        return words.attribute(one.attribute)
    return known.get(one.code) or words.reason(one.code, labels.get(one.code))


def agreement(figures: Figures) -> str:
    """Whether moderators agree with each other."""
    found = figures.agreement.kappa
    if found is None:
        return gettext("No second look was taken in this time.")
    told = ngettext(
        "The two decided alike in %(share)s of %(num)s second look.",
        "The two decided alike in %(share)s of %(num)s second looks.",
        found.n,
        share=percent(found.observed),
    )
    if found.value is None:
        same = gettext("All decisions were the same, so how much of that is chance can't be told.")
        return f"{told} {same}"
    beyond = gettext("Beyond chance that is a kappa of %(kappa)s.", kappa=two_places(found.value))
    few = gettext("These are too few to rely on.") if found.n < FEW else ""
    return f"{told} {beyond} {few}".strip()


def two_places(value: float) -> str:
    """A kappa, with two digits behind the point."""
    return str(format_decimal(value, "0.00", locale=locale()))


def sampled(share: float) -> str | None:
    """What part was looked at, where it wasn't all."""
    if share >= 1:
        return None
    return gettext("Estimated from a random sample of %(share)s.", share=percent(share))

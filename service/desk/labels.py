"""How the queue's page says things: queues and orders, filters, counts, and what can't be."""

from service.desk import words
from service.desk.speech import gettext, ngettext
from service.domain.errors import Invalid
from service.domain.view import Order, QueueName, View
from service.store.lists import TALLIED_TO
from service.store.scope import COUNT_TO

AGES = (1, 6, 24, 72, 168, 720)
"""Hours that the filters offer."""


def queue(name: QueueName) -> str:
    """A queue's name, as on its tab."""
    return {
        QueueName.FLAGGED: gettext("Flagged"),
        QueueName.REPORTED: gettext("Reported"),
        QueueName.NEW_AUTHORS: gettext("New authors"),
        QueueName.APPEALS: gettext("Appeals"),
        QueueName.ESCALATED: gettext("Escalated"),
        QueueName.PENDING: gettext("Not scored yet"),
        QueueName.DECIDED: gettext("Decided"),
    }[name]


def heading(view: View) -> str:
    """What a queue's page shows, for its heading."""
    return {
        QueueName.FLAGGED: gettext("Flagged comments"),
        QueueName.REPORTED: gettext("Comments that readers reported"),
        QueueName.NEW_AUTHORS: gettext("Flagged comments by new authors"),
        QueueName.APPEALS: gettext("Rejected comments whose authors ask for another look"),
        QueueName.ESCALATED: gettext("Comments that moderators handed to a lead"),
        QueueName.PENDING: gettext("Comments that wait to be scored"),
        QueueName.DECIDED: gettext("Comments that people decided, the newest first"),
    }[view.queue]


def order(name: Order) -> str:
    """What comes first."""
    return {
        Order.RISK: gettext("Worst first"),
        Order.OLDEST: gettext("Oldest first"),
        Order.REPORTS: gettext("Most reported first"),
    }[name]


def emptiness(view: View) -> tuple[str, str]:
    """What is said where a queue has nothing: a title and a sentence."""
    if filters(view):
        return gettext("Nothing fits"), gettext("No comment in this queue fits the filters.")
    return {
        QueueName.FLAGGED: (
            gettext("Queue is clear"),
            gettext("Nothing waits for a person. New comments appear here by themselves."),
        ),
        QueueName.REPORTED: (gettext("No reports"), gettext("No reader has complained about a comment.")),
        QueueName.NEW_AUTHORS: (gettext("Nobody new"), gettext("No flagged comment is by a new author.")),
        QueueName.APPEALS: (gettext("No appeals"), gettext("No author asks for another look.")),
        QueueName.ESCALATED: (gettext("Nothing escalated"), gettext("No moderator has handed on a comment.")),
        QueueName.PENDING: (gettext("All is scored"), gettext("No comment waits for its scores.")),
        QueueName.DECIDED: (gettext("Nothing decided yet"), gettext("What people decide is listed here.")),
    }[view.queue]


def filters(view: View) -> int:
    """How many filters narrow a view."""
    return len(set(view.to_query()) - {"queue", "order", "low", "high"})


def tally(count: int) -> str:
    """How many wait; counting stops at COUNT_TO."""
    return f"{words.number(count, '#,##0')}+" if count >= COUNT_TO else words.number(count, "#,##0")


def beside(count: int) -> str:
    """How many wait, as it stands beside a queue's name."""
    return f"{TALLIED_TO - 1}+" if count >= TALLIED_TO else str(count)


def hours(count: int) -> str:
    """A span of so many hours."""
    if count % 24 == 0:
        return ngettext("%(num)s day", "%(num)s days", count // 24)
    return ngettext("%(num)s hour", "%(num)s hours", count)


def fault(error: Invalid) -> str:
    """What of an address or a form can't be, in the reader's language; the error's message begins with the field."""
    field = str(error).partition(":")[0]
    known = {
        "queue": gettext("There is no such queue."),
        "order": gettext("There is no such order."),
        "attribute": gettext("There is no such attribute."),
        "low": gettext("The lower score must be from 0 to 1, and not above the upper one."),
        "high": gettext("The upper score must be from 0 to 1, and not below the lower one."),
        "language": gettext("The language must be a code such as id or en."),
        "older": gettext("The ages must be whole numbers of hours that leave something between them."),
        "newer": gettext("The ages must be whole numbers of hours that leave something between them."),
        "thread": gettext("There is no such thread."),
        "author": gettext("There is no such author."),
        "q": gettext("The words are too many, or can't be in any text."),
        "cursor": gettext("This place in the list is no longer there."),
        "name": gettext("Give a name of 1 to 60 characters."),
        "views": gettext("You have as many saved views as there can be. Delete one first."),
        "days": gettext("The days must be a whole number within what your role allows."),
        "text": gettext("The note is empty."),
        "reason": gettext("Your site has no such reason."),
        "status": gettext("Only a flagged comment can be handed to a lead."),
    }
    return known.get(field) or gettext("This can't be: %(fault)s", fault=str(error))


def decimal(score: float) -> str:
    """A score as people write it."""
    return words.number(score, "0.##")

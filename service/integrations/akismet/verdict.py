"""Spam or not, in the one word that Akismet's clients take."""

from service.domain.compat import AkismetVerdict, Compat
from service.domain.decision import Action
from service.integrations.akismet.submission import Submission
from service.moderation.judge import Judgement

SPAMMERS = frozenset({"viagra-test-123"})
SPAM_ADDRESSES = frozenset({"akismet-guaranteed-spam@example.com"})
"""Who is always spam: sites test themselves with these."""

ADMINISTRATOR = "administrator"


def foregone(submission: Submission) -> bool | None:
    """A verdict that the service guarantees, whatever is written; None when there is none.

    An administrator is never spam, not even under the names that always are.
    """
    if ADMINISTRATOR in submission.roles:
        return False
    if submission.name in SPAMMERS or submission.email in SPAM_ADDRESSES:
        return True
    return None if submission.text else False


def is_spam(judgement: Judgement, compat: Compat) -> bool:
    """Whether a site takes this for spam.

    By default the score of spam alone tells, from where the site's policy flags it and not only from where it rejects: a client
    has two places, its pages and a folder of spam in which people look, and so what Saring has a person look at belongs there.
    The other way round the clients would publish all that is unsure, and nobody would look. Where the site chose
    `spam_or_toxic`, whatever its policy would not let pass is spam.
    """
    if compat.akismet_verdict is AkismetVerdict.SPAM_OR_TOXIC:
        return judgement.verdict.action is not Action.APPROVE
    return any(reason.code == "score" and reason.attribute == "spam" for reason in judgement.verdict.reasons)


def is_blatant(judgement: Judgement, compat: Compat) -> bool:
    """Whether clients may throw it away unseen: only where the site has set a score for that."""
    return compat.akismet_discard is not None and judgement.scores.by_attribute["spam"] >= compat.akismet_discard

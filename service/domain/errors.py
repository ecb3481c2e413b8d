"""Every error that Saring raises on purpose.

SaringError
├── Invalid                the caller sent something that can't be right
│   ├── InvalidComments    comments with faults, each named by its place
│   ├── InvalidPolicy      a policy that can't be applied
│   └── InvalidCallback    a callback URL that must not be called
├── Refused                the caller may not
│   ├── UnknownKey         no such API key, or one that was revoked
│   ├── BadSignature       an inbound webhook that can't be trusted
│   ├── NoAccount          a person whom single sign-on knows and nobody here has let in
│   └── NotSignedOn        single sign-on that was broken off, or whose answer can't be trusted
├── NotFound               not there, or another site's (the two are never told apart)
├── Conflict               right, but not now: somebody else was faster
│   └── LastAdmin          a site must not be left without an admin
├── Unavailable            a part that we need is away; trying again later helps
│   ├── ProviderAway       the provider of single sign-on doesn't answer as it should
│   ├── CantDecide         a text that could not be scored while its caller waits
│   └── Overtaken          another transaction came between; trying again at once helps
└── TooMany                more than fits now; says after how long to try again
    ├── TooManyPending     more comments wait than may
    └── TooManyRequests    a site, or an address at the login, asked more often than it may
"""

from collections.abc import Sequence
from dataclasses import dataclass


class SaringError(Exception):
    """The root: whoever catches this catches all that we raise on purpose."""


class Invalid(SaringError):
    """The caller sent something that can't be right; sending it again won't help."""


@dataclass(frozen=True)
class Fault:
    """One thing wrong at one place, such as ("comments", 3, "text")."""

    place: tuple[str | int, ...]
    message: str


class InvalidComments(Invalid):
    """One or more comments can't be accepted; `faults` names each by its place."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(f"{len(faults)} faults")
        self.faults = tuple(faults)


class InvalidPolicy(Invalid):
    """A policy that can't be applied; the message says what would be right."""


class InvalidCallback(Invalid):
    """A callback URL that must not be called."""


class Refused(SaringError):
    """The caller may not do this."""


class UnknownKey(Refused):
    """No site has this API key, or the key was revoked."""


class BadSignature(Refused):
    """A webhook whose signature, time or headers can't be trusted."""


class NoAccount(Refused):
    """Single sign-on knows this person, and nobody here has let them in."""


class NotSignedOn(Refused):
    """Single sign-on was broken off, or its answer can't be trusted; beginning again may help."""


class NotFound(SaringError):
    """Nothing of this name for this site. Another site's things are not found either."""


class Conflict(SaringError):
    """The thing has changed since the caller looked."""


class LastAdmin(Conflict):
    """The site's only admin: somebody else must be one first."""


class Unavailable(SaringError):
    """A part that we need is away; trying again later helps."""


class ProviderAway(Unavailable):
    """The provider of single sign-on can't be reached, or doesn't answer as one should."""


class CantDecide(Unavailable):
    """A text can't be scored in the time that its caller has: too many others are being scored, or the classifier fails."""


class TooMany(SaringError):
    """More than fits now. Nothing was done; the same again after `retry_after` seconds may fit."""

    def __init__(self, message: str, retry_after: int) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TooManyPending(TooMany):
    """So many comments wait to be scored that no more are taken in."""


class TooManyRequests(TooMany):
    """A site, or an address at the login, has asked as often as it may; `limit` is how many requests that is."""

    def __init__(self, message: str, retry_after: int, limit: int) -> None:
        super().__init__(message, retry_after)
        self.limit = limit


class Overtaken(Unavailable):
    """Another transaction has taken away what this one rests on; a second try, at once, sees what is there now."""

"""Flask-Babel's functions with types: it has none."""

from datetime import datetime, timedelta

import flask_babel
from babel import Locale


def gettext(message: str, **values: object) -> str:
    """The message in the reader's language, with its values filled in."""
    return str(flask_babel.gettext(message, **values))


def ngettext(one: str, many: str, num: int, **values: object) -> str:
    """The message for so many, which stand in it as %(num)s, with its other values filled in."""
    return str(flask_babel.ngettext(one, many, num, **values))


def locale() -> Locale:
    """The reader's locale."""
    return flask_babel.get_locale() or Locale("en")


def format_datetime(at: datetime, pattern: str) -> str:
    """A time in UTC, by a pattern of Unicode's."""
    return str(flask_babel.format_datetime(at, pattern))


def format_timedelta(span: timedelta) -> str:
    """A span of time in its largest unit: 3 hours ago, in 2 days."""
    return str(flask_babel.format_timedelta(span, add_direction=True))

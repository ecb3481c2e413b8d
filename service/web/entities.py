"""HTML's entities in what people write."""

import html
import re

ZEROS = re.compile(r"&#(?:([xX])0+(?=[0-9a-fA-F])|0+(?=[0-9]))")

NO_CHARACTER = re.compile(r"&#(?:[1-9][0-9]{7,}+|[xX][0-9a-fA-F]{7,}+);?")
"""A number without leading zeros that is above every character's."""


def unescaped(text: str) -> str:
    """The text with its entities read, as `html.unescape` does; that raises ValueError for a number of 5,000 digits."""
    return html.unescape(NO_CHARACTER.sub("\ufffd", ZEROS.sub(r"&#\1", text)) if "&#" in text else text)

"""What hostile commenters write: 500 texts, names and addresses by OWASP's classes, in hostile.txt, a line each.

The classes follow OWASP's Cross Site Scripting Prevention, Filter Evasion and DOM Clobbering cheat sheets and its Web Security
Testing Guide (4.7), with htmx's attributes and what a browser's parser repairs (mutation) beside them.
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

FILE = Path(__file__).with_name("hostile.txt")

MADE = {
    "long": (
        "W" * 3_000,
        "w" * 19_999 + "!",
        "\N{FACE WITH TEARS OF JOY}" * 500,
        "Z\u0338\u0322\u031b\u034e\u033a\u0331\u0332\u0333\u034d\u0356\u0324\u032c\u0353\u033c\u0339\u031e\u0319a" * 40,
        "a" + "\u0301" * 400,
        "https://evil.example/" + "y" * 1_500,
        "_" * 500 + " " + "." * 500,
        "<" * 500,
        "&" * 500,
        "<b>" * 300,
        "\u202e" * 200 + "x",
        "\n" * 200 + "x",
        "\u00a0" * 500 + "x",
        "kata " * 900,
    )
}
"""Too long for a line."""

ADDRESSES = "addresses"
"""The class that is also given where an address belongs."""


@cache
def corpus() -> Mapping[str, tuple[str, ...]]:
    """The texts of each class; in the file a line that begins with ## names the class of those below."""
    found: dict[str, list[str]] = {}
    for line in FILE.read_text(encoding="utf-8").split("\n")[:-1]:
        if line.startswith("## "):
            found[line.removeprefix("## ")] = []
        else:
            found[[*found][-1]].append(_plain(line))
    return {name: tuple(texts) for name, texts in found.items()} | MADE


@cache
def texts() -> tuple[str, ...]:
    """All of them, each once."""
    return tuple(dict.fromkeys(text for of_class in corpus().values() for text in of_class))


def addresses() -> tuple[str, ...]:
    """Those that are meant for an address."""
    return corpus()[ADDRESSES]


def _plain(line: str) -> str:
    """The line with its characters that can't be seen, or would end it: \\u{..} by number, \\\\ for one stroke."""
    written = re.sub(r"\\u\{([0-9a-f]+)\}", lambda match: chr(int(match[1], 16)), line)
    return written.replace("\\\\", "\\")

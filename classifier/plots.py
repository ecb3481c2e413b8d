"""Reliability curves as small SVG files, light or dark as their reader's screen is; drawn by hand, without a library."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from classifier.assess import HELD_OUT, LEFT_OUT
from classifier.calibrate import SUPPORT, Bin, pooled
from classifier.model import LANGUAGES

WAYS = {LEFT_OUT: "left", HELD_OUT: "held"}  # way of leaving out -> class of its curve
SIDE, GAP, TOP = 240, 56, 34  # of a panel, beside it and above it, in pixels
WIDTH, HEIGHT = len(LANGUAGES) * (SIDE + GAP) + 16, TOP + SIDE + 62
NAMES = {"id": "Indonesian", "en": "English"}

_STYLE = """\
text{font:12px system-ui,sans-serif;fill:#333}.frame{fill:none;stroke:#999}.even{stroke:#999;stroke-dasharray:3 4}
path{fill:none;stroke-width:2}path.left{stroke:#0b62b8}circle.left{fill:#0b62b8}
path.held{stroke:#b04a00;stroke-dasharray:7 3}circle.held{fill:#b04a00}
@media(prefers-color-scheme:dark){text{fill:#ddd}path.left{stroke:#6cb6ff}circle.left{fill:#6cb6ff}
path.held{stroke:#f0a050}circle.held{fill:#f0a050}}"""


def curve(figures: Iterable[Mapping[str, Any]], attribute: str, language: str, way: str) -> list[Bin]:
    """Reliability of an attribute in a language, over the sources judged in that way, each counting the same."""
    wanted = (attribute, language, way)
    return pooled(
        [
            [Bin(*row) for row in figure["reliability"]]
            for figure in figures
            if (figure["attribute"], figure["language"], figure["way"]) == wanted and "reliability" in figure
        ]
    )


def reliability_plots(figures: Sequence[Mapping[str, Any]], attributes: Iterable[str]) -> dict[str, str]:
    """File name -> SVG, one for each attribute that has a curve: a panel for each language, a line for each way."""
    found = {}
    for attribute in attributes:
        curves = {(code, way): curve(figures, attribute, code, way) for code in LANGUAGES for way in WAYS}
        if any(curves.values()):
            found[f"{attribute}.svg"] = _picture(attribute, curves)
    return found


def _picture(attribute: str, curves: Mapping[tuple[str, str], Sequence[Bin]]) -> str:
    size = f'viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}"'
    title = f"Reliability of {attribute}: share found positive against probability stated"
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" {size} role="img"><title>{title}</title>']
    parts.append(f"<style>{_STYLE}</style>")
    parts += [_panel(place, attribute, code, curves) for place, code in enumerate(LANGUAGES)]
    parts += [_key(place, way) for place, way in enumerate(WAYS)]
    return "\n".join([*parts, "</svg>\n"])


def _panel(place: int, attribute: str, code: str, curves: Mapping[tuple[str, str], Sequence[Bin]]) -> str:
    left = GAP + place * (SIDE + GAP)
    marks = [f'<text x="{SIDE * n / 2:g}" y="{SIDE + 16}" text-anchor="middle">{n / 2:g}</text>' for n in range(3)]
    marks += [f'<text x="-6" y="{SIDE - SIDE * n / 2 + 4:g}" text-anchor="end">{n / 2:g}</text>' for n in range(3)]
    lines = [_line(curves[code, way], kind) for way, kind in WAYS.items()]
    return "\n".join(
        (
            f'<g transform="translate({left} {TOP})"><text x="0" y="-12">{attribute}, {NAMES[code]}</text>',
            f'<rect class="frame" width="{SIDE}" height="{SIDE}"/><path class="even" d="M0 {SIDE}L{SIDE} 0"/>',
            *marks,
            *filter(None, lines),
            "</g>",
        )
    )


def _line(bins: Sequence[Bin], kind: str) -> str:
    """A curve through the bins that rest on enough rows."""
    points = [(SIDE * part.stated, SIDE * (1 - part.found)) for part in bins if part.rows >= SUPPORT]
    if not points:
        return ""
    way = "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
    dots = "".join(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3"/>' for x, y in points)
    return f'<path class="{kind}" d="M{way}"/>{dots}'


def _key(place: int, way: str) -> str:
    left, level = GAP + place * (SIDE + GAP), TOP + SIDE + 44
    return (
        f'<path class="{WAYS[way]}" d="M{left} {level - 4}h28"/><text x="{left + 36}" y="{level}">{way}: '
        "found against stated</text>"
    )

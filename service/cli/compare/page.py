"""The report as one HTML file: no script, nothing from elsewhere, every text escaped."""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape

from service.cli.compare.agreement import BINS, Agreement, Held

WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 468, 160, 44, 8, 12, 40
"""Of a plot, and the room for its figures, in pixels."""

STYLE = """
:root{color-scheme:light dark}
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#222;background:#fff}
table{border-collapse:collapse;margin:1rem 0}
th,td{padding:.3rem .5rem;font-size:.875rem;text-align:right;border-bottom:1px solid #ccc}
th:first-child,td:first-child{text-align:left}.wide{overflow-x:auto}pre{padding:1rem;background:#f3f3f3;overflow-x:auto}
svg{max-width:100%;height:auto}svg text{font:12px system-ui,sans-serif;fill:#333}
.before{fill:#b04a00}.now{fill:#0b62b8}.axis{stroke:#999}.mark{stroke-width:2;stroke-dasharray:5 3}
.mark.before{stroke:#b04a00}.mark.now{stroke:#0b62b8}.text{white-space:pre-wrap;overflow-wrap:anywhere;text-align:left}
@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}pre{background:#262626}th,td{border-color:#444}
svg text{fill:#ddd}.before{fill:#f0a050}.now{fill:#6cb6ff}.mark.before{stroke:#f0a050}.mark.now{stroke:#6cb6ff}}
"""


@dataclass(frozen=True)
class Apart:
    """A comment of which the two say different things: its text, its old score and ours."""

    attribute: str
    text: str
    before: float
    now: float


@dataclass(frozen=True)
class Report:
    """What was compared. today: the site's threshold for flagging now. passed: why so many comments have no score, counted."""

    file: str
    old: str
    model: str
    made_at: datetime
    agreements: Sequence[Agreement]
    today: Mapping[str, float | None]
    passed: Mapping[str, int]
    apart: Sequence[Apart]


def page(report: Report) -> str:
    """The whole file."""
    digest = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    return "\n".join(
        (
            '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8">',
            f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
            '<meta name="viewport" content="width=device-width,initial-scale=1">',
            f"<title>Saring beside the old service</title><style>{STYLE}</style></head><body>",
            *_head(report),
            *_table(report),
            *_how_to_apply(report.agreements),
            *(part for one in report.agreements for part in _section(one)),
            *_texts(report.apart),
            "</body></html>\n",
        )
    )


def row(one: Agreement, today: float | None = None) -> tuple[str, ...]:
    """An attribute's figures as they are shown, on the page and in the terminal; HEADS names them."""
    proposed = one.proposed
    return (
        one.attribute,
        f"{one.n}",
        _two(one.spearman),
        f"{one.threshold:g}",
        f"{one.held}",
        f"{one.kept.count}",
        f"{one.kept.share:.1%}",
        f"{proposed.threshold:.4f}" if proposed else "none",
        f"{proposed.count}" if proposed else "0",
        f"{proposed.share:.1%}" if proposed else "",
        _two(proposed.kappa if proposed else None),
        "" if today is None else f"{today:g}",
    )


HEADS = (
    "attribute",
    "comments",
    "Spearman",
    "old threshold",
    "held before",
    "held by Saring there",
    "agree there",
    "proposed",
    "held",
    "agree",
    "kappa",
    "policy now",
)


def _two(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _head(report: Report) -> Iterable[str]:
    yield "<h1>Saring beside the old service</h1>"
    yield (
        f"<p>{escape(report.file)}, scored by {escape(report.old)} and by Saring's model {escape(report.model)},"
        f" {report.made_at:%Y-%m-%d %H:%M} UTC.</p>"
    )
    if report.passed:
        counted = ", ".join(f"{escape(why)}: {count}" for why, count in sorted(report.passed.items()))
        yield f"<p>Without a score of the old service, and left out: {counted}.</p>"
    yield (
        "<p>The two scales differ: the same number does not hold the same comments. <em>Proposed</em> is the threshold at which"
        " Saring holds as many of these comments as the old service held at the old one. It says how many, not which: look at"
        " the agreement, and at the comments of which the two say different things.</p>"
    )


def _table(report: Report) -> Iterable[str]:
    yield '<div class="wide"><table><thead><tr>'
    yield "".join(f'<th scope="col">{head}</th>' for head in HEADS)
    yield "</tr></thead><tbody>"
    for one in report.agreements:
        cells = row(one, report.today.get(one.attribute.lower()))
        yield "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"
    yield "</tbody></table></div>"


def _how_to_apply(agreements: Sequence[Agreement]) -> Iterable[str]:
    found = {one.attribute.lower(): {"flag": one.proposed.threshold} for one in agreements if one.proposed}
    if found:
        yield "<p>As part of a policy for <code>saring policy set</code>, or by hand at <code>/settings/policy</code>:</p>"
        yield f"<pre>{escape(json.dumps({'thresholds': found}, indent=2))}</pre>"


def _section(one: Agreement) -> Iterable[str]:
    yield f"<h2>{escape(one.attribute)}</h2>"
    proposed = f"; Saring's proposed threshold {one.proposed.threshold:.4f}" if one.proposed else ""
    title = (
        f"{one.attribute}: share of comments by score, before and now; the old threshold {one.threshold:g}{proposed}"
    )
    yield (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {TOP + HEIGHT + BOTTOM}" width="{WIDTH}"'
        f' height="{TOP + HEIGHT + BOTTOM}" role="img"><title>{escape(title)}</title>'
    )
    yield from _bars(one)
    yield from _marks(one.threshold, one.proposed)
    yield "</svg>"


def _bars(one: Agreement) -> Iterable[str]:
    """Two bars for each part of the scale; heights by the square root, or the many near zero would leave the others unseen."""
    step = (WIDTH - LEFT - RIGHT) / BINS
    for place, (before, now) in enumerate(zip(one.before, one.now, strict=True)):
        for shift, kind, share in ((0.1, "before", before), (0.5, "now", now)):
            tall = HEIGHT * share**0.5
            yield (
                f'<rect class="{kind}" x="{LEFT + (place + shift) * step:.1f}" y="{TOP + HEIGHT - tall:.1f}"'
                f' width="{step * 0.4:.1f}" height="{tall:.1f}"/>'
            )
    for share in (0.01, 0.1, 0.5, 1.0):
        y = TOP + HEIGHT * (1 - share**0.5)
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{share:.0%}</text>'
    for score in (0, 0.5, 1):
        yield f'<text x="{_across(score):.1f}" y="{TOP + HEIGHT + 16}" text-anchor="middle">{score:g}</text>'
    base = TOP + HEIGHT
    yield f'<path class="axis" d="M{LEFT} {base}H{WIDTH - RIGHT}"/>'
    yield f'<rect class="before" x="{LEFT}" y="{base + 25}" width="10" height="10"/>'
    yield f'<text x="{LEFT + 16}" y="{base + 34}">old service</text>'
    yield f'<rect class="now" x="{LEFT + 110}" y="{base + 25}" width="10" height="10"/>'
    yield f'<text x="{LEFT + 126}" y="{base + 34}">Saring; dashed: the threshold of each</text>'


def _marks(threshold: float, proposed: Held | None) -> Iterable[str]:
    for kind, at in (("before", threshold), ("now", proposed.threshold if proposed else None)):
        if at is not None:
            yield f'<path class="mark {kind}" d="M{_across(at):.1f} {TOP}V{TOP + HEIGHT}"/>'


def _across(score: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * score


def _texts(apart: Sequence[Apart]) -> Iterable[str]:
    if not apart:
        return
    yield "<h2>Where the two say different things</h2>"
    yield "<p>At the old threshold and the proposed one, the furthest apart first.</p>"
    yield '<div class="wide"><table><thead><tr><th scope="col">attribute</th><th scope="col">old</th>'
    yield '<th scope="col">Saring</th><th scope="col">comment</th></tr></thead><tbody>'
    for one in apart:
        yield (
            f"<tr><td>{escape(one.attribute)}</td><td>{one.before:.3f}</td><td>{one.now:.3f}</td>"
            f'<td class="text"><bdi>{escape(one.text)}</bdi></td></tr>'
        )
    yield "</tbody></table></div>"

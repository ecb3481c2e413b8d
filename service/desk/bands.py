"""A band at a time: the queue by one score, some of it to read, then one act on the whole band."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from flask import abort, flash, redirect, render_template, request
from werkzeug.wrappers import Response

from service.desk import labels
from service.desk.blueprint import blueprint, is_script
from service.desk.hand import address, asked_view, is_sure, named_reasons, reason_of_site, tabs, user_id
from service.desk.speech import ngettext
from service.domain.comment import ATTRIBUTES
from service.domain.decision import Action
from service.domain.errors import Refused
from service.domain.user import Role
from service.domain.view import CLAIMED, View
from service.moderation.bands import histogram, samples
from service.moderation.review import MOST_IN_BAND, Act, review_band
from service.moderation.steer import policy_of
from service.store.lists import BINS
from service.web.current import services
from service.web.sessions import membership, needs

HEIGHT = 100
"""Of the chart, in its own units; a bar is 10 wide."""


@dataclass(frozen=True)
class Column:
    """A bar of the chart: how many comments, how high, and whether it lies in the band."""

    place: int
    count: int
    size: float
    chosen: bool


@blueprint.get("/desk/bands")
@needs(Role.LEAD)
def bands() -> str:
    """The chart, with what the band holds; to the page's script only some comments of the band, since it can count itself."""
    view = _banded(asked_view())
    if is_script():
        return render_template("desk/_samples.html", samples=samples(services().store, membership().site_id, view))
    return render_template("desk/bands.html", **_told(view))


@blueprint.post("/desk/bands")
@needs(Role.LEAD)
def act_on_band() -> Response | str:
    """Approve or reject all in the band, once its number was agreed to."""
    view = _banded(asked_view())
    action = request.form.get("action") or ("reject" if request.form.get("reason") else "")
    if action not in (Action.APPROVE, Action.REJECT):
        abort(400)
    reason = reason_of_site(request.form.get("reason"))
    if not is_sure():
        return render_template("desk/bands.html", asked={"action": action, "reason": reason}, **_told(view))
    count = review_band(
        services().store, services().wake_sender, membership().site_id, user_id(), view, Act(Action(action), reason)
    )
    flash(_done(Action(action), count), "ok")
    return redirect(address("desk.bands", view), 303)


def _banded(view: View) -> View:
    """The view with an attribute and edges that meet the chart's bars.

    Raises: Refused, for a list that nobody takes cards from.
    """
    if view.queue not in CLAIMED:
        raise Refused("only what waits for a person is decided by the band")
    if view.attribute is None:
        return replace(view, attribute=ATTRIBUTES[0], low=0.5)
    low, high = round(view.low * BINS), round(view.high * BINS)
    return replace(view, low=min(low, BINS - 1) / BINS, high=max(high, min(low, BINS - 1) + 1) / BINS)


def _told(view: View) -> dict[str, object]:
    """What the page shows of a band."""
    store, site_id, attribute = services().store, membership().site_id, view.attribute or ATTRIBUTES[0]
    whole = replace(view, attribute=None, low=0.0, high=1.0)
    counts = histogram(store, site_id, whole, attribute).counts
    low, high = round(view.low * BINS), round(view.high * BINS)
    threshold = policy_of(store, site_id).thresholds.get(attribute)
    return {
        "attributes": ATTRIBUTES,
        "columns": _columns(counts, low, high),
        "count": sum(counts[low:high]),
        "edges": [labels.decimal(place / BINS) for place in range(BINS + 1)],
        "high": high,
        "kept": {key: value for key, value in whole.to_query().items() if key != "order"},
        "labels": labels,
        "low": low,
        "query": view.to_query(),
        "reasons": named_reasons(),
        "tabs": tabs(None),
        "samples": samples(store, site_id, view),
        "threshold": threshold,
        "top": max(counts, default=0),
        "total": sum(counts),
        "view": view,
        "AT_ONCE": MOST_IN_BAND,
    }


def _columns(counts: Sequence[int], low: int, high: int) -> list[Column]:
    top = max(counts, default=0) or 1
    return [
        # one comment is seen too, beside thousands
        Column(place, count, max(HEIGHT * count / top, 2.0) if count else 0.0, low <= place < high)
        for place, count in enumerate(counts)
    ]


def _done(action: Action, count: int) -> str:
    if action is Action.APPROVE:
        return ngettext(
            "%(num)s comment approved. Undo takes it back.",
            "%(num)s comments approved. Undo takes them all back.",
            count,
        )
    return ngettext(
        "%(num)s comment rejected. Undo takes it back.", "%(num)s comments rejected. Undo takes them all back.", count
    )

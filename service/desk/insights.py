"""What a lead asks, answered by figures and charts; each chart's figures as CSV; the goals that go with them."""

from collections.abc import Mapping

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service.desk import charts, findings, numbers
from service.desk.blueprint import blueprint
from service.desk.figure_tables import tables
from service.desk.sheets import sheet
from service.desk.speech import gettext
from service.domain.errors import Invalid, NotFound
from service.domain.figures import FEW
from service.domain.period import Period
from service.domain.user import Role
from service.moderation.insights import Figures, wishes_of
from service.moderation.steer import set_goal, set_second_look_share
from service.web.current import services
from service.web.sessions import membership, needs

DEFAULT = Period.WEEK


@blueprint.get("/insights")
@needs(Role.LEAD)
def insights() -> str:
    """The figures of a period."""
    return _page({})


@blueprint.get("/insights/<name>.csv")
@needs(Role.LEAD)
def insights_csv(name: str) -> Response:
    """One chart's figures, for a spreadsheet."""
    period = _period()
    written = sheet(name, services().board.of(membership().site_id, period))
    if written is None:
        raise NotFound("no such chart")
    headers = {
        "Content-Disposition": f'attachment; filename="{name}-{period}.csv"',
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
    }
    return Response(written, mimetype="text/csv", headers=headers)


@blueprint.post("/insights/goal")
@needs(Role.LEAD)
def save_goal() -> Response | tuple[str, int]:
    """Set how long a flagged comment may wait."""
    try:
        set_goal(services().store, membership().site_id, _whole("minutes") * 60)
    except Invalid:
        return _page({"minutes": gettext("Give whole minutes from 1 to 43,200, which are 30 days.")}), 422
    return _saved()


@blueprint.post("/insights/second-looks")
@needs(Role.LEAD)
def save_second_looks() -> Response | tuple[str, int]:
    """Set how many of the decisions are taken again."""
    try:
        set_second_look_share(services().store, membership().site_id, _whole("share") / 100)
    except Invalid:
        return _page({"share": gettext("Give whole percent from 0 to 100.")}), 422
    return _saved()


def _saved() -> Response:
    flash(gettext("Saved."), "ok")
    return redirect(url_for("desk.insights", period=_period()), 303)


def _period() -> Period:
    wanted = request.values.get("period")
    return Period(wanted) if wanted in tuple(Period) else DEFAULT


def _whole(name: str) -> int:
    """A form's whole number. Raises: Invalid."""
    text = request.form.get(name, "").strip()
    if not (text.isascii() and text.isdigit() and len(text) < 8):
        raise Invalid(f"{name} is no whole number")
    return int(text)


def _page(faults: Mapping[str, str]) -> str:
    period, site_id, store = _period(), membership().site_id, services().store
    figures, wishes = services().board.of(site_id, period), wishes_of(store, site_id)
    columns = charts.columns(period, figures.starts)
    form = {"minutes": str(wishes.goal // 60), "share": f"{wishes.second_look_share * 100:.0f}"}
    return render_template(
        "desk/insights.html",
        figures=figures,
        columns=columns,
        tables=tables(figures, columns),
        scales=scales(figures),
        periods=tuple(Period),
        labels=dict(wishes.labels),
        faults=faults,
        form={**form, **{name: request.form.get(name, "") for name in faults}},
        few=FEW,
        charts=charts,
        findings=findings,
        numbers=numbers,
    )


def scales(figures: Figures) -> dict[str, charts.Scale]:
    """The scales of the charts that have one."""
    volume, queue, pace = figures.volume, figures.queue, figures.pace
    shares = [part / all_ for part, all_ in zip(volume.flagged, volume.received, strict=True) if all_]
    rates = [part / hours for part, hours in zip(pace.decisions, pace.hours, strict=True) if hours]
    waits = [one for wait in (*queue.parts, queue.now) for one in (wait.median, wait.late) if one is not None]
    return {
        "volume": charts.amounts(volume.received),
        "share": charts.amounts(shares, numbers.percent, charts.LOW),
        "queue": charts.times([*waits, figures.goal]),
        "pace": charts.amounts(rates),
    }

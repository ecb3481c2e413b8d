"""What leads look after: the reasons that moderators can give for a rejection, one for each of the keys 1 to 9."""

import re
import unicodedata
from collections.abc import Sequence

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service.desk import words
from service.desk.blueprint import blueprint
from service.desk.speech import gettext
from service.domain.errors import Invalid
from service.domain.reasons import DEFAULT_REASONS, MAX_LABEL, MOST_REASONS, ChosenReason
from service.domain.user import Role
from service.moderation.steer import reasons_of, set_reasons
from service.web.current import services
from service.web.sessions import membership, needs


@blueprint.get("/settings/reasons")
@needs(Role.LEAD)
def reasons() -> str:
    """The list as it is, with room up to the ninth."""
    return _page(reasons_of(services().store, membership().site_id))


@blueprint.post("/settings/reasons")
@needs(Role.LEAD)
def save_reasons() -> Response | tuple[str, int]:
    """Make the form's list the site's, or say what is wrong with it."""
    by_default = bool(request.form.get("default"))
    wanted = [] if by_default else read()
    if not (wanted or by_default) or not _saved(wanted):
        fault = gettext("Not saved: give 1 to 9 different reasons of up to %(num)s characters each.", num=MAX_LABEL)
        return _page(wanted, fault), 422
    flash(gettext("Saved. The keys reject for these reasons from now on."), "ok")
    return redirect(url_for("desk.reasons"), 303)


def read() -> list[ChosenReason]:
    """The reasons of the form, in its order; empty rows are left out. A label of our own for a known code is not kept."""
    found: list[ChosenReason] = []
    for key in range(1, MOST_REASONS + 1):
        label = " ".join(request.form.get(f"label.{key}", "").split())
        code = request.form.get(f"code.{key}", "")
        if not label:
            continue
        if code in DEFAULT_REASONS and label == words.reason(code):
            found.append(ChosenReason(code))
        else:
            found.append(ChosenReason(code or code_of(label, [one.code for one in found]), label))
    return found


def code_of(label: str, taken: Sequence[str]) -> str:
    """A code for a label: its letters and digits with _ between, and a number behind when that code is taken."""
    plain = unicodedata.normalize("NFKD", label).encode("ascii", "ignore").decode().lower()
    name = re.sub(r"[^a-z0-9]+", "_", plain).strip("_")[:30]
    name = name if name[:1].isalpha() else f"reason_{name}".rstrip("_")
    number = next(number for number in range(1, len(taken) + 2) if _numbered(name, number) not in taken)
    return _numbered(name, number)


def _saved(wanted: Sequence[ChosenReason]) -> bool:
    try:
        set_reasons(services().store, membership().site_id, wanted)
    except Invalid:
        return False
    return True


def _numbered(name: str, number: int) -> str:
    return name if number == 1 else f"{name}_{number}"


def _page(chosen: Sequence[ChosenReason], fault: str = "") -> str:
    rows = [(one.code, words.reason(one.code, one.label)) for one in chosen]
    rows += [("", "")] * (MOST_REASONS - len(rows))
    return render_template("desk/reasons.html", rows=rows, fault=fault, longest=MAX_LABEL)

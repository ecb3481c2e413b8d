"""What leads and admins look after: the site's policy, and deliveries that did not arrive."""

from collections.abc import Mapping
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service.desk.blueprint import blueprint
from service.desk.speech import gettext, ngettext
from service.domain.comment import ATTRIBUTES, readers_of
from service.domain.errors import Conflict, InvalidPolicy
from service.domain.policy import Policy
from service.domain.user import Role
from service.moderation.steer import change_policy, outgoing, policy_of, send_again, send_all_again
from service.web.current import services
from service.web.sessions import membership, needs

FIELDS = ("links.max", "authors.hold_first", "authors.trust_after", "reports.flag_at")
MAX_DIGITS = 10
"""Of a policy's version, so that it is a number that the database has."""

WORD_LISTS = ("block", "flag", "allow")


@blueprint.get("/settings/deliveries")
@needs(Role.LEAD)
def deliveries() -> str:
    """Webhooks that did not arrive, with the last answer."""
    return render_template("desk/deliveries.html", outgoing=outgoing(services().store, membership().site_id))


@blueprint.post("/settings/deliveries/<uuid:delivery_id>/resend")
@needs(Role.LEAD)
def resend(delivery_id: UUID) -> Response:
    """Send one again."""
    send_again(services().store, services().wake_sender, membership().site_id, str(delivery_id))
    flash(gettext("The delivery will be sent again within seconds."), "ok")
    return redirect(url_for("desk.deliveries"), 303)


@blueprint.post("/settings/deliveries/resend")
@needs(Role.LEAD)
def resend_all() -> Response:
    """Send all again."""
    count = send_all_again(services().store, services().wake_sender, membership().site_id)
    flash(ngettext("%(num)s delivery will be sent again.", "%(num)s deliveries will be sent again.", count), "ok")
    return redirect(url_for("desk.deliveries"), 303)


@blueprint.get("/settings/policy")
@needs(Role.LEAD)
def policy() -> str:
    """The ruling policy."""
    ruling = policy_of(services().store, membership().site_id)
    return _policy_page(written(ruling), ruling.version, {})


@blueprint.post("/settings/policy")
@needs(Role.LEAD)
def save_policy() -> Response | tuple[str, int]:
    """Make the form's policy the ruling one, or say by field what is wrong."""
    form = request.form.to_dict()
    given = form.get("version", "")
    version = int(given) if given.isdecimal() and len(given) < MAX_DIGITS else 0
    faults, fields = read(form)
    if not faults:
        try:
            saved = change_policy(services().store, membership().site_id, fields, version)
        except InvalidPolicy as error:
            faults = _fault_of(str(error))
        except Conflict:
            faults = {"": gettext("Somebody has saved another version meanwhile. Look at it before you save yours.")}
    if faults:
        return _policy_page(form, version, faults), 422
    flash(gettext("Saved as version %(version)s. It rules from now on.", version=saved), "ok")
    return redirect(url_for("desk.policy"), 303)


def written(policy: Policy) -> dict[str, str]:
    """A policy as the form's fields have it."""
    form = {
        "mode": policy.mode.value,
        "links.max": str(policy.max_links),
        "reports.flag_at": str(policy.flag_at_reports),
        "languages.flag_unsupported": "on" if policy.flag_unsupported else "",
    }
    form["authors.hold_first"] = str(policy.hold_first)
    form["authors.trust_after"] = "" if policy.trust_after is None else str(policy.trust_after)
    for name in ATTRIBUTES:
        threshold = policy.thresholds.get(name)
        for side in ("flag", "reject"):
            at = getattr(threshold, side, None)
            form[f"thresholds.{name}.{side}"] = "" if at is None else f"{at:g}"
    lists = {"block": policy.block_words, "flag": policy.flag_words, "allow": policy.allow_words}
    return form | {f"words.{name}": "\n".join(words) for name, words in lists.items()}


def read(form: Mapping[str, str]) -> tuple[dict[str, str], dict[str, object]]:
    """What the form's fields mean, as a policy's JSON; and by field what can't be read."""
    faults: dict[str, str] = {}

    def number(name: str) -> float | None:
        text = form.get(name, "").strip().replace(",", ".")
        try:
            return float(text) if text else None
        except ValueError:
            faults[name] = gettext("Give a number above 0 and up to 1, such as 0.8, or leave it empty for never.")
            return None

    def count(name: str) -> int | None:
        text = form.get(name, "").strip()
        if text and not (text.isascii() and text.isdigit() and len(text) < 8):
            faults[name] = gettext("Give a whole number from 0.")
        elif text:
            return int(text)
        elif name != "authors.trust_after":
            faults[name] = gettext("Give a whole number from 0.")
        return None

    thresholds = {
        name: {side: number(f"thresholds.{name}.{side}") for side in ("flag", "reject")} for name in ATTRIBUTES
    }
    counts = {name: count(name) for name in FIELDS}
    fields: dict[str, object] = {
        "mode": form.get("mode", ""),
        "thresholds": thresholds,
        "words": {
            name: [word for word in form.get(f"words.{name}", "").splitlines() if word.strip()] for name in WORD_LISTS
        },
        "links": {"max": counts["links.max"]},
        "authors": {"hold_first": counts["authors.hold_first"], "trust_after": counts["authors.trust_after"]},
        "reports": {"flag_at": counts["reports.flag_at"]},
        "languages": {"flag_unsupported": bool(form.get("languages.flag_unsupported"))},
    }
    return faults, fields


def _fault_of(message: str) -> dict[str, str]:
    """The form field that a message of InvalidPolicy begins with, and what would be right there, in the reader's language."""
    name = message.split(" ", 1)[0].rstrip(":")
    if name.startswith("thresholds.") and name.count(".") == 1:
        return {f"{name}.flag": gettext("This is above the threshold for rejecting. Give one at or below it.")}
    if name.startswith("thresholds."):
        return {name: gettext("Give a number above 0 and up to 1, such as 0.8, or leave it empty for never.")}
    if name.startswith("words."):
        return {name: gettext("Give words of 1 to 100 characters, 5,000 at most.")}
    return {name: gettext("Give a whole number from 0.") if name in FIELDS else gettext("Choose one.")}


def _policy_page(form: Mapping[str, str], version: int, faults: Mapping[str, str]) -> str:
    filled = {"form": form, "version": version, "faults": faults}
    return render_template("desk/policy.html", **filled, attributes=ATTRIBUTES, word_lists=WORD_LISTS, models=_models())


def _models() -> str:
    """Which models make the scores that the thresholds are for."""
    s = services()
    if s.stack is None:
        state = s.reader_state
        # a fault is told as it is, for whoever runs this Saring
        return gettext(
            "One model makes the scores: %(first)s. There is no second one (%(why)s).",
            first=s.classifier.version,
            why=gettext("off") if state == "off" else state,
        )
    return gettext(
        "Two models make the scores: %(first)s reads every comment, %(second)s also those that are near a threshold.",
        first=s.classifier.version,
        second=readers_of(s.stack.version)[-1],
    )

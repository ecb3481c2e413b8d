"""What leads look after: the addresses for clients of other services, and how these are answered. Secrets are the admins'."""

from collections.abc import Mapping
from typing import NamedTuple
from urllib.parse import urlsplit
from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from service.desk import words
from service.desk.blueprint import blueprint
from service.desk.speech import gettext
from service.domain.compat import MAX_BUDGET, MIN_BUDGET, OPENAI_CATEGORIES, PLATFORMS, Compat
from service.domain.errors import Conflict, Invalid
from service.domain.user import Role
from service.moderation.connect import (
    MAX_SECRET,
    MIN_SECRET,
    MOST_SECRETS,
    choices_of,
    choose,
    end_secret,
    secrets_shown,
    share_secret,
)
from service.web.current import services
from service.web.sessions import membership, needs

NESTED = "openai_thresholds."

SINGLE = tuple(name for name in Compat.__dataclass_fields__ if name != "openai_thresholds")


class Address(NamedTuple):
    """What is put in where: a service, the setting of its client, and the address."""

    service: str
    setting: str
    url: str


class Shared(NamedTuple):
    """A secret that was shared just now, to be shown this once."""

    platform: str
    secret: str


@blueprint.get("/settings/compat")
@needs(Role.LEAD)
def connections() -> str:
    """The addresses, the choices and the secrets."""
    return _page(written(choices_of(services().store, membership().site_id)))


@blueprint.post("/settings/compat")
@needs(Role.LEAD)
def save_connections() -> Response | tuple[str, int]:
    """Let the form's choices be the site's, or say by field what is wrong."""
    form = request.form.to_dict()
    fields = read(form)
    if faults := faults_of(fields):
        return _page(form, faults), 422
    choose(services().store, membership().site_id, Compat.from_json(fields))
    flash(gettext("Saved. It counts from now on."), "ok")
    return redirect(url_for("desk.connections"), 303)


@blueprint.post("/settings/compat/secrets")
@needs(Role.ADMIN)
def add_secret() -> tuple[str, int]:
    """Share a secret with a platform; it is on the answer's page and nowhere else."""
    store, site_id = services().store, membership().site_id
    platform, given = request.form.get("platform", ""), request.form.get("secret", "")
    form = written(choices_of(store, site_id))
    try:
        secret = share_secret(store, site_id, platform, given)
    except Invalid:
        fault = gettext(
            "Choose a platform, and give a secret of %(low)s to %(high)s visible characters, or none.",
            low=MIN_SECRET,
            high=MAX_SECRET,
        )
        return _page(form, {"secret": fault}), 422
    except Conflict:
        fault = gettext("%(count)s secrets are kept already. Remove one that is not used any more.", count=MOST_SECRETS)
        return _page(form, {"secret": fault}), 409
    return _page(form, shared=Shared(platform, secret)), 201


@blueprint.post("/settings/compat/secrets/<uuid:secret_id>/remove")
@needs(Role.ADMIN)
def remove_secret(secret_id: UUID) -> Response:
    """Trust a secret no more."""
    end_secret(services().store, membership().site_id, str(secret_id))
    flash(gettext("Removed. What is signed with it is refused from now on."), "ok")
    return redirect(url_for("desk.connections"), 303)


def addresses(public_url: str, akismet_host: str, site: str) -> list[Address]:
    """Where clients of each service are to send what they sent there."""
    # the port as it is written, after an IPv6 address in brackets too
    port = urlsplit(public_url).netloc.rpartition("]")[2].partition(":")[2]
    webhooks = [
        Address(words.service(name), gettext("webhook URL"), f"{public_url}/v1/webhooks/comments/{site}/{name}")
        for name in ("discourse", "github", "hyvor")
    ]
    return [
        Address("Perspective", gettext("in place of https://commentanalyzer.googleapis.com"), public_url),
        Address("Perspective", gettext("discovery document"), f"{public_url}/$discovery/rest?version=v1alpha1"),
        Address("Akismet", gettext("in place of rest.akismet.com"), f"{akismet_host}:{port}" if port else akismet_host),
        Address("OpenAI", gettext("base URL of the moderations"), f"{public_url}/v1"),
        Address("Coral", gettext("external moderation phase"), f"{public_url}/integrations/coral/moderate/{site}"),
        Address("Coral", gettext("webhook URL"), f"{public_url}/integrations/coral/webhook/{site}"),
        *webhooks,
    ]


def written(compat: Compat) -> dict[str, str]:
    """Choices as the form's fields have them."""
    form = {name: str(value) for name, value in compat.to_json().items() if name in SINGLE}
    form["akismet_discard"] = "" if compat.akismet_discard is None else f"{compat.akismet_discard:g}"
    thresholds = compat.openai_thresholds
    return form | {
        f"{NESTED}{name}": f"{thresholds[name]:g}" if name in thresholds else "" for name in OPENAI_CATEGORIES
    }


def read(form: Mapping[str, str]) -> dict[str, object]:
    """What the form's fields mean, as JSON of Compat; what can't be read stays the text that it is."""
    fields: dict[str, object] = {name: form.get(name, "") for name in SINGLE}
    budget = form.get("budget_ms", "").strip()
    if budget.isascii() and budget.isdigit() and len(budget) < 8:
        fields["budget_ms"] = int(budget)
    fields["akismet_discard"] = _score(form.get("akismet_discard", ""))
    thresholds = {name: _score(form.get(NESTED + name, "")) for name in OPENAI_CATEGORIES}
    fields["openai_thresholds"] = {name: at for name, at in thresholds.items() if at is not None}
    return fields


def faults_of(fields: Mapping[str, object]) -> dict[str, str]:
    """By field of the form, what would be right where something else is."""
    thresholds = fields["openai_thresholds"]
    nested = thresholds.items() if isinstance(thresholds, Mapping) else ()
    parts = {name: {name: fields[name]} for name in SINGLE}
    parts |= {f"{NESTED}{name}": {"openai_thresholds": {name: at}} for name, at in nested}
    return {name: _what_would_be(name) for name, part in parts.items() if not _can_be(part)}


def _can_be(part: Mapping[str, object]) -> bool:
    try:
        Compat.from_json(part)
    except Invalid:
        return False
    return True


def _what_would_be(name: str) -> str:
    if name == "budget_ms":
        return gettext("Give a whole number from %(low)s to %(high)s.", low=MIN_BUDGET, high=MAX_BUDGET)
    if name == "akismet_discard":
        return gettext("Give a number above 0 and up to 1, such as 0.8, or leave it empty for never.")
    if name.startswith(NESTED):
        return gettext("Give a number above 0 and up to 1, such as 0.5, or leave it empty.")
    return gettext("Choose one of these.")


def _score(text: str) -> float | str | None:
    written = text.strip().replace(",", ".")
    try:
        return float(written) if written else None
    except ValueError:
        return text


def _page(form: Mapping[str, str], faults: Mapping[str, str] | None = None, shared: Shared | None = None) -> str:
    works_for, settings = membership(), services().settings
    return render_template(
        "desk/connections.html",
        addresses=addresses(settings.public_url, settings.akismet_host, works_for.site_name),
        form=form,
        faults=faults or {},
        categories=OPENAI_CATEGORIES,
        platforms=PLATFORMS,
        secrets=secrets_shown(services().store, works_for.site_id),
        shared=shared,
        max_secret=MAX_SECRET,
    )

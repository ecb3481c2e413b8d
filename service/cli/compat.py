"""`saring compat …`: a site's choices for the formats of other services, and the secrets that it shares with them."""

from collections.abc import Mapping
from importlib import import_module
from typing import IO

import click
import orjson

from service.cli.services import running, told
from service.domain.compat import PLATFORMS, Compat
from service.domain.errors import Invalid, NotFound
from service.moderation.connect import choices_of, choose, end_secret, secrets_shown, share_secret
from service.moderation.sites import site_named

ELSEWHERE: Mapping[str, str] = {"compare": "service.cli.compare:compare"}
"""Commands of this group in modules of their own, as "module:attribute"."""

NESTED = "openai_thresholds."

LONGEST_LINE = 10_000
"""Characters of a file that are read for a secret."""


class CompatCommands(click.Group):
    """A group that imports some of its commands when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Every command."""
        return [*super().list_commands(ctx), *ELSEWHERE]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of this name."""
        if cmd_name not in ELSEWHERE:
            return super().get_command(ctx, cmd_name)
        module, attribute = ELSEWHERE[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command


@click.group(cls=CompatCommands)
def compat() -> None:
    """Answer as the services do that Saring replaces."""


@compat.command()
@click.argument("site")
@told
def show(site: str) -> None:
    """Print what SITE has chosen, as JSON."""
    with running() as s:
        chosen = choices_of(s.store, site_named(site, s.store).id)
    click.echo(orjson.dumps(chosen.to_json(), option=orjson.OPT_INDENT_2).decode())


@compat.command("set")
@click.argument("site")
@click.argument("choices", nargs=-1, required=True, metavar="NAME=VALUE…")
@told
def change(site: str, choices: tuple[str, ...]) -> None:
    """Change what SITE has chosen, such as on_failure=closed budget_ms=200 openai_thresholds.hate=0.4.

    A value is JSON or a word. `null` is never for akismet_discard, and the default for a threshold.
    """
    with running() as s:
        site_id = site_named(site, s.store).id
        fields = choices_of(s.store, site_id).to_json()
        for choice in choices:
            _put(fields, choice)
        chosen = Compat.from_json(fields)
        choose(s.store, site_id, chosen)
    click.echo(orjson.dumps(chosen.to_json(), option=orjson.OPT_INDENT_2).decode())


@compat.group()
def secret() -> None:
    """What other services sign their webhooks with."""


@secret.command()
@click.argument("site")
@click.argument("platform", type=click.Choice(PLATFORMS))
@click.option("--from", "file", type=click.File("r"), help="A file with the secret, - for standard input.")
@told
def add(site: str, platform: str, file: IO[str] | None) -> None:
    """Let PLATFORM sign for SITE with a new secret, which is printed this once, or with one that the platform has made."""
    given = _first_line(file) if file else ""
    if file and not given:
        raise Invalid("the file is empty: give the secret on its first line")
    with running() as s:
        made = share_secret(s.store, site_named(site, s.store).id, platform, given)
    click.echo("the secret is kept" if given else made)


@secret.command("list")
@click.argument("site")
@told
def list_secrets(site: str) -> None:
    """List the secrets of SITE: the platform, when each was added, its first characters and its id."""
    with running() as s:
        found = secrets_shown(s.store, site_named(site, s.store).id)
    for one in found:
        click.echo(f"{one.platform:10} {one.created_at:%Y-%m-%d}  {one.hint}…  {one.id}")
    if not found:
        click.echo("No secret yet; platforms may sign with the site's webhook secret.", err=True)


@secret.command()
@click.argument("site")
@click.argument("platform", type=click.Choice(PLATFORMS))
@click.argument("id", required=False)
@told
def remove(site: str, platform: str, id: str | None) -> None:
    """Trust PLATFORM's secret for SITE no more; of several, the one with this ID."""
    with running() as s:
        site_id = site_named(site, s.store).id
        found = [one.id for one in secrets_shown(s.store, site_id) if one.platform == platform and id in (None, one.id)]
        if not found:
            raise NotFound("there is no such secret: see saring compat secret list")
        if len(found) > 1:
            raise Invalid(f"{platform} has {len(found)} secrets: give the id of one, see saring compat secret list")
        end_secret(s.store, site_id, found[0])
    click.echo("removed")


def _first_line(file: IO[str]) -> str:
    """What a file begins with, no longer than matters. Raises: Invalid."""
    try:
        return file.readline(LONGEST_LINE).strip()
    except UnicodeDecodeError:
        raise Invalid("the file is no text in UTF-8: give the secret on its first line") from None


def _put(fields: dict[str, object], choice: str) -> None:
    """Set one field. Raises: Invalid."""
    name, equals, written = choice.partition("=")
    if not equals:
        raise Invalid(f"{choice!r} is no choice: give NAME=VALUE, such as budget_ms=200")
    try:
        value = orjson.loads(written)
    except orjson.JSONDecodeError:
        value = written
    if not name.startswith(NESTED):
        fields[name] = value
        return
    thresholds = fields["openai_thresholds"]
    category = name.removeprefix(NESTED)
    if isinstance(thresholds, dict) and value is None:
        thresholds.pop(category, None)
    elif isinstance(thresholds, dict):
        thresholds[category] = value

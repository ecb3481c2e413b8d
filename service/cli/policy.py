"""`saring policy …`: a site's rules, from the command line."""

from typing import IO

import click
import orjson

from service.cli.services import running, told
from service.domain.policy_json import from_json, to_json
from service.moderation.judge import Submission, judge
from service.moderation.sites import site_named
from service.store.policies import Policies


@click.group()
def policy() -> None:
    """Show, change and try a site's policy."""


@policy.command()
@click.argument("site")
@told
def show(site: str) -> None:
    """Print the policy of SITE as JSON, as `set` takes it."""
    with running() as s, s.store.read() as tx:
        current = Policies(tx, site_named(site, s.store).id).current()
    click.echo(f"version {current.version}", err=True)
    click.echo(orjson.dumps(to_json(current), option=orjson.OPT_INDENT_2).decode())


@policy.command("set")
@click.argument("site")
@click.argument("file", type=click.File("rb"))
@told
def change(site: str, file: IO[bytes]) -> None:
    """Let SITE have the policy in FILE (- for standard input) from now on; what it leaves out has its default."""
    try:
        fields = orjson.loads(file.read())
    except orjson.JSONDecodeError as error:
        raise click.ClickException(f"the file is not JSON: {error}") from None
    with running() as s:
        wanted = from_json(fields, 0)
        site_id = site_named(site, s.store).id
        with s.store.begin() as tx:
            version = Policies(tx, site_id).add(wanted)
    click.echo(f"{site} has policy version {version}")


@policy.command("try")
@click.argument("site")
@click.argument("text", nargs=-1, required=True)
@told
def attempt(site: str, text: tuple[str, ...]) -> None:
    """Say what SITE's policy makes of each TEXT, read by both readers where there are two; nothing is stored."""
    with running() as s:
        model = s.stack or s.classifier
        with s.store.read() as tx:
            current = Policies(tx, site_named(site, s.store).id).current()
        for one, judged in zip(text, judge([Submission(one, current) for one in text], model), strict=True):
            why = ", ".join(_reason(reason.to_json()) for reason in judged.verdict.reasons) or "no reason against it"
            click.echo(f"{judged.verdict.action.value:8} {one}\n         {judged.scores.language}: {why}")
        click.echo(f"read by {model.version}", err=True)


def _reason(fields: dict[str, object]) -> str:
    score = fields.get("score")
    about = f" {score:.2f}" if isinstance(score, float) else ""
    return f"{fields['action']} for {fields.get('attribute') or fields['code']}{about}"

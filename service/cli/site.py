"""`saring site …`: register sites, and give them new keys and secrets."""

import json

import click

from service.cli.services import running, told
from service.moderation.sites import MOST_TOGETHER, add_site, rotate_key, rotate_secret, set_callback
from service.store.rows import SiteRow
from service.store.sites import Sites


@click.group()
def site() -> None:
    """Add and list sites, renew their keys."""


@site.command()
@click.argument("name")
@click.option("--callback-url", "--callback", help="Where the site hears of decisions.")
@click.option("--json", "as_json", is_flag=True, help="Print an object for programs to read.")
@told
def add(name: str, callback_url: str | None, as_json: bool) -> None:
    """Register the site NAME and print its API key, this once, and its webhook secret."""
    with running() as s:
        private = s.settings.allow_private_callbacks
        made = add_site(name, callback_url, s.store, allow_private=private)
    told_once = {"site": name, "api_key": made.api_key, "webhook_secret": made.webhook_secret}
    lines = (f"{field.replace('_', ' '):15} {value}" for field, value in told_once.items())
    click.echo(json.dumps(told_once) if as_json else "\n".join(lines))
    click.echo("The API key is kept as a hash and can't be shown again.", err=True)


@site.command("list")
def show() -> None:
    """List every site and where it hears of decisions."""
    with running() as s, s.store.read() as tx:
        sites = Sites(tx).all()
    for one in sites:
        click.echo(f"{one.name:30} {one.created_at:%Y-%m-%d}  {_state(one)}")
    if not sites:
        click.echo("No site yet: saring site add NAME", err=True)


def _state(site: SiteRow) -> str:
    """Where the site hears of decisions, and why it doesn't at the moment."""
    if site.callback_disabled_at:
        return f"disabled: {site.callback_disabled_why}"
    if not site.callback_url:
        return "no callback"
    batch = f", up to {site.callback_batch} events at once" if site.callback_batch > 1 else ""
    if site.callback_opened_at:
        batch += f"; not answering since {site.callback_opened_at:%Y-%m-%d %H:%M} UTC, tried now and then"
    return site.callback_url + batch


@site.command("rotate-key")
@click.argument("name")
@click.option("--at-once", is_flag=True, help="End the old key now instead of in a day.")
@told
def new_key(name: str, at_once: bool) -> None:
    """Print a new API key for the site NAME; the old one works for another day."""
    with running() as s:
        click.echo(rotate_key(name, s.store, s.clock, at_once=at_once).api_key)


@site.command("rotate-secret")
@click.argument("name")
@click.option("--at-once", is_flag=True, help="End the old secret now instead of in a day.")
@told
def new_secret(name: str, at_once: bool) -> None:
    """Print a new webhook secret for the site NAME; for a day both are valid and both sign."""
    with running() as s:
        click.echo(rotate_secret(name, s.store, s.clock, at_once=at_once))


@site.command("set-callback")
@click.argument("name")
@click.argument("url", required=False)
@click.option(
    "--batch",
    type=click.IntRange(1, MOST_TOGETHER),
    default=1,
    help="Up to so many events in one request; 1 sends each alone.",
)
@told
def callback(name: str, url: str | None, batch: int) -> None:
    """Let the site NAME hear of decisions at URL, or nowhere without one. Enables a callback that was disabled."""
    with running() as s:
        set_callback(name, url, s.store, allow_private=s.settings.allow_private_callbacks, batch=batch)
    click.echo(f"{name}: {url or 'no callback'}")

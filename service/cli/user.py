"""`saring user …`: people who moderate."""

import secrets

import click

from service.cli.services import running, told
from service.domain.user import Role
from service.moderation import second_factor
from service.moderation.sign_in import add_user
from service.moderation.sites import site_named


@click.group()
def user() -> None:
    """Add people who moderate, and let those in again who lost their second factor."""


@user.command()
@click.argument("email")
@click.option("--site", required=True, help="The site that the person works for.")
@click.option(
    "--role", type=click.Choice([role.value for role in Role]), default=Role.MODERATOR.value, show_default=True
)
@click.option("--name", default="", help="The name that colleagues see; the e-mail address when left out.")
@click.option("--password", help="At least 10 characters; made up and printed when left out.")
@told
def add(email: str, site: str, role: str, name: str, password: str | None) -> None:
    """Let the person with this EMAIL address work for a site."""
    chosen = password or secrets.token_urlsafe(12)
    with running() as s:
        add_user(s.store, email, name or email, chosen, site_named(site, s.store).id, role)
    click.echo(f"{email} is {role} of {site}")
    if password is None:
        click.echo(f"password  {chosen}   (for somebody new; a person who was here keeps the old one)")


@user.command()
@click.argument("email")
@told
def reset_second_factor(email: str) -> None:
    """Take the second factor of the person with this EMAIL address away, and end their sessions."""
    with running() as s:
        second_factor.reset(s.store, email)
    click.echo(f"{email} logs in with the password alone, and can set up a second factor anew")

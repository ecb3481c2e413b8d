"""`saring …`: the command line. Each command lives in its own module and is imported only when it is called."""

import sys
from importlib import import_module

import click

from service.settings import InvalidSetting

COMMANDS = {
    "up": "service.cli.up:up",
    "web": "service.cli.worker:web",
    "worker": "service.cli.worker:worker",
    "beat": "service.cli.worker:beat",
    "health": "service.cli.worker:health",
    "site": "service.cli.site:site",
    "user": "service.cli.user:user",
    "db": "service.cli.db:db",
    "import": "service.cli.records:import_records",
    "export": "service.cli.records:export_records",
    "backup": "service.cli.backup:backup",
    "policy": "service.cli.policy:policy",
    "model": "service.cli.models:model",
    "compat": "service.cli.compat:compat",
    "doctor": "service.cli.doctor:doctor",
    "demo": "service.cli.demo:demo",
}
"""Each command and where it is: "module:attribute"."""

SUMMARIES = {
    "up": "Run everything: broker, workers, sweeper and web server.",
    "web": "Run the web server alone.",
    "worker": "Run a Celery worker alone.",
    "beat": "Run the sweeper alone.",
    "health": "Say whether a running part is well, by exit code.",
    "site": "Add and list sites, renew their keys.",
    "user": "Add people who moderate.",
    "db": "Upgrade the database.",
    "import": "Read comments from a CSV or JSONL file.",
    "export": "Write comments and decisions to a file.",
    "backup": "Copy the SQLite database while Saring runs.",
    "policy": "Show, change and try a site's policy.",
    "model": "Add models, and say which are used.",
    "compat": "Answer as the services do that Saring replaces.",
    "doctor": "Check every part and say how to mend it.",
    "demo": "Replay real comments against a running Saring.",
}
"""What `saring --help` says of each, kept here so that it need not import them."""


class Commands(click.Group):
    """A group that imports a command when it is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        """Every command, in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """The command of this name, imported now."""
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """The commands with their summaries, none of them imported."""
        with formatter.section("Commands"):
            formatter.write_dl(list(SUMMARIES.items()))

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; a wrong setting is one line and exit code 2."""
        try:
            return super().invoke(ctx)
        except InvalidSetting as error:
            click.echo(str(error), err=True)
            sys.exit(2)


@click.group(cls=Commands)
@click.version_option(package_name="saring", prog_name="saring")
def main() -> None:
    """Saring: self-hosted comment moderation."""

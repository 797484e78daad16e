"""The command group. A command's module is imported when the command is used."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from typing import Any

import click

import asynclint
from asynclint.cli.commands import COMMANDS
from asynclint.cli.echo import echo
from asynclint.cli.status import Status


class LazyGroup(click.Group):
    """Knows its commands by name; arguments that begin with none of them belong to `check`."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        entry = COMMANDS.get(name)
        if entry is None:
            return None
        found: click.Command = importlib.import_module(entry.module).command
        return found

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        if not args:
            click.echo(ctx.get_help(), err=True)
            ctx.exit(2)
        own = {name for parameter in self.get_params(ctx) for name in parameter.opts}
        if args and args[0] not in COMMANDS and args[0] not in own:
            args = ["check", *args]
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        # click would import every command to read its summary.
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        click.echo(f"asynclint {asynclint.__version__}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="`asynclint PATH` is short for `asynclint check PATH`. Status 0: nothing found; 1: findings; "
    "2: the run cannot be trusted.",
)
@click.option(
    "-V", "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version."
)
def cli(**_: Any) -> None:
    """Find the places where async Python hangs, leaks, races or silently does nothing, across files."""


def by_click(arguments: Sequence[str]) -> int:
    """The exit status of the command line as `click` reads it."""
    try:
        # `cli.main` would turn an interrupt into an abort of its own and write to the terminal.
        with cli.make_context("asynclint", list(arguments)) as context:
            return int(cli.invoke(context) or Status.CLEAN)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.ClickException as error:
        echo(f"asynclint: error: {error.format_message()}", err=True)
        context_of_error = getattr(error, "ctx", None)
        if isinstance(error, click.UsageError) and context_of_error is not None:
            echo(f"Try `{context_of_error.command_path} --help`.", err=True)
        return Status.BROKEN

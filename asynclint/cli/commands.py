"""The command group. A command's module is imported when the command is used."""

from __future__ import annotations

import importlib
from typing import Any, NamedTuple

import click

import asynclint


class Entry(NamedTuple):
    module: str
    summary: str


#: Every command, the module that holds it as `command`, and what `--help` says of it.
COMMANDS = {
    "check": Entry("asynclint.cli.check", "Check files and folders (the command that may be left out)."),
    "rule": Entry("asynclint.cli.rule", "Explain a rule, or list all rules."),
    "trace": Entry("asynclint.cli.trace", "Show what a function does to the event loop, and why."),
    "callers": Entry("asynclint.cli.callers", "Show who calls a function, up to the coroutines."),
    "graph": Entry("asynclint.cli.graph", "Write the call graph as DOT or JSON."),
    "baseline": Entry("asynclint.cli.baseline", "Keep known findings in a file, so that only new ones are reported."),
    "report": Entry("asynclint.cli.report", "Work on reports that were written before."),
    "init": Entry("asynclint.cli.init", "Write a configuration for the project in the current folder."),
    "clean": Entry("asynclint.cli.clean", "Remove what is remembered between runs."),
    "completion": Entry("asynclint.cli.completion", "Write the completion script of a shell."),
}


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

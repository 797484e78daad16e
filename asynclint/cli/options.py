"""Options that several commands share."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound=Callable[..., Any])
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


def words(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> list[str] | None:
    """A repeatable option whose values may also be joined by commas; None when it is not given."""
    if not values:
        return None
    return [word.strip() for value in values for word in value.split(",") if word.strip()]


def listed(name: str, metavar: str, help: str) -> Callable[[Command], Command]:
    """An option that takes words, see `words`."""
    return click.option(name, multiple=True, metavar=metavar, callback=words, help=help)


_PROJECT_OPTIONS: tuple[Callable[[Any], Any], ...] = (
    click.argument("paths", nargs=-1, metavar="[PATHS]..."),
    listed("--select", "RULES", "Rules to run: names, codes, prefixes, themes or ALL, joined by commas."),
    listed("--extend-select", "RULES", "Rules to run besides those."),
    listed("--ignore", "RULES", "Rules not to run."),
    listed("--exclude", "PATTERN", "Files and folders to skip, instead of the usual ones."),
    listed("--extend-exclude", "PATTERN", "Files and folders to skip besides those."),
    click.option("--force-exclude/--no-force-exclude", default=None, help="Skip them even when they are named."),
    click.option("--respect-gitignore/--no-respect-gitignore", default=None, help="Skip what .gitignore names."),
    click.option("--target-version", metavar="VERSION", help="The oldest Python that the code runs on, as in py310."),
    click.option("--environment/--no-environment", default=None, help="Read the project's installed packages."),
    click.option("--python", metavar="PATH", help="The interpreter or folder of the project's environment."),
    click.option("--config", multiple=True, metavar="FILE|KEY=VALUE", help="A configuration file, or one value of it."),
    click.option("--isolated", is_flag=True, help="Read no configuration file."),
    click.option("--jobs", "-j", type=click.IntRange(0), help="Processes that work; 0 is one for each processor."),
    click.option("--no-cache", is_flag=True, envvar="ASYNCLINT_NO_CACHE", help="Remember nothing."),
    click.option("--cache-dir", metavar="FOLDER", envvar="ASYNCLINT_CACHE_DIR", help="Where results are remembered."),
    click.option("--quiet", "-q", is_flag=True, help="Write what was asked for and nothing else."),
    click.option("--silent", "-s", is_flag=True, help="Write nothing; the exit status tells."),
    click.option("--verbose", "-v", is_flag=True, help="Say what is done, and how long it takes."),
    click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Whether to colour."),
    click.option("--no-screen", is_flag=True, hidden=True),
    click.option("--traceback", is_flag=True, hidden=True),
)


def project_options(command: Command) -> Command:
    """The paths and everything that says what to check and with which configuration."""
    for option in reversed(_PROJECT_OPTIONS):
        command = option(command)
    return command

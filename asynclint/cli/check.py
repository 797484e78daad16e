"""`asynclint check`: the main command."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def _words(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> list[str] | None:
    """A repeatable option whose values may also be joined by commas; None when it is not given."""
    if not values:
        return None
    return [word.strip() for value in values for word in value.split(",") if word.strip()]


def _selectors(name: str, help: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return click.option(name, multiple=True, metavar="RULES", callback=_words, help=help)


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@_selectors("--select", "Rules to run: names, codes, prefixes, themes or ALL, joined by commas.")
@_selectors("--extend-select", "Rules to run besides those.")
@_selectors("--ignore", "Rules not to run.")
@click.option("--output-format", multiple=True, metavar="FORMAT[=FILE]", help="How to write findings; may be repeated.")
@click.option("--exclude", multiple=True, metavar="PATTERN", callback=_words, help="Files and folders to skip.")
@click.option("--extend-exclude", multiple=True, metavar="PATTERN", callback=_words, help="More of them.")
@click.option("--force-exclude/--no-force-exclude", default=None, help="Skip them even when they are named.")
@click.option("--respect-gitignore/--no-respect-gitignore", default=None, help="Skip what .gitignore names.")
@click.option("--target-version", metavar="VERSION", help="The oldest Python that the code runs on, such as py310.")
@click.option("--environment/--no-environment", default=None, help="Read the project's installed packages.")
@click.option("--python", metavar="PATH", help="The interpreter or folder of the project's environment.")
@click.option("--config", multiple=True, metavar="FILE|KEY=VALUE", help="A configuration file, or one value of it.")
@click.option("--isolated", is_flag=True, help="Read no configuration file.")
@click.option("--jobs", "-j", type=click.IntRange(0), help="Processes that work; 0 is one for each processor.")
@click.option("--no-cache", is_flag=True, envvar="ASYNCLINT_NO_CACHE", help="Remember nothing.")
@click.option("--cache-dir", metavar="FOLDER", envvar="ASYNCLINT_CACHE_DIR", help="Where results are remembered.")
@click.option("--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="Whether to colour.")
@click.option("--quiet", "-q", is_flag=True, help="Write findings and nothing else.")
@click.option("--silent", "-s", is_flag=True, help="Write nothing; the exit status tells.")
@click.option("--exit-zero", is_flag=True, help="Exit with 0 even when something is found.")
@click.option("--no-screen", is_flag=True, hidden=True)
@click.option("--traceback", is_flag=True, hidden=True)
def command(**options: Any) -> int:
    """Check files and folders (default: the current one)."""
    from asynclint.cli.session import Session

    return Session(options).run()

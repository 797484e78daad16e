"""`asynclint check`: the main command."""

from __future__ import annotations

from typing import Any

import click

from asynclint.cli.options import CONTEXT, listed, project_options


@click.command(context_settings=CONTEXT)
@project_options
@click.option(
    "--output-format",
    multiple=True,
    metavar="FORMAT[=FILE]",
    envvar="ASYNCLINT_OUTPUT_FORMAT",
    help="How to write findings (full, concise, grouped, json, sarif, github, gitlab, junit, ...); may be repeated.",
)
@click.option("--statistics", is_flag=True, help="Count the findings of each rule instead of listing them.")
@click.option(
    "--group-by",
    type=click.Choice(["place", "root"]),
    default="place",
    help="List findings by place, or by the cause that several of them share, most reached first.",
)
@click.option("--fix/--no-fix", default=None, help="Fix what can be fixed safely.")
@click.option("--unsafe-fixes/--no-unsafe-fixes", default=None, help="Include fixes that may change what code does.")
@click.option("--fix-only", is_flag=True, help="Fix, and do not report what is left.")
@click.option("--diff", is_flag=True, help="Show what --fix would change, and change nothing.")
@listed("--fixable", "RULES", "Rules whose fixes may be applied.")
@listed("--unfixable", "RULES", "Rules whose fixes may not be applied.")
@click.option("--exit-non-zero-on-fix", is_flag=True, help="Exit with 1 when something was fixed.")
@click.option("--exit-zero", "-e", is_flag=True, help="Exit with 0 even when something is found.")
@click.option("--baseline", metavar="FILE", help="Report only what this file does not know.")
@click.option("--diff-base", metavar="REVISION", help="Report only what is new since a git revision.")
@click.option(
    "--scope",
    type=click.Choice(["named", "affected", "project"]),
    default="named",
    help="Report on the named files, also on what their changes break elsewhere, or on the whole project.",
)
@click.option(
    "--add-ignore",
    is_flag=False,
    flag_value="",
    default=None,
    metavar="[REASON]",
    help="Write an ignore comment at every finding.",
)
@click.option("--stdin-filename", metavar="PATH", help="The path of the text that `-` reads from standard input.")
@click.option("--show-files", is_flag=True, help="List the files that would be checked.")
@click.option("--show-settings", is_flag=True, help="Show the configuration, and where each value comes from.")
def command(**options: Any) -> int:
    """Check files and folders (default: the current one). `-` reads standard input."""
    from asynclint.cli.pipeline import run_check

    return run_check(options)

"""`asynclint check`: the main command."""

from __future__ import annotations

from typing import Any

import click

from asynclint.cli.options import CHECK, CONTEXT, given_by, project_options


@click.command(context_settings=CONTEXT)
@project_options
@given_by(CHECK)
def command(**options: Any) -> int:
    """Check files and folders (default: the current one). `-` reads standard input."""
    from asynclint.cli.pipeline import run_check

    return run_check(options)

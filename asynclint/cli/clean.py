"""`asynclint clean`: removes what is remembered between runs."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from asynclint.cli.options import CONTEXT


@click.command(context_settings=CONTEXT)
@click.argument("paths", nargs=-1, metavar="[PATHS]...")
@click.option("--config", multiple=True, metavar="FILE|KEY=VALUE", help="A configuration file, or one value of it.")
@click.option("--isolated", is_flag=True, help="Read no configuration file.")
@click.option("--cache-dir", metavar="FOLDER", envvar="ASYNCLINT_CACHE_DIR", help="Where results are remembered.")
@click.option("--quiet", "-q", is_flag=True, help="Write nothing but errors.")
def command(paths: tuple[str, ...], **options: Any) -> None:
    """Remove the caches of the projects under the paths (default: the current folder).

    Nothing is lost but time: the next run finds everything again. Files in a cache folder that
    asynclint did not make stay.
    """
    from asynclint.cli.status import Stop
    from asynclint.config.files import display
    from asynclint.engine.store import remove

    for folder in _folders({"paths": list(paths) or ["."], **options}):
        shown = display(Path(folder))
        try:
            removed = remove(folder)
        except OSError as error:
            raise Stop(f"{shown}: cannot be removed: {error.strerror}; remove it by hand") from None
        if not options["quiet"]:
            click.echo(f"Removed {shown}." if removed else f"{shown}: there is no cache.")


def _folders(options: dict[str, Any]) -> list[str]:
    """The cache folders of every project with files under the paths, and of the paths themselves."""
    from asynclint.cli.session import Session, stop_for
    from asynclint.config import ConfigError

    session = Session({**options, "quiet": True, "no_screen": False, "no_cache": True})
    found = {project.settings.cache_dir for project in session.projects()}
    try:
        for text in options["paths"]:
            path = Path(os.path.normpath(session.cwd / text))
            found.add(session.configurations.for_folder(path if path.is_dir() else path.parent).cache_dir)
    except ConfigError as error:
        raise stop_for(error) from None
    return sorted(str(folder) for folder in found)

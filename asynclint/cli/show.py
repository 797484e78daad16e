"""`check --show-settings` and `--show-files`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from asynclint.cli.session import Session, stop_for
from asynclint.cli.status import Status, Stop
from asynclint.config import ConfigError, Settings
from asynclint.config.files import display
from asynclint.config.options import ROOT
from asynclint.engine.discover import Project


def show_files(projects: Sequence[Project]) -> int:
    """Lists the files of all projects, one on each line."""
    for name in sorted(file.display for project in projects for file in project.files):
        click.echo(name)
    return Status.CLEAN


def show_settings(session: Session) -> int:
    """Writes the settings that hold at the first path that was named."""
    named = session.options.get("stdin_filename") or next(iter(session.options["paths"]), ".")
    path = session.cwd / ("." if named == "-" else named)
    if not path.exists() and not session.reads_stdin:
        raise Stop(f"{named}: no such file or folder")
    folder = path if path.is_dir() else path.parent
    try:
        settings = session.configurations.for_folder(folder)
    except ConfigError as error:
        raise stop_for(error) from None
    for line in settings_lines(settings, path):
        click.echo(line)
    return Status.CLEAN


def settings_lines(settings: Settings, path: Path) -> Iterator[str]:
    """The settings as TOML, each value with the place that set it as a comment."""
    local = settings.for_file(path) if path.is_file() else None
    yield f"# settings for {display(path)}"
    yield f"# project root: {settings.root}"
    yield f"# configuration: {display(settings.config_file) if settings.config_file else 'none'}"
    rows = [(name, value, settings.origins.get(name, "default")) for name, value in _values(settings)]
    width = min(60, max(len(f"{name} = {_toml(value)}") for name, value, _ in rows))
    for name, value, origin in rows:
        yield f"{f'{name} = {_toml(value)}':{width}}  # {origin}"
    yield ""
    rules = local.rules if local else settings.rules
    severities = local.severities if local else settings.severities
    yield f"# the {len(rules)} rules that run"
    for name in sorted(rules):
        yield f"#   {name} ({severities[name].value})"


def _values(settings: Settings) -> Iterator[tuple[str, Any]]:
    """Each option that has one effective value; those that only select rules are shown as their outcome."""
    effective: dict[str, Any] = {
        "exclude": list(settings.exclude_patterns),
        "force-exclude": settings.force_exclude,
        "respect-gitignore": settings.respect_gitignore,
        "src": [display(path) for path in settings.src],
        "target-version": "py{}{}".format(*settings.target_version),
        "library": settings.library,
        "environment": settings.environment,
        "python": str(settings.python) if settings.python else None,
        "require-reason": settings.require_reason,
        "unsafe-fixes": settings.unsafe_fixes,
        "baseline": display(settings.baseline) if settings.baseline else None,
        "output-format": list(settings.output_format),
        "cache": settings.cache,
        "cache-dir": display(settings.cache_dir),
        "jobs": settings.jobs,
        "rules": settings.options or None,
        "catalogue": settings.catalogue or None,
        "fixable": ["ALL"],
    }
    for option in ROOT.options:
        if option.name in effective and effective[option.name] is not None:
            if option.name == "fixable" and settings.index is not None:
                names = sorted(settings.fixable)
                yield option.name, ["ALL"] if len(names) == len(settings.index.rules) else names
            else:
                yield option.name, effective[option.name]


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{json.dumps(key)} = {_toml(each)}" for key, each in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(_toml(each) for each in value) + "]"
    return json.dumps(value, ensure_ascii=False)

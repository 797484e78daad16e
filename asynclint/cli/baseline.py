"""`asynclint baseline`: the findings that are known, kept in a file."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

import asynclint
from asynclint.cli.options import CONTEXT, project_options
from asynclint.cli.pipeline import Examined, Pipeline
from asynclint.cli.session import Session
from asynclint.cli.status import Status, Stop
from asynclint.config.files import display
from asynclint.engine import run as engine
from asynclint.engine.baseline import DEFAULT_NAME, Baseline, UnusableBaseline
from asynclint.engine.discover import Project
from asynclint.engine.fingerprints import Fingerprint
from asynclint.reporters.summary import counted


def known_to(
    session: Session, project: Project, report: engine.Report, found: Sequence[Fingerprint]
) -> frozenset[Fingerprint]:
    """What the project's baseline knows. Entries that are gone are dropped from the file on the way.

    In CI the file is left alone and its stale entries are named: the change belongs into a commit.
    """
    path = project.settings.baseline
    assert path is not None
    baseline = _load(path)
    stale = _stale(session, project, report, found, baseline)
    comparable = baseline.tool == asynclint.__version__ and baseline.environment == project.settings.environment
    if stale and comparable:
        if os.environ.get("CI"):
            session.warn(
                f"{display(path)}: {counted(len(stale), 'known finding')} no longer there; "
                "run `asynclint baseline prune` and commit the file"
            )
        else:
            _save(path, baseline.without(stale))
            session.warn(
                f"{display(path)}: {counted(len(stale), 'known finding')} no longer there, dropped from the file"
            )
    return baseline.entries


def _stale(
    session: Session, project: Project, report: engine.Report, found: Sequence[Fingerprint], baseline: Baseline
) -> frozenset[Fingerprint]:
    """Entries of files that were checked in full, or that are gone, and that nothing was found for."""
    if session.reads_stdin or any(notice.level == "error" for notice in report.notices):
        return frozenset()
    root = project.settings.root
    broken = {each.path for each in report.diagnostics if each.rule == "syntax-error"}
    checked = {
        os.path.relpath(file.path, root).replace(os.sep, "/") for file in project.files if file.display not in broken
    }
    gone = {entry.path for entry in baseline.entries if not (root / entry.path).exists()}
    stale = baseline.stale(found, checked | gone, project.settings.rules)
    # Rules differ between files: an override may have kept one from running here.
    return frozenset(
        entry
        for entry in stale
        if entry.path in gone or entry.rule in project.settings.for_file(root / entry.path).rules
    )


def _load(path: Path) -> Baseline:
    try:
        return Baseline.load(path, display(path))
    except UnusableBaseline as error:
        raise Stop(str(error)) from None


def _save(path: Path, baseline: Baseline) -> None:
    try:
        path.write_text(baseline.text(), encoding="utf-8")
    except OSError as error:
        raise Stop(f"{display(path)}: cannot be written: {error.strerror}") from None


@click.group(context_settings=CONTEXT)
def command() -> None:
    """Keep known findings in a file, so that only new ones are reported."""


def _baseline_options(function: Any) -> Any:
    help = f"The baseline (default: what the configuration names, else {DEFAULT_NAME})."
    return project_options(click.option("--baseline", metavar="FILE", help=help)(function))


class _Current:
    """A project, its baseline file, and what is found in it now."""

    def __init__(self, session: Session, project: Project) -> None:
        self.session = session
        self.project = project
        self.settings = project.settings
        self.path = self.settings.baseline or self.settings.root / DEFAULT_NAME
        self._broken: frozenset[str] = frozenset()

    def found(self) -> list[Fingerprint]:
        """The fingerprints of today's findings. Raises Stop when the run cannot be trusted."""
        pipeline = Pipeline(self.session, self.settings)
        examined: Examined = pipeline.examine([self.project])
        self.session.notify(examined.notices)
        if pipeline.unusable or any(notice.level == "error" for notice in examined.notices):
            raise Stop(f"{display(self.path)}: left as it is, because not every file could be checked")
        self._broken = frozenset(each.path for each in examined.diagnostics if each.rule == "syntax-error")
        # A file that does not parse is never acceptable, and hides whatever else is in it.
        judged = tuple([each for each in examined.diagnostics if each.rule != "syntax-error"])
        return pipeline.fingerprints(engine.Report(judged, (), (), examined.files), self.project, {})

    def made_of(self, entries: frozenset[Fingerprint]) -> Baseline:
        return Baseline(entries, self.settings.environment, asynclint.__version__)

    def judged(self, baseline: Baseline) -> frozenset[Fingerprint]:
        """Entries that the run of `found` speaks about: of files that were checked in full or are gone."""
        root = self.settings.root
        read = [file.path for file in self.project.files if file.display not in self._broken]
        paths = {os.path.relpath(path, root).replace(os.sep, "/") for path in read}
        return frozenset(each for each in baseline.entries if each.path in paths or not (root / each.path).exists())


def _each(options: dict[str, Any]) -> Iterator[_Current]:
    """The projects that the paths belong to; each has a baseline of its own."""
    session = Session({**options, "ignore_baseline": True})
    projects = session.projects() or [Project(session.settings())]
    if len(projects) > 1 and options["baseline"]:
        roots = ", ".join(display(project.settings.root) for project in projects)
        raise Stop(f"--baseline names one file, but the paths belong to several projects ({roots})")
    for project in projects:
        yield _Current(session, project)


@command.command(context_settings=CONTEXT)
@_baseline_options
def create(**options: Any) -> int:
    """Make the file from what is found now."""
    for current in _each(options):
        if current.path.exists():
            raise Stop(
                f"{display(current.path)}: exists already; use `asynclint baseline update` to take in what is new"
            )
        entries = frozenset(current.found())
        _save(current.path, current.made_of(entries))
        if not current.session.quiet:
            click.echo(f"{display(current.path)}: {counted(len(entries), 'finding')}.")
            if current.settings.baseline is None:
                click.echo(f'Add `baseline = "{current.path.name}"` to the configuration to use it in every run.')
    return Status.CLEAN


@command.command(context_settings=CONTEXT)
@_baseline_options
def update(**options: Any) -> int:
    """Take in what is new, and drop what is gone."""
    for current in _each(options):
        old = _load(current.path) if current.path.exists() else current.made_of(frozenset())
        found = frozenset(current.found())
        entries = (old.entries - current.judged(old)) | found
        _save(current.path, current.made_of(entries))
        if not current.session.quiet:
            added, dropped = len(entries - old.entries), len(old.entries - entries)
            number = counted(len(entries), "finding")
            click.echo(f"{display(current.path)}: {number} ({added} added, {dropped} dropped).")
    return Status.CLEAN


@command.command(context_settings=CONTEXT)
@_baseline_options
def prune(**options: Any) -> int:
    """Drop what is gone; add nothing."""
    for current in _each(options):
        old = _load(current.path)
        found = frozenset(current.found())
        gone = current.judged(old) - found
        if gone:
            _save(current.path, old.without(gone))
        if not current.session.quiet:
            number = counted(len(old.entries) - len(gone), "finding")
            click.echo(f"{display(current.path)}: {number} ({len(gone)} dropped).")
    return Status.CLEAN


@command.command(context_settings=CONTEXT)
@_baseline_options
def show(**options: Any) -> int:
    """Show how many findings are known, by rule and by file."""
    for current in _each(options):
        entries = _load(current.path).entries
        for title, counts in (
            ("by rule", Counter(each.rule for each in entries)),
            ("by file", Counter(each.path for each in entries)),
        ):
            click.echo(f"{title}:")
            width = len(str(max(counts.values(), default=0)))
            for name, count in sorted(counts.items(), key=lambda item: (-item[1], item[0])):
                click.echo(f"  {count:>{width}}  {name}")
        click.echo(f"{counted(len(entries), 'finding')} in {display(current.path)}")
    return Status.CLEAN

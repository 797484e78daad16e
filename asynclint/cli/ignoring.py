"""`check --add-ignore`: a suppression comment at every finding."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from asynclint import edits, fixing
from asynclint.cli.pipeline import Examined
from asynclint.cli.session import Session
from asynclint.cli.status import Status, Stop
from asynclint.diagnostics import Diagnostic, Edit
from asynclint.engine.discover import Project
from asynclint.engine.house import HOUSE_RULES
from asynclint.engine.ignoring import ignore_edits
from asynclint.reporters.summary import counted
from asynclint.source import Source


def add_ignores(session: Session, projects: Sequence[Project], examined: Examined, reason: str) -> int:
    """Writes the comments; the exit status. What cannot be silenced by a comment is left and reported."""
    if session.reads_stdin:
        raise Stop("--add-ignore writes files; it cannot write standard input")
    house = {rule.name for rule in HOUSE_RULES}
    by_path: dict[str, list[Diagnostic]] = {}
    for each in examined.diagnostics:
        if each.rule not in house:
            by_path.setdefault(each.path, []).append(each)
    written = 0
    for project in projects:
        for file in project.files:
            findings = by_path.get(file.display, [])
            if not findings:
                continue
            before = Path(file.path).read_bytes()
            source = Source(before)
            made = [_with_newline(edit, source) for edit in ignore_edits(source, findings, reason)]
            after = source.encode(edits.apply(source.text, made))
            notice = fixing.write(fixing.Change(Path(file.path), file.display, before, after))
            if notice is not None:
                examined.notices.append(notice)
            else:
                written += len(findings)
    session.notify(examined.notices)
    if not session.quiet:
        click.echo(f"Added comments for {counted(written, 'finding')}.")
    return Status.BROKEN if any(notice.level == "error" for notice in examined.notices) else Status.CLEAN


def _with_newline(edit: Edit, source: Source) -> Edit:
    newline = fixing.newline(source.text)
    return Edit(edit.start, edit.end, edit.replacement.replace("\n", newline))

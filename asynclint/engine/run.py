"""The pipeline: from files and settings to a report.

    discover -> facts -> program -> screen -> pair -> check -> suppress -> report

Files that are checked are only what is reported on; the program knows the whole project around them.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from asynclint import catalogue
from asynclint.config import Settings
from asynclint.config.files import display as displayed
from asynclint.diagnostics import Diagnostic
from asynclint.engine.discover import FileToCheck
from asynclint.engine.house import UNUSED_SUPPRESSION
from asynclint.engine.judge import Judge, RuleFailed, statement_lines
from asynclint.engine.sources import Sources, Unreadable
from asynclint.engine.suppress import Suppressions
from asynclint.engine.syntax import syntax_diagnostic
from asynclint.program import Module, Program
from asynclint.program.effects.blocks import cleared_lines
from asynclint.program.modules import Finder
from asynclint.rule import all_rules

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of files done and the number of files in all."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the run that is not a finding, such as an unreadable file.

    `level` is "warning" or "error"; an error makes the exit status 2. `text` is one line that names
    the file and the remedy.
    """

    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found. Diagnostics are sorted; `suppressed` ones were silenced by comments."""

    diagnostics: tuple[Diagnostic, ...]
    suppressed: tuple[Diagnostic, ...]
    notices: tuple[Notice, ...]
    files_checked: int


def check(files: Sequence[FileToCheck], settings: Settings, progress: Progress | None = None) -> Report:
    """Checks the files with the knowledge of the project around them."""
    overlays = {str(file.path): file.data for file in files if file.data is not None}
    run = _Run(settings, Sources(overlays))
    for number, file in enumerate(files):
        if progress is not None:
            progress(number, len(files))
        run.check(file)
    if progress is not None:
        progress(len(files), len(files))
    return run.report(len(files))


class _Run:
    def __init__(self, settings: Settings, sources: Sources) -> None:
        self.settings = settings
        self.sources = sources
        roots = [str(path) for path in settings.src] or [os.path.join(settings.root, "src")]
        finder = Finder([*roots, str(settings.root)], sources.facts)
        known = catalogue.load().with_additions(settings.catalogue)
        self.program = Program(finder, known, sources.text, lambda path: displayed(Path(path)), settings.target_version)
        self.judge = Judge(self.program, sources, settings, all_rules())
        self.diagnostics: list[Diagnostic] = []
        self.suppressed: list[Diagnostic] = []
        self.notices: list[Notice] = []

    def check(self, file: FileToCheck) -> None:
        path = str(file.path)
        facts = self.sources.facts(path)
        if facts is None:
            self._unparsed(file, path)
            return
        module = self.program.finder.module_at(path)
        selected = self.settings.for_file(file.path)
        try:
            found = self.judge.diagnostics(module, file.display, selected)
        except RuleFailed as error:
            self.notices.append(Notice("error", str(error)))
            return
        if found or module.facts.pragmas:
            self._suppress(file, module, found)

    def report(self, files_checked: int) -> Report:
        return Report(
            tuple(sorted(self.diagnostics, key=lambda each: each.sort_key)),
            tuple(sorted(self.suppressed, key=lambda each: each.sort_key)),
            tuple(self.notices),
            files_checked,
        )

    def _unparsed(self, file: FileToCheck, path: str) -> None:
        problem = self.sources.problem(path)
        if isinstance(problem, Unreadable):
            self.notices.append(Notice("error", f"{file.display}: {problem}"))
        elif problem is not None:
            self.diagnostics.append(syntax_diagnostic(file.display, self.sources.data(path), problem))

    def _suppress(self, file: FileToCheck, module: Module, found: list[Diagnostic]) -> None:
        source = self.sources.text(module.path)
        if source is None:
            return
        lines = statement_lines(module)
        suppressions = Suppressions.from_source(source, lambda line: lines.get(line, line))
        if suppressions.skips_file:
            return
        for diagnostic in found:
            (self.suppressed if suppressions.covers(diagnostic) else self.diagnostics).append(diagnostic)
        selected = self.settings.for_file(file.path).rules
        problems = suppressions.problems(file.display, selected, require_reason=self.settings.require_reason)
        if any(problem.rule == UNUSED_SUPPRESSION.name for problem in problems):
            # A comment at the root of a blocking chain clears the chain: nothing is left to silence.
            cleared = set(cleared_lines(module, self.program))
            problems = [
                each for each in problems if each.span.line not in cleared or each.rule != UNUSED_SUPPRESSION.name
            ]
        self.diagnostics += problems

"""The analysis of single files with the knowledge of the project around them.

This is the part of a run that is slow to import and to do; a run whose results are all in the
store does without.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from asynclint import catalogue
from asynclint.config import Settings
from asynclint.config.environment import environment_of
from asynclint.config.files import display as displayed
from asynclint.diagnostics import Diagnostic
from asynclint.engine.build import roots_of
from asynclint.engine.discover import FileToCheck
from asynclint.engine.installation import deferred_rules
from asynclint.engine.judge import Judge, statement_lines
from asynclint.engine.outcome import Notice, Outcome
from asynclint.engine.screen import Failure
from asynclint.engine.sources import Sources, Unreadable
from asynclint.engine.trail import RecordingFinder, RecordingProgram, Trail
from asynclint.program import Module
from asynclint.rule import Rule, all_rules


class Analysis:
    """One program, and what is said of its files one by one."""

    def __init__(self, settings: Settings, sources: Sources, *, is_small: bool = False) -> None:
        """With `is_small`, only few files will be judged: rules are imported where a site calls for them."""
        self.settings = settings
        self.sources = sources
        self.finder = RecordingFinder(roots_of(settings), sources.facts, environment_of(settings))
        known = catalogue.load().with_additions(settings.catalogue)
        self.program = RecordingProgram(
            self.finder, known, sources.text, lambda path: displayed(Path(path)), settings.target_version
        )
        self.judge = Judge(self.program, sources, settings, _few_rules(settings) if is_small else all_rules())

    def take_trail(self) -> Trail:
        """What was looked at since the last time."""
        trail = self.finder.take_trail()
        trail.reads = self.sources.take_reads()
        return trail

    def outcome(self, file: FileToCheck) -> Outcome:
        """What there is to say of a file."""
        path = file.path
        self.finder.judged = path
        if self.sources.facts(path) is None:
            return self._unparsed(file, path)
        module = self.program.finder.module_at(path)
        selected = self.settings.for_file(file.path)
        found, failures = self.judge.diagnostics(module, file.display, selected)
        outcome = self._suppressed(file, module, found, failures) if found or module.facts.pragmas else Outcome()
        if failures:
            return outcome._replace(notices=tuple([Notice("error", failure.text) for failure in failures]))
        return outcome

    def _unparsed(self, file: FileToCheck, path: str) -> Outcome:
        problem = self.sources.problem(path)
        if isinstance(problem, Unreadable):
            return Outcome(notices=(Notice("error", f"{file.display}: {problem}"),))
        if problem is None:
            return Outcome()
        from asynclint.engine.syntax import syntax_diagnostic

        return Outcome((syntax_diagnostic(file.display, self.sources.data(path), problem),))

    def _suppressed(
        self, file: FileToCheck, module: Module, found: list[Diagnostic], failures: tuple[Failure, ...]
    ) -> Outcome:
        from asynclint.engine.house import UNUSED_SUPPRESSION
        from asynclint.engine.suppress import Suppressions
        from asynclint.program.pragmas import heeded

        source = self.sources.text(module.path)
        if source is None:
            return Outcome()
        lines = statement_lines(module)
        suppressions = Suppressions.from_source(source, lambda line: lines.get(line, line), self.settings.index)
        if suppressions.skips_file:
            return Outcome()
        kept: list[Diagnostic] = []
        suppressed: list[Diagnostic] = []
        for diagnostic in found:
            (suppressed if suppressions.covers(diagnostic) else kept).append(diagnostic)
        selected = self.settings.for_file(file.path).rules
        if failures:  # a comment that seems to silence nothing may be there for a rule that failed
            selected -= {UNUSED_SUPPRESSION.name}
        if UNUSED_SUPPRESSION.name in selected and suppressions.unused(selected):
            about_blocking = [rule.name for rule in all_rules() if rule.theme == "blocking"]
            for line in heeded(module, self.program):
                suppressions.honour(line, about_blocking)
        problems = suppressions.problems(file.display, selected, require_reason=self.settings.require_reason)
        return Outcome((*kept, *problems), tuple(suppressed))


def _few_rules(settings: Settings) -> Sequence[Rule]:
    """All rules, imported one by one when they are asked."""
    # Where they are imported already there is nothing to gain.
    known = deferred_rules() if settings.cache and "asynclint.rules" not in sys.modules else None
    return all_rules() if known is None else known

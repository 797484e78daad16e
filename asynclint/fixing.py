"""Fixes applied: rounds of check and edit in memory, then each file written at once or not at all.

A round applies as many fixes as do not overlap. Since one fix may make way for another, rounds
follow until none is left, at most `ROUNDS`. Nothing is written that does not parse, and nothing is
written before everything is done.
"""

from __future__ import annotations

import ast
import contextlib
import os
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from asynclint import edits
from asynclint.config import Settings
from asynclint.diagnostics import Applicability, Diagnostic, Edit, Fix
from asynclint.engine.discover import FileToCheck
from asynclint.engine.run import Notice, Report
from asynclint.source import Source, UndecodableSource

#: Fixes that follow from fixes settle in two or three rounds; more means that two rules disagree.
ROUNDS = 10

Check = Callable[[Sequence[FileToCheck], Settings], Report]


@dataclass(frozen=True, slots=True)
class Change:
    """A file before and after."""

    path: Path
    display: str
    before: bytes
    after: bytes

    def diff(self) -> Iterator[str]:
        """The lines of a unified diff, line ends included."""
        import difflib

        before, after = (Source(data).text.splitlines(keepends=True) for data in (self.before, self.after))
        for line in difflib.unified_diff(before, after, self.display, self.display):
            if line.endswith(("\n", "\r")):
                yield line
            else:
                yield f"{line}\n\\ No newline at end of file\n" if line[:1] in "+- " else f"{line}\n"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is left to report after fixing, what was fixed by rule, and the changed files."""

    report: Report
    fixed: Counter[str]
    changes: tuple[Change, ...]


def fix(files: Sequence[FileToCheck], settings: Settings, check: Check, *, unsafe: bool) -> Outcome:
    """Fixes what can be fixed, in memory. `unsafe` applies fixes that may change what the code does, too."""
    return _Fixing(files, settings, check, unsafe).run()


class _Fixing:
    def __init__(self, files: Sequence[FileToCheck], settings: Settings, check: Check, unsafe: bool) -> None:
        self.settings = settings
        self.check = check
        self.unsafe = unsafe
        self.files = {file.display: file for file in files}
        self.before: dict[str, bytes] = {}
        self.refused: set[tuple[str, str, Fix]] = set()
        self.fixed: Counter[str] = Counter()
        self.notices: list[Notice] = []

    def run(self) -> Outcome:
        for _ in range(ROUNDS):
            report = self.check(list(self.files.values()), self.settings)
            if not self._round(report):
                break
        else:
            report = self.check(list(self.files.values()), self.settings)
            if any(self._candidates(report).values()):
                text = f"fixes did not settle in {ROUNDS} rounds; please report this with the file"
                self.notices.append(Notice("warning", text))
        changes = []
        for display, before in self.before.items():
            file = self.files[display]
            if file.data is not None and file.data != before:
                changes.append(Change(Path(file.path), display, before, file.data))
        report = report._replace(notices=(*report.notices, *self.notices))
        return Outcome(report, self.fixed, tuple(changes))

    def _candidates(self, report: Report) -> dict[str, list[Diagnostic]]:
        """Findings with a fix that may be applied, by file. Files that do not parse have none."""
        broken = {each.path for each in report.diagnostics if each.rule == "syntax-error"}
        found: dict[str, list[Diagnostic]] = {}
        for each in report.diagnostics:
            if each.fix is None or each.path in broken or each.path not in self.files:
                continue
            if each.rule not in self.settings.fixable or (each.path, each.rule, each.fix) in self.refused:
                continue
            if each.fix.applicability is Applicability.SAFE or (
                self.unsafe and each.fix.applicability is Applicability.UNSAFE
            ):
                found.setdefault(each.path, []).append(each)
        return found

    def _round(self, report: Report) -> bool:
        """Applies one round of fixes; whether any file changed."""
        changed = False
        for display, findings in self._candidates(report).items():
            file = self.files[display]
            try:
                data = Path(file.path).read_bytes() if file.data is None else file.data
                source = Source(data)
            except (OSError, UndecodableSource):
                continue
            after = self._fixed(source, findings)
            if after is not None and after != data:
                self.before.setdefault(display, data)
                self.files[display] = file._replace(data=after)
                changed = True
        return changed

    def _fixed(self, source: Source, findings: Sequence[Diagnostic]) -> bytes | None:
        """The file with as many fixes as go together; None when none could be applied."""
        by_fix = {each.fix: each for each in reversed(findings) if each.fix is not None}
        chosen = edits.compatible([each.fix for each in findings if each.fix is not None])
        after = _applied(source, chosen)
        if after is None:
            # At least one of them breaks the file: find out which, and never try it again.
            good: list[Fix] = []
            for each in chosen:
                if _applied(source, [*good, each]) is None:
                    finding = by_fix[each]
                    self.refused.add((finding.path, finding.rule, each))
                    self.notices.append(Notice("warning", _refusal(finding)))
                else:
                    good.append(each)
            chosen, after = good, _applied(source, good)
        if after is not None:
            self.fixed.update(by_fix[each].rule for each in chosen)
        return after


def _refusal(finding: Diagnostic) -> str:
    place = f"{finding.path}:{finding.span.line}"
    return f"{place}: the fix of `{finding.rule}` would break the file, so it was left alone; please report this"


def _applied(source: Source, fixes: Sequence[Fix]) -> bytes | None:
    """The file with the fixes; None when it would not be Python any more, or cannot be encoded."""
    line_end = newline(source.text)
    made = [
        Edit(edit.start, edit.end, edit.replacement.replace("\r\n", "\n").replace("\n", line_end))
        for fix in fixes
        for edit in fix.edits
    ]
    try:
        data = source.encode(edits.apply(source.text, made))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            ast.parse(data)
    except (edits.OverlappingEdits, UnicodeEncodeError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    return data


def newline(text: str) -> str:
    """The line end that a text uses: that of its first line, `\\n` when it has none."""
    end = text.find("\n")
    if end < 0:
        return "\r" if "\r" in text else "\n"
    return "\r\n" if end and text[end - 1] == "\r" else "\n"


def write(change: Change) -> Notice | None:
    """Writes a changed file; a notice of what went wrong, in which case the file is as it was.

    The new file appears at once, with the mode of the old one; a symbolic link stays one.
    """
    target = os.path.realpath(change.path)
    try:
        with open(target, "rb") as file:
            if file.read() != change.before:
                text = f"{change.display}: changed while it was being fixed, so it was left alone; run again"
                return Notice("error", text)
        _replace(target, change.after)
    except OSError as error:
        reason = error.strerror or str(error)
        return Notice("error", f"{change.display}: cannot be written: {reason}; the file is as it was")
    return None


def _replace(target: str, data: bytes) -> None:
    old = os.stat(target)
    if not os.access(target, os.W_OK):
        raise PermissionError(13, "Permission denied", target)
    descriptor, name = tempfile.mkstemp(prefix=".asynclint-", dir=os.path.dirname(target))
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, old.st_mode & 0o7777)
        with contextlib.suppress(OSError, AttributeError):
            os.chown(name, old.st_uid, old.st_gid)
        os.replace(name, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise

"""What a reporter gets to see: the findings, the source lines around them, and how to paint."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import asynclint
from asynclint.diagnostics import Applicability, Diagnostic, Severity
from asynclint.engine.run import Notice
from asynclint.source import Source, UndecodableSource, file_and_cell
from asynclint.tuples import NamedTuple

HOME = "https://asynclint.readthedocs.io"


class Sources:
    """The texts of files by the path that diagnostics give, read when asked for.

    `overlays` stand in for files on disk. Paths are relative to `base`.
    """

    def __init__(self, base: Path, overlays: Mapping[str, bytes] | None = None) -> None:
        self._base = base
        self._overlays = dict(overlays or {})
        self._read: dict[str, Source | None] = {}

    def source(self, path: str) -> Source | None:
        """The text of a file; None when it cannot be read."""
        if path not in self._read:
            try:
                data = self._overlays[path] if path in self._overlays else (self._base / path).read_bytes()
                self._read[path] = Source(data)
            except (OSError, UndecodableSource, ValueError):
                self._read[path] = None
        return self._read[path]

    def line(self, path: str, number: int) -> str:
        """A 1-based line without its end; empty when there is none."""
        source = self.source(path)
        return source.line(number) if source else ""

    def text(self, path: str) -> str | None:
        source = self.source(path)
        return source.text if source else None


def one_line(text: str) -> str:
    """The text without line ends and control characters, which could forge lines or command a terminal."""
    return text if text.isprintable() else "".join(each if each.isprintable() else "\ufffd" for each in text)


_COLOURS = {
    "bold": "1",
    "dim": "2",
    "red": "1;31",
    "green": "1;32",
    "yellow": "1;33",
    "blue": "1;34",
    "cyan": "36",
    "plain red": "31",
    "plain green": "32",
}
_OF_SEVERITY = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.HINT: "blue"}


class Paint(NamedTuple):
    """Colours text for a terminal, or leaves it alone."""

    on: bool = False

    def __call__(self, text: str, colour: str) -> str:
        return f"\033[{_COLOURS[colour]}m{text}\033[0m" if self.on and text else text

    def severity(self, text: str, severity: Severity) -> str:
        return self(text, _OF_SEVERITY[severity])


class Result(NamedTuple):
    """A finished run.

    `root` is the folder that machine formats make paths relative to. `fixed` counts the findings
    that were fixed in this run. `kept` counts those that a baseline knows.
    """

    diagnostics: Sequence[Diagnostic]
    sources: Sources
    root: Path
    base: Path
    suppressed: Sequence[Diagnostic] = ()
    notices: Sequence[Notice] = ()
    files_checked: int = 0
    fixed: int = 0
    kept: int = 0
    unsafe_fixes: bool = False
    fixable: frozenset[str] | None = None
    paint: Paint = Paint()
    summary: bool = True
    width: int = 120

    @property
    def version(self) -> str:
        return asynclint.__version__

    def relative(self, path: str) -> str:
        """The path from the root, with `/`; absolute when it lies elsewhere."""
        import os

        absolute = os.path.normpath(self.base / file_and_cell(path)[0])
        shown = os.path.relpath(absolute, self.root)
        return (absolute if shown.startswith("..") else shown).replace(os.sep, "/")

    def fingerprints(self) -> list[str]:
        """A digest for each diagnostic that survives edits elsewhere in its file."""
        from asynclint.engine.fingerprints import fingerprints

        return [each.digest for each in fingerprints(self.diagnostics, self.sources.line, self.relative)]

    def url(self, rule: str) -> str:
        """The page of a rule on the site."""
        return f"{HOME}/rules/{rule}/"

    def applies(self, diagnostic: Diagnostic) -> Applicability | None:
        """What `--fix` may do about a finding: SAFE, UNSAFE, or None when there is nothing it may apply."""
        fix = diagnostic.fix
        if fix is None or fix.applicability is Applicability.DISPLAY:
            return None
        if self.fixable is not None and diagnostic.rule not in self.fixable:
            return None
        return fix.applicability

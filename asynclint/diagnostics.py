"""What a rule has to say: one diagnostic, the trace that proves it, and the fix that cures it.

Lines and columns are 1-based and columns count characters, as editors show them; the end is
exclusive. Offsets in edits are 0-based character positions in the decoded source text.
"""

from __future__ import annotations

from enum import Enum

from asynclint.tuples import NamedTuple


class Severity(Enum):
    """How bad it is: wrong whenever the line runs, wrong on some runs, could be better."""

    ERROR = "error"
    WARNING = "warning"
    HINT = "hint"


class Applicability(Enum):
    """What a fix promises: the same meaning; perhaps another one; a sketch for the reader."""

    SAFE = "safe"
    UNSAFE = "unsafe"
    DISPLAY = "display"


class Span(NamedTuple):
    """A piece of a file, from (line, column) up to and without (end_line, end_column)."""

    line: int
    column: int
    end_line: int
    end_column: int


class Step(NamedTuple):
    """One link of a trace: what happens at a place. `path` is as the user would write it."""

    path: str
    span: Span
    text: str


class Edit(NamedTuple):
    """Replaces the characters from `start` up to and without `end`."""

    start: int
    end: int
    replacement: str


class Fix(NamedTuple):
    """A cure that is whole: all of its edits belong together and stay in one file."""

    title: str
    applicability: Applicability
    edits: tuple[Edit, ...]


class Diagnostic(NamedTuple):
    """One finding.

    `rule` is the kebab-case name and `code` its stable alias. `help` says what to write instead;
    it is empty when the fix's title already does. `scope` is the dotted name of the enclosing
    function or class within its module, empty at module level. `root` identifies the cause of a
    chain (the function that blocks and its place), empty when the cause is the place itself.
    """

    rule: str
    code: str
    severity: Severity
    path: str
    span: Span
    message: str
    trace: tuple[Step, ...] = ()
    help: str = ""
    fix: Fix | None = None
    scope: str = ""
    root: str = ""

    @property
    def sort_key(self) -> tuple[str, int, int, str, str]:
        return (self.path, self.span.line, self.span.column, self.code, self.message)

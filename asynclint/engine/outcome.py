"""What checking one file gives, and its form as plain values for the store and for other processes."""

from __future__ import annotations

from typing import Any

from asynclint.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity, Span, Step
from asynclint.sealed import sealed, unsealed
from asynclint.tuples import NamedTuple


class Notice(NamedTuple):
    """Something about the run that is not a finding, such as an unreadable file.

    `level` is "warning" or "error"; an error makes the exit status 2. `text` is one line that names
    the file and the remedy.
    """

    level: str
    text: str


class Outcome(NamedTuple):
    """What checking one file gave; `suppressed` diagnostics were silenced by comments."""

    diagnostics: tuple[Diagnostic, ...] = ()
    suppressed: tuple[Diagnostic, ...] = ()
    notices: tuple[Notice, ...] = ()

    def encode(self) -> bytes:
        """The outcome as bytes; those of an empty one are empty."""
        if not (self.diagnostics or self.suppressed or self.notices):
            return b""
        return sealed((
            [_plain(each) for each in self.diagnostics],
            [_plain(each) for each in self.suppressed],
            [(each.level, each.text) for each in self.notices],
        ))  # fmt: skip

    @classmethod
    def decode(cls, data: bytes) -> Outcome:
        """The inverse of `encode`. Raises ValueError when the bytes are damaged."""
        if not data:
            return NOTHING_FOUND
        diagnostics, suppressed, notices = unsealed(data)
        return cls(
            tuple([_diagnostic(each) for each in diagnostics]),
            tuple([_diagnostic(each) for each in suppressed]),
            tuple([Notice(*each) for each in notices]),
        )


NOTHING_FOUND = Outcome()


def _plain(each: Diagnostic) -> tuple[Any, ...]:
    fix = each.fix
    return (
        each.rule,
        each.code,
        each.severity.value,
        each.path,
        _of_span(each.span),
        each.message,
        [(step.path, _of_span(step.span), step.text) for step in each.trace],
        each.help,
        None
        if fix is None
        else (fix.title, fix.applicability.value, [(edit.start, edit.end, edit.replacement) for edit in fix.edits]),
        each.scope,
        each.root,
    )


def _of_span(span: Span) -> tuple[int, int, int, int]:
    return span.line, span.column, span.end_line, span.end_column


def _diagnostic(row: tuple[Any, ...]) -> Diagnostic:
    rule, code, severity, path, span, message, trace, help_, fix, scope, root = row
    return Diagnostic(
        rule,
        code,
        Severity(severity),
        path,
        Span(*span),
        message,
        tuple([Step(where, Span(*place), text) for where, place, text in trace]),
        help_,
        None if fix is None else Fix(fix[0], Applicability(fix[1]), tuple([Edit(*edit) for edit in fix[2]])),
        scope,
        root,
    )

"""Workflow commands of GitHub Actions, which shows them beside the changed lines."""

from __future__ import annotations

from collections.abc import Iterator

from asynclint.diagnostics import Diagnostic, Severity
from asynclint.reporters.result import Result

_COMMAND = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "notice"}


def render(result: Result) -> Iterator[str]:
    for each in result.diagnostics:
        span = each.span
        values = {
            "title": f"asynclint ({each.code} {each.rule})",
            "file": result.relative(each.path),
            "line": str(span.line),
            "endLine": str(span.end_line),
        }
        if span.line == span.end_line:
            # GitHub refuses columns of a span over several lines.
            values.update(col=str(span.column), endColumn=str(span.end_column))
        told = ",".join(f"{name}={_property(value)}" for name, value in values.items())
        yield f"::{_COMMAND[each.severity]} {told}::{_data(message(each))}\n"


def message(diagnostic: Diagnostic) -> str:
    """Place and message, and below them the chain that leads there."""
    span = diagnostic.span
    lines = [f"{diagnostic.path}:{span.line}:{span.column}: {diagnostic.code} {diagnostic.message}"]
    lines += [f"{step.path}:{step.span.line}: {step.text}" for step in diagnostic.trace]
    if diagnostic.help:
        lines.append(f"help: {diagnostic.help}")
    return "\n".join(lines)


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")

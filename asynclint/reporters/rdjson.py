"""Reviewdog's diagnostic format, whole."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from asynclint import edits
from asynclint.diagnostics import Diagnostic, Severity, Span
from asynclint.reporters.result import HOME, Result

_SEVERITY = {Severity.ERROR: "ERROR", Severity.WARNING: "WARNING", Severity.HINT: "INFO"}


def render(result: Result) -> Iterator[str]:
    import json

    document = {
        "source": {"name": "asynclint", "url": HOME},
        "diagnostics": [diagnostic(each, result) for each in result.diagnostics],
    }
    yield json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def diagnostic(each: Diagnostic, result: Result) -> dict[str, Any]:
    """One finding; columns count UTF-8 bytes, as the format wants them."""
    made: dict[str, Any] = {
        "message": each.message,
        "location": _location(each.path, each.span, result),
        "severity": _SEVERITY[each.severity],
        "code": {"value": each.rule, "url": result.url(each.rule)},
        "relatedLocations": [
            {"message": step.text, "location": _location(step.path, step.span, result)} for step in each.trace
        ],
    }
    source = result.sources.source(each.path)
    if each.fix is not None and source is not None and result.applies(each) is not None:
        # Suggestions are alternatives: only a fix of one edit is whole by itself.
        if len(each.fix.edits) == 1:
            [edit] = each.fix.edits
            span = edits.span_of(source, edit.start, edit.end)
            made["suggestions"] = [{"range": _range(each.path, span, result), "text": edit.replacement}]
    return made


def _location(path: str, span: Span, result: Result) -> dict[str, Any]:
    return {"path": result.relative(path), "range": _range(path, span, result)}


def _range(path: str, span: Span, result: Result) -> dict[str, Any]:
    def position(line: int, column: int) -> dict[str, int]:
        before = result.sources.line(path, line)[: column - 1]
        return {"line": line, "column": column - len(before) + len(before.encode("utf-8", "surrogatepass"))}

    return {"start": position(span.line, span.column), "end": position(span.end_line, span.end_column)}

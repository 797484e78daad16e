"""A versioned JSON object with everything that is known about every finding."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

from asynclint import edits
from asynclint.diagnostics import Diagnostic, Severity, Span
from asynclint.reporters.result import Result
from asynclint.source import file_and_cell

#: Changes when a field changes its meaning or goes away; new fields do not change it.
VERSION = 1


def render(result: Result) -> Iterator[str]:
    import json

    yield json.dumps(document(result), indent=2, ensure_ascii=False) + "\n"


def document(result: Result) -> dict[str, Any]:
    """The whole object."""
    severities = Counter(each.severity for each in result.diagnostics)
    return {
        "version": VERSION,
        "tool": {"name": "asynclint", "version": result.version},
        "findings": [finding(each, result) for each in result.diagnostics],
        "notices": [{"level": notice.level, "text": notice.text} for notice in result.notices],
        "summary": {
            "files": result.files_checked,
            "findings": len(result.diagnostics),
            **{f"{severity.value}s": severities[severity] for severity in Severity},
            "suppressed": len(result.suppressed),
            "baseline": result.kept,
            "fixed": result.fixed,
        },
    }


def finding(diagnostic: Diagnostic, result: Result) -> dict[str, Any]:
    """One finding; lines and columns are 1-based, columns count characters, ends are exclusive."""
    return {
        "rule": diagnostic.rule,
        "code": diagnostic.code,
        "severity": diagnostic.severity.value,
        **_place(diagnostic.path),
        **_locations(diagnostic.span),
        "message": diagnostic.message,
        "help": diagnostic.help or None,
        "scope": diagnostic.scope or None,
        "trace": [{**_place(step.path), **_locations(step.span), "text": step.text} for step in diagnostic.trace],
        "fix": _fix(diagnostic, result),
        "url": result.url(diagnostic.rule),
    }


def _place(path: str) -> dict[str, Any]:
    """The path, and the cell in a notebook, to which lines then refer."""
    file, cell = file_and_cell(path)
    return {"path": file} if cell is None else {"path": file, "cell": cell}


def _locations(span: Span) -> dict[str, Any]:
    return {
        "location": {"line": span.line, "column": span.column},
        "end_location": {"line": span.end_line, "column": span.end_column},
    }


def _fix(diagnostic: Diagnostic, result: Result) -> dict[str, Any] | None:
    fix = diagnostic.fix
    source = result.sources.source(diagnostic.path) if fix else None
    if fix is None or source is None:
        return None
    return {
        "title": fix.title,
        "applicability": fix.applicability.value,
        "edits": [
            {**_locations(edits.span_of(source, edit.start, edit.end)), "content": edit.replacement}
            for edit in sorted(fix.edits)
        ],
    }

"""Checkstyle's XML, which many report viewers read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from asynclint.diagnostics import Severity
from asynclint.reporters.result import Result
from asynclint.reporters.xml import attributes

_SEVERITY = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "info"}


def render(result: Result) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n<checkstyle version="4.3">\n'
    for path, group in groupby(result.diagnostics, key=lambda each: each.path):
        yield f"  <file{attributes(name=path)}>\n"
        for each in group:
            told = attributes(
                line=each.span.line,
                column=each.span.column,
                severity=_SEVERITY[each.severity],
                message=f"{each.code} {each.message}",
                source=f"asynclint.{each.rule}",
            )
            yield f"    <error{told} />\n"
        yield "  </file>\n"
    yield "</checkstyle>\n"

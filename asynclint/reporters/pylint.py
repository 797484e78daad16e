"""Pylint's parseable lines: `path:line: [CODE] message`."""

from __future__ import annotations

from collections.abc import Iterator

from asynclint.reporters.result import Result, one_line


def render(result: Result) -> Iterator[str]:
    for each in result.diagnostics:
        yield f"{one_line(each.path)}:{each.span.line}: [{each.code}({each.rule})] {one_line(each.message)}\n"

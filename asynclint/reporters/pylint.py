"""Pylint's parseable lines: `path:line: [CODE] message`."""

from __future__ import annotations

from collections.abc import Iterator

from asynclint.reporters.result import Result


def render(result: Result) -> Iterator[str]:
    for each in result.diagnostics:
        yield f"{each.path}:{each.span.line}: [{each.code}({each.rule})] {each.message}\n"

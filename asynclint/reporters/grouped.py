"""Findings by file."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from asynclint.reporters.result import Result, one_line
from asynclint.reporters.summary import closing


def render(result: Result) -> Iterator[str]:
    paint = result.paint
    for path, group in groupby(result.diagnostics, key=lambda each: each.path):
        findings = list(group)
        yield f"{paint(one_line(path), 'bold')}:\n"
        width = max(len(f"{each.span.line}:{each.span.column}") for each in findings)
        for each in findings:
            place = f"{each.span.line}:{each.span.column}".ljust(width)
            code = paint.severity(each.code, each.severity)
            yield f"  {place} {code} {one_line(each.message)} {paint(f'[{each.rule}]', 'dim')}\n"
        yield "\n"
    yield from closing(result)

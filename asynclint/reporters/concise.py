"""One line for each finding: `path:line:col: CODE message [rule-name]`."""

from __future__ import annotations

from collections.abc import Iterator

from asynclint.reporters.result import Result, one_line
from asynclint.reporters.summary import closing


def render(result: Result) -> Iterator[str]:
    paint = result.paint
    for each in result.diagnostics:
        place = f"{paint(one_line(each.path), 'bold')}:{each.span.line}:{each.span.column}:"
        code, rule = paint.severity(each.code, each.severity), paint(f"[{each.rule}]", "dim")
        yield f"{place} {code} {one_line(each.message)} {rule}\n"
    yield from closing(result)

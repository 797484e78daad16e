"""Findings by their common cause: the place where a chain ends, and the places that reach it, most first."""

from __future__ import annotations

from collections.abc import Iterator

from asynclint.diagnostics import Diagnostic
from asynclint.reporters.frame import frame
from asynclint.reporters.result import Result, one_line
from asynclint.reporters.summary import closing, counted


def render(result: Result) -> Iterator[str]:
    paint = result.paint
    groups: dict[tuple[str, str], list[Diagnostic]] = {}
    for each in result.diagnostics:
        # A finding without a chain is its own cause.
        cause = each.root or f"{each.path}:{each.span.line}:{each.span.column}"
        groups.setdefault((each.rule, cause), []).append(each)
    for _, found in sorted(groups.items(), key=lambda item: (-len(item[1]), item[1][0].sort_key)):
        first = found[0]
        path, span = (first.trace[-1].path, first.trace[-1].span) if first.trace else (first.path, first.span)
        reached = (
            f"{first.trace[-1].text}, reached from {counted(len(found), 'place')}" if first.trace else first.message
        )
        place = paint(f"{one_line(path)}:{span.line}:{span.column}:", "bold")
        kind = paint.severity(f"{first.severity.value}[{first.code}]", first.severity)
        yield f"{place} {kind} {one_line(reached)} {paint(f'[{first.rule}]', 'dim')}\n"
        for line in frame(result.sources, path, span, paint, "red", context=0, width=result.width):
            yield line + "\n"
        if first.trace:
            for each in found:
                yield f"  {one_line(each.path)}:{each.span.line}:{each.span.column}: {one_line(each.message)}\n"
        yield "\n"
    yield from closing(result)

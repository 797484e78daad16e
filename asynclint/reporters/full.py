"""The format for people: where, what, the code, why, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator

from asynclint.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity
from asynclint.reporters.result import Result, one_line
from asynclint.reporters.summary import closing
from asynclint.source import Source

_COLOUR = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.HINT: "blue"}
_PROMISE = {
    Applicability.SAFE: "`--fix` does it",
    Applicability.UNSAFE: "`--fix --unsafe-fixes` does it",
    Applicability.DISPLAY: "by hand",
}


def render(result: Result) -> Iterator[str]:
    for diagnostic in result.diagnostics:
        for line in finding(diagnostic, result):
            yield line + "\n"
        yield "\n"
    yield from closing(result)


def finding(diagnostic: Diagnostic, result: Result) -> Iterator[str]:
    """The lines of one finding."""
    from asynclint.reporters.frame import frame

    paint, span = result.paint, diagnostic.span
    place = paint(f"{one_line(diagnostic.path)}:{span.line}:{span.column}:", "bold")
    kind = paint.severity(f"{diagnostic.severity.value}[{diagnostic.code}]", diagnostic.severity)
    yield f"{place} {kind} {one_line(diagnostic.message)} {paint(f'[{diagnostic.rule}]', 'dim')}"
    colour = _COLOUR[diagnostic.severity]
    yield from frame(result.sources, diagnostic.path, span, paint, colour, width=result.width)
    for number, step in enumerate(diagnostic.trace, 1):
        yield f"  {paint(f'{number}.', 'cyan')} {one_line(step.path)}:{step.span.line}:{step.span.column}: {step.text}"
        if (step.path, step.span) != (diagnostic.path, span):
            yield from frame(result.sources, step.path, step.span, paint, "blue", context=0, width=result.width)
    if diagnostic.help:
        yield f"{paint('help:', 'cyan')} {diagnostic.help}"
    if diagnostic.fix is not None:
        applies = result.applies(diagnostic) or Applicability.DISPLAY
        yield f"{paint('fix:', 'cyan')} {diagnostic.fix.title} ({_PROMISE[applies]})"
        source = result.sources.source(diagnostic.path)
        if source is not None:
            yield from _change(diagnostic.fix, source, result)


def _change(fix: Fix, source: Source, result: Result) -> Iterator[str]:
    """The lines that the fix takes away and those that it writes, one group for neighbouring edits."""
    from asynclint import edits
    from asynclint.reporters.frame import visible

    groups: list[list[Edit]] = []
    for edit in sorted(fix.edits):
        line = edits.line_of(source, edit.start)
        if groups and line <= edits.line_of(source, groups[-1][-1].end) + 1:
            groups[-1].append(edit)
        else:
            groups.append([edit])
    for group in groups:
        first, last = edits.line_of(source, group[0].start), edits.line_of(source, max(edit.end for edit in group))
        start, end = source.starts[first - 1], source.offset(last, len(source.line(last)) + 1)
        moved = [Edit(edit.start - start, edit.end - start, edit.replacement) for edit in group]
        try:
            after = edits.apply(source.text[start:end], moved)
        except edits.OverlappingEdits:
            return
        old, new = source.text[start:end].splitlines(), after.splitlines()
        while old and new and old[0] == new[0]:
            old, new, first = old[1:], new[1:], first + 1
        while old and new and old[-1] == new[-1]:
            old, new = old[:-1], new[:-1]
        gutter = len(str(first))
        for lines, sign, colour in ((old, "-", "plain red"), (new, "+", "plain green")):
            for number, content in enumerate(lines, first):
                text = f"{sign} {visible(content)[0]}".rstrip()
                yield f"{result.paint(str(number).rjust(gutter), 'cyan')} {result.paint(text, colour)}"

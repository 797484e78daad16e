"""Markdown for a job's summary page or a comment: a table of findings, chains folded below."""

from __future__ import annotations

from collections.abc import Iterator

from asynclint.diagnostics import Severity
from asynclint.reporters.result import Result
from asynclint.reporters.summary import counted, tally

_SIGN = {Severity.ERROR: "🔴", Severity.WARNING: "🟠", Severity.HINT: "🔵"}


def render(result: Result) -> Iterator[str]:
    if not result.diagnostics:
        yield f"**asynclint**: all checks passed ({counted(result.files_checked, 'file')}).\n"
        return
    yield f"**asynclint**: {tally(result.diagnostics)} in {counted(result.files_checked, 'file')}\n\n"
    yield "| | Place | Rule | Message |\n|---|---|---|---|\n"
    for each in result.diagnostics:
        place = f"{each.path}:{each.span.line}"
        rule = f"[{each.rule}]({result.url(each.rule)})"
        yield f"| {_SIGN[each.severity]} | `{_cell(place)}` | {rule} | {_cell(each.message)} |\n"
    traced = [each for each in result.diagnostics if each.trace]
    if traced:
        yield "\n<details><summary>How each is reached</summary>\n\n"
        for each in traced:
            yield f"- `{_cell(f'{each.path}:{each.span.line}')}` {_cell(each.message)}\n"
            for number, step in enumerate(each.trace, 1):
                yield f"  {number}. `{_cell(f'{step.path}:{step.span.line}')}` {_cell(step.text)}\n"
        yield "\n</details>\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ").replace("<", "&lt;")

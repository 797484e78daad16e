"""The lines that close a report for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from asynclint.diagnostics import Applicability, Diagnostic, Severity
from asynclint.reporters.result import Result


def counted(number: int, noun: str) -> str:
    """`1 error`, `2 errors`."""
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def tally(diagnostics: Iterable[Diagnostic]) -> str:
    """`3 errors, 1 warning and 2 hints`; empty when there are none."""
    counts = Counter(each.severity for each in diagnostics)
    parts = [counted(counts[severity], severity.value) for severity in Severity if counts[severity]]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def withheld(result: Result) -> int:
    """How many findings have a fix that waits for `--unsafe-fixes`."""
    if result.unsafe_fixes:
        return 0
    return sum(result.applies(each) is Applicability.UNSAFE for each in result.diagnostics)


def closing(result: Result) -> Iterator[str]:
    """What a report for people ends with: how much was found, and what can be done about it at once."""
    if not result.summary:
        return
    found = list(result.diagnostics)
    known = f" ({counted(result.kept, 'known finding')} not shown)" if result.kept else ""
    if result.fixed:
        total = counted(len(found) + result.fixed, "error")
        yield f"Found {total} ({result.fixed} fixed, {len(found)} remaining){known}.\n"
    elif found:
        yield f"Found {tally(found)}{known}.\n"
    elif not any(notice.level == "error" for notice in result.notices):
        yield f"{result.paint('All checks passed!', 'green')}{known}\n"
    safe = sum(result.applies(each) is Applicability.SAFE for each in found)
    unsafe = withheld(result)
    if result.unsafe_fixes:
        safe = sum(result.applies(each) is not None for each in found)
    if safe:
        more = f" ({unsafe} more with `--unsafe-fixes`)" if unsafe else ""
        yield f"{safe} fixable with `--fix`{more}.\n"
    elif unsafe:
        yield f"{unsafe} fixable with `--fix --unsafe-fixes`.\n"

"""Findings that a test's engine makes of a text, with fixes of every kind."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from asynclint.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity, Span

Finds = Callable[[str, str], Sequence[Diagnostic]]


def finding(
    path: str,
    text: str,
    start: int,
    end: int,
    *,
    rule: str = "blocking-call",
    code: str = "AL201",
    fix: Fix | None = None,
) -> Diagnostic:
    """A finding from one offset to another, in the function whose `def` comes last before it."""
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1) + 1
    span = Span(line, column, line, column + end - start)
    scopes = re.findall(r"def (\w+)", text[:start])
    scope = scopes[-1] if scopes else ""
    return Diagnostic(rule, code, Severity.ERROR, path, span, f"`{text[start:end]}` blocks", fix=fix, scope=scope)


def replacing(pattern: str, replacement: str, applicability: Applicability = Applicability.SAFE, **told: str) -> Finds:
    """An engine that finds a pattern and would replace it."""

    def finds(path: str, text: str) -> list[Diagnostic]:
        return [
            finding(
                path,
                text,
                found.start(),
                found.end(),
                fix=Fix("replace it", applicability, (Edit(found.start(), found.end(), found.expand(replacement)),)),
                **told,  # type: ignore[arg-type]
            )
            for found in re.finditer(pattern, text)
        ]

    return finds


def both(*engines: Finds) -> Finds:
    return lambda path, text: [each for engine in engines for each in engine(path, text)]

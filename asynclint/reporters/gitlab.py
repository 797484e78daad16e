"""GitLab's Code Quality report."""

from __future__ import annotations

from collections.abc import Iterator

from asynclint.diagnostics import Severity
from asynclint.reporters.result import Result

_SEVERITY = {Severity.ERROR: "major", Severity.WARNING: "minor", Severity.HINT: "info"}


def render(result: Result) -> Iterator[str]:
    import json

    report = [
        {
            "description": f"{each.code}: {each.message}",
            "check_name": each.rule,
            "fingerprint": fingerprint,
            "severity": _SEVERITY[each.severity],
            "location": {
                "path": result.relative(each.path),
                "positions": {
                    "begin": {"line": each.span.line, "column": each.span.column},
                    "end": {"line": each.span.end_line, "column": each.span.end_column},
                },
            },
        }
        for each, fingerprint in zip(result.diagnostics, result.fingerprints(), strict=True)
    ]
    yield json.dumps(report, indent=2, ensure_ascii=False) + "\n"

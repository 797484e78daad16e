"""Logging commands of Azure Pipelines."""

from __future__ import annotations

from collections.abc import Iterator

from asynclint.diagnostics import Severity
from asynclint.reporters.result import Result


def render(result: Result) -> Iterator[str]:
    for each in result.diagnostics:
        kind = "error" if each.severity is Severity.ERROR else "warning"
        values = {
            "type": kind,
            "sourcepath": result.relative(each.path),
            "linenumber": str(each.span.line),
            "columnnumber": str(each.span.column),
            "code": each.code,
        }
        told = "".join(f"{name}={_property(value)};" for name, value in values.items())
        yield f"##vso[task.logissue {told}]{_data(f'{each.message} [{each.rule}]')}\n"


def _data(text: str) -> str:
    return text.replace("%", "%AZP25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(";", "%3B").replace("]", "%5D")

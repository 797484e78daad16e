"""Reviewdog's diagnostic format, one finding on each line."""

from __future__ import annotations

from collections.abc import Iterator

from asynclint.reporters.rdjson import diagnostic
from asynclint.reporters.result import HOME, Result


def render(result: Result) -> Iterator[str]:
    import json

    for each in result.diagnostics:
        told = {**diagnostic(each, result), "source": {"name": "asynclint", "url": HOME}}
        yield json.dumps(told) + "\n"

"""One JSON object for each finding, each on a line of its own; the objects of the `json` format."""

from __future__ import annotations

from collections.abc import Iterator

from asynclint.reporters.json import finding
from asynclint.reporters.result import Result


def render(result: Result) -> Iterator[str]:
    import json

    for each in result.diagnostics:
        yield json.dumps(finding(each, result)) + "\n"

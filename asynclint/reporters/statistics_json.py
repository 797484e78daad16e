"""How often each rule is found, as JSON."""

from __future__ import annotations

from collections.abc import Iterator

from asynclint.reporters.result import Result
from asynclint.reporters.statistics import counts


def render(result: Result) -> Iterator[str]:
    import json

    yield json.dumps(counts(result), indent=2) + "\n"

"""How often each rule is found, most often first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from asynclint.reporters.result import Result


def render(result: Result) -> Iterator[str]:
    rows = counts(result)
    if not rows:
        return
    width = len(str(rows[0]["count"]))
    mark = any(row["fixable"] for row in rows)
    for row in rows:
        fixable = ("[*] " if row["fixable"] else "    ") if mark else ""
        yield f"{row['count']:>{width}}  {row['code']}  {fixable}{row['rule']}\n"
    if mark:
        yield "[*] fixable with `--fix`, perhaps with `--unsafe-fixes`\n"


def counts(result: Result) -> list[dict[str, str | int | bool]]:
    """Rule, code, count and whether some of it is fixable."""
    numbers = Counter((each.code, each.rule) for each in result.diagnostics)
    fixable = {each.rule for each in result.diagnostics if result.applies(each) is not None}
    ordered = sorted(numbers.items(), key=lambda item: (-item[1], item[0]))
    return [{"code": code, "rule": rule, "count": count, "fixable": rule in fixable} for (code, rule), count in ordered]

"""The list of options in `docs/configuration.md`: `python -m asynclint.config.page FILE` writes it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from asynclint.config.defaults import DEFAULT_EXCLUDES
from asynclint.config.kinds import Record
from asynclint.config.options import OVERRIDE, ROOT

_BEGIN, _END = "<!-- options: begin -->", "<!-- options: end -->"


def page(text: str) -> str:
    """The page with the list of options between its two marks."""
    before, _, rest = text.partition(_BEGIN)
    after = rest.partition(_END)[2]
    listed = "\n".join(["", *_table(ROOT), "", "In a part of `overrides`:", "", *_table(OVERRIDE), ""])
    return f"{before}{_BEGIN}\n{listed}\n{_END}{after}"


def _table(record: Record) -> Iterator[str]:
    yield "| option | default | what it says |"
    yield "|---|---|---|"
    for option in record.options:
        shown = f"`{json.dumps(option.default)}`" if option.default is not None else ""
        if option.default == list(DEFAULT_EXCLUDES):
            shown = "the usual folders, as in ruff"
        yield f"| `{option.name}` | {shown} | {option.doc} |"


if __name__ == "__main__":
    target = Path(sys.argv[1])
    target.write_text(page(target.read_text(encoding="utf-8")), encoding="utf-8")

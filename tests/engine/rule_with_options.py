"""Call of a function with a long name.

Long names are hard to read in a test.

## Options

- `at-most` (default 9): how long a name may be.
- `except` (default none): names that may be longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, rule

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


def named(site: Site, program: Program) -> str | None:
    return site.row[6] if isinstance(site.row[6], str) else None


@rule(code="AL998", severity=Severity.HINT, since="0.1", where=named, options={"at-most": 9, "except": []})
def long_name(call: cst.Call, name: str, ctx: Context) -> Iterator[Diagnostic]:
    if len(name) > ctx.options["at-most"] and name not in ctx.options["except"]:
        yield ctx.report(call, f"`{name}` is longer than {ctx.options['at-most']}")

"""Jump out of `finally` that swallows a cancellation.

`return`, `break` or `continue` in a `finally` block discards the exception that is passing through.
When the guarded code awaits, that exception may be the task's cancellation.

## Bad

```python
async def read(connection):
    try:
        return await connection.read()
    finally:
        return None  # AL303
```

## Good

```python
async def read(connection):
    result = None
    try:
        result = await connection.read()
    finally:
        for each in (1, 2):
            if each:
                continue
    return result
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, SiteKind, Step, When, rule
from asynclint.program.handlers import discarded_at
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Discards(NamedTuple):
    """The jump, and where the exception that it discards can come from."""

    word: str
    arrives: Step


def discards_exception(site: Site, program: Program) -> Discards | None:
    if not site.in_coroutine:
        return None
    arrives = discarded_at(site, program)
    if arrives is None:
        return None
    step = Step(program.display(site.module), program.span(arrives), "a cancellation arrives here")
    return Discards("return" if site.row[0] == SiteKind.RETURN else site.row[6], step)


@rule(
    code="AL303",
    severity=Severity.ERROR,
    since="0.1",
    where=discards_exception,
    when=When(coroutine=True),
    aliases=("B012",),
)
def jump_in_finally(node: cst.Return | cst.Break | cst.Continue, found: Discards, ctx: Context) -> Iterator[Diagnostic]:
    yield ctx.report(
        node,
        f"`{found.word}` in `finally` discards a cancellation",
        because=[found.arrives],
        help=f"move the `{found.word}` behind the `finally` block",
    )

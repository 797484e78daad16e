"""Coroutine written into text or data.

Formatting, printing, logging or serialising a call that is not awaited shows
`<coroutine object ...>` or raises TypeError. The call's body never runs. Nor does it when the coroutine
is passed to a parameter that is annotated as text, a number or a built-in collection.

## Bad

```python
async def name():
    return "Ada"


async def greet():
    print(f"hello {name()}")  # AL106
    print(name())  # AL106
```

## Fixed

```python
async def name():
    return "Ada"


async def greet():
    print(f"hello {await name()}")
    print(await name())
```

## Good

```python
import asyncio


async def name():
    return "Ada"


async def greet():
    task = asyncio.create_task(name())
    print(f"started {task}")
    print(f"hello {await task}")
```

## Fix safety

Unsafe: code runs that did not run before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, SiteKind, Use, When, rule
from asynclint.program.coroutines import made_at, sink
from asynclint.program.declared import refuses_coroutine
from asynclint.program.steps import spelled

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


def written_coroutine(site: Site, program: Program) -> str | None:
    use = site.use
    if use is Use.FORMATTED:
        return "formatted" if made_at(site, program) is not None else None
    taker = sink(site, program)
    if taker is None:
        return _refused(site, program) if use is Use.ARGUMENT else None
    if made_at(site, program) is None:
        return None
    if site.use is Use.PRODUCED:
        return f"gone over by `{spelled(taker.callee)}`, which does not await it"
    return f"passed to `{spelled(taker.callee)}`, which does not await it"


def _refused(site: Site, program: Program) -> str | None:
    """Where a coroutine is passed to a parameter that is annotated as text, a number or a collection."""
    call, place = site.sibling(site.use_details[0]), site.use_details[1]
    if place is None or site.row[0] != SiteKind.CALL:
        return None
    parameter = refuses_coroutine(call, place, program)
    if not parameter or made_at(site, program) is None:
        return None
    return f"passed to `{spelled(call.callee)}` as `{parameter}`, which is annotated as something else"


@rule(
    code="AL106",
    severity=Severity.ERROR,
    since="0.1",
    where=written_coroutine,
    when=When(uses=frozenset({Use.FORMATTED, Use.ARGUMENT, Use.PRODUCED})),
)
def coroutine_as_data(call: cst.Call, what: str, ctx: Context) -> Iterator[Diagnostic]:
    name = ctx.name(call)
    yield ctx.report(
        call,
        f"coroutine `{name}(...)` is {what}" + (" without being awaited" if what == "formatted" else ""),
        help=f"await each one in a list: `[await {name}(...) for ...]`"
        if what.startswith("gone over")
        else f"use its result: `await {name}(...)`",
        fix=ctx.wrap_await(call) if ctx.in_coroutine and not what.startswith("gone over") else None,
    )

"""Coroutine used as if it were its result.

A coroutine object has no items, no attributes of the result, cannot be iterated, unpacked, called,
added, or entered with `with`. Such a use raises TypeError or AttributeError when the line runs.

## Bad

```python
async def load():
    return {"name": "a"}


async def show():
    print(load()["name"])  # AL105
    for key in load():  # AL105
        print(key)
```

## Fixed

```python
async def load():
    return {"name": "a"}


async def show():
    print((await load())["name"])
    for key in await load():
        print(key)
```

## Good

```python
async def load():
    return {"name": "a"}


async def show():
    data = await load()
    print(data["name"])
    pending = load()
    pending.close()
```

## Fix safety

Unsafe: code runs that did not run before. There is none for `async for`, where the loop may have to
change as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, Use, When, rule
from asynclint.program.awaitables import asks_first
from asynclint.program.coroutines import MISUSES, made_at, misused_as
from asynclint.program.overrides import is_declared_only
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Misused(NamedTuple):
    """What is done to the coroutine, and whether its result would bear that too."""

    what: str
    is_fixable: bool


def misused_coroutine(site: Site, program: Program) -> Misused | None:
    what = misused_as(site)
    if not what or made_at(site, program) is None or asks_first(site):
        return None
    # Where a class only declares the method, those derived from it may well give a generator or a context.
    if site.use in (Use.ASYNC_ITERATED, Use.ASYNC_ENTERED) and is_declared_only(site, program):
        return None
    if site.use is Use.DELEGATED and _is_old_coroutine(site, program):
        return None
    # What is awaited is a collection as a rule, over which `async for` would fail as well.
    return Misused(what, site.use is not Use.ASYNC_ITERATED)


def _is_old_coroutine(site: Site, program: Program) -> bool:
    """Whether the generator around a `yield from` is a coroutine of the old kind: `@types.coroutine`."""
    return site.function is not None and any(
        row is not None and row.makes in ("coroutine", "future")
        for _decorator, row, _value in program.calls.decorations(site.module, site.function_index)
    )


@rule(code="AL105", severity=Severity.ERROR, since="0.1", where=misused_coroutine, when=When(uses=MISUSES))
def coroutine_used_as_result(call: cst.Call, found: Misused, ctx: Context) -> Iterator[Diagnostic]:
    name = ctx.name(call)
    yield ctx.report(
        call,
        f"coroutine `{name}(...)` is {found.what} without being awaited",
        help=f"use its result: `(await {name}(...))`",
        fix=ctx.wrap_await(call) if ctx.in_coroutine and found.is_fixable else None,
    )

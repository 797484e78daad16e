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

Unsafe: code runs that did not run before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, rule
from asynclint.program.awaitables import asks_first
from asynclint.program.coroutines import made_at, misused_as

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


def misused_coroutine(site: Site, program: Program) -> str | None:
    what = misused_as(site)
    return what if what and made_at(site, program) is not None and not asks_first(site) else None


@rule(code="AL105", severity=Severity.ERROR, since="0.1", where=misused_coroutine)
def coroutine_used_as_result(call: cst.Call, what: str, ctx: Context) -> Iterator[Diagnostic]:
    name = ctx.name(call)
    yield ctx.report(
        call,
        f"coroutine `{name}(...)` is {what} without being awaited",
        help=f"use its result: `(await {name}(...))`",
        fix=ctx.wrap_await(call) if ctx.in_coroutine else None,
    )

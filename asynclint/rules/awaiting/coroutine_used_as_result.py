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

from asynclint.api import Diagnostic, Program, Severity, Site, Use, rule
from asynclint.program.coroutines import is_own_attribute, made_at

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context

_MISUSES = {
    Use.SUBSCRIPTED: "subscripted",
    Use.CALLED: "called",
    Use.OPERAND: "used as an operand",
    Use.ITERATED: "iterated",
    Use.ASYNC_ITERATED: "iterated",
    Use.UNPACKED: "unpacked",
    Use.STARRED: "unpacked",
    Use.DELEGATED: "iterated",
    Use.ENTERED: "entered with `with`",
    Use.ASYNC_ENTERED: "entered with `async with`",
}


def misused_coroutine(site: Site, program: Program) -> str | None:
    use = site.use
    if use is Use.ATTRIBUTE:
        attribute = site.use_details[0]
        what = f"asked for `.{attribute}`"
        if is_own_attribute(attribute):
            return None
    elif use in _MISUSES:
        what = _MISUSES[use]
    else:
        return None
    return what if made_at(site, program) is not None else None


@rule(code="AL105", severity=Severity.ERROR, since="0.1", where=misused_coroutine)
def coroutine_used_as_result(call: cst.Call, what: str, ctx: Context) -> Iterator[Diagnostic]:
    name = ctx.name(call)
    yield ctx.report(
        call,
        f"coroutine `{name}(...)` is {what} without being awaited",
        help=f"use its result: `(await {name}(...))`",
        fix=ctx.wrap_await(call) if ctx.in_coroutine else None,
    )

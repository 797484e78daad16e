"""Coroutine that is made and dropped.

Calling an `async def` runs nothing: it makes a coroutine object. As a statement of its own that
object is thrown away, the body never runs, and Python at most prints "coroutine was never awaited"
later, somewhere else.

## Bad

```python
import asyncio


async def save(order):
    await asyncio.sleep(1)


async def checkout(order):
    save(order)  # AL101
```

## Fixed

```python
import asyncio


async def save(order):
    await asyncio.sleep(1)


async def checkout(order):
    await save(order)
```

## Good

```python
import asyncio


async def save(order):
    await asyncio.sleep(1)


async def checkout(order):
    async with asyncio.TaskGroup() as group:
        group.create_task(save(order))


def main(order):
    asyncio.run(checkout(order))
```

## Fix safety

Awaiting runs code that did not run before, and waits for it: the fix is unsafe. In a plain `def`
there is no fix, since the caller would have to change too.

## Known limits

A call whose callee cannot be told is not reported, nor is a task or future that is dropped: those
run by themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, Use, When, rule
from asynclint.program.coroutines import dropped_at
from asynclint.program.types import Coroutine

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


def dropped_coroutine(site: Site, program: Program) -> Coroutine | None:
    return dropped_at(site, program)


@rule(
    code="AL101",
    severity=Severity.ERROR,
    since="0.1",
    where=dropped_coroutine,
    when=When(uses=frozenset({Use.DISCARDED})),
    aliases=("ASYNC105",),
)
def missing_await(call: cst.Call, made: Coroutine, ctx: Context) -> Iterator[Diagnostic]:
    name = ctx.name(call)
    if ctx.in_coroutine:
        what = "acts only when awaited, and nothing awaits it" if made.lazy else "never runs: nothing awaits it"
        yield ctx.report(
            call,
            f"`{name}(...)` {what}" if made.lazy else f"coroutine `{name}(...)` {what}",
            help=f"await it: `await {name}(...)`, or hand it to a task that is kept",
            fix=ctx.wrap_await(call),
        )
    else:
        where = f"`{ctx.scope}`" if ctx.scope else "the module"
        yield ctx.report(
            call,
            f"coroutine `{name}(...)` never runs: {where} is not async and cannot await it",
            help=f"make {where} async and await it, or start it with `{ctx.run_function}` from sync code"
            if ctx.scope
            else f"start it with `{ctx.run_function}`",
        )

"""Coroutine that is kept in a variable and never awaited.

The variable holds a coroutine object, not the result of the call. When no line awaits it, returns
it, or passes it on, its body never runs; code that tests or prints the variable sees the coroutine
object, which is always true.

## Bad

```python
import asyncio


async def fetch_total():
    await asyncio.sleep(1)
    return 3


async def report():
    total = fetch_total()  # AL102
```

## Fixed

```python
import asyncio


async def fetch_total():
    await asyncio.sleep(1)
    return 3


async def report():
    total = await fetch_total()
```

## Good

```python
import asyncio


async def fetch_total():
    await asyncio.sleep(1)
    return 3


async def report(log):
    total = fetch_total()
    log("started")
    return await total


async def both():
    first = fetch_total()
    second = fetch_total()
    return await asyncio.gather(first, second)
```

## Fix safety

Unsafe: the call runs where it did not before.

## Known limits

Reads are looked at by name: one read that awaits or passes on the variable silences the rule for
all assignments to it in the function. Attributes and globals are not followed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, Step, Use, When, rule
from asynclint.program.coroutines import idle_reads, is_taken_for_result, made_at
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Kept(NamedTuple):
    """A coroutine in a variable, and the reads that do nothing for it."""

    variable: str
    reads: tuple[Step, ...]
    kind: str = "coroutine"


def kept_and_forgotten(site: Site, program: Program) -> Kept | None:
    if site.use is not Use.ASSIGNED or site.function is None:
        return None
    targets = site.use_details[0]
    if len(targets) != 1 or not isinstance(targets[0], str):
        return None
    name = targets[0]
    if made_at(site, program) is None:
        return Kept(name, (), "awaitable") if is_taken_for_result(site, name, program) else None
    reads = idle_reads(site, name, program)
    if reads is None:
        return None
    steps = [
        program.step(site.module, read.line, read.column, read.end_column, f"`{name}` is the coroutine here")
        for read in reads
    ]
    return Kept(name, tuple(steps))


@rule(
    code="AL102",
    severity=Severity.ERROR,
    since="0.1",
    where=kept_and_forgotten,
    when=When(uses=frozenset({Use.ASSIGNED})),
)
def coroutine_never_awaited(call: cst.Call, kept: Kept, ctx: Context) -> Iterator[Diagnostic]:
    name = ctx.name(call)
    yield ctx.report(
        call,
        f"`{kept.variable}` holds the {kept.kind} `{name}(...)`, which nothing awaits",
        because=kept.reads,
        help=f"await the call: `{kept.variable} = await {name}(...)`"
        if ctx.in_coroutine
        else f"await it in an `async def`, or start it with `{ctx.run_function}`",
        fix=ctx.wrap_await(call) if ctx.in_coroutine else None,
    )

"""Coroutine compared instead of its result.

A coroutine object equals nothing but itself, is in no collection of results, and cannot be ordered.
The comparison is about the coroutine, the call's body never runs.

## Bad

```python
async def count():
    return 3


async def is_full():
    return count() == 3  # AL104
```

## Fixed

```python
async def count():
    return 3


async def is_full():
    return await count() == 3
```

## Good

```python
async def count():
    return 3


def start(ready):
    return count() if ready else None


async def is_full(ready):
    pending = start(ready)
    return pending is not None and (await pending) == 3
```

## Fix safety

Unsafe: the comparison may come out differently, which is the point.

## Known limits

What a function gives that may return None as well as a coroutine can be told apart with `is None`; it
is not reported, nor is a coroutine that a variable holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, Use, When, rule
from asynclint.program.coroutines import made_at
from asynclint.program.types import Coroutine

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


def compared_coroutine(site: Site, program: Program) -> Coroutine | None:
    return made_at(site, program) if site.use is Use.COMPARED else None


@rule(
    code="AL104",
    severity=Severity.ERROR,
    since="0.1",
    where=compared_coroutine,
    when=When(uses=frozenset({Use.COMPARED})),
)
def coroutine_compared(call: cst.Call, made: Coroutine, ctx: Context) -> Iterator[Diagnostic]:
    name = ctx.name(call)
    yield ctx.report(
        call,
        f"comparison with a coroutine: `{name}(...)` is not awaited",
        help=f"compare the result: `await {name}(...)`",
        fix=ctx.wrap_await(call) if ctx.in_coroutine else None,
    )

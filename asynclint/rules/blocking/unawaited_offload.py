"""Work sent to a thread and never looked at.

`run_in_executor` starts the work and gives a future of it. When that is dropped, the coroutine goes
on before the work is done, and an exception in it is never seen.

## Bad

```python
import asyncio


def write(rows):
    rows.sort()


async def save(rows):
    loop = asyncio.get_running_loop()
    loop.run_in_executor(None, write, rows)  # AL208
```

## Fixed

```python
import asyncio


def write(rows):
    rows.sort()


async def save(rows):
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, write, rows)
```

## Good

```python
import asyncio


def write(rows):
    rows.sort()


async def save(rows):
    loop = asyncio.get_running_loop()
    written = loop.run_in_executor(None, write, rows)
    await asyncio.gather(written, asyncio.to_thread(write, rows))
```

## Fix safety

The fix awaits the work. It is unsafe: the coroutine then goes on later.

## Known limits

Code may mean to start the work and forget it; keep the future in a variable to say so. A dropped
`asyncio.to_thread(...)` never runs at all and is a case of `missing-await`. Plain functions, such as
callbacks of the loop, cannot await and are not reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, Use, When, rule
from asynclint.program.offloads import starts_unawaited_offload

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


def drops_offloaded_work(site: Site, program: Program) -> bool | None:
    if site.use is not Use.DISCARDED or not site.in_coroutine:
        return None
    return starts_unawaited_offload(site, program) or None


@rule(
    code="AL208",
    severity=Severity.WARNING,
    since="0.1",
    where=drops_offloaded_work,
    when=When(uses=frozenset({Use.DISCARDED}), coroutine=True),
)
def unawaited_offload(call: cst.Call, found: bool, ctx: Context) -> Iterator[Diagnostic]:
    name = ctx.name(call)
    yield ctx.report(
        call,
        f"the work that `{name}` sends to a thread is not awaited, and its exceptions are never seen",
        help=f"await it: `await {name}(...)`, or keep the future",
        fix=ctx.wrap_await(call),
    )

"""Wait on the thread for what another thread or loop does.

`result()` of a `concurrent.futures.Future`, `concurrent.futures.wait`, and the end of a
`with ThreadPoolExecutor()` stop the thread until the work is done, and the event loop with it. When
the work is a coroutine that was handed to this very loop, it can never start: the program hangs.
The result of a finished `asyncio.Task` does not wait and is fine.

## Bad

```python
import asyncio
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor()


def work():
    return sum(range(10))


async def main():
    return pool.submit(work).result()  # AL206
```

## Fixed

```python
import asyncio
from concurrent.futures import ThreadPoolExecutor

pool = ThreadPoolExecutor()


def work():
    return sum(range(10))


async def main():
    return await asyncio.wrap_future(pool.submit(work))
```

## Good

```python
import asyncio
from concurrent.futures import ThreadPoolExecutor


def work():
    return sum(range(10))


async def main():
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor() as pool:
        return await loop.run_in_executor(pool, work)
```

## Options

- `first-time` (default `false`): report also helpers that keep what they have waited for.

## Fix safety

The fix awaits the future as one of asyncio. It is unsafe: other tasks run in the meantime. There is
none where a timeout is given.

## Known limits

A future of which the code asks `done()` is taken to be finished, and so is one that comes out of a
loop over finished ones. The end of a `with` on an executor is reported when work is submitted in it
that nothing in the block waits for.

## See also

`blocking-call` for other waits.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from asynclint.advice.blocking import ON_LOOP, found_in, is_asked_for, reported
from asynclint.api import Applicability, Diagnostic, Fix, Program, Severity, Site, SiteKind, rule
from asynclint.program.effects.blocks import Blocks
from asynclint.program.futures import is_left_to_exit, runs_here
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Waits(NamedTuple):
    """What waits, and whether this very loop has to do what it waits for."""

    blocks: Blocks
    is_deadlock: bool


def waits_for_future(site: Site, program: Program) -> Waits | None:
    blocks = found_in(site, program, "future")
    if blocks is None:
        return None
    direct = not blocks.via
    if direct and site.row[0] == SiteKind.WITH and not is_left_to_exit(site, program):
        return None
    return Waits(blocks, direct and site.row[0] == SiteKind.CALL and runs_here(site, program))


@rule(
    code="AL206",
    severity=Severity.ERROR,
    since="0.1",
    where=waits_for_future,
    when=ON_LOOP,
    options={"first-time": False},
)
def waiting_on_thread_future(node: cst.Call | cst.With | cst.For, found: Waits, ctx: Context) -> Iterator[Diagnostic]:
    blocks = found.blocks
    if not is_asked_for(blocks, ctx):
        return
    if blocks.via:
        yield reported(node, blocks, ctx)
        return
    called = node.__class__.__name__ == "Call"
    if found.is_deadlock:
        message = f"`{ctx.name(node)}` never returns: it waits for a coroutine that this event loop has to run"
    elif node.__class__.__name__ == "With":
        message = "leaving this `with` blocks the event loop until the executor's work is done"
    else:
        message = f"`{blocks.root}` blocks the event loop"
    yield ctx.report(
        node,
        message,
        help=f"use {blocks.row.advice(ctx.library)}",
        fix=_wrapped(node, ctx) if called else None,
        root=f"{blocks.root} at {blocks.root_place}",
    )


def _wrapped(call: Any, ctx: Context) -> Fix | None:
    """`await asyncio.wrap_future(future)` for `future.result()`."""
    func = call.func
    if call.args or ctx.library != "asyncio" or func.__class__.__name__ != "Attribute":
        return None
    if func.attr.value != "result":
        return None
    reference = ctx.reference("asyncio.wrap_future")
    if reference is None:
        return None
    text = f"await {reference[0]}({ctx.code(func.value)})"
    return ctx.replace(call, text, title="await the future", applicability=Applicability.UNSAFE, also=reference[1])

"""Blocking call in a coroutine.

An event loop runs one task at a time. A call that waits on the thread, such as `time.sleep`, a
`requests` call or a database query, holds every other task still until it returns: other requests
are not answered, timeouts do not fire, heartbeats are missed. The call may be hidden in sync
helpers, however deep; the trace shows the way to it.

## Bad

```python
import time


def warm_up():
    time.sleep(1)


async def refresh():
    warm_up()  # AL201


async def poll():
    time.sleep(1)  # AL201
```

## Fixed

```python
import asyncio
import time


def warm_up():
    time.sleep(1)


async def refresh():
    await asyncio.to_thread(warm_up)


async def poll():
    await asyncio.sleep(1)
```

## Good

```python
import asyncio
import time


def warm_up():
    time.sleep(1)


async def main():
    await asyncio.sleep(1)
    await asyncio.get_running_loop().run_in_executor(None, warm_up)


if __name__ == "__main__":
    warm_up()  # no loop runs yet
    asyncio.run(main())
```

## Options

- `first-time` (default `false`): report also helpers that keep what they have waited for.
- `in-tests` (default `false`): report in tests also databases and other processes, which hold up little there. What
  sleeps, or asks the network, is reported in any case: the server under test may run on the same loop.

## Fix safety

The fix runs the call in a worker thread, or uses the async counterpart where there is one. Both let
other tasks run in between, so it is unsafe. Where the result is needed as it is (in a condition, as
an argument) the fix awaits it in place.

## Known limits

Calls of objects whose type cannot be told are not reported. What a library does inside is known
only for those that the catalogue lists. To say that a helper is fast enough, write
`# asynclint: nonblocking` on its `def` line, or at the call: every chain through it is cleared.

The coroutine of a command (`click`, `typer`, ...) that starts no task is not reported: its event loop runs
nothing else.

A helper that keeps what it has waited for, in a global, an attribute or by `functools.cache`, blocks
the first time only. With `first-time` that is a warning, at each of the places that may be the first.

## See also

`waiting-on-thread-future` for work of other threads, `blocking-file-io` for files,
`blocking-file-lookup` for cheap file system calls, `blocking-cpu` for heavy computation,
`blocking-lock` for thread locks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.advice.blocking import ON_LOOP, found_in, is_asked_for, is_told_where_it_stands, reported
from asynclint.api import Diagnostic, Program, Severity, Site, rule
from asynclint.program.effects.blocks import Blocks

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


def blocks_the_loop(site: Site, program: Program) -> Blocks | None:
    return found_in(site, program, "wait")


@rule(
    code="AL201",
    severity=Severity.ERROR,
    since="0.1",
    where=blocks_the_loop, when=ON_LOOP,
    aliases=(
        "ASYNC210", "ASYNC211", "ASYNC212", "ASYNC220", "ASYNC221", "ASYNC222", "ASYNC250", "ASYNC251",
    ),
    options={"first-time": False, "in-tests": False},
)  # fmt: skip
def blocking_call(
    node: cst.Call | cst.With | cst.For | cst.ListComp | cst.SetComp | cst.DictComp, blocks: Blocks, ctx: Context
) -> Iterator[Diagnostic]:
    if is_told_where_it_stands(blocks, ctx) and is_asked_for(blocks, ctx):
        yield reported(node, blocks, ctx)

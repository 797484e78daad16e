"""Thread lock held across an `await`.

While the coroutine waits, the lock stays taken. The next task of the same loop that wants it stops
the whole thread, and with it the loop that would have to wake the holder: nothing runs again. An
`RLock` does not even protect: every task of the loop is the same thread.

## Bad

```python
import asyncio
import threading

lock = threading.Lock()


async def save():
    with lock:  # AL601
        await asyncio.sleep(1)
```

## Good

```python
import asyncio
import threading

lock = asyncio.Lock()
guard = threading.Lock()


async def save(rows):
    async with lock:
        await asyncio.sleep(1)
    with guard:
        rows.append(1)
    await asyncio.sleep(1)
```

## Known limits

`lock.acquire()` is followed to the `release()` calls of the same function. Locks handed to other
functions are not. Commands of `click`, `typer` and the like that start no task are silent: nobody else
asks for the lock. A thread lock that is never held across an `await` is the concern of `blocking-lock`,
which is off by default.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, SiteKind, Step, When, rule
from asynclint.program.commands import has_loop_to_itself
from asynclint.program.locks import Held, held_in_with, held_since_acquire

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


def held_across_await(site: Site, program: Program) -> tuple[Held, Step] | None:
    if not site.in_coroutine:
        return None
    if site.row[0] == SiteKind.CALL:
        held = held_since_acquire(site, program)
    else:
        held = None if site.row[6] else held_in_with(site, program)
    if held is None or has_loop_to_itself(site, program):
        return None
    way = held.gives_way
    text = "the lock is held when the consumer goes on" if way.row[0] == SiteKind.YIELD else "other tasks run here"
    return held, Step(program.display(site.module), program.span(way), text)


@rule(code="AL601", severity=Severity.ERROR, since="0.1", where=held_across_await, when=When(coroutine=True))
def thread_lock_across_await(node: cst.With | cst.Call, found: tuple[Held, Step], ctx: Context) -> Iterator[Diagnostic]:
    held, gives_way = found
    what = f"the thread lock that `{held.taken_in}` takes" if held.taken_in else f"`{held.lock}`"
    word = "yield" if held.gives_way.row[0] == SiteKind.YIELD else "await"
    yield ctx.report(
        node,
        f"{what} is held across {'a' if word == 'yield' else 'an'} `{word}`",
        because=[gives_way],
        help=f"use `async with` an `{ctx.library}.Lock`, or release the lock before the `{word}`",
    )

"""Event loop started inside a running one.

`asyncio.run` and `run_until_complete` refuse to run in a thread whose event loop is already running
and raise RuntimeError. A coroutine always runs in such a thread, and so do the sync helpers that it
calls.

## Bad

```python
import asyncio


async def fetch():
    await asyncio.sleep(1)


def fetch_now():
    return asyncio.run(fetch())


async def main():
    asyncio.run(fetch())  # AL502
    fetch_now()  # AL502
```

## Good

```python
import asyncio


async def fetch():
    await asyncio.sleep(1)


async def main():
    await fetch()


def start():
    asyncio.run(main())
```

## Known limits

A function that asks `asyncio.get_running_loop()` or `is_running()` itself is taken to know what it
does.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, When, rule
from asynclint.program.effects.starts_loop import StartsLoop

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


def starts_second_loop(site: Site, program: Program) -> StartsLoop | None:
    return program.effect(StartsLoop, site) if site.in_coroutine else None


@rule(code="AL502", severity=Severity.ERROR, since="0.1", where=starts_second_loop, when=When(coroutine=True))
def nested_event_loop(call: cst.Call, found: StartsLoop, ctx: Context) -> Iterator[Diagnostic]:
    subject = f"`{ctx.name(call)}(...)` ends in `{found.root}`, which" if found.via else f"`{found.root}`"
    yield ctx.report(
        call,
        f"{subject} raises RuntimeError: an event loop is already running here",
        because=found.via,
        help="await the coroutine itself; keep such wrappers for code that runs without a loop",
    )

"""`asyncio.get_event_loop` instead of the running loop, or without one.

In a coroutine the function returns the running loop, and `asyncio.get_running_loop` says so: it
raises where no loop runs instead of making one up. Where no loop runs, `asyncio.get_event_loop`
warns from Python 3.12 and raises RuntimeError from 3.14.

## Bad

```python
import asyncio


async def load(path):
    loop = asyncio.get_event_loop()  # AL506
    return await loop.run_in_executor(None, path.read_text)
```

```python
import asyncio


async def main():
    await asyncio.sleep(1)


def start():
    loop = asyncio.get_event_loop()  # AL506
    loop.run_until_complete(main())
```

## Fixed

```python
import asyncio


async def load(path):
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, path.read_text)
```

## Good

```python
import asyncio


async def load(path):
    loop = asyncio.get_running_loop()
    return await loop.run_in_executor(None, path.read_text)


async def main():
    await asyncio.sleep(1)


def start():
    asyncio.run(main())
```

## Fix safety

Safe: in a coroutine both functions return the same loop. Where no loop runs there is no fix, since
`asyncio.run` also closes the loop.

## Known limits

A plain function is only reported when it runs the loop itself, or at module level: elsewhere it may
be called from a coroutine. Silent where the module sets a loop by `asyncio.set_event_loop`, patches
loops to run within one another, or handles the RuntimeError. It is a hint in coroutines and as long
as the oldest supported Python still makes a loop, a warning from 3.12 and an error from 3.14.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Applicability, Diagnostic, Program, Severity, Site, rule
from asynclint.program.loops import handles_missing_loop, is_run_here, runs_at_import, sets_loop

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context

_FUNCTION = "asyncio.get_event_loop"


def asks_for_a_loop(site: Site, program: Program) -> str | None:
    """Where it asks: in a coroutine, or where no loop runs."""
    if site.arguments or site.keywords or program.qualified_name(program.callee(site)) != _FUNCTION:
        return None
    if site.in_coroutine:
        return "coroutine"
    at_import = runs_at_import(site)
    if not at_import and (site.function is None or not is_run_here(site)):
        return None
    if sets_loop(site.module) or handles_missing_loop(site):
        return None
    return "module" if at_import else "function"


@rule(code="AL506", severity=Severity.HINT, since="0.1", where=asks_for_a_loop)
def get_event_loop(call: cst.Call, where: str, ctx: Context) -> Iterator[Diagnostic]:
    if where == "coroutine":
        running = ctx.reference("asyncio.get_running_loop")
        yield ctx.report(
            call,
            f"`{_FUNCTION}` stands in a coroutine, which always has a running loop",
            help="use `asyncio.get_running_loop()`",
            fix=None
            if running is None
            else ctx.replace(
                call.func,
                running[0],
                title="ask for the running loop",
                applicability=Applicability.SAFE,
                also=running[1],
            ),
        )
        return
    if ctx.target_version >= (3, 14):
        severity, what = Severity.ERROR, "raises RuntimeError where no event loop runs"
    elif ctx.target_version >= (3, 12):
        severity, what = Severity.WARNING, "warns where no event loop runs, and raises RuntimeError from Python 3.14"
    else:
        severity, what = Severity.HINT, "raises RuntimeError from Python 3.14 where no event loop runs"
    yield ctx.report(
        call,
        f"`{_FUNCTION}` {what}",
        help="start the coroutine with `asyncio.run`, which makes and closes a loop"
        if where == "function"
        else "ask for the loop in the coroutine that uses it, by `asyncio.get_running_loop()`",
        severity=severity,
    )

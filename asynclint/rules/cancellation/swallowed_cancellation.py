"""Handler that swallows a cancellation.

A task is cancelled by raising `CancelledError` at its current `await`. A handler that catches it
and goes on keeps the task alive: `asyncio.timeout` and `TaskGroup` wait for it, shutdown hangs,
and whoever cancelled is told that all went well. Bare `except:` and `except BaseException` catch
it too; `except Exception` does not, since Python 3.8.

## Bad

```python
import asyncio


async def work(queue):
    try:
        await queue.get()
    except asyncio.CancelledError:  # AL301
        print("cancelled")
    await queue.join()
```

## Fixed

```python
import asyncio


async def work(queue):
    try:
        await queue.get()
    except asyncio.CancelledError:
        print("cancelled")
        raise
    await queue.join()
```

## Good

```python
import asyncio


async def work(queue):
    try:
        await queue.get()
    except asyncio.CancelledError:
        print("cancelled")
        raise


async def stop(task):
    task.cancel()
    try:
        await task
    except asyncio.CancelledError:
        pass
```

## Options

- `at-the-end` (default `false`): report `except CancelledError` also where the function ends right after.

## Fix safety

The fix adds `raise` at the end of the handler. It is unsafe: the caller then sees the cancellation.

## Known limits

Severity follows what comes next: an error where the function goes on to wait again, a hint where
it ends right there (the task then merely counts as finished instead of cancelled). The latter is a common
way to end a task, so a handler that names the cancellation is not reported there unless `at-the-end` is
set; `except BaseException` and a bare `except`, which may catch it by accident, are. Silent are:
stopping one's own task (`cancel()` it, await it, ignore the error), handlers that call
`uncancel()`, that pass the exception object on, or that leave the program, and bodies without any
`await`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Applicability, Completion, Diagnostic, Program, Severity, Site, Step, When, rule
from asynclint.program.cancellation import goes_on_after
from asynclint.program.handlers import caught_at, is_in_trap
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context

_GOES_ON = Completion.FALLS_THROUGH | Completion.RETURNS | Completion.BREAKS | Completion.CONTINUES


class Swallows(NamedTuple):
    """What is caught, where a cancellation can arrive, and whether the function goes on waiting."""

    caught: str
    is_broad: bool
    arrives: Step
    goes_on: bool
    falls_through: bool


def swallows(site: Site, program: Program) -> Swallows | None:
    if not site.in_coroutine or not site.row[10] & _GOES_ON:
        return None
    caught = caught_at(site, program)
    if caught is None or is_in_trap(site, program):
        return None
    flags = site.row[10]
    step = Step(program.display(site.module), program.span(caught.arrives), "a cancellation arrives here")
    goes_on = goes_on_after(site.sibling(site.row[6]), flags)
    return Swallows(caught.what or "everything", caught.broad, step, goes_on, bool(flags & Completion.FALLS_THROUGH))


@rule(
    code="AL301",
    severity=Severity.ERROR,
    since="0.1",
    where=swallows,
    when=When(coroutine=True),
    aliases=("ASYNC103",),
    options={"at-the-end": False},
)
def swallowed_cancellation(
    handler: cst.ExceptHandler | cst.ExceptStarHandler, found: Swallows, ctx: Context
) -> Iterator[Diagnostic]:
    if not (found.goes_on or found.is_broad or ctx.options["at-the-end"]):
        return
    what = "`except` without a type" if found.caught == "everything" else f"`except {found.caught}`"
    yield ctx.report(
        handler,
        f"{what} swallows the cancellation of this task"
        + (", which then goes on" if found.goes_on else ", which then counts as finished"),
        because=[found.arrives],
        help="re-raise it after cleaning up, with a bare `raise`"
        + ("" if "Cancel" in found.caught else "; or catch `Exception`, which leaves cancellation alone"),
        fix=ctx.insert_after(handler.body.body[-1], "raise", title="re-raise it", applicability=Applicability.UNSAFE)
        if found.falls_through
        else None,
        severity=None if found.goes_on else Severity.HINT,
    )

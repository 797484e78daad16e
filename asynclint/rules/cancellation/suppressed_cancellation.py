"""Cancellation suppressed by `contextlib.suppress`.

`with suppress(CancelledError):` around an `await` is an `except CancelledError: pass` in other
words: the task is asked to stop and goes on.

## Bad

```python
import asyncio
import contextlib


async def work(queue):
    with contextlib.suppress(asyncio.CancelledError):  # AL302
        await queue.get()
    await queue.join()
```

## Good

```python
import asyncio
import contextlib


async def stop(task):
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


async def work(queue):
    while True:
        with contextlib.suppress(ValueError):
            await queue.get()
```

## Options

- `at-the-end` (default `false`): report a named cancellation also where the function ends right after.

## Known limits

Severity and silent cases are those of `swallowed-cancellation`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, Step, When, rule
from asynclint.program.cancellation import goes_on_after
from asynclint.program.handlers import is_in_trap, suppressed_at
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Suppresses(NamedTuple):
    """What is suppressed, where a cancellation can arrive, and whether the function goes on waiting."""

    caught: str
    is_broad: bool
    arrives: Step
    goes_on: bool


def suppresses(site: Site, program: Program) -> Suppresses | None:
    caught = suppressed_at(site, program) if site.in_coroutine else None
    if caught is None or is_in_trap(site, program):
        return None
    step = Step(program.display(site.module), program.span(caught.arrives), "a cancellation arrives here")
    return Suppresses(caught.what, caught.broad, step, goes_on_after(site))


@rule(
    code="AL302",
    severity=Severity.ERROR,
    since="0.1",
    where=suppresses,
    when=When(coroutine=True),
    options={"at-the-end": False},
)
def suppressed_cancellation(node: cst.With, found: Suppresses, ctx: Context) -> Iterator[Diagnostic]:
    if not (found.goes_on or found.is_broad or ctx.options["at-the-end"]):
        return
    yield ctx.report(
        node,
        f"`suppress({found.caught})` swallows the cancellation of this task"
        + (", which then goes on" if found.goes_on else ", which then counts as finished"),
        because=[found.arrives],
        help="let the cancellation pass; clean up in `finally`",
        severity=None if found.goes_on else Severity.HINT,
    )

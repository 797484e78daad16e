"""Endless loop that swallows every cancellation.

All that can be cancelled in the loop stands in a `try` or `with suppress(...)` that keeps the
cancellation, and nothing else ends the loop. The task never stops: `asyncio.run` hangs at its end,
and so does everything that cancels the task and waits for it.

## Bad

```python
import asyncio


async def work(queue):
    while True:  # AL305
        try:
            await queue.get()
        except BaseException:
            print("go on")
```

## Good

```python
import asyncio


async def work(queue):
    while True:
        try:
            await queue.get()
        except Exception:
            print("go on")


async def noisy(queue):
    while True:
        try:
            await queue.get()
        except asyncio.CancelledError:
            print("stopped")
            raise
```

## Known limits

One `await` of the loop outside of such a `try`, a `break`, a `return` or a `raise` is a way out; then
the handler alone is reported, by `swallowed-cancellation`, and where it stops a task that the
function itself has cancelled, it is not.

## See also

`swallowed-cancellation` and `suppressed-cancellation` for handlers elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, Step, rule
from asynclint.program.handlers import trap
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Endless(NamedTuple):
    """What swallows, in words, and where: the cancellation arrives, and is kept."""

    what: str
    steps: tuple[Step, ...]


def swallows_every_cancellation(site: Site, program: Program) -> Endless | None:
    found = trap(site, program)
    if found is None:
        return None
    path = program.display(site.module)
    steps = (
        Step(path, program.span(found.caught.arrives), "a cancellation arrives here"),
        Step(path, program.span(found.site), "and is swallowed here"),
    )
    return Endless(found.spelled, steps)


@rule(code="AL305", severity=Severity.ERROR, since="0.1", where=swallows_every_cancellation, aliases=("ASYNC103",))
def uncancellable_loop(loop: cst.While, found: Endless, ctx: Context) -> Iterator[Diagnostic]:
    yield ctx.report(
        loop,
        f"{found.what} swallows every cancellation of this loop, which nothing else ends",
        because=found.steps,
        help="re-raise the cancellation, or catch `Exception`, which leaves it alone",
    )

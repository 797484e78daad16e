"""Handler that replaces a cancellation by another exception.

Whoever cancels a task waits for `CancelledError` to come out of it. A handler that catches it and
raises something else ends the cancellation just as one that swallows it: `asyncio.timeout` and
`TaskGroup` see a failure, and a caller that handles the new exception goes on working.

## Bad

```python
import asyncio


async def read(connection):
    try:
        return await connection.read()
    except BaseException:
        raise ConnectionError("no answer")  # AL304
```

## Good

```python
import asyncio


async def read(connection):
    try:
        return await connection.read()
    except Exception:
        raise ConnectionError("no answer")


async def read_once(connection):
    try:
        return await connection.read()
    except asyncio.CancelledError:
        await connection.close()
        raise
```

## Known limits

A handler that names the cancellation has its author's attention and is a hint; one that also raises
`from` it, or `from None`, is silent. So are handlers that re-raise on some path, that wait for a
task which the function has cancelled, that call `uncancel()` or `cancelling()`, and those that
raise a cancellation (that of `concurrent.futures` included), `SystemExit`, `KeyboardInterrupt` or
AssertionError.

## See also

`swallowed-cancellation` for handlers that raise nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Completion, Diagnostic, Program, Severity, Site, SiteKind, Step, When, rule
from asynclint.program.handlers import caught_at, may_end_task
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context

_OTHER_ENDS = (
    Completion.FALLS_THROUGH | Completion.RETURNS | Completion.BREAKS | Completion.CONTINUES | Completion.RERAISES
)


class Replaces(NamedTuple):
    """The clause in words, where the cancellation arrives, the `raise`, and whether it names no cancellation."""

    clause: str
    arrives: Step
    place: int
    broad: bool


def replaces(site: Site, program: Program) -> Replaces | None:
    flags = site.row[10]
    if not site.in_coroutine or flags & _OTHER_ENDS:
        return None
    caught = caught_at(site, program)
    if caught is None:
        return None
    inside = site.within(site.row[9])
    raised = [each for each in inside if each.row[0] == SiteKind.RAISE and each.row[6] is not None]
    if not raised or any(may_end_task(each, program) for each in raised):
        return None
    # `except CancelledError: raise Failed from None` is meant as it stands.
    if not caught.broad and not any(each.row[7] is None for each in raised):
        return None
    step = Step(program.display(site.module), program.span(caught.arrives), "a cancellation arrives here")
    return Replaces(caught.clause, step, raised[-1].number, caught.broad)


@rule(
    code="AL304",
    severity=Severity.WARNING,
    since="0.1",
    where=replaces,
    when=When(coroutine=True),
    aliases=("ASYNC104",),
)
def replaced_cancellation(
    handler: cst.ExceptHandler | cst.ExceptStarHandler, found: Replaces, ctx: Context
) -> Iterator[Diagnostic]:
    yield ctx.report(
        found.place,
        f"{found.clause} replaces the cancellation of this task by another exception",
        because=[found.arrives],
        help="raise the cancellation itself, or catch `Exception`, which leaves it alone",
        severity=None if found.broad else Severity.HINT,
    )

"""Timeout caught inside the scope that raises it.

A timeout scope cancels the code in it, and turns that cancellation into a TimeoutError only where
the `with` block is left. A handler inside the block never sees its timeout: the block is left by
the cancellation, and the error goes to whoever is outside.

## Bad

```python
import asyncio


async def read(queue):
    async with asyncio.timeout(5):
        try:
            return await queue.get()
        except TimeoutError:  # AL306
            return None
```

## Good

```python
import asyncio


async def read(queue):
    try:
        async with asyncio.timeout(5):
            return await queue.get()
    except TimeoutError:
        return None


async def read_twice(queue):
    async with asyncio.timeout(5):
        try:
            return await asyncio.wait_for(queue.get(), 1)
        except TimeoutError:
            return await queue.get()
```

## Known limits

Silent where the guarded code may raise a timeout of its own: another timeout scope, an argument
named `timeout`, a `raise TimeoutError`, in the `try` block or in the project's functions that it
awaits. Silent too where a handler outside takes the timeout of the scope.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import BlockKind, Diagnostic, Program, Severity, Site, Step, When, rule
from asynclint.program.cancellation import suspension_in
from asynclint.program.timeouts import catches_timeout, may_time_out, timeout_scope
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Misplaced(NamedTuple):
    """What is caught, the scope whose timeout is meant, and where that scope begins."""

    caught: str
    scope: str
    begins: Step


def inside_its_scope(site: Site, program: Program) -> Misplaced | None:
    if not site.in_coroutine or site.row[7] is None:
        return None
    around = _scope_around(site, program)
    if around is None:
        return None
    caught = catches_timeout(site.row[7], site, program)
    attempt = site.sibling(site.row[6])
    if not caught or suspension_in(attempt.row[6], site) is None or may_time_out(attempt.row[6], attempt, program):
        return None
    entered, name = around
    if _is_caught_outside(entered, program):
        return None
    step = Step(program.display(site.module), program.span(entered), f"`{name}` raises it where this block ends")
    return Misplaced(caught, name, step)


def _scope_around(site: Site, program: Program) -> tuple[Site, str] | None:
    """The timeout scope whose body holds the `try` of a handler, and the name of what opens it."""
    for number, kind, detail in site.sibling(site.row[6]).blocks():
        if kind in (BlockKind.FUNCTION, BlockKind.LAMBDA, BlockKind.CLASS, BlockKind.HANDLER, BlockKind.FINALLY):
            return None
        if kind is BlockKind.WITH:
            entered = site.sibling(detail)
            name = timeout_scope(entered, program)
            if name and entered.row[8] == number:
                return entered, name
    return None


def _is_caught_outside(entered: Site, program: Program) -> bool:
    for _number, kind, detail in entered.blocks():
        if kind in (BlockKind.FUNCTION, BlockKind.LAMBDA):
            return False
        if kind is BlockKind.TRY:
            for handler in map(entered.sibling, entered.sibling(detail).row[7]):
                if handler.row[7] is None or catches_timeout(handler.row[7], handler, program):
                    return True
    return False


@rule(code="AL306", severity=Severity.WARNING, since="0.1", where=inside_its_scope, when=When(coroutine=True))
def timeout_caught_inside(
    handler: cst.ExceptHandler | cst.ExceptStarHandler, found: Misplaced, ctx: Context
) -> Iterator[Diagnostic]:
    yield ctx.report(
        handler,
        f"`except {found.caught}` does not see the timeout of the `{found.scope}` around it",
        because=[found.begins],
        help="put the `try` around the timeout scope instead of into it",
    )

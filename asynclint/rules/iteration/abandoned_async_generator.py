"""Async generator left before its end, with its clean-up still to come.

When `break` or `return` leaves an `async for`, the generator stays suspended at its `yield`. Its
`finally` and `with` blocks run only when it is garbage collected, in a task of the event loop's
own: late, in another context, or, at shutdown, not at all.

## Bad

```python
import asyncio


async def rows(connection):
    await connection.begin()
    try:
        while True:
            yield await connection.next()
    finally:
        await connection.rollback()


async def first(connection):
    async for row in rows(connection):  # AL704
        return row
```

## Good

```python
import asyncio
from contextlib import aclosing


async def rows(connection):
    await connection.begin()
    try:
        while True:
            yield await connection.next()
    finally:
        await connection.rollback()


async def first(connection):
    async with aclosing(rows(connection)) as found:
        async for row in found:
            return row
```

## Known limits

Reported where the loop's iterable is itself the call of an async generator of the project that
yields within a `with` or within a `try` with `finally`. Leaving by an exception is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import BlockKind, Diagnostic, Module, Program, Severity, Site, SiteKind, Step, rule
from asynclint.program.types import FunctionObject
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Abandoned(NamedTuple):
    """The generator, how the loop is left, where, and what is then still to be cleaned up."""

    generator: str
    word: str
    leaves: Step
    suspended: Step


def left_early(site: Site, program: Program) -> Abandoned | None:
    if not site.row[6] or not isinstance(site.row[8], int):
        return None
    call = site.sibling(site.row[8])
    if call.row[0] != SiteKind.CALL:
        return None
    exit_ = _early_exit(site)
    if exit_ is None:
        return None
    callee = program.callee(call)
    if not isinstance(callee, FunctionObject):
        return None
    function = callee.module.facts.functions[callee.number]
    if not (function.is_async and function.is_generator):
        return None
    guarded = _guarded_yield(callee.module, callee.number)
    if guarded is None:
        return None
    word = "return" if exit_.row[0] == SiteKind.RETURN else "break"
    path = program.display(site.module)
    return Abandoned(
        function.qualname,
        word,
        Step(path, program.span(exit_), f"`{word}` leaves the loop"),
        Step(
            program.display(callee.module),
            program.span(guarded),
            f"`{function.qualname}` stays suspended here, its clean-up undone",
        ),
    )


def _early_exit(loop: Site) -> Site | None:
    """The first `break` or `return` in the loop's body that leaves it."""
    body = loop.row[9]
    for each in loop.within(body):
        if each.row[0] == SiteKind.RETURN:
            return each
        if each.row[0] == SiteKind.JUMP and each.row[6] == "break":
            nearest = next((number for number, kind, _ in each.blocks() if kind is BlockKind.LOOP), None)
            if nearest == body:
                return each
    return None


def _guarded_yield(module: Module, function: int) -> Site | None:
    """The first `yield` of a function that stands in a `with`, or in a `try` that has a `finally`."""
    facts = module.facts
    for number in module.yields_of.get(function, ()):
        site = Site(module, number)
        for block, kind, detail in site.blocks():
            if kind is BlockKind.FUNCTION:
                break
            if kind is BlockKind.WITH:
                return site
            if kind in (BlockKind.TRY, BlockKind.HANDLER, BlockKind.TRY_ELSE) and _final(facts.sites[detail], block):
                return site
    return None


def _final(row: tuple[object, ...], block: int) -> bool:
    final = row[9]
    return isinstance(final, int) and final >= 0 and final != block


@rule(code="AL704", severity=Severity.WARNING, since="0.1", where=left_early)
def abandoned_async_generator(node: cst.For, found: Abandoned, ctx: Context) -> Iterator[Diagnostic]:
    yield ctx.report(
        node,
        f"`{found.word}` abandons the async generator `{found.generator}`, whose clean-up then runs late or never",
        because=[found.leaves, found.suspended],
        help="close it where it is used: `async with contextlib.aclosing(...) as items`, and loop over `items`",
    )

"""Context manager entered with the wrong kind of `with`.

`with` calls `__enter__`, `async with` awaits `__aenter__`. An object that has only the other one
raises (AttributeError, or TypeError since Python 3.11) before the first line of the block runs.

## Bad

```python
import asyncio

lock = asyncio.Lock()


async def save():
    with lock:  # AL701
        await asyncio.sleep(1)
```

## Fixed

```python
import asyncio

lock = asyncio.Lock()


async def save():
    async with lock:
        await asyncio.sleep(1)
```

## Good

```python
import asyncio
import threading

lock = asyncio.Lock()
guard = threading.Lock()


async def save():
    async with lock:
        await asyncio.sleep(1)
    with guard:
        pass
```

## Fix safety

The fix adds or takes away `async`. It is unsafe: the block runs where it raised before. There is
none for `async with` outside of an `async def`, and none when only some items of one `with` are of
the wrong kind.

## Known limits

An `__enter__` that can only raise ("use async with instead") counts as absent. Objects whose class
is not known to its last base are not reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Applicability, Diagnostic, Program, Severity, Site, rule
from asynclint.program.coroutines import expects_error
from asynclint.program.protocols import described, may_be_entered, only_enters
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Mismatch(NamedTuple):
    """The first item of the wrong kind, what it is, and whether all items are."""

    item: int
    what: str
    needs_async: bool
    every: bool


def mismatched(site: Site, program: Program) -> Mismatch | None:
    is_async = bool(site.row[6])
    wrong = {}
    for number, (context, _target) in enumerate(site.row[7]):
        type_ = program.type_of(context, site)
        if only_enters(type_, program, is_async=not is_async) and not may_be_entered(context, site, program):
            wrong[number] = described(type_)
    if not wrong or expects_error(site):
        return None
    first, what = next(iter(wrong.items()))
    return Mismatch(first, what, not is_async, len(wrong) == len(site.row[7]))


@rule(code="AL701", severity=Severity.ERROR, since="0.1", where=mismatched)
def wrong_kind_of_with(node: cst.With, found: Mismatch, ctx: Context) -> Iterator[Diagnostic]:
    context = node.items[found.item].item
    right, wrong = ("async with", "with") if found.needs_async else ("with", "async with")
    fix = None
    if found.every and found.needs_async and ctx.in_coroutine:
        fix = ctx.prefix(node, "async ", title="use `async with`", applicability=Applicability.UNSAFE)
    elif found.every and not found.needs_async:
        fix = ctx.unprefix(node, "async", title="use `with`", applicability=Applicability.UNSAFE)
    advice = f"write `{right}`"
    if found.needs_async and not ctx.in_coroutine:
        advice += " in an `async def`"
    yield ctx.report(
        context,
        f"{found.what} is entered with `{wrong}` instead of `{right}`",
        help=advice,
        fix=fix,
    )

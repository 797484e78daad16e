"""Loop of the wrong kind: `for` over an async iterable, or the reverse.

`for` calls `__iter__`, `async for` calls `__aiter__`. An object that has only the other one raises
TypeError at the first round. The same goes for comprehensions.

## Bad

```python
import asyncio


async def ticks():
    yield 1
    await asyncio.sleep(1)
    yield 2


async def main():
    for tick in ticks():  # AL702
        print(tick)
    async for number in [1, 2]:  # AL702
        print(number)
```

## Fixed

```python
import asyncio


async def ticks():
    yield 1
    await asyncio.sleep(1)
    yield 2


async def main():
    async for tick in ticks():
        print(tick)
    for number in [1, 2]:
        print(number)
```

## Good

```python
import asyncio


async def ticks():
    yield 1
    await asyncio.sleep(1)
    yield 2


async def main():
    found = [tick async for tick in ticks()]
    for tick in found:
        print(tick)
```

## Fix safety

The fix adds or takes away `async`. It is unsafe: the loop runs where it raised before. There is
none for `async for` outside of an `async def`.

## Known limits

Objects whose class is not known to its last base are not reported. A coroutine in a loop is a
forgotten `await` and has a rule of its own.

## See also

`async-generator-to-sync-consumer` for `any`, `sum`, `list` and the like.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from asynclint.api import Applicability, Diagnostic, Program, Severity, Site, rule
from asynclint.program.coroutines import expects_error
from asynclint.program.protocols import described, loops, only_iterates
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Mismatch(NamedTuple):
    """Which loop of a comprehension it is, and what it goes over."""

    loop: int
    what: str
    needs_async: bool


def mismatched(site: Site, program: Program) -> Mismatch | None:
    for number, (is_async, type_) in enumerate(loops(site, program)):
        if only_iterates(type_, program, is_async=not is_async) and not expects_error(site):
            return Mismatch(number, described(type_), not is_async)
    return None


@rule(code="AL702", severity=Severity.ERROR, since="0.1", where=mismatched)
def wrong_kind_of_for(
    node: cst.For | cst.ListComp | cst.SetComp | cst.DictComp | cst.GeneratorExp, found: Mismatch, ctx: Context
) -> Iterator[Diagnostic]:
    loop: Any = getattr(node, "for_in", node)
    for _ in range(found.loop):
        loop = loop.inner_for_in
    right, wrong = ("async for", "for") if found.needs_async else ("for", "async for")
    fix = None
    if not found.needs_async:
        fix = ctx.unprefix(loop, "async", title="use `for`", applicability=Applicability.UNSAFE)
    elif ctx.in_coroutine:
        fix = ctx.prefix(loop, "async ", title="use `async for`", applicability=Applicability.UNSAFE)
    advice = f"write `{right}`"
    if found.needs_async and not ctx.in_coroutine:
        advice += " in an `async def`"
    yield ctx.report(
        loop.iter,
        f"{found.what} is iterated with `{wrong}` instead of `{right}`",
        help=advice,
        fix=fix,
    )

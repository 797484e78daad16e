"""Shared value read before an `await` and written back after it.

In `self.total += await price()` Python reads `self.total`, then waits, then writes the sum. What
another task has written in between is overwritten.

## Bad

```python
class Cart:
    def __init__(self):
        self.total = 0

    async def add(self, shop, item):
        self.total += await shop.price(item)  # AL602

    async def remove(self, shop, item):
        self.total -= await shop.price(item)  # AL602
```

## Good

```python
import asyncio


class Cart:
    def __init__(self):
        self.total = 0
        self.lock = asyncio.Lock()

    async def add(self, shop, item):
        price = await shop.price(item)
        self.total += price

    async def remove(self, shop, item):
        async with self.lock:
            self.total -= await shop.price(item)
```

## Known limits

Only `x += await ...` is looked at, for attributes of `self`, globals and nonlocal names that hold
numbers, text or tuples: lists and sets change in place. And only where two tasks can meet: another
coroutine also changes the value, or calls of this one are collected to run at the same time. Silent
within `async with` on anything that may be a lock.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, SiteKind, Step, When, rule
from asynclint.program.shared_state import is_replaced, may_hold_lock, meets, shared_target
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Lost(NamedTuple):
    """The shared value, and who else changes it."""

    target: str
    rival: Step


def read_before_await(site: Site, program: Program) -> Lost | None:
    if not site.in_coroutine or not _awaits(site):
        return None
    target = shared_target(site.row[6], site)
    if target is None or not is_replaced(site.row[6], site, program) or may_hold_lock(site, program):
        return None
    rival = meets(target, site, program)
    return None if rival is None else Lost(target.spelling, rival)


def _awaits(site: Site) -> bool:
    """Whether an augmented assignment waits while it works out its right side."""
    sites = site.module.facts.sites
    end = (site.row[3], site.row[4])
    number = site.number + 1
    while number < len(sites) and (sites[number][1], sites[number][2]) < end:
        if sites[number][0] == SiteKind.AWAIT and site.sibling(number).function_index == site.function_index:
            return True
        number += 1
    return False


@rule(code="AL602", severity=Severity.WARNING, since="0.1", where=read_before_await, when=When(coroutine=True))
def lost_update(node: cst.AugAssign, lost: Lost, ctx: Context) -> Iterator[Diagnostic]:
    yield ctx.report(
        node,
        f"`{lost.target}` is read before the `await` and written after it: a change in between is lost",
        because=[lost.rival],
        help="await first, then change the value; or hold an `asyncio.Lock` around all changes",
    )

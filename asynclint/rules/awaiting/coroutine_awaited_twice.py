"""One coroutine awaited a second time.

A coroutine object runs once. A second `await` of the same object raises RuntimeError "cannot reuse
already awaited coroutine", so the result has to be kept, the function called again, or a task made,
which can be awaited as often as needed.

## Bad

```python
async def fetch():
    return 3


async def twice():
    pending = fetch()
    first = await pending
    second = await pending  # AL117
    return first + second


async def poll():
    pending = fetch()
    while True:
        print(await pending)  # AL117
```

## Good

```python
import asyncio


async def fetch():
    return 3


async def twice():
    task = asyncio.create_task(fetch())
    first = await task
    return first + await task


async def poll():
    while True:
        pending = fetch()
        print(await pending)
```

## Known limits

Only local names are followed that are assigned once, and only where the second `await` follows the
first on every path, or stands in a loop that nothing leaves.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import BindingKind, BlockKind, Diagnostic, Program, Severity, Site, SiteKind, Step, rule
from asynclint.program import names
from asynclint.program.coroutines import made_at
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Again(NamedTuple):
    """An await of a coroutine that was awaited at the steps before; none when it is its own loop's."""

    variable: str
    before: tuple[Step, ...]


def awaited_again(site: Site, program: Program) -> Again | None:
    name = site.row[6]
    if not isinstance(name, str) or site.function is None:
        return None
    found = names.find(name, site.place)
    if found is None or len(found.bindings) != 1:
        return None
    module, binding = site.module, found.bindings[0]
    facts = module.facts
    scope = facts.scopes[found.scope]
    if scope.owner != site.function_index or len(scope.bindings[name]) != 1 or binding.kind != BindingKind.VALUE:
        return None
    if binding.path or not isinstance(binding.a, int) or facts.sites[binding.a][0] != SiteKind.CALL:
        return None
    if made_at(site.sibling(binding.a), program) is None:
        return None
    earlier = _earlier(site, name)
    if earlier is not None:
        step = Step(program.display(module), program.span(earlier), f"`{name}` is awaited here first")
        return Again(name, (step,))
    return Again(name, ()) if _repeats(site, binding.block) else None


def _earlier(site: Site, name: str) -> Site | None:
    """An await of the name that has run whenever the site runs."""
    around = set(site.module.facts.ancestors(site.block))
    for number in site.module.own_sites.get(site.function_index, ()):
        if number == site.number:
            return None
        row = site.module.facts.sites[number]
        if row[0] == SiteKind.AWAIT and row[6] == name and row[5] in around:
            return site.sibling(number)
    return None


def _repeats(site: Site, bound_in: int) -> bool:
    """Whether the site stands in a loop without an exit, and the name is bound outside of it."""
    facts = site.module.facts
    for number, kind, detail in site.blocks():
        if number == bound_in or kind is BlockKind.FUNCTION:
            return False
        if kind is BlockKind.LOOP:
            leaves = (SiteKind.JUMP, SiteKind.RETURN, SiteKind.RAISE)
            within = [each.row[0] for each in site.sibling(detail).within(number)]
            return bound_in in facts.ancestors(number) and not any(kind in leaves for kind in within)
        if kind is not BlockKind.IF and kind is not BlockKind.ELSE and kind is not BlockKind.WITH:
            return False
    return False


@rule(code="AL117", severity=Severity.ERROR, since="0.1", where=awaited_again)
def coroutine_awaited_twice(node: cst.Await, again: Again, ctx: Context) -> Iterator[Diagnostic]:
    where = "again" if again.before else "in each round of the loop"
    yield ctx.report(
        node,
        f"coroutine `{again.variable}` is awaited {where}, which raises RuntimeError",
        because=again.before,
        help="keep the result, call the function again, or make a task, which can be awaited often",
    )

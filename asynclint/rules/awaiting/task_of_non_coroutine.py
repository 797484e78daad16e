"""Something else than a coroutine handed to what runs coroutines.

`create_task`, `asyncio.run`, `run_coroutine_threadsafe` and `wait_for` raise TypeError for the
result of a plain function, for `None` and for lists. Those that start coroutines also refuse tasks
and futures, which run already.

## Bad

```python
import asyncio


def save(text):
    print(text)


async def fetch():
    await asyncio.sleep(1)


async def main():
    saved = asyncio.create_task(save("a"))  # AL115
    await saved
    task = asyncio.create_task(fetch())
    again = asyncio.create_task(task)  # AL115
    await again
```

## Good

```python
import asyncio


def save(text):
    print(text)


async def fetch():
    await asyncio.sleep(1)


async def main():
    save("a")
    task = asyncio.create_task(fetch())
    again = asyncio.ensure_future(task)
    await asyncio.wait_for(again, 3)
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.advice.arguments import argument_node
from asynclint.api import Diagnostic, Program, Severity, Site, SiteKind, When, rule
from asynclint.program.awaitables import asks_first, gives_awaitable, is_collection, made_by_calling, refused
from asynclint.program.handed import Handed, handed
from asynclint.program.overrides import may_be_overridden
from asynclint.program.types import Instance, may_be_none, members
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context

_OBJECTS = frozenset({"coroutine", "awaitable"})


class Refused(NamedTuple):
    """The argument that is refused, and what it is."""

    key: int | str
    what: str


def refused_argument(site: Site, program: Program) -> Refused | None:
    for each in handed(site, program):
        if each.takes <= _OBJECTS:
            what = _refused(each, site, program)
            if what and not asks_first(site):
                return Refused(each.key, what)
    return None


def _refused(each: Handed, site: Site, program: Program) -> str:
    if isinstance(each.expr, tuple) and each.expr[0] == ".":
        return ""
    type_ = program.type_of(each.expr, site)
    if isinstance(each.expr, str) and may_be_none(type_):
        return ""
    if each.run.argument[1] == "*" and is_collection(type_):
        return ""
    found = members(type_)
    if any(_is_generator(part) for part in found):
        return ""  # before Python 3.12 it passes for a coroutine of the old kind
    if each.run.takes == "coroutine" and found and all(_is_future(part, program) for part in found):
        return "a future or task, which runs already"
    if isinstance(each.expr, int) and site.module.facts.sites[each.expr][0] == SiteKind.CALL:
        call = site.sibling(each.expr)
        if may_be_overridden(call, program) or gives_awaitable(call, program):
            return ""
    if made_by_calling(type_, program) is not None:
        return ""
    what = refused(type_, program)
    return "`None`, the result of a plain function" if what == "`None`" and isinstance(each.expr, int) else what


def _is_future(type_: object, program: Program) -> bool:
    return isinstance(type_, Instance) and program.members.is_subclass(type_.name, "asyncio.Future")


def _is_generator(type_: object) -> bool:
    return isinstance(type_, Instance) and type_.name.rpartition(".")[2] == "Generator"


@rule(code="AL115", severity=Severity.ERROR, since="0.1", where=refused_argument, when=When(runs=True))
def task_of_non_coroutine(call: cst.Call, found: Refused, ctx: Context) -> Iterator[Diagnostic]:
    yield ctx.report(
        argument_node(call, found.key),
        f"`{ctx.name(call)}` needs a coroutine, and this is {found.what}",
        help="hand over what calling an `async def` gives",
    )

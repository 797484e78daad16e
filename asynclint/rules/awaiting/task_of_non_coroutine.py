"""Something else than a coroutine handed to what runs coroutines.

`create_task`, `asyncio.run`, `run_coroutine_threadsafe` and `wait_for` raise TypeError for the
result of a plain function, for `None` and for lists. Those that start coroutines also refuse tasks
and futures, which run already. The same goes for plain functions where an async one is called:
`nursery.start_soon`, `anyio.run`.

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

```python
import anyio


def save():
    print("saved")


async def main():
    async with anyio.create_task_group() as group:
        group.start_soon(save)  # AL115
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

```python
import anyio


def save():
    print("saved")


async def main():
    async with anyio.create_task_group() as group:
        group.start_soon(anyio.to_thread.run_sync, save)
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
from asynclint.program.types import FunctionObject, Instance, may_be_none, members
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context

_OBJECTS = frozenset({"coroutine", "awaitable"})


#: What is called where it is taken, and then has to be awaited.
_ASYNC_FUNCTIONS = frozenset({"coroutine-function"})
_CALLED = frozenset({"spawned", "awaited"})


class Refused(NamedTuple):
    """The argument that is refused, what it is, and what it should be."""

    key: int | str
    what: str
    wanted: str = "a coroutine"


def refused_argument(site: Site, program: Program) -> Refused | None:
    for each in handed(site, program):
        if each.takes <= _OBJECTS:
            what = _refused(each, site, program)
            if what and not asks_first(site):
                return Refused(each.key, what)
        elif each.takes == _ASYNC_FUNCTIONS and each.run.how in _CALLED and _is_plain_function(each, site, program):
            return Refused(each.key, "a plain function", "an async function")
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


def _is_plain_function(each: Handed, site: Site, program: Program) -> bool:
    """Whether an argument names a function of the program that surely gives nothing to await."""
    found = members(program.type_of(each.expr, site)) if isinstance(each.expr, str) else ()
    return bool(found) and all(
        isinstance(part, FunctionObject)
        and not part.module.facts.functions[part.number].is_generator
        and bool(refused(program.calls.result(part, (), None), program))
        for part in found
    )


def _is_future(type_: object, program: Program) -> bool:
    return isinstance(type_, Instance) and program.members.is_subclass(type_.name, "asyncio.Future")


def _is_generator(type_: object) -> bool:
    return isinstance(type_, Instance) and type_.name.rpartition(".")[2] == "Generator"


@rule(code="AL115", severity=Severity.ERROR, since="0.1", where=refused_argument, when=When(runs=True))
def task_of_non_coroutine(call: cst.Call, found: Refused, ctx: Context) -> Iterator[Diagnostic]:
    made = "" if found.wanted == "an async function" else "what calling "
    yield ctx.report(
        argument_node(call, found.key),
        f"`{ctx.name(call)}` needs {found.wanted}, and this is {found.what}",
        help=f"hand over {made}an `async def`{' gives' if made else ''}",
    )

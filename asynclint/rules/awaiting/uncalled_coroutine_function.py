"""Coroutine function that is awaited or scheduled without being called.

`await`, `asyncio.run`, `create_task` and `gather` take coroutines: what calling an `async def`
gives. The function itself is none; the line raises TypeError and nothing runs.

## Bad

```python
import asyncio


async def main():
    await asyncio.sleep(1)


async def both():
    await main  # AL110
    await asyncio.gather(main)  # AL110


asyncio.run(both)  # AL110
```

## Fixed

```python
import asyncio


async def main():
    await asyncio.sleep(1)


async def both():
    await main()
    await asyncio.gather(main())


asyncio.run(both())
```

## Good

```python
import asyncio


async def main():
    await asyncio.sleep(1)


async def retry(function):
    await function()


asyncio.run(retry(main))
```

## Fix safety

Unsafe: the function runs. There is no fix where it needs arguments.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.advice.arguments import argument_node
from asynclint.api import Applicability, Diagnostic, Expr, Program, Severity, Site, SiteKind, When, rule
from asynclint.program.awaitables import asks_first, made_by_calling
from asynclint.program.handed import handed
from asynclint.program.types import FunctionObject
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context

_OBJECTS = frozenset({"coroutine", "awaitable"})


class Uncalled(NamedTuple):
    """A coroutine function where its coroutine belongs; `key` is the argument, None for `await`."""

    key: int | str | None
    needs_arguments: bool


def uncalled(site: Site, program: Program) -> Uncalled | None:
    if site.row[0] == SiteKind.AWAIT:
        operand = site.row[6]
        if isinstance(operand, int) and site.module.facts.sites[operand][0] == SiteKind.CALL:
            return None
        return _uncalled(None, operand, site, program)
    for each in handed(site, program):
        if each.takes <= _OBJECTS:
            found = _uncalled(each.key, each.expr, site, program)
            if found is not None:
                return found
    return None


def _uncalled(key: int | str | None, expr: Expr, site: Site, program: Program) -> Uncalled | None:
    if not isinstance(expr, str) and not (isinstance(expr, tuple) and expr[0] == "."):
        return None
    type_ = program.type_of(expr, site)
    if made_by_calling(type_, program) is None or asks_first(site):
        return None
    return Uncalled(key, _needs_arguments(type_))


def _needs_arguments(type_: object) -> bool:
    if not isinstance(type_, FunctionObject):
        return True
    function = type_.module.facts.functions[type_.number]
    given = 1 if type_.receiver is not None and function.class_index >= 0 else 0
    return any(not each.has_default and each.kind not in (2, 4) for each in function.parameters[given:])


@rule(code="AL110", severity=Severity.ERROR, since="0.1", where=uncalled, when={SiteKind.CALL: When(runs=True)})
def uncalled_coroutine_function(node: cst.Await | cst.Call, found: Uncalled, ctx: Context) -> Iterator[Diagnostic]:
    value = node.expression if found.key is None else argument_node(node, found.key)  # type: ignore[union-attr,arg-type]
    name = ctx.name(value)
    taker = "`await`" if found.key is None else f"`{ctx.name(node)}`"
    fix = None
    if not found.needs_arguments and value is not node:
        fix = ctx.replace(value, f"{ctx.code(value)}()", title=f"call `{name}`", applicability=Applicability.UNSAFE)
    yield ctx.report(
        value,
        f"`{name}` is not called: {taker} needs the coroutine that calling it gives",
        help=f"call it: `{name}(...)`",
        fix=fix,
    )

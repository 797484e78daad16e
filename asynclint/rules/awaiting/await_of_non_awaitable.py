"""`await` of something that is not awaitable.

`await` takes coroutines, tasks, futures and objects with `__await__`. The result of a plain
function, `None`, a number or a list raises TypeError when the line runs. It often happens on types
that mix both kinds: `AsyncSession.commit()` is awaited, `AsyncSession.add()` is not.

## Bad

```python
import asyncio


def total(prices):
    return sum(prices, 0.0)


def log(text):
    print(text)


async def send(writer: asyncio.StreamWriter):
    await log("sending")  # AL109
    await writer.write(b"hello")  # AL109
    await writer.drain()
```

## Fixed

```python
import asyncio


def total(prices):
    return sum(prices, 0.0)


def log(text):
    print(text)


async def send(writer: asyncio.StreamWriter):
    log("sending")
    writer.write(b"hello")
    await writer.drain()
```

## Good

```python
import inspect


async def call(function):
    result = function()
    if inspect.isawaitable(result):
        result = await result
    return result
```

## Fix safety

Unsafe: the line raised before.

## Known limits

Silent when the type is not known, on attributes that other code may set, on methods that are only
declared, on sync types of libraries that are only annotated (where `Session` often stands for an
`AsyncSession`), and in functions that ask `inspect.isawaitable` or catch TypeError.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Applicability, Diagnostic, Expr, Program, Severity, Site, SiteKind, rule
from asynclint.program.awaitables import (
    asks_first,
    collected,
    gives_awaitable,
    is_awaitable,
    is_declared_twin,
    made_by_calling,
    refused,
)
from asynclint.program.overrides import may_be_overridden
from asynclint.program.types import (
    NONE,
    CallableOf,
    ContextManager,
    may_be_none,
    members,
)

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context

_LITERALS = frozenset({"const", "list", "tuple", "set", "dict", "fstr", "cmp", "not"})


def refused_operand(site: Site, program: Program) -> str | None:
    operand = site.row[6]
    if not _is_settled(operand, site):
        return None
    type_ = program.type_of(operand, site)
    what = refused(type_, program)
    if not what or made_by_calling(type_, program) is not None or is_awaitable(collected(type_), program):
        return None
    if isinstance(operand, str) and may_be_none(type_):
        return None
    if isinstance(operand, int):
        call = site.sibling(operand)
        if may_be_overridden(call, program) or gives_awaitable(call, program):
            return None
        if _is_declared_callable(call, program) or is_declared_twin(call, program):
            return None
    if type_ == NONE and isinstance(operand, int):
        what = "a plain function that returns `None`"
    return None if asks_first(site) else what


def _is_settled(operand: Expr, site: Site) -> bool:
    """Whether the code in view decides the value: calls, displays, local names; not attributes."""
    if isinstance(operand, int):
        return bool(site.module.facts.sites[operand][0] in (SiteKind.CALL, SiteKind.COMPREHENSION))
    return isinstance(operand, str) or (isinstance(operand, tuple) and operand[0] in _LITERALS)


def _is_declared_callable(call: Site, program: Program) -> bool:
    """Whether nothing but an annotation, such as `Callable[[int], bool]`, tells what the call gives."""
    return call.row[0] == SiteKind.CALL and any(
        isinstance(each, CallableOf) and not isinstance(each.result, ContextManager)
        for each in members(program.callee(call))
    )


@rule(code="AL109", severity=Severity.ERROR, since="0.1", where=refused_operand)
def await_of_non_awaitable(node: cst.Await, what: str, ctx: Context) -> Iterator[Diagnostic]:
    value = node.expression
    called = value.__class__.__name__ == "Call"
    name = ctx.name(value)
    if what.startswith("a plain function"):
        message = f"`{name}` is {what}: there is nothing to await"
    else:
        message = f"`{name}{'(...)' if called else ''}` is {what}, which cannot be awaited"
    help = {
        "an async generator": "iterate over it with `async for`",
        "an async context manager": "enter it with `async with`",
        "a context manager": "enter it with `with`",
    }.get(what, "use the value without `await`")
    fix = None
    if help.startswith("use"):
        fix = ctx.replace(node, ctx.code(value), title="remove the `await`", applicability=Applicability.UNSAFE)
    yield ctx.report(node, message, help=help, fix=fix)

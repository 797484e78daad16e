"""Coroutine returned from a coroutine function, so that one `await` is not enough.

An `async def` that returns the coroutine of another call without awaiting it gives its callers a
coroutine as the *result* of their `await`. Whoever awaits once, as the annotation or the code at
the call says, goes on with a coroutine object, and the inner call never runs.

## Bad

```python
async def fetch():
    return 3


async def count() -> int:
    return fetch()  # AL107
```

```python
async def fetch():
    return 3


async def lookup():
    return fetch()


async def show():
    print((await lookup()) + 1)  # AL107
```

## Fixed

```python
async def fetch():
    return 3


async def count() -> int:
    return await fetch()
```

## Good

```python
async def fetch():
    return 3


async def count() -> int:
    return await fetch()


def start():
    return fetch()


async def show():
    print((await count()) + 1)
    print((await start()) + 1)
```

## Fix safety

Unsafe: callers that await twice would then await the result.

## Known limits

A function that returns a coroutine on purpose, for callers to await later, is not reported unless
its annotation says otherwise. Without an annotation the call that goes wrong is reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Place, Program, Severity, Site, SiteKind, Step, Use, When, rule
from asynclint.program.awaitables import asks_first, refused
from asynclint.program.coroutines import MISUSES, made_at, misused_as
from asynclint.program.types import Coroutine, FunctionObject, members
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Unawaited(NamedTuple):
    """A coroutine that stands where its result belongs: how it is used, and where it comes from."""

    use: str
    returned_at: tuple[Step, ...]


def unawaited(site: Site, program: Program) -> Unawaited | None:
    if site.row[0] == SiteKind.RETURN:
        return _returned(site, program)
    use = "dropped" if site.use is Use.DISCARDED else misused_as(site)
    if not use or not isinstance(site.row[6], int) or made_at(site, program) is None:
        return None
    call = site.sibling(site.row[6])
    if call.row[0] != SiteKind.CALL:
        return None
    callee = program.callee(call)
    if not isinstance(callee, FunctionObject):
        return None
    function = callee.module.facts.functions[callee.number]
    # `-> Awaitable[T]` on an `async def` is as often a slip as it is meant.
    if not function.is_async or function.returns is not None:
        return None
    steps = []
    for number in callee.module.returns_of.get(callee.number, ()):
        at = Site(callee.module, number)
        steps.append(Step(program.display(at.module), program.span(at), "the coroutine is returned un-awaited here"))
    return Unawaited(use, tuple(steps))


def _returned(site: Site, program: Program) -> Unawaited | None:
    value = site.row[6]
    if value is None or (isinstance(value, tuple) and value[0] == "const"):
        return None
    function = site.function
    if function is None or not function.is_async or function.is_generator or function.returns is None:
        return None
    found = members(program.type_of(value, site))
    if not found or not all(isinstance(each, Coroutine) and not each.lazy for each in found):
        return None
    module = site.module
    if program.calls.function(module, site.function_index) is None or asks_first(site):
        return None
    place = Place(module, module.facts.blocks[function.block][1], function.line, 0)
    declared = program.annotations.value(function.returns, place)
    return Unawaited("", ()) if refused(declared, program) else None


@rule(
    code="AL107",
    severity=Severity.ERROR,
    since="0.1",
    where=unawaited,
    when={SiteKind.AWAIT: When(uses=MISUSES | {Use.DISCARDED}), SiteKind.RETURN: When(coroutine=True)},
)
def unawaited_return(node: cst.Return | cst.Await, found: Unawaited, ctx: Context) -> Iterator[Diagnostic]:
    if not found.use:
        value = getattr(node, "value", None)
        yield ctx.report(
            node,
            f"`{ctx.facts.functions[ctx.facts.enclosing_function(ctx.facts.sites[ctx.site][5])].name}` returns "
            "a coroutine where its annotation promises the result",
            help="await it before returning",
            fix=ctx.wrap_await(value) if value is not None else None,
        )
        return
    yield ctx.report(
        node,
        f"awaiting `{ctx.name(node)}(...)` gives another coroutine, which is {found.use}",
        because=found.returned_at,
        help="await the coroutine where it is returned, or await twice",
    )

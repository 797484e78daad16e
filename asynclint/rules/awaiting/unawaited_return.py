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
its annotation says otherwise. Without an annotation it is reported when the function calls itself
that way, when it returns plain values elsewhere, and when it is the endpoint of a web framework; else
the call that goes wrong is.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Place, Program, Severity, Site, SiteKind, Step, Use, When, rule
from asynclint.program.awaitables import asks_first, refused
from asynclint.program.coroutines import MISUSES, made_at, misused_as
from asynclint.program.types import NONE, Coroutine, FunctionObject, members
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Unawaited(NamedTuple):
    """A coroutine that stands where its result belongs: how it is used, and where it comes from."""

    use: str
    returned_at: tuple[Step, ...]
    how: str = ""


_PROMISED = "returns a coroutine where its annotation promises the result"
_WRITTEN = "returns a coroutine to its framework, which awaits once"
_MIXED = "returns a coroutine here, and elsewhere a result"
_RECURSIVE = "returns a coroutine of itself here, and elsewhere a result"


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
    if function is None or not function.is_async or function.is_generator:
        return None
    found = members(program.type_of(value, site))
    if not found or not all(isinstance(each, Coroutine) and not each.lazy for each in found):
        return None
    if asks_first(site):
        return None
    if _is_written_out(site, program):
        return _told(_WRITTEN)
    module = site.module
    if program.calls.function(module, site.function_index) is None:
        return None
    if function.returns is not None:
        place = Place(module, module.facts.blocks[function.block][1], function.line, 0)
        declared = program.annotations.value(function.returns, place)
        if refused(declared, program):
            return _told(_PROMISED)
        if declared is not None:
            return None
    return _differs(site, program)


def _differs(site: Site, program: Program) -> Unawaited | None:
    """What tells that a coroutine is not what the callers of an un-annotated function await."""
    others = [
        Site(site.module, number)
        for number in site.module.returns_of.get(site.function_index, ())
        if number != site.number and site.module.facts.sites[number][6] is not None
    ]
    for other in others:
        type_ = program.type_of(other.row[6], other)
        if type_ != NONE and refused(type_, program):
            step = Step(program.display(other.module), program.span(other), "the result itself is returned here")
            return Unawaited("", (step,), _MIXED)
    value = site.row[6]
    if isinstance(value, int) and site.module.facts.sites[value][0] == SiteKind.CALL:
        callee = program.callee(site.sibling(value))
        if isinstance(callee, FunctionObject) and (callee.module, callee.number) == (site.module, site.function_index):
            # Where every way out calls the function again, who calls it goes on awaiting what it gets.
            if any(not members(program.type_of(each.row[6], each)) for each in others):
                return _told(_RECURSIVE)
    return None


def _is_written_out(site: Site, program: Program) -> bool:
    """Whether a framework awaits the function once, and makes an answer of what it gets."""
    rows = [row for _, row, _ in program.calls.decorations(site.module, site.function_index)]
    return any(
        row is not None and row.sync_runs and row.async_runs == "awaited" and not row.test and not row.command
        for row in rows
    )


def _told(how: str) -> Unawaited:
    return Unawaited("", (), how)


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
            f"`{ctx.facts.functions[ctx.facts.enclosing_function(ctx.facts.sites[ctx.site][5])].name}` {found.how}",
            because=found.returned_at,
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

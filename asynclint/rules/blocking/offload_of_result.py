"""Function called on the event loop where it was to be handed to a thread.

`to_thread(work())` calls `work` first, right here, and hands its result to the thread, which then
tries to call that. The work blocks the event loop as if there were no thread.

## Bad

```python
import asyncio


def work(path):
    return len(path)


async def main(path):
    await asyncio.to_thread(work(path))  # AL207
```

## Fixed

```python
import asyncio


def work(path):
    return len(path)


async def main(path):
    await asyncio.to_thread(work, path)
```

## Good

```python
import asyncio
import functools


def work(path, *, deep=False):
    return len(path)


def prepared(path):
    return lambda: work(path)


async def main(path):
    loop = asyncio.get_running_loop()
    await loop.run_in_executor(None, functools.partial(work, path, deep=True))
    await asyncio.to_thread(prepared(path))
```

## Fix safety

The fix passes the function and its arguments. It is unsafe: the function then runs in the thread.
There is none where keywords would have to be passed on, or where more arguments follow.

## Known limits

Reported where the result is known and cannot be called: None, a built-in value, an object of the
project, or what a blocking function of a library gives. A coroutine function offloaded has a rule
of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from asynclint.api import Applicability, Diagnostic, Fix, Program, Severity, Site, Use, When, rule
from asynclint.program.callbacks import is_never_callable
from asynclint.program.offloads import takes_function_to_offload
from asynclint.program.overrides import may_be_overridden
from asynclint.program.types import CallableOf, Coroutine, members
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Taker(NamedTuple):
    """The call that should get a function, and whether it passes further arguments on to that."""

    call: Site
    passes_on: bool


def called_too_early(site: Site, program: Program) -> Taker | None:
    if site.use is not Use.ARGUMENT:
        return None
    taker, place = site.sibling(site.use_details[0]), site.use_details[1]
    if not takes_function_to_offload(taker, place, program):
        return None
    value, row = program.value(site), program.row(site)
    if any(isinstance(each, Coroutine) for each in members(value)) or may_be_overridden(site, program):
        return None
    # Nobody blocks only to get a function.
    waits = row is not None and bool(row.blocks) and not row.is_awaitable
    # What a parameter or field is annotated to give is written for its callers, and not always kept up.
    is_declared = any(isinstance(each, CallableOf) for each in members(program.callee(site)))
    if not waits and (is_declared or not is_never_callable(value, program)):
        return None
    offloader = program.row(taker)
    return Taker(taker, offloader is not None and offloader.is_awaitable)


@rule(
    code="AL207",
    severity=Severity.ERROR,
    since="0.1",
    where=called_too_early,
    when=When(uses=frozenset({Use.ARGUMENT})),
)
def offload_of_result(call: cst.Call, found: Taker, ctx: Context) -> Iterator[Diagnostic]:
    name = ctx.name(call)
    node = ctx.node(found.call.number)
    offloader = ctx.name(node) if node is not None else "the call"
    yield ctx.report(
        call,
        f"`{name}(...)` runs here, before `{offloader}` gets its result instead of the function",
        help=f"pass the function and its arguments: `{name}, ...`",
        fix=_fix(call, found, ctx),
    )


def _fix(call: cst.Call, found: Taker, ctx: Context) -> Fix | None:
    taker = found.call
    outer: Any = ctx.node(taker.number)
    is_last = bool(taker.arguments) and taker.arguments[-1] == ctx.site and not taker.keywords
    if outer is None or not is_last or (call.args and not found.passes_on):
        return None
    if any(arg.keyword is not None or arg.star == "**" for arg in call.args):
        return None
    text = f"{ctx.code(outer.func)}({ctx.arguments(*outer.args[:-1], call.func, *call.args)})"
    return ctx.replace(outer, text, title="pass the function itself", applicability=Applicability.UNSAFE)

"""Coroutine handed to something that wants the function and calls it itself.

`nursery.start_soon`, `trio.run`, `loop.call_soon`, `asyncio.to_thread` and their like call what they
are given. A coroutine, which calling an `async def` gave already, cannot be called: the line, or the
event loop later, raises TypeError, and the coroutine never runs.

## Bad

```python
import trio


async def serve(port):
    await trio.sleep(port)


async def main():
    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve(80))  # AL118


trio.run(main())  # AL118
```

## Fixed

```python
import trio


async def serve(port):
    await trio.sleep(port)


async def main():
    async with trio.open_nursery() as nursery:
        nursery.start_soon(serve, 80)


trio.run(main)
```

## Good

```python
import asyncio


async def serve(port):
    await asyncio.sleep(port)


async def main():
    async with asyncio.TaskGroup() as group:
        group.create_task(serve(80))


asyncio.run(main())
```

## Fix safety

Unsafe: the function runs where nothing ran before. There is a fix where async functions are taken
and the arguments can be passed on.

## See also

`async-function-as-callback` and `uncalled-coroutine-function` for the reverse.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from asynclint.advice.arguments import argument_node
from asynclint.api import Applicability, Diagnostic, Fix, Program, Severity, Site, When, rule
from asynclint.program.awaitables import asks_first
from asynclint.program.handed import handed
from asynclint.program.overrides import stands_for_others
from asynclint.program.types import Coroutine, members
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context

_FUNCTIONS = frozenset({"function", "coroutine-function", "either"})


class Called(NamedTuple):
    """The argument that is a coroutine, and whether an async function would be right there."""

    key: int | str
    takes_async: bool


def called_before(site: Site, program: Program) -> Called | None:
    for each in handed(site, program):
        # What is kept to be called later has a rule that speaks of frameworks.
        if not each.takes <= _FUNCTIONS or (each.run.how == "registered" and "either" in each.takes):
            continue
        found = members(program.type_of(each.expr, site))
        if not found or not all(isinstance(part, Coroutine) and not part.lazy for part in found):
            continue
        if asks_first(site) or (isinstance(each.expr, int) and stands_for_others(site.sibling(each.expr), program)):
            return None
        return Called(each.key, each.takes != {"function"})
    return None


@rule(code="AL118", severity=Severity.ERROR, since="0.1", where=called_before, when=When(runs=True))
def coroutine_instead_of_function(call: cst.Call, found: Called, ctx: Context) -> Iterator[Diagnostic]:
    argument = argument_node(call, found.key)
    is_call = argument is not call and argument.__class__.__name__ == "Call"
    name = ctx.name(argument)
    yield ctx.report(
        argument,
        f"`{name}{'(...)' if is_call else ''}` is a coroutine, and `{ctx.name(call)}` wants a function to call",
        help=(f"hand over the function and its arguments: `{name}, ...`" if is_call else "hand over the function")
        if found.takes_async
        else "hand over a plain function, or await the coroutine here",
        fix=_fix(call, argument, ctx) if is_call and found.takes_async else None,
    )


def _fix(call: cst.Call, argument: Any, ctx: Context) -> Fix | None:
    """The function and its arguments one by one, in place of the call; only where nothing follows."""
    last: Any = call.args[-1].value
    if last is not argument or any(arg.keyword or arg.star == "**" for arg in argument.args):
        return None
    if any(arg.keyword for arg in call.args):
        return None
    return ctx.replace(
        call,
        f"{ctx.code(call.func)}({ctx.arguments(*call.args[:-1], argument.func, *argument.args)})",
        title="hand over the function",
        applicability=Applicability.UNSAFE,
    )

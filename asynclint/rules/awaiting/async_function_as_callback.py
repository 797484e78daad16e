"""Async function handed to something that calls plain functions.

`loop.call_soon`, `add_done_callback`, `Thread(target=...)`, `executor.submit`, `signal.signal`,
`atexit.register`, the `key` of `sorted` and their like call a function and use, or drop, what it
returns. An `async def` returns a coroutine there, which nobody awaits: its body never runs.

## Bad

```python
import asyncio
import threading


async def refresh():
    await asyncio.sleep(1)


async def main():
    loop = asyncio.get_running_loop()
    loop.call_later(60, refresh)  # AL111
    threading.Thread(target=refresh).start()  # AL111
    await asyncio.to_thread(refresh)  # AL111
```

## Good

```python
import asyncio


async def refresh():
    await asyncio.sleep(1)


def start_refresh(tasks):
    task = asyncio.create_task(refresh())
    tasks.add(task)
    task.add_done_callback(tasks.discard)


async def main(tasks):
    loop = asyncio.get_running_loop()
    loop.call_later(60, start_refresh, tasks)
    await asyncio.gather(*map(asyncio.sleep, [1, 2]))
```

## Known limits

Known are the callables that the catalogue lists, not every parameter called `callback`. `map` and
`starmap` pass the coroutines on, to `gather` for example, and are not reported.

## See also

`async-entry-point` for commands and queued tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.advice.arguments import argument_node
from asynclint.api import Diagnostic, Expr, Program, Severity, Site, SiteKind, When, rule
from asynclint.program.awaitables import made_by_calling
from asynclint.program.handed import handed
from asynclint.program.types import FunctionObject, Type, members
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context

_PLAIN = frozenset({"function"})
_WHAT_HAPPENS = {
    "offloaded": "which makes its coroutine in the thread and runs none of it there",
    "scheduled": "which calls it as a plain function: its body never runs",
    "called": "which uses what it returns as it is: its body never runs",
    "registered": "which calls it as a plain function: its body never runs",
}


class Sunk(NamedTuple):
    """An async function in the place of a plain one; `key` is the argument, None for a decorator."""

    key: int | str | None
    how: str
    taker: str
    is_async: bool = True
    """False for a plain function that gives a coroutine."""


def sunk(site: Site, program: Program) -> Sunk | None:
    if site.row[0] == SiteKind.FUNCTION:
        return _registered(site, program)
    for each in handed(site, program):
        if each.takes == _PLAIN and each.run.how in _WHAT_HAPPENS and _names_a_function(each.expr, site):
            function = program.type_of(each.expr, site)
            if made_by_calling(function, program) is not None:
                return Sunk(each.key, each.run.how, "", not any(_is_plain(every) for every in members(function)))
    return None


def _is_plain(function: Type) -> bool:
    return isinstance(function, FunctionObject) and not function.module.facts.functions[function.number].is_async


def _names_a_function(expr: Expr, site: Site) -> bool:
    if isinstance(expr, int):
        return bool(site.module.facts.sites[expr][0] in (SiteKind.LAMBDA, SiteKind.CALL))
    return isinstance(expr, str) or (isinstance(expr, tuple) and expr[0] == ".")


def _registered(site: Site, program: Program) -> Sunk | None:
    """An `async def` under a decorator whose framework never awaits what it calls."""
    function = site.own_function
    if not function.is_async or function.is_generator or not function.decorators:
        return None
    for _decorator, row, value in program.calls.decorations(site.module, site.row[6]):
        # What caches the coroutine is told by `cached-coroutine`, a command or task by `async-entry-point`.
        if row is None or row.caches or row.makes == "object" or row.async_runs != "never":
            continue
        if made_by_calling(value, program) is not None:
            return Sunk(None, "called" if row.retries else "registered", row.name)
    return None


@rule(code="AL111", severity=Severity.ERROR, since="0.1", where=sunk, when={SiteKind.CALL: When(runs=True)})
def async_function_as_callback(node: cst.Call | cst.FunctionDef, found: Sunk, ctx: Context) -> Iterator[Diagnostic]:
    if found.key is None:
        yield _under_decorator(node, found, ctx)
        return
    argument = argument_node(node, found.key)  # type: ignore[arg-type]
    subject = "this lambda" if argument.__class__.__name__ == "Lambda" else f"`{ctx.name(argument)}`"
    gives = "is an async function" if found.is_async and subject != "this lambda" else "returns a coroutine"
    yield ctx.report(
        argument,
        f"{subject} {gives}, handed to `{ctx.name(node)}`, {_WHAT_HAPPENS[found.how]}",
        help=_cure(found.how, ctx),
    )


def _under_decorator(node: cst.CSTNode, found: Sunk, ctx: Context) -> Diagnostic:
    plainly = f"`{ctx.name(node)}` is async, but `{found.taker}` calls it as a plain function"
    if found.how == "called":
        return ctx.report(
            node,
            f"{plainly}: it is done before the body runs, and sees none of its errors",
            help="use a decorator that is made for async functions",
        )
    return ctx.report(
        node,
        f"{plainly}: its body never runs",
        help=f"make it a plain function that starts the async code with `{ctx.run_function}`",
    )


def _cure(how: str, ctx: Context) -> str:
    if how == "offloaded":
        return f"await it on this loop, or hand over a plain function that calls `{ctx.run_function}(...)`"
    if how == "scheduled" and ctx.library == "asyncio":
        return "hand over a plain function that starts it with `asyncio.create_task(...)` and keeps the task"
    if how == "called":
        return "hand over a plain function; await what it needs beforehand"
    return "hand over a plain function that starts the async code"

"""Coroutines passed to `asyncio.wait`.

`asyncio.wait` takes tasks and futures. Since Python 3.11 it raises TypeError for coroutines; before,
it wrapped them in tasks, so that the sets it returned held other objects than were passed.

## Bad

```python
import asyncio


async def fetch(url):
    await asyncio.sleep(1)


async def crawl(urls):
    return await asyncio.wait([fetch(url) for url in urls])  # AL114
```

## Fixed

```python
import asyncio


async def fetch(url):
    await asyncio.sleep(1)


async def crawl(urls):
    return await asyncio.wait([asyncio.create_task(fetch(url)) for url in urls])
```

## Good

```python
import asyncio


async def fetch(url):
    await asyncio.sleep(1)


async def crawl(urls):
    tasks = [asyncio.create_task(fetch(url)) for url in urls]
    done, pending = await asyncio.wait(tasks, timeout=3)
    for task in pending:
        task.cancel()
```

## Fix safety

Unsafe: before Python 3.11 the code may rely on the coroutines that it passed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.advice.arguments import argument_node
from asynclint.api import Applicability, Diagnostic, Expr, Fix, Program, Severity, Site, When, rule
from asynclint.program.awaitables import holds_coroutine
from asynclint.program.handed import handed
from asynclint.program.task_sets import filled_with
from asynclint.program.types import Coroutine
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Waited(NamedTuple):
    """The argument of `wait` that is, or holds, a coroutine."""

    key: int | str
    is_single: bool


def waited_coroutines(site: Site, program: Program) -> Waited | None:
    for each in handed(site, program):
        if each.run.takes == "futures":
            type_ = program.type_of(each.expr, site)
            if holds_coroutine(type_) or _lists_coroutine(each.expr, site, program):
                return Waited(each.key, False)
            if isinstance(type_, Coroutine) and not type_.lazy:
                return Waited(each.key, True)
    return None


def _lists_coroutine(expr: Expr, site: Site, program: Program) -> bool:
    """Whether a coroutine stands in a display, or was put into a local collection, whatever else is in it."""
    if isinstance(expr, tuple) and expr[0] in ("list", "set", "tuple"):
        parts = [program.type_of(part, site) for part in expr[1:]]
    else:
        parts = filled_with(expr, site, program)
    return any(isinstance(type_, Coroutine) and not type_.lazy for type_ in parts)


@rule(code="AL114", severity=Severity.ERROR, since="0.1", where=waited_coroutines, when=When(runs=True))
def wait_with_coroutines(call: cst.Call, found: Waited, ctx: Context) -> Iterator[Diagnostic]:
    argument = argument_node(call, found.key)
    what = "a coroutine" if found.is_single else "coroutines"
    yield ctx.report(
        argument,
        f"`{ctx.name(call)}` takes tasks, not {what}: it raises TypeError since Python 3.11",
        help="make tasks of them first: `asyncio.create_task(...)`",
        fix=None if found.is_single else _wrapped(argument, ctx),
    )


def _wrapped(argument: cst.BaseExpression, ctx: Context) -> Fix | None:
    """A task for the element of a comprehension, or for the only element of a display."""
    element = getattr(argument, "elt", None)
    elements = getattr(argument, "elements", None)
    if elements is not None and len(elements) == 1:
        element = elements[0].value
    reference = ctx.reference("asyncio.create_task")
    if element is None or reference is None:
        return None
    return ctx.replace(
        element,
        f"{reference[0]}({ctx.code(element)})",
        title="make a task of each",
        applicability=Applicability.UNSAFE,
        also=reference[1],
    )

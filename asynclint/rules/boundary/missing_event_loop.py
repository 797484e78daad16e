"""Code that needs the running event loop, in a thread where none runs.

`asyncio.create_task`, `asyncio.get_running_loop` and the like look for the loop that runs in their
own thread. In a worker thread there is none: they raise RuntimeError, and the coroutine that was to
become a task never runs. A plain function that is handed to a thread, or that a framework runs in
one, has to hand its work back to the loop.

## Bad

```python
import asyncio


async def notify(user):
    await asyncio.sleep(1)


def save(user):
    return asyncio.create_task(notify(user))


async def register(user):
    await asyncio.to_thread(save, user)  # AL507
```

## Good

```python
import asyncio


async def notify(user):
    await asyncio.sleep(1)


def save(user, loop):
    asyncio.run_coroutine_threadsafe(notify(user), loop)


async def register(user):
    await asyncio.to_thread(save, user, asyncio.get_running_loop())
```

## Known limits

Silent where a function asks first whether a loop runs, handles the RuntimeError, or belongs to a module
that sets a loop for its thread, and where it depends on a condition whether the loop is needed. What
the function does with its arguments is not followed. The rule is off by default until it has proved
itself on code that was released.

## See also

`nested-event-loop` for loops that are started where one runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, SiteKind, Step, When, rule
from asynclint.program.effects.needs_loop import NeedsLoop
from asynclint.program.handed import handed
from asynclint.program.loops import sets_loop
from asynclint.program.on_loop import framework_place
from asynclint.program.steps import spelled
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Elsewhere(NamedTuple):
    """The function that runs in a thread, how it is spelled, what needs the loop, and the way to it."""

    function: str
    root: str
    because: tuple[Step, ...]


def needs_loop_elsewhere(site: Site, program: Program) -> Elsewhere | None:
    return _defined(site, program) if site.row[0] == SiteKind.FUNCTION else _handed_over(site, program)


def _handed_over(site: Site, program: Program) -> Elsewhere | None:
    for each in handed(site, program):
        if each.run.how == "offloaded":
            found = program.solver(NeedsLoop).when_called(program.type_of(each.expr, site))
            if found is not None:
                return _told(found, spelled(each.expr) or "the function")
    return None


def _defined(site: Site, program: Program) -> Elsewhere | None:
    function = site.own_function
    if function.is_async or function.is_generator or not (function.decorators or function.class_index >= 0):
        return None
    if framework_place(site.module, site.row[6], program) != "thread":
        return None
    found = program.effect_of(NeedsLoop, site.module, site.row[6])
    return None if found is None else _told(found, function.name)


def _told(found: NeedsLoop, function: str) -> Elsewhere | None:
    modules = {found.site.module, *(node.module for node in found.passes)}
    if not found.is_certain or any(sets_loop(module) for module in modules):
        return None
    return Elsewhere(function, found.root, found.steps)


@rule(
    code="AL507",
    severity=Severity.ERROR,
    since="0.1",
    where=needs_loop_elsewhere,
    when={SiteKind.CALL: When(runs=True)},
    default=False,
)
def missing_event_loop(node: cst.Call | cst.FunctionDef, found: Elsewhere, ctx: Context) -> Iterator[Diagnostic]:
    yield ctx.report(
        node,
        f"`{found.function}` runs in a thread without an event loop, where `{found.root}` raises RuntimeError",
        because=found.because,
        help="pass the loop to it, and use `asyncio.run_coroutine_threadsafe` or `loop.call_soon_threadsafe`",
    )

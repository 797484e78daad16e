"""Background task that is given the result of a call.

A framework's background task takes a function and its arguments, and calls the function after the
response was sent. `add_task(send(user))` calls `send` at once, within the request, and hands its
result to the framework, which then fails to call it.

## Bad

```python
from fastapi import BackgroundTasks


async def send(user):
    print("welcome", user)


async def register(user: str, tasks: BackgroundTasks):
    tasks.add_task(send(user))  # AL803
```

## Fixed

```python
from fastapi import BackgroundTasks


async def send(user):
    print("welcome", user)


async def register(user: str, tasks: BackgroundTasks):
    tasks.add_task(send, user)
```

## Good

```python
from functools import partial

from fastapi import BackgroundTasks


async def send(user, *, text):
    print(text, user)


async def register(user: str, tasks: BackgroundTasks):
    tasks.add_task(send, user, text="welcome")
    tasks.add_task(partial(send, user, text="welcome"))
```

## Fix safety

Unsafe: the call moves from within the request to after the response.

## Known limits

Reported where the result is known and cannot be called: a coroutine, None, a built-in value, an
object of the project. Dependencies (`Depends(f())`) are looked at in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from asynclint.api import Applicability, Diagnostic, Fix, Program, Severity, Site, Use, When, rule
from asynclint.program.callbacks import is_never_callable, is_registered
from asynclint.program.steps import spelled
from asynclint.program.types import Coroutine, members
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Called(NamedTuple):
    """The call that takes the callable, and whether it gets a coroutine instead."""

    taker: Site
    coroutine: bool


def called_too_early(site: Site, program: Program) -> Called | None:
    if site.use is not Use.ARGUMENT:
        return None
    taker = site.sibling(site.use_details[0])
    if not is_registered(site.number, taker, program):
        return None
    value = program.value(site)
    if not is_never_callable(value, program):
        return None
    return Called(taker, all(isinstance(each, Coroutine) for each in members(value)))


@rule(
    code="AL803",
    severity=Severity.ERROR,
    since="0.1",
    where=called_too_early,
    when=When(uses=frozenset({Use.ARGUMENT})),
)
def background_task_of_result(call: cst.Call, found: Called, ctx: Context) -> Iterator[Diagnostic]:
    name = ctx.name(call)
    what = "the coroutine" if found.coroutine else "its result"
    taker = spelled(found.taker.callee) or "the framework"
    yield ctx.report(
        call,
        f"`{name}(...)` is called at once: `{taker}` gets {what} instead of the function",
        help=f"pass the function and its arguments: `{taker}({name}, ...)`",
        fix=_fix(call, found, ctx),
    )


def _fix(call: cst.Call, found: Called, ctx: Context) -> Fix | None:
    taker: Any = ctx.node(found.taker.number)
    if taker is None or len(found.taker.arguments) + len(found.taker.keywords) != 1:
        return None
    text = f"{ctx.code(taker.func)}({ctx.arguments(call.func, *call.args)})"
    return ctx.replace(taker, text, title="pass the function itself", applicability=Applicability.UNSAFE)

"""Coroutine tested for truth.

A coroutine object is always true. A condition on a call that is not awaited therefore always takes
the same branch, and the call's body never runs.

## Bad

```python
async def is_allowed(user):
    return user == "admin"


async def delete(user):
    if is_allowed(user):  # AL103
        print("deleted")
```

## Fixed

```python
async def is_allowed(user):
    return user == "admin"


async def delete(user):
    if await is_allowed(user):
        print("deleted")
```

## Good

```python
async def is_allowed(user):
    return user == "admin"


async def delete(user, check=None):
    pending = is_allowed(user) if check is None else check
    if await pending:
        print("deleted")
```

## Fix safety

Unsafe: the branch that is taken may change, which is the point.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, Use, When, rule
from asynclint.program.coroutines import made_at
from asynclint.program.types import Coroutine

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


def tested_coroutine(site: Site, program: Program) -> Coroutine | None:
    return made_at(site, program) if site.use in (Use.CONDITION, Use.MATCHED) else None


@rule(
    code="AL103",
    severity=Severity.ERROR,
    since="0.1",
    where=tested_coroutine,
    when=When(uses=frozenset({Use.CONDITION, Use.MATCHED})),
)
def coroutine_as_condition(call: cst.Call, made: Coroutine, ctx: Context) -> Iterator[Diagnostic]:
    name = ctx.name(call)
    yield ctx.report(
        call,
        f"condition is always true: `{name}(...)` is a coroutine that is not awaited",
        help=f"test the result: `await {name}(...)`",
        fix=ctx.wrap_await(call) if ctx.in_coroutine else None,
    )

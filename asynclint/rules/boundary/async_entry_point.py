"""Entry point of a sync framework that is an `async def`.

The framework calls the function and takes what comes out for its result. Out of an async function
comes a coroutine that nobody awaits: the command exits, or the task succeeds, with no line of the
body run.

## Bad

```python
import asyncio

import click


@click.command()
async def sync_users():  # AL505
    await asyncio.sleep(1)
```

## Good

```python
import asyncio

import click


async def load():
    await asyncio.sleep(1)


@click.command()
def sync_users():
    asyncio.run(load())
```

## Known limits

Which frameworks do not await is in the catalogue. A decorator below the framework's that makes the
function sync is followed when its source is at hand, and one that is not known silences the rule,
as does a class of tasks or commands of one's own (`base=`, `cls=`). A handler of AWS Lambda is known
by its name and its parameters `event` and `context`.

## See also

`async-test-never-runs` for tests, `async-function-as-callback` for functions passed as arguments.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, rule
from asynclint.program.entry_points import caller_that_never_awaits

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


def never_runs(site: Site, program: Program) -> str | None:
    if not site.own_function.is_async or site.own_function.is_generator:
        return None
    return caller_that_never_awaits(site, program) or None


@rule(code="AL505", severity=Severity.ERROR, since="0.1", where=never_runs)
def async_entry_point(node: cst.FunctionDef, caller: str, ctx: Context) -> Iterator[Diagnostic]:
    name = ctx.name(node)
    yield ctx.report(
        node,
        f"{caller} calls `{name}` without awaiting it, so its body never runs",
        help=f"make it a plain `def` that runs the coroutine: `{ctx.run_function}(...)`",
    )

"""Async endpoint that does nothing but blocking work.

Frameworks such as FastAPI and Starlette run a plain `def` endpoint in a thread pool, and an
`async def` on the event loop. An async endpoint that awaits nothing and blocks holds up every
other request; as a plain `def` it holds up none.

## Bad

```python
import time

from fastapi import FastAPI

app = FastAPI()


@app.get("/report")
async def report():  # AL802
    time.sleep(1)  # AL201
    return {"done": True}
```

## Fixed

```python
import time

from fastapi import FastAPI

app = FastAPI()


@app.get("/report")
def report():
    time.sleep(1)
    return {"done": True}
```

## Good

```python
import asyncio

from fastapi import FastAPI

app = FastAPI()


@app.get("/report")
async def report():
    await asyncio.sleep(1)
    return {"done": True}


@app.get("/health")
async def health():
    return {"healthy": True}
```

## Fix safety

Unsafe: the body then runs in a thread, at the same time as other requests.

## Known limits

Silent where the endpoint needs the event loop in any way, has a decorator of which nothing is
known, or makes a coroutine that is not awaited: there the missing `await` is the mistake.

An endpoint that waits for nothing but files is a hint.

## See also

`blocking-call` reports each call that blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Applicability, Diagnostic, Program, Severity, Site, Step, rule
from asynclint.program.effects.blocks import Blocks
from asynclint.program.endpoints import could_be_plain
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class OnlyBlocks(NamedTuple):
    """Each call that blocks, in order, and whether some of them wait for more than files."""

    steps: tuple[Step, ...]
    waits: bool


def only_blocks(site: Site, program: Program) -> OnlyBlocks | None:
    function = site.own_function
    if not function.is_async or not function.decorators:
        return None
    index = site.row[6]
    if not could_be_plain(site.module, index, program):
        return None
    path = program.display(site.module)
    steps, waits = [], False
    for number in site.module.own_sites.get(index, ()):
        call = site.sibling(number)
        found = {each.category: each for each in program.solver(Blocks).every(call)}
        blocks = found.get("wait") or found.get("file")
        if blocks is not None:
            waits |= blocks.category == "wait"
            root = blocks.root.removeprefix("builtins.")
            words = f"this ends in `{root}`" if blocks.via else f"`{root}` blocks"
            steps.append(Step(path, program.span(call), words))
    return OnlyBlocks(tuple(steps), waits) if steps else None


@rule(code="AL802", severity=Severity.WARNING, since="0.1", where=only_blocks)
def blocking_endpoint(function: cst.FunctionDef, found: OnlyBlocks, ctx: Context) -> Iterator[Diagnostic]:
    yield ctx.report(
        function,
        f"async endpoint `{function.name.value}` only blocks: it holds up every other request",
        because=found.steps,
        help="make it a plain `def`, which the framework runs in a thread",
        fix=ctx.without_async(ctx.site, title="make it a plain `def`", applicability=Applicability.UNSAFE),
        severity=None if found.waits else Severity.HINT,
    )

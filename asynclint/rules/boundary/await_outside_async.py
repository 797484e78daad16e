"""`await` outside an `async def`.

`await`, `async for`, `async with` and async comprehensions are only legal in the body of an
`async def`. Anywhere else Python refuses to compile the whole file.

## Bad

```python
import asyncio


def save():
    await asyncio.sleep(1)  # AL501
```

## Fixed

```python
import asyncio


async def save():
    await asyncio.sleep(1)
```

## Good

```python
import asyncio


async def save():
    await asyncio.sleep(1)


def main():
    asyncio.run(save())
```

## Fix safety

The fix makes the function async. It is unsafe: its callers then have to await it. There is none
where the function has no name (a lambda) or there is no function.

## Known limits

A generator expression may await in a plain function: it becomes an async generator. Up to Python
3.10 an async comprehension within another comprehension is an error too; that follows the target
version.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Applicability, Diagnostic, Program, Severity, Site, SiteKind, rule
from asynclint.program.colour import Refused, refused_at
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Misplaced(NamedTuple):
    """The words that are not allowed, and where they stand."""

    words: str
    refused: Refused


def misplaced(site: Site, program: Program) -> Misplaced | None:
    kind, row = site.row[0], site.row
    if kind == SiteKind.AWAIT:
        words = "await"
    elif kind == SiteKind.FOR and row[6]:
        words = "async for"
    elif kind == SiteKind.WITH and row[6]:
        words = "async with"
    elif kind == SiteKind.COMPREHENSION and row[6] != "generator" and any(loop[2] for loop in row[8]):
        words = "async comprehension"
    else:
        return None
    refused = refused_at(site, program.target_version)
    return None if refused is None else Misplaced(words, refused)


@rule(
    code="AL501",
    severity=Severity.ERROR,
    since="0.1",
    where=misplaced,
    aliases=("PLE1142", "F704"),
)
def await_outside_async(
    node: cst.Await | cst.For | cst.With | cst.ListComp | cst.SetComp | cst.DictComp, found: Misplaced, ctx: Context
) -> Iterator[Diagnostic]:
    refused = found.refused
    fix = None
    if refused.function >= 0:
        fix = ctx.prefix(
            ctx.facts.functions[refused.function].site,
            "async ",
            title=f"make `{ctx.facts.functions[refused.function].name}` async",
            applicability=Applicability.UNSAFE,
        )
    yield ctx.report(
        node,
        f"{'an ' if found.words.startswith('async c') else ''}"
        + (found.words if found.words.startswith("async c") else f"`{found.words}`")
        + f" in {refused.where}, which is not async",
        help="make the function async and await it in its callers"
        if refused.function >= 0
        else refused.help or f"move it into an `async def` that `{ctx.run_function}` starts",
        fix=fix,
    )

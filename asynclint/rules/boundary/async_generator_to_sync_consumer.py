"""Async generator handed to a call that iterates it with a plain `for`.

A generator expression that awaits, or that loops with `async for`, is an async generator. `any`,
`sum`, `list`, `str.join` and their kin cannot iterate it: they raise TypeError.

## Bad

```python
import asyncio


async def is_up(host):
    await asyncio.sleep(1)
    return bool(host)


async def main(hosts):
    return any(await is_up(host) for host in hosts)  # AL504
```

## Fixed

```python
import asyncio


async def is_up(host):
    await asyncio.sleep(1)
    return bool(host)


async def main(hosts):
    return any([await is_up(host) for host in hosts])
```

## Good

```python
import asyncio


async def is_up(host):
    await asyncio.sleep(1)
    return bool(host)


async def main(hosts):
    ready = sum([await is_up(host) for host in hosts])
    first = any(host for host in await asyncio.gather(*map(is_up, hosts)))
    return ready, first
```

## Fix safety

The fix makes a list of it, which the call can iterate. It is unsafe: the code runs where it raised
before, and to its end where `any` would have stopped early.

## Known limits

Only calls that the catalogue says iterate their argument are reported.

## See also

`wrong-kind-of-for` for loops over async iterables.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Applicability, Diagnostic, Program, Severity, Site, SiteKind, Use, When, rule
from asynclint.program.protocols import described, drains, only_iterates
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Handed(NamedTuple):
    """What is handed over, to what, and whether a list can take its place."""

    what: str
    consumer: str
    is_expression: bool


def handed_over(site: Site, program: Program) -> Handed | None:
    is_expression = site.row[0] == SiteKind.COMPREHENSION
    if is_expression and site.row[6] != "generator":
        return None
    if site.use is Use.ARGUMENT:
        call = site.sibling(site.use_details[0])
        if not drains(call, site.use_details[1], program):
            return None
        consumer = program.symbol(call.callee, call).removeprefix("builtins.")
        consumer = f"`{consumer}`" if consumer else "the call"
    elif site.use is Use.STARRED:
        consumer = "`*`"
    elif site.use is Use.UNPACKED:
        consumer = "an unpacking assignment"
    elif site.use is Use.DELEGATED:
        consumer = "`yield from`"
    else:
        return None
    type_ = program.value(site)
    return Handed(described(type_), consumer, is_expression) if only_iterates(type_, program, is_async=True) else None


@rule(
    code="AL504",
    severity=Severity.ERROR,
    since="0.1",
    where=handed_over,
    when=When(uses=frozenset({Use.ARGUMENT, Use.STARRED, Use.UNPACKED, Use.DELEGATED})),
)
def async_generator_to_sync_consumer(
    node: cst.GeneratorExp | cst.Call, found: Handed, ctx: Context
) -> Iterator[Diagnostic]:
    # What a call gives may be of any class; a list of it is made by an async comprehension.
    text = ctx.code(node)
    listed = f"[{_bare(text)}]" if found.is_expression else f"[each async for each in {text}]"
    fix = None
    if ctx.in_coroutine:
        fix = ctx.replace(node, listed, title="make a list of it", applicability=Applicability.UNSAFE)
    yield ctx.report(
        node,
        f"{found.what} cannot be iterated by {found.consumer}",
        help=f"make a list of it first: `{listed}`" if len(listed) < 60 and "\n" not in listed else "make a list first",
        fix=fix,
    )


def _bare(text: str) -> str:
    """A generator expression without its parentheses."""
    return text[1:-1].strip() if text.startswith("(") and text.endswith(")") else text

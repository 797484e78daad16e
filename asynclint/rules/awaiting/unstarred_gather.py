"""Collection of coroutines that nobody awaits one by one.

`asyncio.gather` takes coroutines, not a list of them; `await` takes one awaitable, not a list; and a
list of coroutines that is dropped runs none of them. The first two raise TypeError, the third does
nothing.

## Bad

```python
import asyncio


async def fetch(url):
    await asyncio.sleep(1)


async def crawl(urls):
    await asyncio.gather([fetch(url) for url in urls])  # AL108
    await [fetch(url) for url in urls]  # AL108
    [fetch(url) for url in urls]  # AL108
```

## Fixed

```python
import asyncio


async def fetch(url):
    await asyncio.sleep(1)


async def crawl(urls):
    await asyncio.gather(*[fetch(url) for url in urls])
    await asyncio.gather(*[fetch(url) for url in urls])
    await asyncio.gather(*[fetch(url) for url in urls])
```

## Good

```python
import asyncio


async def fetch(url):
    await asyncio.sleep(1)


async def crawl(urls):
    await asyncio.gather(*[fetch(url) for url in urls])
    pending = [fetch(url) for url in urls]
    for each in pending:
        await each
```

## Fix safety

Unsafe: the coroutines run where nothing ran before.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.advice.arguments import argument_node
from asynclint.api import Applicability, Diagnostic, Program, Severity, Site, SiteKind, Use, When, rule
from asynclint.program.awaitables import collected, holds_coroutine, is_awaitable, is_collection
from asynclint.program.coroutines import local_reads
from asynclint.program.handed import handed
from asynclint.program.task_sets import filled_with
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Collection(NamedTuple):
    """Where a collection of coroutines goes: `how` is passed, awaited, dropped or kept; `key` the argument."""

    how: str
    key: int | str = 0


def lost_collection(site: Site, program: Program) -> Collection | None:
    kind = site.row[0]
    if kind == SiteKind.CALL:
        return _passed(site, program)
    if kind == SiteKind.AWAIT:
        return Collection("awaited") if _awaited(site, program) else None
    if not holds_coroutine(program.value(site)):
        return None
    if site.use is Use.DISCARDED:
        return Collection("dropped")
    return Collection("kept") if site.use is Use.ASSIGNED and local_reads(site, program) == [] else None


def _passed(site: Site, program: Program) -> Collection | None:
    """One collection as the only argument of something that awaits each of its arguments."""
    if len(site.row[7]) != 1:
        return None
    for each in handed(site, program):
        if each.run.argument[1] == "*" and each.run.how == "awaited":
            passed = program.type_of(each.expr, site)
            if is_collection(passed) and (
                _is_display(each.expr, site)
                or is_awaitable(collected(passed), program)
                or any(is_awaitable(type_, program) for type_ in filled_with(each.expr, site, program))
            ):
                return Collection("passed", each.key)
    return None


def _is_display(expr: object, site: Site) -> bool:
    if isinstance(expr, int):
        return bool(site.module.facts.sites[expr][0] == SiteKind.COMPREHENSION)
    return isinstance(expr, tuple) and expr[0] in ("list", "tuple", "set")


def _awaited(site: Site, program: Program) -> bool:
    operand = site.row[6]
    # Tuples are left to `await-of-non-awaitable`: most of them come from a comma too many.
    if not isinstance(operand, (int, str)) and not (isinstance(operand, tuple) and operand[0] in ("list", "set")):
        return False
    type_ = program.type_of(operand, site)
    return is_collection(type_) and is_awaitable(collected(type_), program)


@rule(
    code="AL108",
    severity=Severity.ERROR,
    since="0.1",
    where=lost_collection,
    when={SiteKind.CALL: When(runs=True), SiteKind.COMPREHENSION: When(uses=frozenset({Use.DISCARDED, Use.ASSIGNED}))},
)
def unstarred_gather(
    node: cst.Call | cst.Await | cst.ListComp | cst.SetComp | cst.GeneratorExp, found: Collection, ctx: Context
) -> Iterator[Diagnostic]:
    if found.how == "passed":
        argument = argument_node(node, found.key)  # type: ignore[arg-type]
        yield ctx.report(
            argument,
            f"`{ctx.name(node)}` takes awaitables, not a collection of them",
            help="unpack the collection with `*`",
            fix=ctx.prefix(argument, "*", title="unpack it with `*`", applicability=Applicability.UNSAFE)
            if argument is not node and argument.__class__.__name__ != "GeneratorExp"
            else None,
        )
        return
    reference = ctx.reference("asyncio.gather") if ctx.library == "asyncio" and ctx.in_coroutine else None
    value = getattr(node, "expression", node)
    what = {
        "awaited": "a collection of awaitables cannot be awaited",
        "dropped": "a collection of coroutines is dropped: none of them runs",
        "kept": "a collection of coroutines is never read: none of them runs",
    }[found.how]
    fix = None
    if reference is not None and value.__class__.__name__ != "GeneratorExp":
        fix = ctx.replace(
            node,
            f"await {reference[0]}(*{ctx.code(value)})",
            title="gather them",
            applicability=Applicability.UNSAFE,
            also=reference[1],
        )
    yield ctx.report(
        node,
        what,
        help="await each of them, or hand them to `asyncio.gather(*...)`"
        if ctx.library == "asyncio"
        else "await each of them, or start each in a task group",
        fix=fix,
    )

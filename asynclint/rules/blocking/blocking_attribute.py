"""Attribute that blocks when a coroutine reads it.

A property runs code when it is read, and some libraries load an attribute when it is asked for. Where that
waits for the network, a file or another process, reading the attribute in a coroutine holds up the event loop as
a call would, and nothing at the place where it is read shows it.

## Bad

```python
import requests


class Station:
    @property
    def temperature(self):
        return requests.get("https://station.example/temperature").json()


async def show(station: Station):
    print(station.temperature)  # AL209
```

## Fixed

```python
import aiohttp


class Station:
    async def temperature(self, session: aiohttp.ClientSession):
        async with session.get("https://station.example/temperature") as response:
            return await response.json()


async def show(station: Station, session: aiohttp.ClientSession):
    print(await station.temperature(session))
```

## Good

```python
import asyncio
import requests


class Station:
    @property
    def temperature(self):
        return requests.get("https://station.example/temperature").json()

    @property
    def name(self):
        return "north"


async def show(station: Station):
    print(station.name, await asyncio.to_thread(lambda: station.temperature))


def plainly(station: Station):
    print(station.temperature)
```

## Options

- `first-time` (default `false`): report also what is kept once it has been read, as by `functools.cached_property`.
- `in-tests` (default `false`): report in tests also files, databases and other processes.

## Known limits

Operators, subscripts and formatting run methods as well; those are reported in the helpers that a coroutine
calls, not where the coroutine itself uses them.

## See also

`blocking-call` and `blocking-file-io` for calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.advice.blocking import in_thread, is_asked_for, is_told_where_it_stands
from asynclint.api import Diagnostic, Expr, Program, Severity, Site, SiteKind, rule
from asynclint.diagnostics import Span
from asynclint.edits import span_of
from asynclint.program.effects.attributes import BlockingRead, blocking_reads
from asynclint.program.steps import spelled

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


def reads_that_block(site: Site, program: Program) -> list[BlockingRead] | None:
    index = site.row[6]
    if not site.own_function.is_async and not program.circumstance(site.module, index):
        return None
    return list(blocking_reads(site.module, index, program)) or None


@rule(
    code="AL209",
    severity=Severity.ERROR,
    since="0.1",
    where=reads_that_block,
    options={"first-time": False, "in-tests": False},
)
def blocking_attribute(node: cst.FunctionDef, reads: list[BlockingRead], ctx: Context) -> Iterator[Diagnostic]:
    told: set[Span] = set()
    for read in reads:
        blocks = read.blocks
        if not (is_asked_for(blocks, ctx) and is_told_where_it_stands(blocks, ctx)):
            continue
        span = _span(read, ctx)
        if span is None or span in told:
            continue
        told.add(span)
        name, root = _name(read.expr, ctx), blocks.root.removeprefix("builtins.")
        first = [ctx.step(span, f"`{ctx.scope}` reads {read.getter}")] if read.getter else []
        yield ctx.report(
            span,
            f"reading `{name}` blocks the event loop" + (f": it ends in `{root}`" if read.getter else f" (`{root}`)"),
            because=[*first, *read.steps],
            help=f"read it in a worker thread: `{in_thread(f'lambda: {name}', ctx)}`, or make it a coroutine function",
            root=f"{blocks.root} at {blocks.root_place}",
            severity=Severity.WARNING if blocks.category == "file" or blocks.runs_once else None,
        )


def _name(expr: Expr, ctx: Context) -> str:
    """The attribute as it is spelled, a call in front of it as `f(...)`; empty when it is more than that."""
    if isinstance(expr, tuple) and isinstance(expr[1], int):
        row = ctx.facts.sites[expr[1]]
        callee = spelled(row[6]) if row[0] == SiteKind.CALL else ""
        return f"{callee}(...).{expr[2]}" if callee else ""
    name = spelled(expr)
    return "" if "[" in name else name


def _span(read: BlockingRead, ctx: Context) -> Span | None:
    """Where the attribute stands: the first place in its site, or the last one before the end, where it is spelled."""
    source, name = ctx.source, _name(read.expr, ctx)
    if isinstance(read.expr, tuple) and isinstance(read.expr[1], int):
        made = source.span(*ctx.facts.sites[read.expr[1]][1:5])
        after = source.offset(made.end_line, made.end_column)
        found = re.compile(rf"[\s)]*\.\s*{re.escape(read.expr[2])}\b").match(source.text, after)
        return span_of(source, source.offset(made.line, made.column), found.end()) if name and found else None
    if not name:
        return None
    spelling = re.compile(r"(?<![\w.])" + r"\s*\.\s*".join(map(re.escape, name.split("."))) + r"(?!\w)")
    within = source.span(*ctx.facts.sites[ctx.site][1:5] if read.site is None else read.site.row[1:5])
    start, end = source.offset(within.line, within.column), source.offset(within.end_line, within.end_column)
    if read.site is None:
        line, column = read.end
        end = source.offset(line, source.column(line, column))
    places = list(spelling.finditer(source.text, start, end))
    return span_of(source, *places[0 if read.site is not None else -1].span()) if places else None

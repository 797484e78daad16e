"""`asynclint trace`: what a function does that matters to an event loop, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from asynclint.cli.explore import place, program_of, the_function
from asynclint.cli.options import CONTEXT, project_options

if TYPE_CHECKING:
    from asynclint.program import Program
    from asynclint.program.graph import FunctionRef


@click.command(context_settings=CONTEXT)
@click.argument("function", metavar="FUNCTION")
@project_options
def command(function: str, **options: Any) -> None:
    """Show why a function blocks and what in it is awaitable.

    FUNCTION is a qualified name, the end of one (`Client.get`), or PATH:LINE.
    """
    program, modules = program_of(options)
    ref = the_function(function, modules, program)
    for line in _lines(ref, program):
        click.echo(line)


def _lines(ref: FunctionRef, program: Program) -> Iterator[str]:
    row = ref.module.facts.functions[ref.number]
    colour = (
        "async generator"
        if row.is_async and row.is_generator
        else "coroutine function"
        if row.is_async
        else "plain function"
    )
    yield f"{ref.qualified} ({place(ref, program)}): {colour}"
    found = [*_blocking(ref, program), *_loops(ref, program), *_awaitables(ref, program)]
    yield from found or ["  nothing in it is known to block, to start a loop, or to be awaitable"]


def _blocking(ref: FunctionRef, program: Program) -> Iterator[str]:
    from asynclint.program import Site
    from asynclint.program.effects.blocks import Blocks

    for number in ref.module.own_sites.get(ref.number, ()):
        site = Site(ref.module, number)
        for blocks in program.solver(Blocks).every(site):
            yield f"  line {site.line}: blocks in `{blocks.root}` ({blocks.row.blocks}, {blocks.row.cost})"
            for step in blocks.via:
                yield f"    {step.path}:{step.span.line}: {step.text}"


def _loops(ref: FunctionRef, program: Program) -> Iterator[str]:
    from asynclint.program import Site
    from asynclint.program.effects.starts_loop import StartsLoop

    for number in ref.module.own_sites.get(ref.number, ()):
        site = Site(ref.module, number)
        loop = program.effect(StartsLoop, site)
        if loop is not None:
            yield f"  line {site.line}: starts an event loop in `{loop.root}`"
            for step in loop.via:
                yield f"    {step.path}:{step.span.line}: {step.text}"


def _awaitables(ref: FunctionRef, program: Program) -> Iterator[str]:
    from asynclint.facts.model import SiteKind
    from asynclint.program import Site
    from asynclint.program.steps import spelled

    for number in ref.module.own_sites.get(ref.number, ()):
        site = Site(ref.module, number)
        if site.row[0] == SiteKind.CALL and program.coroutine(site) is not None:
            name = spelled(site.callee) or "a call"
            use = site.use.name.lower().replace("_", " ")
            yield f"  line {site.line}: `{name}(...)` gives a coroutine ({use})"

"""`asynclint callers`: who runs a function, up to the coroutines and entry points."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from asynclint.cli.explore import place, program_of, the_function
from asynclint.cli.options import CONTEXT, project_options

if TYPE_CHECKING:
    from asynclint.program import Program
    from asynclint.program.graph import Call, FunctionRef


@click.command(context_settings=CONTEXT)
@click.argument("function", metavar="FUNCTION")
@click.option("--depth", type=click.IntRange(1, 50), default=8, show_default=True, help="How many levels to go up.")
@project_options
def command(function: str, depth: int, **options: Any) -> None:
    """Show who calls a function, and who calls those, up to the coroutines.

    The search ends at `async def`: what blocks below it blocks the loop there.
    """
    from asynclint.program.graph import calls_in

    program, modules = program_of(options)
    ref = the_function(function, modules, program)
    callers: dict[FunctionRef, list[Call]] = {}
    for module in modules:
        for call in calls_in(module, program):
            callers.setdefault(call.callee, []).append(call)
    click.echo(f"{ref.qualified} ({place(ref, program)})")
    lines = list(_lines(ref, callers, program, depth, "  ", {ref}))
    for line in lines or ["  nobody calls it under the given paths"]:
        click.echo(line)


def _lines(
    ref: FunctionRef,
    callers: dict[FunctionRef, list[Call]],
    program: Program,
    depth: int,
    indent: str,
    seen: set[FunctionRef],
) -> Iterator[str]:
    for call in callers.get(ref, ()):
        where = f"{program.display(call.site.module)}:{call.site.line}"
        if call.caller is None:
            yield f"{indent}{call.mode} by {call.site.module.name} ({where})"
            continue
        colour = "async def" if call.caller.is_async else "def"
        again = " (shown above)" if call.caller in seen else ""
        yield f"{indent}{call.mode} by {colour} {call.caller.qualified} ({where}){again}"
        if call.caller.is_async or again or depth <= 1 or call.mode in ("offloaded", "registered"):
            continue
        seen.add(call.caller)
        yield from _lines(call.caller, callers, program, depth - 1, indent + "  ", seen)

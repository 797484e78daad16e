"""What the first coroutine of a fresh event loop does before anything else can run on that loop.

`asyncio.run(main())` makes a loop that runs `main` and nothing else. Until `main` gives way for the first
time, or starts a task, whatever it waits for holds up nobody: it reads its configuration there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import BlockKind, SiteKind
from asynclint.program.cancellation import suspends
from asynclint.program.modules import Module
from asynclint.program.site import Site
from asynclint.program.types import Symbol

if TYPE_CHECKING:
    from asynclint.program import Program


def runs_before_others(site: Site, program: Program) -> bool:
    """Whether a site of a coroutine function runs before anything else can, wherever its module starts it."""
    index = site.function_index
    if index < 0 or not site.module.facts.functions[index].is_async or site.module.facts.functions[index].is_generator:
        return False
    return _comes_first(site, program) and _is_first(site.module, index, program)


def _is_first(module: Module, index: int, program: Program) -> bool:
    """Whether a coroutine function is called in its module for fresh loops, and for nothing else."""
    name = module.facts.functions[index].name
    calls = [
        Site(module, number)
        for number, row in enumerate(module.facts.sites)
        if row[0] == SiteKind.CALL and name in (row[6], *row[7])
    ]
    return bool(calls) and all(_starts(call, name, program) for call in calls)


def _starts(call: Site, name: str, program: Program) -> bool:
    """Whether a call is `run(main)`, or the `main()` of `run(main())`."""
    if call.callee == name:
        if call.use.name != "ARGUMENT" or call.use_details[1] != 0:
            return False
        taker = call.sibling(call.use_details[0])
        return _makes_loop(taker, program)
    return bool(call.arguments) and call.arguments[0] == name and _makes_loop(call, program)


def _makes_loop(call: Site, program: Program) -> bool:
    # A method runs the coroutine on a loop that is there already, and may have tasks.
    if not isinstance(program.callee(call), Symbol):
        return False
    row = program.row(call)
    return (
        row is not None and row.starts_loop and any(run.how == "awaited" and run.argument[0] == 0 for run in row.runs)
    )


def _comes_first(site: Site, program: Program) -> bool:
    """Whether nothing in the function has given way, or started a task, when the site is reached."""
    # Few files have anything to ask here, and what answers it takes long to import.
    from asynclint.program.effects.spawns_task import SpawnsTask

    module = site.module
    facts = module.facts
    loops = {number for number in facts.ancestors(site.block) if facts.blocks[number][0] == BlockKind.LOOP}
    for number in module.own_sites.get(site.function_index, ()):
        other = Site(module, number)
        if number >= site.number and loops.isdisjoint(facts.ancestors(other.block)):
            continue
        if number == site.number or _holds(other, site):
            continue
        if suspends(other) or (other.row[0] == SiteKind.CALL and program.effect(SpawnsTask, other) is not None):
            return False
    return True


def _holds(other: Site, site: Site) -> bool:
    """Whether the site is part of an await, which has not given way when its arguments are worked out."""
    start, end = (other.row[1], other.row[2]), (other.row[3], other.row[4])
    return other.row[0] == SiteKind.AWAIT and start <= (site.row[1], site.row[2]) < end

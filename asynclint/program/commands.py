"""Coroutine functions that a command line runs, each in an event loop of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.facts.model import BindingKind, BlockKind, Expr, SiteKind, Use
from asynclint.program import names
from asynclint.program.modules import Module
from asynclint.program.names import Place
from asynclint.program.site import Site
from asynclint.program.types import FunctionObject

if TYPE_CHECKING:
    from asynclint.program import Program


def has_loop_to_itself(site: Site, program: Program) -> bool:
    """Whether a site runs in a command that has started no task before, or in a helper of such ones alone.

    While it blocks, nothing else waits. A helper is a function that its module calls in commands only.
    """
    return _is_alone(site, program, set())


def _is_alone(site: Site, program: Program, seen: set[int]) -> bool:
    module, index = site.module, site.function_index
    if index < 0:
        return False
    if not module.facts.functions[index].is_async:
        return _is_command(module, index, program) and _is_run(site, program)
    if index in seen:
        return True
    callers = () if _is_command(module, index, program) else _callers(module, index)
    if callers is None:
        return False
    seen.add(index)
    if not all(_is_alone(caller, program, seen) for caller in callers):
        return False
    return not any(_comes_first(each, site) and _leaves_a_task(each, program) for each in _own_sites(module, index))


def _is_run(call: Site, program: Program) -> bool:
    """Whether the coroutine that a call makes is handed to a call that starts an event loop for it."""
    if call.row[0] != SiteKind.CALL or call.use is not Use.ARGUMENT:
        return False
    row = program.row(call.sibling(call.use_details[0]))
    return row is not None and row.starts_loop


def _callers(module: Module, index: int) -> list[Site] | None:
    """Where a module calls a function of its own by name; None when it does not, or may be called in other ways."""
    function = module.facts.functions[index]
    if module.facts.blocks[function.block][1] != 0:
        return None
    sites = [
        Site(module, number)
        for number, row in enumerate(module.facts.sites)
        if row[0] == SiteKind.CALL and row[6] == function.name
    ]
    return sites or None


def _own_sites(module: Module, index: int) -> Iterator[Site]:
    return (Site(module, number) for number in module.own_sites.get(index, ()))


def _leaves_a_task(site: Site, program: Program) -> bool:
    """Whether a site starts a task that may still run when the site is done."""
    # Few files have commands, and what answers this takes long to import.
    from asynclint.program.effects.spawns_task import SpawnsTask

    spawns = program.effect(SpawnsTask, site)
    return spawns is not None and (not spawns.passes or not _is_in_group(spawns.root_site))


def _is_in_group(call: Site) -> bool:
    """Whether a call is a method of what an `async with` around it gives: a group, whose tasks end with its block."""
    if call.row[0] == SiteKind.AWAIT and isinstance(call.row[6], int):
        call = call.sibling(call.row[6])
    callee = call.row[6] if call.row[0] == SiteKind.CALL else None
    if not (isinstance(callee, tuple) and callee[0] == "." and isinstance(callee[1], str)):
        return False
    found = names.find(callee[1], call.place)
    return found is not None and all(row.kind == BindingKind.ENTERED and row.b for row in found.bindings)


def _comes_first(other: Site, site: Site) -> bool:
    """Whether one site of a function may have run before another: it stands before it, or in a loop around both."""
    if (other.row[1], other.row[2]) < (site.row[1], site.row[2]):
        return True
    loops = {number for number, kind, _ in site.blocks() if kind is BlockKind.LOOP}
    return any(number in loops for number, _, _ in other.blocks())


def _is_command(module: Module, index: int, program: Program) -> bool:
    function = module.facts.functions[index]
    if not function.decorators:
        return False
    rows = program.calls.decorations(module, index)
    place = Place(module, module.facts.blocks[function.block][1], function.line, 0)
    return any(row.command if row is not None else _makes_command(each, place, program) for each, row, _ in rows)


def _makes_command(decorator: Expr, place: Place, program: Program) -> bool:
    """Whether a decorator of the program makes commands: it overrides a method of a library that does, or calls one."""
    expr = decorator
    if isinstance(decorator, int) and place.module.facts.sites[decorator][0] == SiteKind.CALL:
        expr = place.module.facts.sites[decorator][6]
    made = program.inference.type_of(expr, place)
    if not isinstance(made, FunctionObject):
        return False
    facts = made.module.facts
    function = facts.functions[made.number]
    if function.class_index >= 0:
        for base in program.members.order(program.class_name(made.module, function.class_index)).names[1:]:
            row = program.catalogue.decorator(f"{base}.{function.name}") if program.class_named(base) is None else None
            if row is not None:
                return row.command
    for number, site in enumerate(facts.sites):
        if site[0] == SiteKind.CALL and function.block in facts.ancestors(site[5]):
            row = program.catalogue.decorator(program.qualified_name(program.callee(Site(made.module, number))))
            if row is not None and row.command:
                return True
    return False

"""Coroutine functions that a command line runs, each in an event loop of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import Expr, SiteKind
from asynclint.program.effects.spawns_task import SpawnsTask
from asynclint.program.modules import Module
from asynclint.program.names import Place
from asynclint.program.site import Site
from asynclint.program.types import FunctionObject

if TYPE_CHECKING:
    from asynclint.program import Program


def has_loop_to_itself(module: Module, index: int, program: Program) -> bool:
    """Whether a coroutine function is a command that starts no task, or a helper of such ones alone.

    While it blocks, nothing else waits. A helper is a function that its module calls in commands only.
    """
    return _is_lone(module, index, program, set())


def _is_lone(module: Module, index: int, program: Program, seen: set[int]) -> bool:
    if index < 0 or not module.facts.functions[index].is_async:
        return False
    if index in seen or _is_lone_command(module, index, program):
        return True
    seen.add(index)
    function = module.facts.functions[index]
    if module.facts.blocks[function.block][1] != 0:
        return False
    callers = {
        module.function_of_block[row[5]]
        for row in module.facts.sites
        if row[0] == SiteKind.CALL and row[6] == function.name
    } - {index}
    return bool(callers) and all(_is_lone(module, caller, program, seen) for caller in callers)


def _is_lone_command(module: Module, index: int, program: Program) -> bool:
    function = module.facts.functions[index]
    if not function.decorators:
        return False
    rows = program.calls.decorations(module, index)
    place = Place(module, module.facts.blocks[function.block][1], function.line, 0)
    if not any(row.command if row is not None else _makes_command(each, place, program) for each, row, _ in rows):
        return False
    return program.effect_of(SpawnsTask, module, index) is None


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

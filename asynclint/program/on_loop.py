"""Where sync functions run because a framework calls them: on the event loop, or in a thread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import SiteKind
from asynclint.program.modules import Module
from asynclint.program.names import Place
from asynclint.program.types import ClassObject, ExternalMethod, Symbol

if TYPE_CHECKING:
    from asynclint.program import Program


def loop_circumstance(module: Module, index: int, program: Program) -> str:
    """Why a plain function runs on the event loop; empty when it is not known to."""
    if framework_place(module, index, program) != "loop":
        return ""
    return f"the event loop calls `{module.facts.functions[index].qualname}`"


def framework_place(module: Module, index: int, program: Program) -> str:
    """Where a framework runs a plain function: loop, thread, process, main; empty when that is not known.

    The catalogue says which overridden methods (`asyncio.Protocol.data_received`) and which
    decorated functions a framework calls.
    """
    facts = module.facts
    function = facts.functions[index]
    if function.is_async or function.is_generator:
        return ""
    if function.class_index >= 0:
        name = program.class_name(module, function.class_index)
        for base in program.members.order(name).names[1:]:
            row = program.catalogue.override(base, function.name) if program.class_named(base) is None else None
            if row is not None:
                return row.runs
    for decorator in function.decorators:
        place = Place(module, facts.blocks[function.block][1], function.line, 0)
        expr = decorator
        if isinstance(decorator, int) and facts.sites[decorator][0] == SiteKind.CALL:
            expr = facts.sites[decorator][6]
        type_ = program.inference.type_of(expr, place)
        if isinstance(type_, (Symbol, ClassObject, ExternalMethod)):
            listed = program.catalogue.decorator(program.qualified_name(type_))
            if listed is not None and listed.sync_runs:
                return listed.sync_runs
    return ""

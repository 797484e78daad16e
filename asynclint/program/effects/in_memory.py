"""Helpers that are given a file in memory, so that what they end in does not wait for the disk."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from asynclint.facts.model import BindingKind, Expr, SiteKind
from asynclint.program import names
from asynclint.program.conditions import argument, is_of_type
from asynclint.program.site import Site
from asynclint.program.types import ClassObject, FunctionObject, members

if TYPE_CHECKING:
    from asynclint.catalogue import CallableRow
    from asynclint.program import Program


def works_in_memory(way: Sequence[Site], row: CallableRow, program: Program) -> bool:
    """Whether the argument that keeps a row from blocking comes to it along the sites of a way.

    The last site calls what the row is about; each of the others runs the function around the next.
    """
    for condition in row.unless:
        if condition.test != "type" or condition.argument is None or way[-1].row[0] != SiteKind.CALL:
            continue
        expr = argument(condition.argument, way[-1])
        for inner, outer in zip(reversed(way), reversed(way[:-1]), strict=False):
            expr = _passed_for(expr, inner, outer, program)
            if expr is None:
                break
            if is_of_type(expr, condition.value, outer, program):
                return True
    return False


def _passed_for(parameter: Expr, inner: Site, call: Site, program: Program) -> Expr:
    """What a call passes for a parameter of the function around the inner site; None when that cannot be told."""
    if not isinstance(parameter, str) or call.row[0] != SiteKind.CALL:
        return None
    found = names.find(parameter, inner.place)
    callee = members(program.callee(call))
    if found is None or len(found.bindings) != 1 or found.bindings[0].kind != BindingKind.PARAMETER or len(callee) != 1:
        return None
    position: int = found.bindings[0].b
    is_bound = isinstance(callee[0], ClassObject) or (
        isinstance(callee[0], FunctionObject) and callee[0].receiver is not None
    )
    in_class = inner.module.facts.functions[inner.function_index].class_index >= 0
    return argument((position - (1 if is_bound and in_class else 0), parameter), call)

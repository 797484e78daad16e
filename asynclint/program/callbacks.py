"""Slots for functions that a framework calls later, and values that can never be called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.program.conditions import argument
from asynclint.program.types import NONE, ContextManager, Coroutine, Instance, TupleOf, Type, members

if TYPE_CHECKING:
    from asynclint.program import Program, Site


def is_registered(expr: int, taker: Site, program: Program) -> bool:
    """Whether a call keeps the argument to call it later, be it a plain or an async function."""
    row = program.row(taker)
    return row is not None and any(
        run.how == "registered" and run.takes == "either" and argument(run.argument, taker) == expr for run in row.runs
    )


def is_never_callable(type_: Type, program: Program) -> bool:
    """Whether calling the value surely fails; False when that is not known."""
    found = members(type_)
    return bool(found) and all(_never(each, program) for each in found)


def _never(type_: Type, program: Program) -> bool:
    if isinstance(type_, Instance):
        if type_ == NONE or type_.name.startswith("builtins."):
            return True
        # The catalogue does not say which objects of a library can be called.
        return program.class_named(type_.name) is not None and program.members.has(type_, "__call__") is False
    return isinstance(type_, (Coroutine, ContextManager, TupleOf))

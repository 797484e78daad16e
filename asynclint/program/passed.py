"""What a framework passes to the coroutine functions that are registered with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.program.modules import Module
from asynclint.program.types import Type

if TYPE_CHECKING:
    from asynclint.program import Program


def passed(module: Module, index: int, position: int, program: Program) -> Type:
    """The type of a parameter that bears no annotation, by the decorators of its function; None when unknown.

    Plain functions are left out: what the same object does in a thread may be of another colour.
    """
    function = module.facts.functions[index]
    if not function.is_async:
        return None
    position -= function.class_index >= 0
    for _, row, _ in program.calls.decorations(module, index):
        for name, types in row.gives if row is not None else ():
            if name in ("*", function.name) and position < len(types):
                return program.annotations.listed(types[position])
    return None

"""Which exceptions an `except` clause, or a call such as `contextlib.suppress`, lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.facts.model import Expr
from asynclint.program.site import Site
from asynclint.program.types import ClassObject, Symbol, TupleOf, Type, members

if TYPE_CHECKING:
    from asynclint.program import Program


def listed(expr: Expr, site: Site, program: Program) -> Iterator[str]:
    """The qualified names of the classes that an expression stands for, tuples opened, in their order.

    What is not known is left out.
    """
    return _classes(program.type_of(expr, site), program)


def _classes(type_: Type, program: Program) -> Iterator[str]:
    for each in members(type_):
        if isinstance(each, TupleOf):
            for item in each.items:
                yield from _classes(item, program)
        elif isinstance(each, (ClassObject, Symbol)):
            yield program.catalogue.canonical(each.name)

"""Which exceptions an `except` clause, or a call such as `contextlib.suppress`, lists."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.facts.model import BindingKind, Expr, Tag
from asynclint.program import names
from asynclint.program.names import Place
from asynclint.program.site import Site
from asynclint.program.types import ClassObject, Instance, Symbol, TupleOf, Type, members

if TYPE_CHECKING:
    from asynclint.program import Program


def listed(expr: Expr, site: Site, program: Program) -> Iterator[str]:
    """The qualified names of the classes that an expression stands for, tuples opened, in their order.

    What is not known is left out, and so is what a caller passes: an annotation is a bound only.
    """
    if isinstance(expr, tuple) and expr[0] == Tag.TUPLE:
        for part in expr[1:]:
            yield from listed(part[1] if isinstance(part, tuple) and part[0] == Tag.STAR else part, site, program)
    elif not _is_passed(expr, site.place, program):
        yield from _classes(program.type_of(expr, site), program)


def _is_passed(expr: Expr, place: Place, program: Program) -> bool:
    """Whether a name, or an attribute of `self`, stands for what a parameter was given; or one of another object."""
    if isinstance(expr, str):
        found = names.find(expr, place)
        return found is not None and any(row.kind == BindingKind.PARAMETER for row in found.bindings)
    if isinstance(expr, tuple) and expr[0] == Tag.ATTRIBUTE and expr[1] not in ("self", "cls"):
        return any(isinstance(each, Instance) for each in members(program.inference.type_of(expr[1], place)))
    if isinstance(expr, tuple) and expr[:2] == (Tag.ATTRIBUTE, "self"):
        for class_ in place.module.facts.classes:
            for row in class_.attributes.get(expr[2], ()):
                if isinstance(row.a, str) and _is_passed(
                    row.a, Place(place.module, row.block, row.line, row.column), program
                ):
                    return True
    return False


def _classes(type_: Type, program: Program) -> Iterator[str]:
    for each in members(type_):
        if isinstance(each, TupleOf):
            for item in each.items:
                yield from _classes(item, program)
        elif isinstance(each, (ClassObject, Symbol)):
            yield program.catalogue.canonical(each.name)

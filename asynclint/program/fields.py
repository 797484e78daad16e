"""Classes whose fields are declared: dataclasses and their like, NamedTuple, TypedDict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import Binding, BindingKind, Expr, SiteKind
from asynclint.program.names import Place
from asynclint.program.types import Instance, Symbol, TupleOf, Type

if TYPE_CHECKING:
    from asynclint.program import Program

_TUPLES = ("typing.NamedTuple",)
_DICTS = ("typing.TypedDict", "typing_extensions.TypedDict")


def declared_by_call(row: Binding, place: Place, program: Program) -> Type:
    """What a field holds whose value is a field specifier; None when it is none, or does not tell.

    The words are those of PEP 681, which dataclasses, attrs, pydantic and others share:
    `field(default_factory=list)`, `ib(factory=list)`, `Field(default=1)`; attrs adds `type=`.
    """
    if row.kind != BindingKind.VALUE or not isinstance(row.a, int):
        return None
    site = place.module.facts.sites[row.a]
    if site[0] != SiteKind.CALL:
        return None
    said = {name: value for name, value in site[8] if name in ("default_factory", "factory", "default", "type")}
    if not said or not isinstance(program.inference.type_of(site[6], place), Symbol):
        return None
    if "type" in said:
        return program.annotations.value(said["type"], place)
    factory = said.get("default_factory", said.get("factory"))
    if factory is not None:
        return program.calls.result(program.inference.type_of(factory, place), (), place)
    return program.inference.type_of(said.get("default"), place)


def as_tuple(type_: Type, program: Program) -> Type:
    """The fields of an object of a NamedTuple class of the program, in order; anything else as it is."""
    if not isinstance(type_, Instance) or program.class_named(type_.name) is None:
        return type_
    order = program.members.order(type_.name).names
    if not any(each in order for each in _TUPLES):
        return type_
    fields: list[Type] = []
    for name in reversed(order):
        class_ = program.class_named(name)
        if class_ is not None:
            rows = class_.module.facts.scopes[class_.row.scope].bindings
            declared = [each for each, found in rows.items() if _is_field(found[0])]
            fields += [program.members.attribute(type_, each) for each in declared]
    return TupleOf(tuple(fields))


def item_of_dict(type_: Instance, key: Expr, program: Program) -> Type:
    """What a TypedDict class of the program holds under a key that is written out; None for anything else."""
    if not (isinstance(key, tuple) and key[0] == "const" and isinstance(key[1], str)):
        return None
    if program.class_named(type_.name) is None:
        return None
    order = program.members.order(type_.name).names
    return program.members.attribute(type_, key[1]) if any(each in order for each in _DICTS) else None


def _is_field(row: Binding) -> bool:
    return row.kind == BindingKind.DECLARED or (row.kind == BindingKind.VALUE and row.b is not None)

"""What a function says that it takes: arguments that its annotations refuse."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import ParameterKind
from asynclint.program import names
from asynclint.program.awaitables import asks
from asynclint.program.types import FunctionObject, Instance, Type, members, without_none

if TYPE_CHECKING:
    from asynclint.program import Program
    from asynclint.program.site import Site

#: Built-in types that nothing awaitable is or inherits.
_PLAIN = frozenset(
    f"builtins.{name}" for name in ("str", "bytes", "int", "float", "bool", "list", "dict", "set", "tuple")
)


def refuses_coroutine(call: Site, place: int | str, program: Program) -> str:
    """The name of the parameter at a place of a call when its annotation allows no coroutine; empty otherwise."""
    callee = program.callee(call)
    if not isinstance(callee, FunctionObject):
        return ""
    function = callee.module.facts.functions[callee.number]
    if function.decorators or not function.parameters:
        return ""
    if isinstance(place, int):
        if any(isinstance(each, tuple) and each[0] == "*" for each in call.arguments):
            return ""
        place += callee.receiver is not None and function.class_index >= 0
    for number, parameter in enumerate(function.parameters):
        if place not in (number, parameter.name):
            continue
        if parameter.annotation is None or parameter.kind in (
            ParameterKind.VARIADIC,
            ParameterKind.VARIADIC_KEYWORD,
        ):
            return ""
        declared = program.annotations.value(parameter.annotation, names.header(callee.module, function, callee.env))
        return parameter.name if _is_plain(declared) and not _asks(callee) else ""
    return ""


def _is_plain(type_: Type) -> bool:
    found = members(without_none(type_))
    return bool(found) and all(isinstance(each, Instance) and each.name in _PLAIN for each in found)


def _asks(callee: FunctionObject) -> bool:
    sites = callee.module.facts.sites
    return any(asks(sites[number]) for number in callee.module.own_sites.get(callee.number, ()))

"""Calls that run a function elsewhere: in another thread or process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import SiteKind
from asynclint.program.handed import handed
from asynclint.program.site import Site
from asynclint.program.types import FunctionObject, Instance, Type, members

if TYPE_CHECKING:
    from asynclint.program import Program

_MAX_DEPTH = 2


def takes_function_to_offload(call: Site, place: int | str | None, program: Program, depth: int = _MAX_DEPTH) -> bool:
    """Whether a call runs its argument at that position or keyword elsewhere.

    Functions of the program that hand a parameter on to such a call count.
    """
    if place is None:
        return False
    for each in handed(call, program):
        if each.key == place and each.run.how == "offloaded" and each.run.takes == "function":
            return True
    if depth == 0:
        return False
    found = members(program.callee(call))
    return bool(found) and all(_hands_on(each, place, program, depth) for each in found)


def _hands_on(callee: Type, place: int | str, program: Program, depth: int) -> bool:
    if not isinstance(callee, FunctionObject):
        return False
    module, function = callee.module, callee.module.facts.functions[callee.number]
    position = _position(callee, place)
    if position < 0 or position not in module.higher_order.get(callee.number, ()):
        return False
    name = function.parameters[position].name
    for number in module.own_sites.get(callee.number, ()):
        row = module.facts.sites[number]
        if row[0] != SiteKind.CALL:
            continue
        inner = Site(module, number)
        places = [index for index, each in enumerate(row[7]) if each == name]
        places += [keyword for keyword, each in row[8] if each == name and keyword]
        if any(takes_function_to_offload(inner, each, program, depth - 1) for each in places):
            return True
    return False


def _position(callee: FunctionObject, place: int | str) -> int:
    function = callee.module.facts.functions[callee.number]
    if isinstance(place, str):
        return next((index for index, each in enumerate(function.parameters) if each.name == place), -1)
    shift = 1 if callee.receiver is not None and function.class_index >= 0 else 0
    return place + shift if place + shift < len(function.parameters) else -1


def starts_unawaited_offload(site: Site, program: Program) -> bool:
    """Whether a call gives a future of work that it has sent elsewhere, rather than a coroutine."""
    if site.row[0] != SiteKind.CALL:
        return False
    found = members(program.value(site))
    if not found or not all(isinstance(each, Instance) for each in found):
        return False
    if not all(program.members.protocol(each, "awaits_to") is not None for each in found):
        return False
    places = [*range(len(site.arguments)), *(keyword for keyword in site.keywords if keyword)]
    return any(takes_function_to_offload(site, place, program) for place in places)

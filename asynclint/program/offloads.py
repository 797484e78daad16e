"""Calls that run a function elsewhere: in another thread or process."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import BlockKind, Completion, Expr, ModuleFacts, SiteKind
from asynclint.program.exceptions import listed
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
    places: list[tuple[int | str | None, Expr]] = [*enumerate(site.arguments), *site.keywords.items()]
    return any(
        takes_function_to_offload(site, place, program) and not _catches_its_exceptions(expr, site, program)
        for place, expr in places
    )


def _catches_its_exceptions(expr: Expr, site: Site, program: Program) -> bool:
    """Whether what is handed over is a function that is one `try` with a handler for every error."""
    found = members(program.type_of(expr, site))
    return bool(found) and all(isinstance(each, FunctionObject) and _is_safe(each, program) for each in found)


def _is_safe(function: FunctionObject, program: Program) -> bool:
    module, facts = function.module, function.module.facts
    body = None
    for number in module.own_sites.get(function.number, ()):
        row = facts.sites[number]
        if row[0] == SiteKind.TRY and facts.blocks[row[5]][0] == BlockKind.FUNCTION:
            handlers = [Site(module, each) for each in row[7]]
            if body is None and any(_catches_all(handler, program) for handler in handlers):
                body = number
                continue
        if row[0] in (SiteKind.CALL, SiteKind.RAISE) and (body is None or not _is_part_of(row[5], body, facts)):
            return False
    return body is not None


def _catches_all(handler: Site, program: Program) -> bool:
    if handler.row[10] & (Completion.RERAISES | Completion.RAISES_OTHER | Completion.CHAINS):
        return False
    names = () if handler.row[7] is None else tuple(listed(handler.row[7], handler, program))
    return handler.row[7] is None or bool({"builtins.Exception", "builtins.BaseException"} & set(names))


def _is_part_of(block: int, attempt: int, facts: ModuleFacts) -> bool:
    """Whether a block is a suite of the `try`, or within one."""
    kinds = (BlockKind.TRY, BlockKind.TRY_ELSE, BlockKind.FINALLY)
    for each in facts.ancestors(block):
        kind, _parent, _scope, _line, detail = facts.blocks[each]
        if (kind in kinds and detail == attempt) or (kind == BlockKind.HANDLER and facts.sites[detail][6] == attempt):
            return True
    return False

"""Methods that override one of the other colour: what the base promises, and who relies on it.

Colours are "coroutine", a method that has to be awaited, and "plain", one whose result is known
not to be awaitable. Everything else (generators, properties, what cannot be told) has none.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.facts.model import BindingKind, SiteKind, Use
from asynclint.program.effects.starts_loop import StartsLoop
from asynclint.program.members import ClassRow
from asynclint.program.modules import Module
from asynclint.program.site import Site
from asynclint.program.types import (
    NONE,
    ClassMethod,
    ClassObject,
    Coroutine,
    FunctionObject,
    Instance,
    StaticMethod,
    Type,
    members,
)
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program import Program

#: Uses of a call's value that only make sense for one that is not awaitable.
_TAKES_RESULT = frozenset({
    Use.DISCARDED, Use.CONDITION, Use.ATTRIBUTE, Use.SUBSCRIPTED, Use.ITERATED, Use.COMPARED, Use.FORMATTED,
    Use.OPERAND, Use.UNPACKED, Use.ENTERED,
})  # fmt: skip
_MAX_CALLERS = 3


class Recoloured(NamedTuple):
    """An overridden method of the other colour.

    `base` is the class that defines it, as a qualified name; `place` its definition in the
    program, None when it is a library's; `callers` call it in the way of its own colour.
    """

    base: str
    colour: str
    place: Site | None
    callers: tuple[Site, ...]


def recoloured(site: Site, program: Program) -> Recoloured | None:
    """The method that a `def` in a class overrides in another colour, where that breaks its callers."""
    function = site.own_function
    if function.class_index < 0 or function.name.startswith("__") or function.is_generator or function.is_stub:
        return None
    owner = program.class_name(site.module, function.class_index)
    for base in program.members.order(owner).names[1:]:
        class_ = program.class_named(base)
        if class_ is None:
            found = _of_library(base, site, program)
        else:
            found = _of_program(class_, site, program)
        if found is not None:
            return found if found.colour else None
    return None


_NOTHING = Recoloured("", "", None, ())


def _of_library(base: str, site: Site, program: Program) -> Recoloured | None:
    """None when the class does not define it; without a colour when the override keeps to it."""
    function = site.own_function
    if function.name.startswith(("test", "setUp", "tearDown")):
        return _NOTHING  # what a test runner does with them is another question
    rule = program.catalogue.override(base, function.name)
    if rule is not None:
        # `on_*` is async for the events of the framework; other names of that form are the class's own.
        wanted = {"sync": "plain", "async": "" if rule.method.endswith("*") else "coroutine"}.get(rule.colour, "")
    elif program.catalogue.type(base) is None or program.catalogue.method(base, function.name) is not None:
        return _NOTHING  # that a method of a library is async does not tell whether its callers take either
    else:
        return None
    own = _colour(site.module, site.row[6], program)
    return Recoloured(base, wanted, None, ()) if wanted and own and own != wanted else _NOTHING


def _of_program(class_: ClassRow, site: Site, program: Program) -> Recoloured | None:
    name = site.own_function.name
    rows = class_.module.facts.scopes[class_.row.scope].bindings.get(name)
    if not rows:
        return None
    if len(rows) != 1 or rows[0].kind != BindingKind.FUNCTION:
        return _NOTHING
    own = _colour(site.module, site.row[6], program)
    if not own:
        return _NOTHING
    definition = class_.module.facts.functions[rows[0].a]
    place = Site(class_.module, definition.site)
    colour = _colour(class_.module, rows[0].a, program)
    if own == colour or (own == "plain" and (colour != "coroutine" or _runs_loop(site, program))):
        return _NOTHING
    every = list(_calls(name, class_, site, program))
    calls = [call for call, is_known in every if is_known]
    if own == "plain":
        relying = [call for call in calls if call.use is Use.AWAITED]
    elif any(call.use is Use.AWAITED for call, _ in every):
        return _NOTHING
    else:
        colour = "plain"
        relying = [call for call in calls if call.use in _TAKES_RESULT]
    # Classes that turn another one sync or async as a whole are fine as long as nothing inherited calls the method.
    callers = [call for call in relying if not _is_replaced(call, site, program)]
    return Recoloured(class_.name, colour, place, tuple(callers[:_MAX_CALLERS])) if callers else _NOTHING


def _colour(module: Module, index: int, program: Program) -> str:
    function = module.facts.functions[index]
    type_: Type = program.calls.function(module, index)
    if isinstance(type_, (ClassMethod, StaticMethod)):
        type_ = type_.function
    if not isinstance(type_, FunctionObject) or type_.number != index or function.is_generator:
        return ""
    if function.is_async:
        return "coroutine"
    if any(_may_give_awaitable(module, number, program) for number in module.returns_of.get(index, ())):
        return ""  # whatever its annotation says
    return "plain" if _is_plain(program.calls.returned(type_), program) else ""


def _may_give_awaitable(module: Module, number: int, program: Program) -> bool:
    """Whether a `return` is seen to give a coroutine or an async iterator."""
    given = Site(module, number)
    return any(
        isinstance(each, Coroutine) or _is_async(each, program)
        for each in members(program.type_of(given.row[6], given))
    )


def _is_async(type_: Type, program: Program) -> bool:
    return any(program.members.has(type_, name) is True for name in ("__await__", "__aiter__"))


def _is_plain(type_: Type, program: Program) -> bool:
    """Whether every alternative is an object that callers use as it is; a function may be called and awaited yet."""
    found = members(type_)
    return bool(found) and all(
        each == NONE
        or (
            isinstance(each, Instance)
            and program.members.has(each, "__await__") is False
            and not _is_async(each, program)
        )
        for each in found
    )


def _calls(name: str, class_: ClassRow, site: Site, program: Program) -> Iterator[tuple[Site, bool]]:
    """Calls of the method in the files of both classes: on an object of the base, or on one that may be.

    Each with whether it is known to be one.
    """
    for module in dict.fromkeys((class_.module, site.module)):
        for number, row in enumerate(module.facts.sites):
            callee = row[6] if row[0] == SiteKind.CALL else None
            if not isinstance(callee, tuple) or callee[0] != "." or callee[2] != name:
                continue
            call = Site(module, number)
            receivers = members(program.type_of(callee[1], call))
            # A call through a derived class is about that class's own method.
            is_known = any(
                isinstance(each, (Instance, ClassObject)) and program.members.is_subclass(class_.name, each.name)
                for each in receivers
            )
            if is_known or not receivers:
                yield call, is_known


def _is_replaced(call: Site, site: Site, program: Program) -> bool:
    """Whether the overriding class replaces the method that makes the call, or is not derived from its class."""
    caller = call.function
    if caller is None or caller.class_index < 0:
        return False
    owner = program.class_name(site.module, site.own_function.class_index)
    found = program.members.raw(owner, caller.name)
    if found is None:
        return not program.members.is_subclass(owner, program.class_name(call.module, caller.class_index))
    return found[0] != program.class_name(call.module, caller.class_index)


def _runs_loop(site: Site, program: Program) -> bool:
    """Whether the method starts an event loop itself: it is meant as the sync face of an async class."""
    numbers = site.module.own_sites.get(site.row[6], ())
    return any(program.effect(StartsLoop, Site(site.module, number)) is not None for number in numbers)

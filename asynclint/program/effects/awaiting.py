"""What runs while a task waits at a site: the coroutine behind an `await`, `async for` or `async with`.

What is waited for is given in parts, all of which are gone through, and each part as its
alternatives, of which one is: functions of the program, and what the catalogue lists. Something
unknown is an alternative of which nothing is known.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from asynclint.catalogue import CallableRow
from asynclint.facts.model import BlockKind, Expr, SiteKind
from asynclint.program.effects.edges import Node
from asynclint.program.handed import handed
from asynclint.program.modules import Module
from asynclint.program.names import Place, held_call, site_place
from asynclint.program.overrides import is_open
from asynclint.program.site import Site
from asynclint.program.types import (
    EITHER,
    NONE,
    ContextManager,
    Coroutine,
    Env,
    FunctionObject,
    Instance,
    PartialObject,
    Type,
    members,
    without_none,
)
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program import Program


class Listed(NamedTuple):
    """Something outside of the program. `suspends` is always, may or never; empty when nobody knows."""

    suspends: str
    name: str = ""
    row: CallableRow = CallableRow()


Alternatives: TypeAlias = "tuple[Node | Listed, ...]"
Parts: TypeAlias = "tuple[Alternatives, ...]"

_UNKNOWN = Listed("")
#: How many calls deep the coroutine is looked for that plain functions give.
_MAX_DEPTH = 6


class Awaiting:
    def __init__(self, program: Program) -> None:
        self.program = program
        self._found: dict[tuple[Module, int, Env], Parts] = {}

    def at(self, site: Site, env: Env = ()) -> Parts:
        """What is waited for at a site, entering and leaving alike; nothing where no task gives way."""
        key = site.module, site.number, env
        found = self._found.get(key)
        if found is None:
            found = tuple(self._parts(site, env))
            if self.program.inference.is_idle:
                self._found[key] = found
        return found

    def _parts(self, site: Site, env: Env) -> Iterator[Alternatives]:
        kind, row = site.row[0], site.row
        if _is_left_to_others(site):
            return
        if kind == SiteKind.AWAIT:
            yield from self._value(row[6], site_place(site.module, site.number, env))
        elif kind == SiteKind.WITH and row[6]:
            yield from self.entering(site, env)
            yield from self.leaving(site, env)
        elif kind == SiteKind.FOR and row[6]:
            yield from self._iterating(row[8], site_place(site.module, site.number, env))
        elif kind == SiteKind.COMPREHENSION and row[6] != "generator":
            block = site.module.facts.scopes[row[7]].block
            for position, (_target, iterable, is_async, _tests) in enumerate(row[8]):
                if is_async:
                    place = site_place(site.module, site.number, env)
                    yield from self._iterating(iterable, place if not position else place._replace(block=block))

    def entering(self, site: Site, env: Env = ()) -> Parts:
        """What an `async with` waits for before its body runs."""
        return self._of_contexts(site, env, "__aenter__")

    def leaving(self, site: Site, env: Env = ()) -> Parts:
        """What an `async with` waits for once its body has run."""
        return self._of_contexts(site, env, "__aexit__")

    # -- with and for --------------------------------------------------------------------------

    def _of_contexts(self, site: Site, env: Env, method: str) -> Parts:
        place = site_place(site.module, site.number, env)
        found: list[Alternatives] = []
        for context, _target in site.row[7]:
            listed = self._listed_context(context, place, method)
            type_ = None if listed else without_none(self.program.inference.type_of(context, place))
            found += listed or self._either([self._of_context(each, method) for each in members(type_)])
        return tuple(found)

    def _listed_context(self, context: Expr, place: Place, method: str) -> Parts:
        """What a call that the catalogue lists says itself: `session.get(...)` sends the request when entered."""
        if not isinstance(context, int) or place.module.facts.sites[context][0] != SiteKind.CALL:
            return ()
        callee = self.program.inference.callee(place.module, context, place.env)
        row = self.program.calls.row(callee)
        if row is None or not row.suspends:
            return ()
        if row.colour == "async-context" or (row.colour == "awaitable-or-context" and method == "__aenter__"):
            return ((Listed(row.suspends, self.program.qualified_name(callee), row),),)
        return ()

    def _of_context(self, type_: Type, method: str) -> Parts:
        if isinstance(type_, ContextManager) and type_.is_async and type_.function is not None:
            return self._body(type_.function)
        return self._special(type_, method)

    def _iterating(self, iterable: Expr, place: Place) -> Parts:
        made = held_call(iterable, place)
        if made is not None:
            found = members(without_none(self.program.inference.callee(place.module, made, place.env)))
            if found and all(self._is_async_generator(each) for each in found):
                row = place.module.facts.sites[made]
                return self._either([self._body(self._bound(each, row, place)) for each in found])
        type_ = without_none(self.program.inference.type_of(iterable, place))
        return self._either([self._stepping(each) for each in members(type_)])

    def _stepping(self, type_: Type) -> Parts:
        """What each step of an `async for` over an object waits for."""
        if isinstance(type_, Instance) and self.program.class_named(type_.name) is not None:
            found = self.program.members.raw(type_.name, "__aiter__")
            if found is not None and self._is_async_generator(found[1]):
                return self._body(found[1]._replace(receiver=type_))
            if found is not None and not self._gives_itself(found[1]):
                return ((_UNKNOWN,),)
        return self._special(type_, "__anext__")

    def _is_async_generator(self, type_: Type) -> bool:
        if not isinstance(type_, FunctionObject):
            return False
        function = type_.module.facts.functions[type_.number]
        return function.is_async and function.is_generator

    def _gives_itself(self, type_: Type) -> bool:
        if not isinstance(type_, FunctionObject):
            return False
        own = type_.module.facts.functions[type_.number].parameters
        returns = type_.module.returns_of.get(type_.number, [])
        return bool(own and returns) and all(type_.module.facts.sites[each][6] == own[0].name for each in returns)

    def _special(self, type_: Type, method: str) -> Parts:
        """A special method that the syntax awaits."""
        if not isinstance(type_, Instance) or type_ == NONE or type_.name == EITHER:
            return ((_UNKNOWN,),)
        found = self.program.members.raw(type_.name, method)
        if found is not None and isinstance(found[1], FunctionObject):
            return self._called(found[1]._replace(receiver=type_), (), None, 1)
        return ((self._listed_type(type_.name),),)

    def _listed_type(self, name: str) -> Listed:
        for owner in self.program.members.order(name).names:
            row = self.program.catalogue.type(owner) if self.program.class_named(owner) is None else None
            if row is not None and row.suspends:
                return Listed(row.suspends, owner, row.construct)
        return _UNKNOWN

    # -- await ---------------------------------------------------------------------------------

    def _value(self, expr: Expr, place: Place, depth: int = _MAX_DEPTH, *, fresh: bool = True) -> Parts:
        """What awaiting an expression's value runs; what is not `fresh` may have been going on for a while."""
        if isinstance(expr, tuple) and expr[0] == "if":
            return self._either([self._value(each, place, depth, fresh=fresh) for each in expr[2:]])
        made = held_call(expr, place)
        if made is not None and depth > 0:
            return self._made(made, place, depth, fresh=fresh and made == expr)
        return self._of_type(self.program.inference.type_of(expr, place))

    def _made(self, call: int, place: Place, depth: int, *, fresh: bool) -> Parts:
        row = place.module.facts.sites[call]
        here = site_place(place.module, call, place.env)
        callee = self.program.inference.callee(place.module, call, place.env)
        found = members(without_none(callee))
        if not found:
            return self._of_type(self.program.inference.type_of(call, here))
        return self._either([self._called(each, row, here, depth, call, fresh=fresh) for each in found])

    def _called(
        self, callee: Type, row: tuple[Any, ...], place: Place | None, depth: int, call: int = -1, *, fresh: bool = True
    ) -> Parts:
        """What awaiting the value of a call runs; `call` is the number of its site, when there is one."""
        while isinstance(callee, PartialObject):
            row, callee = (), callee.function
        listed = self.program.calls.row(callee)
        if listed is not None:
            return self._listed(listed, callee, place, call, depth, fresh=fresh)
        if isinstance(callee, Instance):
            method = self.program.members.attribute(callee, "__call__")
            return self._called(method, row, place, depth - 1) if isinstance(method, FunctionObject) else ((_UNKNOWN,),)
        if not isinstance(callee, FunctionObject):
            return self._of_type(self.program.calls.result(callee, row, place))
        function = callee.module.facts.functions[callee.number]
        is_own = isinstance(callee.receiver, Instance)
        if not callee.module.first_party or function.is_stub or (is_own and is_open(callee, self.program)):
            return ((_UNKNOWN,),)
        bound = self._bound(callee, row, place)
        if function.is_async:
            return ((_UNKNOWN,),) if function.is_generator else self._body(bound)
        if function.is_generator or depth <= 0:
            return ((_UNKNOWN,),)
        return self._returned(bound, depth, fresh=fresh)

    def _returned(self, callee: FunctionObject, depth: int, *, fresh: bool) -> Parts:
        """What awaiting the value of a plain function runs, by its `return` statements."""
        module, found = callee.module, []
        for number in module.returns_of.get(callee.number, ()):
            value = module.facts.sites[number][6]
            if value is not None and value != ("const", None):
                found.append(self._value(value, site_place(module, number, callee.env), depth - 1, fresh=fresh))
        return self._either(found)

    def _bound(self, callee: FunctionObject, row: tuple[Any, ...], place: Place | None) -> FunctionObject:
        bound = self.program.generics.bound_to_receiver(callee)
        return self.program.arguments.bound(bound, row, place)

    def _body(self, function: FunctionObject) -> Parts:
        if not function.module.first_party:
            return ((_UNKNOWN,),)
        return ((Node(function.module, function.number, function.env),),)

    def _listed(
        self, row: CallableRow, callee: Type, place: Place | None, call: int, depth: int, *, fresh: bool
    ) -> Parts:
        """What awaiting the value of something that the catalogue lists runs."""
        name = self.program.qualified_name(callee)
        is_running = row.colour == "future"
        suspends = row.suspends
        if not suspends and (is_running or row.colour == "sync"):
            # A future by its type, such as that of `loop.create_future()`.
            return self._of_type(self.program.calls.result(callee, (), None), name, row)
        if is_running and suspends == "always" and not fresh:
            suspends = "may"  # it may be done by now
        own = Listed(suspends, name, row)
        found: list[Alternatives] = [(own,)]
        if place is None or call < 0:
            return tuple(found)
        for each in handed(Site(place.module, call), self.program):
            if each.run.how != "awaited" or each.run.takes not in ("coroutine", "awaitable"):
                continue
            type_ = members(self.program.inference.type_of(each.expr, place))
            if not type_ or not all(isinstance(one, Coroutine) for one in type_):
                continue
            if is_running and fresh:
                found.append((own._replace(suspends="always"),))  # it becomes a task, which has not begun yet
            elif not is_running:
                found += self._value(each.expr, place, depth - 1)
        return tuple(found)

    def _of_type(self, type_: Type, name: str = "", row: CallableRow | None = None) -> Parts:
        found: list[Parts] = []
        for each in members(without_none(type_)):
            listed = self._listed_type(each.name) if isinstance(each, Instance) and each.name != EITHER else _UNKNOWN
            if listed.suspends and name:
                listed = Listed(listed.suspends, name, row or listed.row)
            found.append(((listed,),))
        return self._either(found)

    def _either(self, ways: Iterable[Parts]) -> Parts:
        """One of several ways: all of their parts count as alternatives of each other."""
        every = list(ways)
        if len(every) == 1:
            return every[0]
        found = tuple(dict.fromkeys(each for parts in every for part in parts or ((_UNKNOWN,),) for each in part))
        return (found or (_UNKNOWN,),)


def _is_left_to_others(site: Site) -> bool:
    """Whether a site is part of a generator expression, which runs where it is iterated."""
    facts = site.module.facts
    for block in facts.ancestors(site.row[5]):
        kind, _parent, _scope, _line, detail = facts.blocks[block]
        if kind == BlockKind.COMPREHENSION and facts.sites[detail][6] == "generator":
            return True
        if kind == BlockKind.FUNCTION:
            return False
    return False

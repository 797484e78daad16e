"""ReturnsAwaitable: calling this always gives something that can be awaited.

By its colour, its decorators, its annotation, or what its `return` statements give. The way shown
leads to the coroutine function, or the call of a library, that makes the awaitable.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar

from asynclint.catalogue import CallableRow
from asynclint.diagnostics import Step
from asynclint.facts.model import Expr, SiteKind
from asynclint.program.awaitables import is_awaitable
from asynclint.program.effects.edges import Edge, Hop, Node, Root
from asynclint.program.effects.reach import Reach
from asynclint.program.flags import Flags
from asynclint.program.modules import Module
from asynclint.program.names import Place, held_call, site_place
from asynclint.program.site import Site
from asynclint.program.steps import step_at
from asynclint.program.types import (
    NONE,
    ClassMethod,
    ClassObject,
    Coroutine,
    Env,
    FunctionObject,
    Instance,
    PartialObject,
    Property,
    StaticMethod,
    Type,
    members,
    without_none,
)

if TYPE_CHECKING:
    from asynclint.program import Program

_NOT_LISTED = CallableRow()


class ReturnsAwaitable:
    """What a call gives to be awaited, and what makes it."""

    name: ClassVar[str] = "returns-awaitable"
    __slots__ = ("kind", "passes", "root", "via")

    def __init__(self, kind: str, root: str, via: tuple[Step, ...] = (), passes: tuple[Node, ...] = ()) -> None:
        self.kind = kind
        """`coroutine`, or the qualified name of its class; `awaitable` when it may be one of several."""
        self.root = root
        """Qualified name of what makes it; empty when only an annotation or a decorator tells."""
        self.via = via
        """Each call on the way to the root, nearest first; empty when the root itself is called."""
        self.passes = passes
        """The functions that the way leads into."""

    @classmethod
    def solver(cls, program: Program) -> ReturnsAwaitableSolver:
        return ReturnsAwaitableSolver(program)


class ReturnsAwaitableSolver:
    def __init__(self, program: Program) -> None:
        self.program = program
        self._returned = _Returned(program)

    def at(self, site: Site) -> ReturnsAwaitable | None:
        """The effect of a call; None for other sites."""
        type_ = self.program.value(site) if site.row[0] == SiteKind.CALL else None
        if not is_awaitable(type_, self.program):
            return None
        return self._made(type_, self._returned.at(site).get(ReturnsAwaitable.name), site)

    def of(self, module: Module, number: int) -> ReturnsAwaitable | None:
        """The effect of calling what the name of a `def` stands for."""
        callee = self.program.calls.function(module, number)
        while isinstance(callee, (StaticMethod, ClassMethod, Property)):
            callee = callee.getter if isinstance(callee, Property) else callee.function
        type_ = self.program.calls.result(callee, (), None)
        if not is_awaitable(type_, self.program):
            return None
        if not isinstance(callee, FunctionObject):
            return ReturnsAwaitable(_kind(type_), "")
        if callee.module.facts.functions[callee.number].is_async:
            return ReturnsAwaitable(_kind(type_), self.program.qualified_name(callee))
        hop = self._returned.of(Node(callee.module, callee.number, callee.env)).get(ReturnsAwaitable.name)
        return self._made(type_, hop, None if hop is None else Site(callee.module, hop.site))

    def _made(self, type_: Type, hop: Hop | None, site: Site | None) -> ReturnsAwaitable:
        if hop is None or site is None:
            return ReturnsAwaitable(_kind(type_), "")
        way = list(self._returned.way(hop, ReturnsAwaitable.name))
        steps = [] if hop.node is None else [step_at(self.program, site, hop.node)]
        for node, taken in way:
            place = Site(node.module, taken.site)
            steps.append(step_at(self.program, place, taken.node, taken.root.name, within=node))
        return ReturnsAwaitable(_kind(type_), hop.root.name, tuple(steps), tuple(node for node, _ in way))


def _kind(type_: Type) -> str:
    found = members(without_none(type_))
    if all(isinstance(each, Coroutine) and not each.lazy for each in found):
        return "coroutine"
    kinds = {each.name if isinstance(each, Instance) else "" for each in found}
    name = next(iter(kinds)) if len(kinds) == 1 else ""
    return name if name and not name.startswith(("typing.", "collections.", "asynclint.")) else "awaitable"


class _Returned(Reach):
    """The graph of functions and those whose results they return."""

    def __init__(self, program: Program) -> None:
        super().__init__(program, lambda row, site: "")

    def edges_at(self, site: Site, env: Env = (), flags: Flags = ()) -> Iterator[Edge]:
        place = site_place(site.module, site.number, env)
        if site.row[0] == SiteKind.CALL:
            yield from self._made_by(site.number, place)
        elif site.row[0] == SiteKind.RETURN:
            yield from self._value(site.row[6], place, site.number)

    def edges_of(self, node: Node) -> Iterator[Edge]:
        for number in node.module.returns_of.get(node.number, ()):
            yield from self.edges_at(Site(node.module, number), node.env)

    def _value(self, expr: Expr, place: Place, shown: int) -> Iterator[Edge]:
        if isinstance(expr, tuple) and expr[0] == "if":
            for each in expr[2:]:
                yield from self._value(each, place, shown)
            return
        call = held_call(expr, place)
        if call is not None:
            yield from self._made_by(call, place)
        elif expr is not None:
            for each in members(self.program.inference.type_of(expr, place)):
                if isinstance(each, Instance) and each != NONE and is_awaitable(each, self.program):
                    yield Edge(shown, None, Root(each.name, _NOT_LISTED, ReturnsAwaitable.name))

    def _made_by(self, call: int, place: Place) -> Iterator[Edge]:
        here = site_place(place.module, call, place.env)
        row = place.module.facts.sites[call]
        for each in members(without_none(self.program.inference.callee(place.module, call, place.env))):
            yield from self._called(each, call, row, here)

    def _called(self, callee: Type, call: int, row: tuple[object, ...], place: Place) -> Iterator[Edge]:
        while isinstance(callee, PartialObject):
            row, callee = (), callee.function
        if isinstance(callee, Instance):
            callee = self.program.members.attribute(callee, "__call__")
        listed = self.program.calls.row(callee)
        is_made_here = listed is not None and listed.is_awaitable
        if isinstance(callee, FunctionObject) and listed is None:
            function = callee.module.facts.functions[callee.number]
            is_made_here = function.is_async and not function.is_generator
            if not function.is_async and not function.is_generator:
                bound = self.program.generics.bound_to_receiver(callee)
                bound = self.program.arguments.bound(bound, row, place)
                yield Edge(call, Node(bound.module, bound.number, bound.env), None)
        elif isinstance(callee, ClassObject):
            is_made_here = is_awaitable(Instance(callee.name), self.program)
        if is_made_here:
            yield Edge(call, None, Root(self.program.qualified_name(callee), _NOT_LISTED, ReturnsAwaitable.name))

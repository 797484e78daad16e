"""What a call hands to the event loop to run later, as `call_soon(f)` does, directly or through helpers.

So does who hands a plain function to a coroutine function that calls it, as no coroutine does by itself.

A function of the program that hands a parameter on to the loop schedules what it is given: what
that does is told at the call that gives it, where the callback has a name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from asynclint.facts.model import Expr, SiteKind, Use
from asynclint.program.effects.edges import Edge, Hop, Node
from asynclint.program.scheduling import MAX_DEPTH, takes_sync_code
from asynclint.program.site import Site
from asynclint.program.steps import spelled
from asynclint.program.types import Env, FunctionObject, Type

if TYPE_CHECKING:
    from asynclint.catalogue import CallableRow
    from asynclint.program.effects.reach import Reach
    from asynclint.program.modules import Module

_UNNAMED = "the callback"


class Scheduled:
    def __init__(self, reach: Reach) -> None:
        self.reach = reach
        self.program = reach.program

    def at(self, site: Site) -> Iterator[tuple[str, str, Hop]]:
        """By category, the way that begins in what a call hands over: how that is spelled, category, way."""
        row = self.program.row(site)
        if row is not None:
            for argument in _arguments(site, row):
                for edge in self._edges(argument, site, ()):
                    for category, hop in self.reach.through(edge, site).items():
                        if not (row.ready and hop.root.row.ready):
                            yield spelled(argument) or _UNNAMED, category, hop
            return
        leading = self.program.scheduling.leading(site)
        callee = self.program.scheduling.runs(self.program.callee(site)) if leading or site.in_coroutine else None
        called = site.in_coroutine and _is_taker(callee) and site.use is not Use.DISCARDED
        given = self._given(site, ()) if leading or called else None
        if given is None or callee is None:
            return
        name = _name(given, callee, site)
        if called:
            for category, hop in self._called(site, (), MAX_DEPTH):
                yield name, category, hop
        for number in leading:
            inner = Site(given.module, number)
            # What the helper hands over of its own is told there.
            own = {
                category
                for edge in self._through(inner, callee.env, MAX_DEPTH)
                for category in self.reach.through(edge, inner)
            }
            for edge in self._through(inner, given.env, MAX_DEPTH):
                for category, hop in self.reach.through(edge, inner).items():
                    if category not in own:
                        yield name, category, hop

    def _called(self, site: Site, env: Env, depth: int) -> Iterator[tuple[str, Hop]]:
        """By category, what a coroutine function runs of the plain functions that a call of it is given."""
        callee = self.program.inference.callee(site.module, site.number, env)
        given = self._given(site, env) if _is_taker(callee) else None
        if given is None or not isinstance(callee, FunctionObject):
            return
        flags = self.reach.flags.passed(given, site.row, (), site.place._replace(env=env))
        numbers: Iterable[int] = given.module.own_sites.get(given.number, ())
        if flags:
            numbers = list(self.reach.flags.reachable(given.module, given.number, numbers, flags))
        if self._offloads(given.module, numbers):
            return
        node = Node(given.module, given.number, given.env, flags)
        own = {(edge.site, category) for edge, category, _ in self._ways(node._replace(env=callee.env))}
        for edge, category, hop in self._ways(node):
            # A function that is awaited is taken to be another one: this branch is for coroutine functions.
            if (edge.site, category) not in own and Site(given.module, edge.site).use is not Use.AWAITED:
                yield category, hop
        for number in numbers if depth else ():
            row = given.module.facts.sites[number]
            if row[0] == SiteKind.CALL and (row[7] or row[8]):
                yield from self._called(Site(given.module, number), given.env, depth - 1)

    def _ways(self, node: Node) -> Iterator[tuple[Edge, str, Hop]]:
        for edge in self.reach.edges_of(node):
            for category, hop in self.reach.through(edge, Site(node.module, edge.site)).items():
                yield edge, category, hop

    def _offloads(self, module: Module, numbers: Iterable[int]) -> bool:
        """Whether one of the sites has a thread run something.

        What a function that does so calls by itself is for where there are no threads.
        """
        rows = [
            self.program.row(Site(module, number))
            for number in numbers
            if module.facts.sites[number][0] == SiteKind.CALL
        ]
        return any(run.how == "offloaded" for row in rows if row is not None for run in row.runs)

    def _through(self, site: Site, env: Env, depth: int) -> Iterator[Edge]:
        """What a call hands to the loop, where the parameters around stand for what `env` says."""
        row = self.program.row(site)
        if row is not None:
            for argument in _arguments(site, row):
                yield from self._edges(argument, site, env)
            return
        given = self._given(site, env) if depth else None
        if given is not None:
            for number in self.program.scheduling.leading_in(given.module, given.number, depth - 1):
                yield from self._through(Site(given.module, number), given.env, depth - 1)

    def _given(self, site: Site, env: Env) -> FunctionObject | None:
        """The function that a call runs, with what it is given; None when it is given no callable."""
        callee = self.program.scheduling.runs(self.program.inference.callee(site.module, site.number, env))
        if callee is None:
            return None
        given = self.program.arguments.bound(callee, site.row, site.place._replace(env=env))
        return None if given.env == callee.env else given

    def _edges(self, argument: Expr, site: Site, env: Env) -> Iterator[Edge]:
        return self.reach.handed_edges(self.program.inference.type_of(argument, site.place._replace(env=env)), site)


def _is_taker(callee: Type) -> bool:
    """Whether a callable is a coroutine function of the program that takes functions."""
    if not isinstance(callee, FunctionObject) or callee.number not in callee.module.higher_order:
        return False
    return callee.module.facts.functions[callee.number].is_async and callee.module.first_party


def _arguments(site: Site, row: CallableRow) -> Iterator[Expr]:
    for run in row.runs:
        if takes_sync_code(run):
            position, keyword = run.argument
            argument = site.keywords.get(keyword) if keyword else None
            if argument is None and 0 <= position < len(site.arguments):
                argument = site.arguments[position]
            if argument is not None:
                yield argument


def _name(given: FunctionObject, callee: FunctionObject, site: Site) -> str:
    """How the callback is spelled at the call."""
    before = dict(callee.env)
    fresh = [key for key, type_ in given.env if before.get(key) != type_]
    position = fresh[0][2] if len(fresh) == 1 else None
    if not isinstance(position, int):
        return _UNNAMED
    function = given.module.facts.functions[given.number]
    by_keyword = site.keywords.get(function.parameters[position].name)
    position -= 1 if given.receiver is not None and function.class_index >= 0 else 0
    argument = site.arguments[position] if 0 <= position < len(site.arguments) else by_keyword
    return spelled(argument) or _UNNAMED

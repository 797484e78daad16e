"""Which functions a piece of sync code runs, and the shortest way from it to what it ends in.

A node is a function of the program, or a lambda, with what its function-valued parameters stand
for. Its edges are the calls that run within it: plain calls, constructors, sync `with` and `for`,
functions handed to something that calls them at once. Calls that only make a coroutine, and
functions handed to threads or to the loop, are not edges.

The nodes reachable from a question are explored once; then the shortest distance to a root is
spread backwards from the roots. Everything that can be reached lies within what was explored, so
answers are final, and ties go to the first call in the source: the way shown is always the same.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from asynclint.facts.model import Expr, SiteKind, Use
from asynclint.program.effects.edges import Edge, Hop, Node, Root
from asynclint.program.effects.implicit import ASKED_BY, Implicit, drained
from asynclint.program.flags import FlagReader, Flags
from asynclint.program.modules import Module
from asynclint.program.names import Place
from asynclint.program.once import OnceReader
from asynclint.program.pragmas import clears_function
from asynclint.program.running_loop import asks_for_thread, is_question, stands_where_no_loop_runs
from asynclint.program.site import Site
from asynclint.program.types import (
    ClassObject,
    ContextManager,
    Env,
    ExternalMethod,
    FunctionObject,
    Instance,
    LambdaObject,
    PartialObject,
    Symbol,
    Type,
    members,
    without_none,
)

if TYPE_CHECKING:
    from asynclint.catalogue import CallableRow
    from asynclint.program import Program


#: Asking whether a loop runs, or patching it: the code knows what it does.
_GUARDS = frozenset(
    {"get_running_loop", "_get_running_loop", "is_running", "apply", "current_task", "get_event_loop_policy"}
)

#: Special methods that run when all of an object is gone through.
_GONE_THROUGH = ("__next__", "__iter__")

#: The category of roots that start an event loop.
LOOP = "loop"

#: Categories that do not matter where a cache is filled: a file that is read once is no burden, and
#: what a loop fetches is there before the first coroutine asks for it.
_START_UP = frozenset({"file", "light", "cpu", "lock", LOOP})

#: Categories that are told apart where a cache is filled: a way that leads through there has `ONCE` appended.
_TOLD_APART = frozenset({"wait", "future"})
ONCE = "1"

#: Uses of something lazy that leave it for later, if ever.
_KEPT = frozenset({Use.ASSIGNED, Use.RETURNED, Use.DISCARDED})
_ITERATES = frozenset({Use.ITERATED, Use.STARRED, Use.DELEGATED, Use.UNPACKED})


class Reach:
    """Ways to roots; `category` sorts catalogue rows into the kinds of root that are told apart.

    `left_out` gives the sites of a module that do not count.
    """

    def __init__(
        self,
        program: Program,
        category: Callable[[CallableRow, Site], str],
        left_out: Callable[[Module], Container[int]] = lambda module: (),
    ) -> None:
        self.program = program
        self.category = category
        self.left_out = left_out
        self.implicit = Implicit(program)
        self.flags = FlagReader(program)
        self.once = OnceReader(program)
        self._questioning: dict[tuple[Module, int], bool] = {}
        self._solved: dict[Node, dict[str, Hop]] = {}
        self._latest: tuple[tuple[Module, int], dict[str, Hop]] | None = None

    def at(self, site: Site) -> dict[str, Hop]:
        """By category, the way that starts at the site itself; its distance counts the site's own call."""
        # Several rules ask about one site in a row.
        key = (site.module, site.number)
        if self._latest is None or self._latest[0] != key:
            self._latest = key, self._at(site)
        return self._latest[1]

    def _at(self, site: Site) -> dict[str, Hop]:
        if self._is_given_away(site) or site.number in self.left_out(site.module):
            return {}
        return self._best_of(self.edges_at(site), site, self.of)

    def through(self, edge: Edge, site: Site) -> dict[str, Hop]:
        """By category, the way that starts at the site with this edge."""
        return self._hops(edge, site, self.of)

    def _best_of(self, edges: Iterable[Edge], site: Site, of: Callable[[Node], dict[str, Hop]]) -> dict[str, Hop]:
        """By category, the shortest way through one of the edges, the first of them on ties."""
        found: dict[str, Hop] = {}
        for edge in edges:
            for category, hop in self._hops(edge, site, of).items():
                known = found.get(category)
                if known is None or hop.distance < known.distance:
                    found[category] = hop
        return found

    def _hops(self, edge: Edge, site: Site, of: Callable[[Node], dict[str, Hop]]) -> dict[str, Hop]:
        if edge.node is not None:
            hops = of(edge.node).items()
            return {category: Hop(hop.distance + 1, edge.site, edge.node, hop.root) for category, hop in hops}
        if edge.root is not None:
            category = edge.root.category or self.category(edge.root.row, site)
            return {category: Hop(1, edge.site, None, edge.root)} if category else {}
        # Which of the alternatives it is nobody knows, so what they do not all do counts for nothing.
        every = [self._best_of(edges, site, of) for edges in edge.choices]
        return {
            category: min([hops[category] for hops in every], key=lambda hop: hop.distance)
            for category in (every[0] if every else ())
            if all(category in hops for hops in every)
        }

    def of(self, node: Node) -> dict[str, Hop]:
        """By category, the first step of the shortest way from running a function."""
        if node not in self._solved:
            self._solve(node)
        return self._solved[node]

    def way(self, hop: Hop, category: str) -> Iterator[tuple[Node, Hop]]:
        """The nodes that a way of the category passes and the step taken in each, nearest first."""
        node = hop.node
        while node is not None:
            step = self.of(node)[category]
            yield node, step
            if category[-1] == ONCE and self.once.at(node.module, node.number, step.site):
                always = self.of(step.node).get(category[:-1]) if step.node is not None else None
                if always is not None and always.distance == step.distance - 1:
                    category = category[:-1]
            node = step.node

    # -- solving -----------------------------------------------------------------------------

    def _solve(self, start: Node) -> None:
        edges: dict[Node, list[Edge]] = {}
        pending = [start]
        while pending:
            node = pending.pop()
            if node in edges or node in self._solved:
                continue
            found = edges[node] = [edge.without(node) if edge.choices else edge for edge in self.edges_of(node)]
            for edge in found:
                pending.extend(edge.nodes())
        best: dict[Node, dict[str, Hop]] = {node: {} for node in edges}
        choosers: dict[Node, list[tuple[Node, Edge]]] = {}

        def known(node: Node) -> dict[str, Hop]:
            return best[node] if node in best else self._solved[node]

        callers: dict[Node, list[tuple[Node, int]]] = {}
        offered: list[tuple[int, Node, str]] = []
        for node, found in edges.items():
            for edge in found:
                if edge.node is not None and edge.node in edges:
                    callers.setdefault(edge.node, []).append((node, edge.site))
                    continue
                for other in edge.nodes() if edge.choices else ():
                    choosers.setdefault(other, []).append((node, edge))
                for category, hop in self._hops(edge, Site(node.module, edge.site), known).items():
                    self._offer(best, node, category, hop, offered)
        # Spread by rising distance, so that the first way to reach a node is a shortest one.
        buckets: dict[int, list[tuple[Node, str]]] = {}
        while offered or buckets:
            for distance, node, category in offered:
                buckets.setdefault(distance, []).append((node, category))
            offered.clear()
            distance = min(buckets)
            for node, category in buckets.pop(distance):
                hop = best[node][category]
                if hop.distance == distance:
                    for caller, number in callers.get(node, ()):
                        self._offer(best, caller, category, Hop(distance + 1, number, node, hop.root), offered)
                    for caller, edge in choosers.get(node, ()):
                        chosen = self._hops(edge, Site(caller.module, edge.site), known).get(category)
                        if chosen is not None:
                            self._offer(best, caller, category, chosen, offered)
        self._solved.update(best)

    def _offer(
        self,
        best: dict[Node, dict[str, Hop]],
        node: Node,
        category: str,
        hop: Hop,
        changed: list[tuple[int, Node, str]],
    ) -> None:
        if (category in _START_UP or category in _TOLD_APART) and self.once.at(node.module, node.number, hop.site):
            if category in _START_UP:
                return
            category += ONCE
        known = best[node].get(category)
        if known is not None:
            rank = hop.distance - known.distance or hop.site - known.site
            if rank > 0 or (rank == 0 and _target(hop) >= _target(known)):
                return
        best[node][category] = hop
        changed.append((hop.distance, node, category))

    # -- edges -------------------------------------------------------------------------------

    def edges_of(self, node: Node) -> Iterator[Edge]:
        """What running a function runs at once, call by call."""
        module = node.module
        left_out = self.left_out(module)
        if node.number >= 0:
            if self._is_cleared(module, node.number):
                return
            numbers = module.own_sites.get(node.number, [])
            if node.flags:
                numbers = list(self.flags.reachable(module, node.number, numbers, node.flags))
            if left_out:
                numbers = [number for number in numbers if number not in left_out]
            if self._may_run_without_loop(module, node.number):
                numbers = [number for number in numbers if not stands_where_no_loop_runs(Site(module, number))]
            # The header's own calls (decorators, defaults) run where the function is defined.
            if module.given_away.sites:
                numbers = [number for number in numbers if not self._is_given_away(Site(module, number))]
        else:
            site = Site(module, -2 - node.number)
            is_lambda = site.row[0] == SiteKind.LAMBDA
            block = site.row[8] if is_lambda else module.facts.scopes[site.row[7]].block
            numbers = [each.number for each in site.within(block) if not (is_lambda and self._is_given_away(each))]
            if not is_lambda:
                yield from self._loop_edges(site, node.env)
        for number in numbers:
            yield from self.edges_at(Site(module, number), node.env, node.flags)
        for number, method in self.implicit.methods(module, node.number, node.env):
            if number in numbers or node.number < 0 or not (node.flags or module.given_away.sites or left_out):
                yield from self._method_run(method, number)
        for number, row in self.implicit.listed(module, node.number, node.env):
            if number in numbers or node.number < 0:
                yield Edge(number, None, Root(row.name, row))

    def _is_cleared(self, module: Module, number: int) -> bool:
        """Whether nothing that the function does counts."""
        return clears_function(module, number)

    def _may_run_without_loop(self, module: Module, number: int) -> bool:
        """Whether a function asks if a loop runs, so that some of its branches may not run on one."""
        key = module, number
        if key not in self._questioning:
            rows = map(module.facts.sites.__getitem__, module.own_sites.get(number, ()))
            self._questioning[key] = any(is_question(row) or asks_for_thread(row) for row in rows)
        return self._questioning[key]

    def edges_at(self, site: Site, env: Env = (), flags: Flags = ()) -> Iterator[Edge]:
        """What running the site itself runs, without what its parts run."""
        kind = site.row[0]
        if kind == SiteKind.CALL:
            yield from self._call_edges(site, env, flags)
        elif kind == SiteKind.WITH and not site.row[6]:
            for context, _target in site.row[7]:
                type_ = self.program.inference.type_of(context, site.place._replace(env=env))
                yield from self._of_each(type_, site, self._entered_edges)
        elif kind == SiteKind.FOR and not site.row[6]:
            place = site.place._replace(env=env)
            iterated = self.program.inference.type_of(site.row[8], place)
            yield from self._of_each(iterated, site, lambda each, _: self._method_edges(each, "__next__", site))
            yield from self._iterated_edges(site.row[8], place, site)
            yield from self._listed_edges(site.row[8], place, ("__iter__",), site)
        elif kind == SiteKind.COMPREHENSION:
            yield from self._loop_edges(site, env)
        elif kind == SiteKind.YIELD and site.row[7]:
            yield from self._iterated_edges(site.row[6], site.place._replace(env=env), site)

    def _loop_edges(self, site: Site, env: Env) -> Iterator[Edge]:
        """What the loops of a comprehension run by going through something."""
        place = site.place._replace(env=env)
        for _target, iterable, is_async, _tests in site.row[8]:
            if not is_async:
                yield from self._iterated_edges(iterable, place, site)
                if site.number in site.module.given_away.sites and place.block == site.block:
                    for node in self.implicit.made(iterable, place):
                        yield Edge(site.number, node, None)
                if site.row[6] != "generator":
                    yield from self._listed_edges(iterable, place, _GONE_THROUGH, site)
            place = place._replace(block=site.module.facts.scopes[site.row[7]].block)

    def _iterated_edges(self, iterable: Expr, place: Place, site: Site) -> Iterator[Edge]:
        """What going through a value runs, of the program's own code."""
        for method in self.implicit.iterating(iterable, place):
            yield from self._method_run(method, site.number)
        for node in self.implicit.generators(iterable, place):
            yield Edge(site.number, node, None)

    def _is_given_away(self, site: Site) -> bool:
        """Whether a site is, or is within, a generator expression that does not run where it stands."""
        away = site.module.given_away
        return site.number in away.sites or (bool(away.sites) and away.holds(site.row[5], site.module.facts))

    def _call_edges(self, site: Site, env: Env, flags: Flags) -> Iterator[Edge]:
        row = site.row
        place = Place(site.module, row[5], row[1], row[2], env)
        callee = self.program.inference.callee(site.module, site.number, env)
        found = members(without_none(callee))
        # Alternatives that do not even agree on being plain functions say nothing.
        if len(found) == 1:
            yield from self._runs(found[0], site, place, flags)
        elif all(self._is_plain(each) for each in found):
            yield from self._of_each(callee, site, lambda each, _: self._runs(each, site, place, flags))

    def _of_each(self, type_: Type, site: Site, edges_of: Callable[[Type, Site], Iterator[Edge]]) -> Iterator[Edge]:
        """The edges of a value: of one with alternatives, what they have in common."""
        found = members(without_none(type_))
        if len(found) == 1:
            yield from edges_of(found[0], site)
        elif found:
            choices = tuple([tuple(edges_of(each, site)) for each in found])
            if all(choices):
                yield Edge(site.number, None, None, choices)

    def _is_plain(self, callee: Type) -> bool:
        """Whether a callable is known to run at once, rather than to make something awaitable."""
        if isinstance(callee, FunctionObject) and callee.module.facts.functions[callee.number].is_async:
            return False
        if isinstance(callee, (FunctionObject, Symbol, ExternalMethod)):
            row = self.program.calls.row(callee)
            return row is None or not row.is_awaitable
        if isinstance(callee, PartialObject):
            return all(self._is_plain(each) for each in members(callee.function))
        return isinstance(callee, (ClassObject, LambdaObject, Instance))

    def _method_run(self, method: FunctionObject, site: int) -> Iterator[Edge]:
        """The edge of a method that syntax runs, even if it is a generator: it is iterated there."""
        if not method.module.facts.functions[method.number].is_async:
            bound = self.program.generics.bound_to_receiver(method)
            yield Edge(site, Node(bound.module, bound.number, bound.env), None)

    def _runs(self, callee: Type, site: Site, place: Any, flags: Flags | None = None) -> Iterator[Edge]:
        """What calling `callee` at the site runs at once.

        `flags` are those of the function around; None where the site is no call of `callee` itself.
        """
        if isinstance(callee, FunctionObject):
            if self.program.calls.row(callee) is not None:
                yield from self._external(callee, site, place)
                return
            row = callee.module.facts.functions[callee.number]
            if row.is_async or (row.is_generator and not self._is_iterated(site)):
                return
            if not callee.module.first_party:
                return  # what installed packages wait for is for the catalogue to say
            bound = self.program.generics.bound_to_receiver(callee)
            bound = self.program.arguments.bound(bound, site.row if site.row[0] == SiteKind.CALL else (), place)
            given = () if flags is None else self.flags.passed(bound, site.row, flags, place)
            yield Edge(site.number, Node(bound.module, bound.number, bound.env, given), None)
        elif isinstance(callee, (Symbol, ExternalMethod)):
            yield from self._external(callee, site, place)
        elif isinstance(callee, ClassObject):
            if self.program.class_named(callee.name) is None:
                yield from self._external(callee, site, place)
            else:
                for name in ("__new__", "__init__", "__post_init__"):
                    found = self.program.members.raw(callee.name, name)
                    if found is not None and isinstance(found[1], FunctionObject):
                        made = found[1]._replace(receiver=Instance(callee.name))
                        yield from self._runs(made, site, place, flags)
        elif isinstance(callee, LambdaObject):
            yield Edge(site.number, Node(callee.module, -2 - callee.site, callee.env), None)
        elif isinstance(callee, PartialObject):
            yield from self._of_each(callee.function, site, lambda each, _: self._runs(each, site, place))
        elif isinstance(callee, Instance) and callee.name != "None":
            yield from self._method_edges(callee, "__call__", site)

    def _is_iterated(self, site: Site) -> bool:
        """Whether what a call makes is gone through at once."""
        if site.use is not Use.ARGUMENT:
            return site.use in _ITERATES and site.number not in site.module.given_away.iterables
        taker, position = site.sibling(site.use_details[0]), site.use_details[1]
        row = self.program.row(taker)
        if row is None or (row.lazy and taker.use in _KEPT):
            return False
        return any(keyword == "*" or position in (index, keyword) for index, keyword in row.drains)

    def _external(self, callee: Type, site: Site, place: Any) -> Iterator[Edge]:
        row = self.program.calls.row(callee)
        if row is None or row.is_awaitable:
            return
        name = self.program.qualified_name(callee)
        if row.blocks or row.starts_loop:
            yield Edge(site.number, None, Root(name, row))
        if site.row[0] != SiteKind.CALL:
            return
        for argument in () if row.lazy and site.use in _KEPT else drained(site.row[7], row):
            yield from self._iterated_edges(argument, place, site)
            yield from self._listed_edges(argument, place, _GONE_THROUGH, site)
        if site.row[7]:
            for method in self.implicit.asked_by(name, site.row[7][0], place):
                yield from self._method_run(method, site.number)
            if name in ASKED_BY:
                yield from self._listed_edges(site.row[7][0], place, ASKED_BY[name], site)
        for run in row.runs:
            if run.how == "called":
                position, keyword = run.argument
                argument = dict(site.row[8]).get(keyword) if keyword else None
                if argument is None and 0 <= position < len(site.row[7]):
                    argument = site.row[7][position]
                if argument is not None:
                    passed = self.program.inference.type_of(argument, place)
                    yield from self._of_each(passed, site, lambda each, at: self._handed(each, at, place))

    def handed_edges(self, given: Type, site: Site) -> Iterator[Edge]:
        """What a function runs that is handed over to be called later."""
        return self._of_each(given, site, self._scheduled)

    def _scheduled(self, callback: Type, site: Site) -> Iterator[Edge]:
        if isinstance(callback, (Symbol, ExternalMethod)):
            listed = self.program.calls.row(callback)
            # Its arguments are handed over too, so conditions on them cannot be judged.
            if listed is not None and listed.blocks and not (listed.unless or listed.when):
                yield Edge(site.number, None, Root(self.program.qualified_name(callback), listed))
        else:
            yield from self._handed(callback, site, site.place)

    def _handed(self, callback: Type, site: Site, place: Place) -> Iterator[Edge]:
        """What calling a function that the site is given runs."""
        if isinstance(callback, (FunctionObject, LambdaObject, PartialObject)):
            yield from self._runs(callback, site, place)

    def _entered_edges(self, type_: Type, site: Site) -> Iterator[Edge]:
        if not isinstance(type_, ContextManager):
            yield from self._method_edges(type_, "__enter__", site)
            yield from self._method_edges(type_, "__exit__", site)
        elif type_.function is not None and not type_.is_async:
            function = type_.function
            yield Edge(site.number, Node(function.module, function.number, function.env), None)

    def _listed_edges(self, value: Expr, place: Place, names: tuple[str, ...], site: Site) -> Iterator[Edge]:
        """Special methods that run on an object of the catalogue's."""
        yield from self._of_each(
            self.program.inference.type_of(value, place), site, lambda each, at: self._listed_methods(each, names, at)
        )

    def _listed_methods(self, type_: Type, names: tuple[str, ...], site: Site) -> Iterator[Edge]:
        for name in names if isinstance(type_, Instance) else ():
            found = self.program.members.raw(type_.name, name)
            if found is not None and isinstance(found[1], ExternalMethod):
                yield from self._method_edges(type_, name, site)

    def _method_edges(self, type_: Type, name: str, site: Site) -> Iterator[Edge]:
        """A special method that the syntax calls."""
        if not isinstance(type_, Instance):
            return
        found = self.program.members.raw(type_.name, name)
        if found is None:
            return
        member = found[1]
        if isinstance(member, FunctionObject):
            yield from self._runs(member._replace(receiver=type_), site, site.place)
        elif isinstance(member, ExternalMethod):
            row = self.program.calls.row(member)
            if row is not None and not row.is_awaitable:
                yield Edge(site.number, None, Root(f"{member.owner}.{member.name}", row))


def _target(hop: Hop) -> tuple[str, int, str]:
    """What decides between ways of one length that begin at one site: nothing that depends on the question."""
    return (hop.node.module.path, hop.node.number, repr(hop.node[2:])) if hop.node is not None else ("", 0, "")


def loop_category(site: Site) -> str:
    """The category of a call that starts an event loop; empty where the code asks first whether one runs."""
    return "" if not site.in_coroutine and _is_guarded(site) else LOOP


def _is_guarded(site: Site) -> bool:
    """Whether the function around a call asks first whether a loop is running."""
    module = site.module
    for number in module.own_sites.get(site.function_index, ()):
        row = module.facts.sites[number]
        if row[0] == SiteKind.CALL:
            callee = row[6][2] if isinstance(row[6], tuple) and row[6][0] == "." else row[6]
            if callee in _GUARDS:
                return True
    return False

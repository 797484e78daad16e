"""What running a function does on the event loop: the graph of calls together with what is awaited.

Where `reach` stops at a coroutine, which runs elsewhere for all that sync code knows, this graph
goes on into the coroutines that a function awaits. What becomes a task, goes to a thread or is
left to another loop runs apart and is no part of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from asynclint.catalogue import CallableRow
from asynclint.diagnostics import Step
from asynclint.facts.model import Completion, SiteKind
from asynclint.program.awaitables import holds_coroutine
from asynclint.program.cancellation import is_shielded
from asynclint.program.conditions import argument
from asynclint.program.effects.awaiting import Awaiting, Listed
from asynclint.program.effects.edges import Edge, Hop, Node, Root
from asynclint.program.effects.reach import Reach
from asynclint.program.flags import Flags
from asynclint.program.handed import handed
from asynclint.program.handlers import caught_at, discarded_at, suppressed_at
from asynclint.program.loops import handles_missing_loop
from asynclint.program.modules import Module
from asynclint.program.running_loop import asks_for_loop
from asynclint.program.site import Site
from asynclint.program.steps import step_at
from asynclint.program.types import Coroutine, Env, FunctionObject, LambdaObject, PartialObject, Type, members

if TYPE_CHECKING:
    from asynclint.program import Program

SPAWNS = "spawns-task"
NEEDS_LOOP = "needs-loop"
ABSORBS = "absorbs-cancellation"
ALWAYS = "suspends-always"
MAY = "suspends-may"

#: How a handler is left when the task goes on as if it had not been cancelled.
_GOES_ON = Completion.FALLS_THROUGH | Completion.RETURNS | Completion.BREAKS | Completion.CONTINUES
_WAITING = (SiteKind.AWAIT, SiteKind.WITH, SiteKind.FOR, SiteKind.COMPREHENSION)
#: What nothing but a new task can be made of.
_MADE_TASKS = ("coroutine", "coroutine-function", "either")
_NOT_LISTED = CallableRow()


class Runs(Reach):
    """One graph for several effects, so that what is awaited is found once."""

    def __init__(self, program: Program) -> None:
        super().__init__(program, lambda row, site: "")
        self.awaiting = Awaiting(program)
        self._asking: dict[tuple[Module, int], bool] = {}

    @classmethod
    def solver(cls, program: Program) -> Runs:
        return cls(program)

    def at(self, site: Site) -> dict[str, Hop]:
        found = super().at(site)
        return {category: hop for category, hop in found.items() if not self._is_held_up(category, site)}

    def via(self, hop: Hop, category: str, site: Site) -> tuple[Step, ...]:
        """Each call and await on a way that starts at the site, nearest first; empty when the site is its end."""
        if hop.node is None:
            return ()
        return (step_at(self.program, site, hop.node), *self.within(hop.node, category))

    def within(self, start: Node, category: str) -> tuple[Step, ...]:
        """The steps of the way that begins in a function, with the one that reaches the root."""
        taken = self.of(start)[category]
        steps = []
        for node, hop in ((start, taken), *self.way(taken, category)):
            place = Site(node.module, hop.site)
            steps.append(step_at(self.program, place, hop.node, hop.root.name, within=node))
        return tuple(steps)

    def node_of(self, callee: Type) -> Node | None:
        """The function that calling a value runs, by itself: without what it is given; None for any other value."""
        while isinstance(callee, PartialObject):
            callee = callee.function
        if isinstance(callee, LambdaObject):
            return Node(callee.module, -2 - callee.site, callee.env)
        if not isinstance(callee, FunctionObject) or self.program.calls.row(callee) is not None:
            return None
        function = callee.module.facts.functions[callee.number]
        if function.is_async or function.is_generator or not callee.module.first_party:
            return None
        bound = self.program.generics.bound_to_receiver(callee)
        return Node(bound.module, bound.number, bound.env)

    # -- edges -------------------------------------------------------------------------------

    def edges_at(self, site: Site, env: Env = (), flags: Flags = ()) -> Iterator[Edge]:
        yield from super().edges_at(site, env, flags)
        kind = site.row[0]
        if kind in _WAITING:
            for part in self.awaiting.at(site, env):
                if len(part) == 1:
                    yield from self._awaited(part[0], site)
                else:
                    choices = tuple([tuple(self._awaited(each, site)) for each in part])
                    if all(choices):
                        yield Edge(site.number, None, None, choices)
        clause = self._absorbing(site, kind)
        if clause:
            yield Edge(site.number, None, Root(clause, _NOT_LISTED, ABSORBS))

    def _awaited(self, awaited: Node | Listed, site: Site) -> Iterator[Edge]:
        if isinstance(awaited, Node):
            yield Edge(site.number, awaited, None)
            return
        if awaited.suspends in ("always", "may"):
            category = ALWAYS if awaited.suspends == "always" else MAY
            yield Edge(site.number, None, Root(awaited.name, awaited.row, category))
        row = awaited.row
        if row.colour == "coroutine" and any(run.how == "spawned" for run in row.runs):
            yield Edge(site.number, None, Root(awaited.name, row, SPAWNS))

    def _absorbing(self, site: Site, kind: int) -> str:
        """The clause by which a coroutine absorbs its cancellation at the site; empty for none."""
        if not site.in_coroutine:
            return ""
        if kind == SiteKind.HANDLER:
            caught = caught_at(site, self.program) if site.row[10] & _GOES_ON else None
            return "" if caught is None else f"except {caught.what}" if caught.what else "except:"
        if kind == SiteKind.WITH:
            caught = suppressed_at(site, self.program)
            return "" if caught is None else f"suppress({caught.what})"
        if kind in (SiteKind.RETURN, SiteKind.JUMP) and discarded_at(site, self.program) is not None:
            return "return" if kind == SiteKind.RETURN else str(site.row[6])
        return ""

    def _external(self, callee: Type, site: Site, place: Any) -> Iterator[Edge]:
        yield from super()._external(callee, site, place)
        row = self.program.calls.row(callee)
        if row is None or row.colour in ("coroutine", "lazy"):
            return
        if row.needs_loop and not _brings_loop(site, row):
            yield Edge(site.number, None, Root(self.program.qualified_name(callee), row, NEEDS_LOOP))
        if (row.task or row.runs) and self._spawns(site, row):
            yield Edge(site.number, None, Root(self.program.qualified_name(callee), row, SPAWNS))

    def _spawns(self, site: Site, row: CallableRow) -> bool:
        """Whether a call makes a task of what it is given; a task that is given stays what it is."""
        spawned = [run.takes for run in row.runs if run.how == "spawned"]
        if any(takes in _MADE_TASKS for takes in spawned):
            return True
        if not spawned and row.colour != "future":
            return bool(row.task)
        if site.row[0] != SiteKind.CALL:
            return False
        for each in handed(site, self.program):
            if each.run.how == "spawned" or (each.run.how == "awaited" and row.colour == "future"):
                type_ = self.program.type_of(each.expr, site)
                if holds_coroutine(type_) or _is_coroutine(type_):
                    return True
        return row.colour == "future" and any(
            isinstance(each, tuple) and each[0] == "*" and holds_coroutine(self.program.type_of(each[1], site))
            for each in site.arguments
        )

    # -- what ends a way ---------------------------------------------------------------------

    def _is_cleared(self, module: Module, number: int) -> bool:
        return False  # what the user says of blocking is no answer to these questions

    def _offer(
        self,
        best: dict[Node, dict[str, Hop]],
        node: Node,
        category: str,
        hop: Hop,
        changed: list[tuple[int, Node, str]],
    ) -> None:
        if not self._is_held_up(category, Site(node.module, hop.site)):
            super()._offer(best, node, category, hop, changed)

    def _is_held_up(self, category: str, site: Site) -> bool:
        """Whether an effect does not get out of the code around a site."""
        if category == ABSORBS:
            return is_shielded(site)
        if category != NEEDS_LOOP:
            return False
        # A coroutine has its loop; and who handles the error needs none.
        return site.in_coroutine or handles_missing_loop(site) or self._asks(site)

    def _asks(self, site: Site) -> bool:
        key = site.module, site.function_index
        found = self._asking.get(key)
        if found is None:
            found = self._asking[key] = key[1] >= 0 and asks_for_loop(*key)
        return found


def _is_coroutine(type_: Type) -> bool:
    found = members(type_)
    return bool(found) and all(isinstance(each, Coroutine) and not each.lazy for each in found)


def _brings_loop(site: Site, row: CallableRow) -> bool:
    """Whether the call is given the loop that it would else ask for."""
    if not row.takes_loop or site.row[0] != SiteKind.CALL:
        return False
    return any(argument(place, site) not in (None, ("const", None)) for place in row.takes_loop)

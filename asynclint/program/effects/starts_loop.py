"""StartsLoop: running this starts an event loop in the thread, which fails where one is running."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from asynclint.diagnostics import Step
from asynclint.program.effects.blocks import Blocks
from asynclint.program.effects.edges import Hop, Node
from asynclint.program.effects.reach import LOOP, Reach
from asynclint.program.site import Site
from asynclint.program.steps import step_at

if TYPE_CHECKING:
    from asynclint.catalogue import CallableRow
    from asynclint.program import Module, Program


class StartsLoop:
    """A call such as `asyncio.run`, and how to get there."""

    name: ClassVar[str] = "starts-loop"
    __slots__ = ("passes", "root", "row", "via")

    def __init__(self, root: str, row: CallableRow, via: tuple[Step, ...] = (), passes: tuple[Node, ...] = ()) -> None:
        self.root = root
        self.row = row
        self.via = via
        """Each call on the way, nearest first; empty when the site itself starts the loop."""
        self.passes = passes
        """The functions that the way leads into."""

    @classmethod
    def solver(cls, program: Program) -> StartsLoopSolver:
        return StartsLoopSolver(program)


class StartsLoopSolver:
    def __init__(self, program: Program) -> None:
        self.program = program
        # One graph serves both: who looks for what blocks has found what starts a loop.
        self.reach: Reach = program.solver(Blocks).reach

    def at(self, site: Site) -> StartsLoop | None:
        return self._made(self.reach.at(site).get(LOOP), site)

    def of(self, module: Module, number: int) -> StartsLoop | None:
        """The effect of running a function; the way begins within it."""
        hop = self.reach.of(Node(module, number)).get(LOOP)
        return None if hop is None else self._made(hop, Site(module, hop.site))

    def _made(self, hop: Hop | None, site: Site) -> StartsLoop | None:
        if hop is None:
            return None
        steps: list[Step] = []
        if hop.node is not None:
            steps.append(step_at(self.program, site, hop.node))
            for node, taken in self.reach.way(hop, LOOP):
                place = Site(node.module, taken.site)
                steps.append(step_at(self.program, place, taken.node, taken.root.name, within=node))
        passes = tuple(node for node, _ in self.reach.way(hop, LOOP))
        return StartsLoop(hop.root.name, hop.root.row, tuple(steps), passes)

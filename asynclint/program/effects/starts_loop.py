"""StartsLoop: running this starts an event loop in the thread, which fails where one is running."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from asynclint.diagnostics import Step
from asynclint.facts.model import SiteKind
from asynclint.program.effects.reach import Reach
from asynclint.program.site import Site
from asynclint.program.steps import step_at

if TYPE_CHECKING:
    from asynclint.catalogue import CallableRow
    from asynclint.program import Program

#: Asking whether a loop runs, or patching it: the code knows what it does.
_GUARDS = frozenset(
    {"get_running_loop", "_get_running_loop", "is_running", "apply", "current_task", "get_event_loop_policy"}
)


@dataclass(frozen=True, slots=True)
class StartsLoop:
    """A call such as `asyncio.run`, and how to get there."""

    name: ClassVar[str] = "starts-loop"
    root: str
    row: CallableRow
    via: tuple[Step, ...] = ()
    """Each call on the way, nearest first; empty when the site itself starts the loop."""

    @classmethod
    def solver(cls, program: Program) -> StartsLoopSolver:
        return StartsLoopSolver(program)


class StartsLoopSolver:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.reach = Reach(program, self._category)

    def at(self, site: Site) -> StartsLoop | None:
        hop = self.reach.at(site).get("loop")
        if hop is None:
            return None
        steps: list[Step] = []
        if hop.node is not None:
            steps.append(step_at(self.program, site, hop.node))
            for node, taken in self.reach.way(hop, "loop"):
                place = Site(node.module, taken.site)
                steps.append(step_at(self.program, place, taken.node, taken.root.name, within=node))
        return StartsLoop(hop.root.name, hop.root.row, tuple(steps))

    def _category(self, row: CallableRow, site: Site) -> str:
        if not row.starts_loop or (not site.in_coroutine and _is_guarded(site)):
            return ""
        return "loop"


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

"""Blocks: running this may stop the event loop until it returns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from asynclint.diagnostics import Step
from asynclint.facts.model import SiteKind
from asynclint.program.conditions import blocks_here
from asynclint.program.effects.reach import Hop, Reach
from asynclint.program.site import Site
from asynclint.program.steps import step_at

if TYPE_CHECKING:
    from asynclint.catalogue import CallableRow
    from asynclint.program import Program

#: Costs that are reported as blocking; what costs less has a category of its own.
_WAITS = frozenset({"heavy", "moderate", "wait", "stdin"})


@dataclass(frozen=True, slots=True)
class Blocks:
    """A call that waits, and how to get there."""

    name: ClassVar[str] = "blocks"
    root: str
    """Qualified name of the call that waits."""
    row: CallableRow
    """What the catalogue says of it."""
    category: str
    """wait, file, future, light, lock or cpu: what the rules tell apart."""
    via: tuple[Step, ...] = ()
    """Each call on the way, nearest first; empty when the site itself calls the root."""
    root_place: str = ""
    """`path:line` of the call that waits."""

    @classmethod
    def solver(cls, program: Program) -> BlocksSolver:
        return BlocksSolver(program)


class BlocksSolver:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.reach = Reach(program, self._category)

    def at(self, site: Site) -> Blocks | None:
        """The effect of category `wait`, else of the first other category."""
        found = self.every(site)
        return next((each for each in found if each.category == "wait"), found[0] if found else None)

    def every(self, site: Site) -> tuple[Blocks, ...]:
        """The effect of running the site's own call, one for each category."""
        hops = self.reach.at(site)
        return tuple([self._effect(site, category, hops[category]) for category in sorted(hops)]) if hops else ()

    def _effect(self, site: Site, category: str, hop: Hop) -> Blocks:
        steps: list[Step] = []
        place = site
        if hop.node is not None:
            steps.append(step_at(self.program, site, hop.node))
            for node, taken in self.reach.way(hop, category):
                place = Site(node.module, taken.site)
                steps.append(step_at(self.program, place, taken.node, taken.root.name, within=node))
        path = self.program.display(place.module)
        return Blocks(hop.root.name, hop.root.row, category, tuple(steps), f"{path}:{place.line}")

    def _category(self, row: CallableRow, site: Site) -> str:
        if not row.blocks or not row.cost or row.cost == "trivial":
            return ""
        if row.lazy and site.row[0] == SiteKind.CALL and site.use.name not in _CONSUMING:
            return ""
        if site.row[0] == SiteKind.CALL and not blocks_here(row, site, self.program):
            return ""
        if _is_cleared(site):
            return ""
        if row.blocks == "lock" and row.cost in ("light", "moderate"):
            return "lock"
        if row.cost == "light":
            return "light"
        if row.blocks == "cpu" or row.cost == "cpu":
            return "cpu"
        if row.blocks in ("file", "future"):
            return row.blocks
        return "wait" if row.cost in _WAITS else ""


_CONSUMING = frozenset({"ITERATED", "STARRED", "ARGUMENT", "UNPACKED", "DELEGATED"})


def _is_cleared(site: Site) -> bool:
    """Whether the user said at the call that it is fine, which clears every chain through it."""
    pragma = site.module.facts.pragmas.get(site.line, "")
    if not pragma:
        return False
    words = pragma.removeprefix("asynclint:").strip()
    if words.startswith("nonblocking"):
        return True
    if not words.startswith("ignore"):
        return False
    codes = words.removeprefix("ignore").partition("]")[0].strip()
    return not codes.startswith("[") or "blocking" in codes or "waiting-on" in codes or "AL2" in codes.upper()

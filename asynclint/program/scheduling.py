"""Which functions of the program hand something to the event loop to run: `call_soon`, behind helpers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import SiteKind
from asynclint.program.modules import Module
from asynclint.program.site import Site
from asynclint.program.types import ClassObject, FunctionObject, Instance, Type

if TYPE_CHECKING:
    from asynclint.catalogue import Run
    from asynclint.program import Program

#: How many helpers may hand a callback on to each other.
MAX_DEPTH = 3


def takes_sync_code(run: Run) -> bool:
    """Whether a plain function that is handed over so runs on the event loop, later."""
    if run.how == "scheduled":
        return run.takes in ("function", "either")
    return run.how == "spawned" and run.takes == "either"


class Scheduling:
    def __init__(self, program: Program) -> None:
        self.program = program
        self._leading: dict[tuple[Module, int, int], tuple[int, ...]] = {}

    def runs(self, callee: Type) -> FunctionObject | None:
        """The function of the program that a call runs, `__init__` for a class; None for any other callee."""
        if isinstance(callee, ClassObject):
            found = self.program.members.raw(callee.name, "__init__")
            if found is None or not isinstance(found[1], FunctionObject):
                return None
            return found[1]._replace(receiver=Instance(callee.name))
        return callee if isinstance(callee, FunctionObject) else None

    def leading(self, site: Site) -> tuple[int, ...]:
        """The sites of the function that a call runs which hand something to the loop; none for other calls."""
        if not (site.row[7] or site.row[8]):
            return ()
        callee = self.runs(self.program.callee(site))
        if callee is None or callee.number not in callee.module.higher_order:
            return ()
        return self.leading_in(callee.module, callee.number, MAX_DEPTH) if callee.module.first_party else ()

    def leading_in(self, module: Module, number: int, depth: int) -> tuple[int, ...]:
        """The same for a function; `depth` says how many further helpers may be in between."""
        # The depth is part of the key, so that answers do not depend on what was asked before.
        key = module, number, depth
        if key not in self._leading:
            found = []
            for each in module.own_sites.get(number, ()):
                row = module.facts.sites[each]
                if row[0] == SiteKind.CALL and (row[7] or row[8]) and self._leads(Site(module, each), depth):
                    found.append(each)
            self._leading[key] = tuple(found)
        return self._leading[key]

    def _leads(self, site: Site, depth: int) -> bool:
        row = self.program.row(site)
        if row is not None:
            return any(map(takes_sync_code, row.runs))
        callee = self.runs(self.program.callee(site)) if depth > 0 else None
        return (
            callee is not None
            and callee.module.first_party
            and callee.number in callee.module.higher_order
            and bool(self.leading_in(callee.module, callee.number, depth - 1))
        )

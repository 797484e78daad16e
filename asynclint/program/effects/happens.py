"""Effects that consist in something happening somewhere below: what it is, where, and the way there."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from asynclint.diagnostics import Step
from asynclint.program.effects.edges import Hop, Node
from asynclint.program.effects.runs import Runs
from asynclint.program.modules import Module
from asynclint.program.site import Site

if TYPE_CHECKING:
    from asynclint.program import Program


class Happens:
    """What the site does, or leads to."""

    name: ClassVar[str]
    __slots__ = ("_hop", "_runs", "root", "site")

    def __init__(self, runs: Runs, site: Site, hop: Hop) -> None:
        self.root: str = hop.root.name
        """Qualified name of what is called, or the clause in which it happens."""
        self.site = site
        self._runs = runs
        self._hop = hop

    @property
    def via(self) -> tuple[Step, ...]:
        """Each call and await on the way, nearest first; empty when the site itself does it."""
        return self._runs.via(self._hop, self.name, self.site)

    @property
    def passes(self) -> tuple[Node, ...]:
        """The functions that the way leads into."""
        return tuple(node for node, _ in self._runs.way(self._hop, self.name))

    @property
    def root_site(self) -> Site:
        """The site that does it."""
        place = self.site
        for node, taken in self._runs.way(self._hop, self.name):
            place = Site(node.module, taken.site)
        return place


H = TypeVar("H", bound=Happens)


class HappensSolver(Generic[H]):
    def __init__(self, program: Program, kind: type[H]) -> None:
        self._kind = kind
        self._runs: Runs = program.solver(Runs)

    def at(self, site: Site) -> H | None:
        """The effect of running the site itself, its parts left out."""
        hop = self._runs.at(site).get(self._kind.name)
        return None if hop is None else self._kind(self._runs, site, hop)

    def of(self, module: Module, number: int) -> H | None:
        """The effect of running a function's body, with the first step of the shortest way as its site."""
        hop = self._runs.of(Node(module, number)).get(self._kind.name)
        return None if hop is None else self._kind(self._runs, Site(module, hop.site), hop)

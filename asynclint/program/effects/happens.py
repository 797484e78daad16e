"""Effects that consist in something happening somewhere below: what it is, where, and the way there."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from asynclint.diagnostics import Step
from asynclint.facts.model import BlockKind, SiteKind
from asynclint.program.effects.edges import Hop, Node
from asynclint.program.effects.runs import Runs
from asynclint.program.modules import Module
from asynclint.program.site import Site
from asynclint.program.types import Type

if TYPE_CHECKING:
    from asynclint.program import Program


class Happens:
    """What the site does, or leads to."""

    name: ClassVar[str]
    __slots__ = ("_hop", "_runs", "_start", "root", "site")

    def __init__(self, runs: Runs, site: Site, hop: Hop, start: Node | None = None) -> None:
        self.root: str = hop.root.name
        """Qualified name of what is called, or the clause in which it happens."""
        self.site = site
        self._runs = runs
        self._hop = hop
        self._start = start

    @property
    def via(self) -> tuple[Step, ...]:
        """Each call and await on the way, nearest first; empty when the site itself does it."""
        return self._runs.via(self._hop, self.name, self.site)

    @property
    def steps(self) -> tuple[Step, ...]:
        """The same from a function that was asked about, always with the one that does it."""
        return self.via if self._start is None else self._runs.within(self._start, self.name)

    @property
    def is_certain(self) -> bool:
        """Whether no step of the way depends on a condition in its function."""
        way = [Site(node.module, taken.site) for node, taken in self._runs.way(self._hop, self.name)]
        return not any(_is_conditional(site) for site in (self.site, *way))

    @property
    def root_site(self) -> Site:
        """Where it happens."""
        way = list(self._runs.way(self._hop, self.name))
        return Site(way[-1][0].module, way[-1][1].site) if way else self.site

    @property
    def passes(self) -> tuple[Node, ...]:
        """The functions that the way leads into."""
        return tuple(node for node, _ in self._runs.way(self._hop, self.name))


def _is_conditional(site: Site) -> bool:
    """Whether a site is part of a branch, or comes after one that leaves the function."""
    if any(kind in _BRANCHES for kind in _around(site.module, site.block)):
        return True
    sites = site.module.facts.sites
    for number in site.module.own_sites.get(site.function_index, ()):
        row = sites[number]
        if (row[1], row[2]) >= (site.row[1], site.row[2]):
            return False
        if row[0] in _LEAVES and any(kind in _BRANCHES for kind in _around(site.module, row[5])):
            return True
    return False


def _around(module: Module, block: int) -> Iterator[int]:
    """The kinds of the blocks around, up to the function."""
    blocks = module.facts.blocks
    while blocks[block][0] not in _BODIES:
        yield blocks[block][0]
        block = blocks[block][1]


_BODIES = (BlockKind.MODULE, BlockKind.FUNCTION, BlockKind.CLASS, BlockKind.LAMBDA)
_BRANCHES = (BlockKind.IF, BlockKind.ELSE, BlockKind.CASE, BlockKind.HANDLER)
_LEAVES = (SiteKind.RETURN, SiteKind.RAISE)
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
        return self._within(Node(module, number))

    def when_called(self, callee: Type) -> H | None:
        """The effect of calling a function that is a value, as `of` gives it; nothing is known of its arguments."""
        node = self._runs.node_of(callee)
        return None if node is None else self._within(node)

    def _within(self, node: Node) -> H | None:
        hop = self._runs.of(node).get(self._kind.name)
        return None if hop is None else self._kind(self._runs, Site(node.module, hop.site), hop, node)

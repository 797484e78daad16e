"""What the graph of functions is made of: nodes, the roots that ways end in, hops and edges."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.program.flags import Flags
from asynclint.program.modules import Module
from asynclint.program.types import Env
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.catalogue import CallableRow


class Node(NamedTuple):
    """A function by index, or a lambda or generator expression by -2 - its site."""

    module: Module
    number: int
    env: Env = ()
    flags: Flags = ()


class Root(NamedTuple):
    """Where a way ends: a call of something that the catalogue lists, most often.

    `category` is set where it does not depend on the row and the site.
    """

    name: str
    row: CallableRow
    category: str = ""


class Hop(NamedTuple):
    """The first step of the shortest way from a node: at `site`, into `node` or to the `root`."""

    distance: int
    site: int
    node: Node | None
    root: Root


class Edge(NamedTuple):
    """What a site runs: a node, or a root, or one of several alternatives, each with edges of its own."""

    site: int
    node: Node | None
    root: Root | None
    choices: tuple[tuple[Edge, ...], ...] = ()

    def without(self, node: Node) -> Edge:
        """The edge without alternatives that only run the node again: they add nothing to the others."""
        return self._replace(choices=tuple([each for each in self.choices if any(edge.node != node for edge in each)]))

    def nodes(self) -> Iterator[Node]:
        """The nodes that it may lead to."""
        if self.node is not None:
            yield self.node
        for edges in self.choices:
            for edge in edges:
                yield from edge.nodes()

"""Attributes that block the event loop when they are read: properties, and what libraries load when asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.diagnostics import Step
from asynclint.facts.model import Expr, SiteKind
from asynclint.program.effects.blocks import Blocks, BlocksSolver
from asynclint.program.effects.edges import Hop, Node, Root
from asynclint.program.names import Place
from asynclint.program.site import Site
from asynclint.program.steps import described
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program import Module, Program

_CATEGORIES = ("wait", "future", "file")


class BlockingRead(NamedTuple):
    """An attribute that is read on the event loop, and what that waits for.

    `site` is the site that it is part of; None where it stands before `end` (1-based line, 0-based byte column), in
    an assignment or a test.
    """

    expr: Expr
    site: Site | None
    end: tuple[int, int]
    blocks: Blocks
    getter: str
    """The property in the words of a trace; empty for an attribute of a library."""
    steps: tuple[Step, ...]


def blocking_reads(module: Module, function: int, program: Program) -> Iterator[BlockingRead]:
    """The attributes that a function reads and that block."""
    solver: BlocksSolver = program.solver(Blocks)
    reach = solver.reach
    left_out = reach.left_out(module)
    own = frozenset(module.own_sites.get(function, ()))
    for number, expr, place in reach.implicit.reads(module, function):
        if number in left_out:
            continue
        found = _of_getter(expr, place, number, solver) or _of_library(expr, place, number, solver)
        if found is None or (number in own and solver.holds_up_nobody(Site(module, number))):
            continue
        if found.site is None or not _is_told_of(found.site, expr, solver):
            yield found


def reads_first(call: Site, program: Program) -> bool:
    """Whether the receiver of a call is got by an attribute that blocks as well: `sheet.sheet1.clear()`."""
    solver: BlocksSolver = program.solver(Blocks)
    callee = call.callee
    while isinstance(callee, tuple) and callee[0] in (".", "[]"):
        callee = callee[1]
        if isinstance(callee, tuple) and callee[0] == ".":
            if _of_getter(callee, call.place, call.number, solver) or _of_library(
                callee, call.place, call.number, solver
            ):
                return True
    return False


def _is_told_of(site: Site, expr: Expr, solver: BlocksSolver) -> bool:
    """Whether the attribute is read for a call that blocks itself: `sheet.sheet1.clear()`."""
    callee = site.row[6] if site.row[0] == SiteKind.CALL else None
    while isinstance(callee, tuple) and callee[0] in (".", "[]"):
        callee = callee[1]
        if callee == expr:
            return bool(solver.every(site))
    return False


def _of_getter(expr: Expr, place: Place, number: int, solver: BlocksSolver) -> BlockingRead | None:
    reach = solver.reach
    for getter in reach.implicit.getters(expr, place):
        bound = solver.program.generics.bound_to_receiver(getter)
        node = Node(bound.module, bound.number, bound.env)
        hops = reach.of(node)
        for category in _CATEGORIES:
            # What blocks each time is told rather than what blocks once.
            way = next((each for each in (category, f"{category}1") if each in hops), "")
            if way:
                hop = Hop(hops[way].distance + 1, number, node, hops[way].root)
                blocks = Blocks(way, Site(place.module, number), hop, reach)
                getter_name = described(node.module, node.number)
                return BlockingRead(
                    expr, _site(number, place), (place.line, place.column), blocks, getter_name, blocks.via[1:]
                )
    return None


def _of_library(expr: Expr, place: Place, number: int, solver: BlocksSolver) -> BlockingRead | None:
    row = solver.reach.implicit.row(expr, place)
    site = Site(place.module, number)
    if row is None or solver.reach.category(row, site) not in _CATEGORIES:
        return None
    hop = Hop(1, number, None, Root(row.name, row))
    blocks = Blocks(solver.reach.category(row, site), site, hop, solver.reach)
    return BlockingRead(expr, _site(number, place), (place.line, place.column), blocks, "", ())


def _site(number: int, place: Place) -> Site | None:
    site = Site(place.module, number)
    return site if (site.row[1], site.row[2]) == (place.line, place.column) else None

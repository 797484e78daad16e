"""Futures of threads: which loop runs what they stand for, and what waits for the work of an executor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import BindingKind, Expr, SiteKind, Use
from asynclint.program import names
from asynclint.program.effects.blocks import Blocks
from asynclint.program.site import Site

if TYPE_CHECKING:
    from asynclint.program import Program


def runs_here(call: Site, program: Program) -> bool:
    """Whether the receiver of a method call is the future of a coroutine given to the running loop.

    Seen where it is made in the call itself or bound to a name, with a loop that is asked for as
    the running one.
    """
    callee = call.callee
    made = _made(callee[1], call) if isinstance(callee, tuple) and callee[0] == "." else None
    if made is None:
        return False
    row = program.row(made)
    if row is None or not any(run.how == "spawned" for run in row.runs) or len(made.arguments) < 2:
        return False
    loop = _made(made.arguments[1], made)
    found = program.row(loop) if loop is not None else None
    return found is not None and found.needs_loop


def _made(expr: Expr, site: Site) -> Site | None:
    """The one call that gives an expression its value."""
    if isinstance(expr, str):
        found = names.find(expr, site.place)
        if found is None or len(found.bindings) != 1 or found.bindings[0].kind != BindingKind.VALUE:
            return None
        expr = found.bindings[0].a
    if not isinstance(expr, int) or site.module.facts.sites[expr][0] != SiteKind.CALL:
        return None
    return site.sibling(expr)


def is_left_to_exit(site: Site, program: Program) -> bool:
    """Whether a `with` on an executor submits work that nothing within it waits for.

    Work that is awaited, or that the block waits for on the thread, is done when the block ends.
    """
    executors: list[Expr] = []
    for context, target in site.row[7]:
        executors += [expr for expr in (context, target) if isinstance(expr, (str, tuple))]
    submits = False
    for each in site.within(site.row[8]):
        if each.row[0] not in (SiteKind.CALL, SiteKind.FOR):
            continue
        if any(found.category == "future" for found in program.solver(Blocks).every(each)):
            return False
        if each.row[0] == SiteKind.CALL and isinstance(each.callee, tuple) and each.callee[0] == ".":
            submits |= each.callee[1] in executors and _is_offload(each, program) and not _is_awaitable_argument(each)
    return submits


def _is_offload(call: Site, program: Program) -> bool:
    row = program.row(call)
    return row is not None and any(run.how == "offloaded" for run in row.runs)


def _is_awaitable_argument(call: Site) -> bool:
    """Whether the future goes straight into something else, such as `asyncio.wrap_future`."""
    return call.use in (Use.ARGUMENT, Use.STARRED, Use.PRODUCED)

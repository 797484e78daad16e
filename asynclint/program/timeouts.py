"""Timeouts: which scopes raise one, what catches it, and which code may raise one of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import Expr, SiteKind
from asynclint.program.exceptions import listed
from asynclint.program.site import Site
from asynclint.program.types import ClassObject, FunctionObject, Instance, members

if TYPE_CHECKING:
    from asynclint.program import Program

#: How many of the project's functions deep a timeout is looked for.
_DEPTH = 3
_EXCEPTION = "timeout"


def timeout_scope(site: Site, program: Program) -> str:
    """The qualified name of what a `with` enters that raises TimeoutError at its end; empty when none does."""
    for context, _target in site.row[7]:
        if isinstance(context, int) and site.module.facts.sites[context][0] == SiteKind.CALL:
            call = site.sibling(context)
            row = program.row(call)
            if row is not None and row.scope == "timeout":
                return row.name
    return ""


def catches_timeout(expr: Expr, site: Site, program: Program) -> str:
    """The name of the timeout that an `except` clause lists; empty when it lists none, or a base of it only."""
    wanted = program.catalogue.exceptions(_EXCEPTION)
    return next((name.removeprefix("builtins.") for name in listed(expr, site, program) if name in wanted), "")


def may_time_out(block: int, site: Site, program: Program) -> bool:
    """Whether code in the block may raise a timeout of its own, or that is not known."""
    return any(_may_time_out(each, program, _DEPTH, set()) for each in site.within(block))


def _may_time_out(site: Site, program: Program, depth: int, seen: set[tuple[object, int]]) -> bool:
    kind = site.row[0]
    if kind == SiteKind.RAISE:
        return site.row[6] is not None and _raises_timeout(site.row[6], site, program)
    if kind != SiteKind.CALL:
        return False
    if any(keyword is not None and "timeout" in keyword for keyword in site.keywords):
        return True
    for callee in members(program.callee(site)):
        if isinstance(callee, FunctionObject):
            key = (callee.module, callee.number)
            if key in seen:
                continue
            seen.add(key)
            if depth == 0:
                return True
            own = callee.module.own_sites.get(callee.number, ())
            if any(_may_time_out(Site(callee.module, each), program, depth - 1, seen) for each in own):
                return True
    row = program.row(site)
    return row is not None and row.scope == "timeout"


def _raises_timeout(expr: Expr, site: Site, program: Program) -> bool:
    for each in members(program.type_of(expr, site)):
        if isinstance(each, (ClassObject, Instance)):
            name = program.catalogue.canonical(each.name)
            if name in program.catalogue.exceptions(_EXCEPTION):
                return True
    return False

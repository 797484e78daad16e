"""Calls that never come back, because what they call always raises or ends the program."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import SiteKind, Use
from asynclint.program import names
from asynclint.program.site import Site
from asynclint.program.types import FunctionObject, members

if TYPE_CHECKING:
    from asynclint.program import Program

_NEVER = frozenset({"NoReturn", "Never"})
_LEAVES = frozenset({SiteKind.RETURN, SiteKind.YIELD})


def never_returns(call: Site, program: Program) -> bool:
    """Whether nothing after a call runs: `sys.exit()`, or a function whose last word is a `raise`."""
    row = program.row(call)
    if row is not None:
        return row.exits
    found = members(program.callee(call))
    return bool(found) and all(isinstance(each, FunctionObject) and _always_raises(each, call) for each in found)


def _always_raises(callee: FunctionObject, call: Site) -> bool:
    module, number = callee.module, callee.number
    function = module.facts.functions[number]
    if function.is_async and call.use is not Use.AWAITED:
        return False
    if names.last_name(function.returns) in _NEVER:
        return True
    if function.is_generator or function.is_stub:
        return False
    block = module.facts.scopes[function.scope].block
    sites = [module.facts.sites[each] for each in module.own_sites.get(number, ())]
    return any(row[0] == SiteKind.RAISE and row[5] == block for row in sites) and not any(
        row[0] in _LEAVES for row in sites
    )

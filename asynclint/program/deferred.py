"""Cancellations that a handler keeps for a `raise` further on."""

from __future__ import annotations

from typing import Any

from asynclint.facts.model import BlockKind, Expr, SiteKind
from asynclint.program.site import Site


def is_raised_later(handler: Site) -> bool:
    """Whether a handler notes what it has caught, and a `raise` elsewhere in the function depends on that.

    `cancelled = True` with `if cancelled: raise ...` further on, or `error = caught` with `raise error`.
    """
    function, module, body = handler.function, handler.module, handler.row[9]
    if function is None:
        return False
    facts = module.facts
    noted = {
        name
        for name, rows in facts.scopes[function.scope].bindings.items()
        if name != handler.row[8] and any(body in facts.ancestors(row.block) for row in rows)
    }
    if not noted:
        return False
    for number in module.own_sites.get(handler.function_index, ()):
        row = facts.sites[number]
        if row[0] == SiteKind.RAISE and body not in facts.ancestors(row[5]):
            if _mentions(row[6], noted) or any(
                _mentions(test, noted)
                for _number, kind, test in Site(module, number).blocks()
                if kind in (BlockKind.IF, BlockKind.ELSE)
            ):
                return True
    return False


def _mentions(expr: Expr | Any, names: set[str]) -> bool:
    if isinstance(expr, str):
        return expr in names
    return isinstance(expr, tuple) and any(_mentions(part, names) for part in expr[1:])

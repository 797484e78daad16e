"""Functions that something outside of the program calls: by a decorator, or by a name that is agreed on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import Expr, SiteKind
from asynclint.program.awaitables import made_by_calling

if TYPE_CHECKING:
    from asynclint.program import Program, Site

#: Arguments by which a project brings a class of its own, which may well run coroutines.
_OWN_CLASS = frozenset({"base", "cls"})
_LAMBDA_NAMES = frozenset({"lambda_handler", "handler"})


def caller_that_never_awaits(site: Site, program: Program) -> str:
    """What calls the function that a site defines, a coroutine function, and does not await it.

    In the words of a message; empty when nothing is known to.
    """
    module, index = site.module, site.row[6]
    if site.own_function.decorators:
        for decorator, row, value in program.calls.decorations(module, index):
            # A decorator that makes something else of the function: a command, a task of a queue.
            if row is not None and row.makes == "object" and row.async_runs == "never":
                awaited = _brings_own_class(decorator, site) or made_by_calling(value, program) is None
                return "" if awaited else f"`{row.name}`"
        return ""
    return "AWS Lambda" if _is_lambda_handler(site) else ""


def _brings_own_class(decorator: Expr, site: Site) -> bool:
    if not isinstance(decorator, int):
        return False
    row = site.module.facts.sites[decorator]
    return row[0] == SiteKind.CALL and any(keyword in _OWN_CLASS or keyword is None for keyword, _ in row[8])


def _is_lambda_handler(site: Site) -> bool:
    """Whether it is the function that AWS Lambda is told to call, unless the module calls it itself."""
    function = site.own_function
    if function.name not in _LAMBDA_NAMES or function.qualname != function.name:
        return False
    if [parameter.name.lstrip("_") for parameter in function.parameters] != ["event", "context"]:
        return False
    return not any(row[0] == SiteKind.CALL and row[6] == function.name for row in site.module.facts.sites)

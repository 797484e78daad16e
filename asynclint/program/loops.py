"""Where code gets its event loop from, and what it does where none runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asynclint.facts.model import BlockKind, SiteKind, Use
from asynclint.program.modules import Module
from asynclint.source import NOTEBOOK

if TYPE_CHECKING:
    from asynclint.program import Site

_RUNS = frozenset({"run_until_complete", "run_forever"})
_SETS = "set_event_loop"
#: Handlers that take the RuntimeError of a missing loop, by the last part of what they name.
_TAKES_ALL = frozenset({"RuntimeError", "Exception", "BaseException"})


def runs_at_import(site: Site) -> bool:
    """Whether the site runs when its module is imported: at module level or in a class body.

    Nothing imports a notebook: its cells run in a loop that runs already.
    """
    if site.module.path.endswith(NOTEBOOK):
        return False
    return site.function is None and all(kind is not BlockKind.LAMBDA for _, kind, _ in site.blocks())


def is_run_here(site: Site) -> bool:
    """Whether the loop that a call gives is run in the same function: no other runs there then."""
    use = site.use
    if use is Use.ATTRIBUTE:
        return site.use_details[0] in _RUNS
    if use is not Use.ASSIGNED:
        return False
    names = [target for target in site.use_details[0] if target is not None]
    module = site.module
    for number in module.own_sites.get(site.function_index, ()):
        row = module.facts.sites[number]
        if row[0] == SiteKind.CALL and isinstance(row[6], tuple) and row[6][0] == "." and row[6][2] in _RUNS:
            if row[6][1] in names:
                return True
    return False


def sets_loop(module: Module) -> bool:
    """Whether the module gives a thread its loop by `set_event_loop`, or patches loops to run within one another."""
    callees = (row[6] for row in module.facts.sites if row[0] == SiteKind.CALL)
    return any(callee == _SETS or (isinstance(callee, tuple) and _prepares(callee)) for callee in callees)


def _prepares(callee: tuple[Any, ...]) -> bool:
    if callee[0] != ".":
        return False
    patches = callee[2].startswith("apply") and isinstance(callee[1], str) and "asyncio" in callee[1].lower()
    return callee[2] == _SETS or patches


def handles_missing_loop(site: Site) -> bool:
    """Whether a handler around the site takes the RuntimeError that is raised without a loop."""
    for _number, kind, detail in site.blocks():
        if kind in (BlockKind.FUNCTION, BlockKind.LAMBDA, BlockKind.CLASS):
            return False
        if kind is BlockKind.TRY:
            for handler in site.sibling(detail).row[7]:
                type_ = site.sibling(handler).row[7]
                if type_ is None or _mentions(type_):
                    return True
    return False


def _mentions(expr: object) -> bool:
    if isinstance(expr, str):
        return expr in _TAKES_ALL
    if isinstance(expr, tuple):
        return any(_mentions(part) for part in expr[1:])
    return False

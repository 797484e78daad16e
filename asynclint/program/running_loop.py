"""Code that asks whether an event loop runs in its thread, and the branches it takes when none does."""

from __future__ import annotations

from typing import Any

from asynclint.facts.model import BindingKind, BlockKind, Expr, SiteKind
from asynclint.program import names
from asynclint.program.loops import handles_missing_loop
from asynclint.program.modules import Module
from asynclint.program.site import Site

#: Last parts of the names of functions that tell whether a loop, or a task of one, runs here.
_ASKS = frozenset({"get_running_loop", "_get_running_loop", "is_running", "current_task", "in_running_loop"})

#: Last parts of the names of functions that tell one thread from another.
_ASKS_FOR_THREAD = frozenset({"current_thread", "get_ident", "get_native_id", "main_thread"})

#: Those of them that raise RuntimeError where none runs.
_RAISES = frozenset({"get_running_loop", "current_task"})


def stands_where_no_loop_runs(site: Site) -> bool:
    """Whether the site is in a branch that is only taken when no loop runs in the thread.

    Which thread a branch is for that asks for the thread is not known: it may be the one without a loop.
    """
    for _, kind, detail in site.blocks():
        if kind in (BlockKind.FUNCTION, BlockKind.LAMBDA, BlockKind.CLASS, BlockKind.MODULE):
            return False
        if kind in (BlockKind.IF, BlockKind.ELSE) and _is_about_threads(detail, site):
            return True
        if kind is BlockKind.IF and _tells(detail, site) is False:
            return True
        if kind is BlockKind.ELSE and _tells(detail, site) is True:
            return True
        if kind is BlockKind.HANDLER and _takes_missing_loop(site.sibling(detail)):
            return True
    return False


def asks_for_loop(module: Module, function: int) -> bool:
    """Whether a function asks whether a loop runs, and goes on without one: it knows what it does."""
    for number in module.own_sites.get(function, ()):
        site = Site(module, number)
        if _asks(number, site) and (names.last_name(site.row[6]) not in _RAISES or handles_missing_loop(site)):
            return True
    return False


def _tells(test: Expr, site: Site) -> bool | None:
    """True when the test holds where a loop runs, False when it holds where none does; None for other tests."""
    if isinstance(test, int):
        return True if _asks(test, site) else None
    if isinstance(test, str):
        found = names.find(test, site.place)
        rows = found.bindings if found else ()
        return True if any(row.kind == BindingKind.VALUE and _asks(row.a, site) for row in rows) else None
    if not isinstance(test, tuple):
        return None
    if test[0] == ":=":
        return _tells(test[2], site)
    if test[0] == "not":
        told = _tells(test[1], site)
        return None if told is None else not told
    if test[0] == "cmp" and test[1] in (("is",), ("is not",)) and test[3] == ("const", None):
        told = _tells(test[2], site)
        return None if told is None else told == (test[1] == ("is not",))
    return None


def _is_about_threads(test: Any, site: Site, depth: int = 1) -> bool:
    if isinstance(test, int):
        return asks_for_thread(site.module.facts.sites[test])
    if isinstance(test, str):
        found = names.find(test, site.place) if depth else None
        rows = found.bindings if found else ()
        return any(row.kind == BindingKind.VALUE and _is_about_threads(row.a, site, depth - 1) for row in rows)
    return isinstance(test, tuple) and any(
        _is_about_threads(part, site, depth) for part in test[1:] if not isinstance(part, int) or test[0] != "const"
    )


def _asks(expr: Expr, site: Site) -> bool:
    return isinstance(expr, int) and is_question(site.module.facts.sites[expr])


def is_question(row: tuple[Any, ...]) -> bool:
    """Whether a site is a call that tells if a loop, or a task of one, runs here."""
    if row[0] != SiteKind.CALL:
        return False
    return names.last_name(row[6]) in _ASKS


def asks_for_thread(row: tuple[Any, ...]) -> bool:
    """Whether a site is a call that tells one thread from another."""
    return row[0] == SiteKind.CALL and names.last_name(row[6]) in _ASKS_FOR_THREAD


def _takes_missing_loop(handler: Site) -> bool:
    """Whether the handler takes the RuntimeError of asking for a loop where none runs."""
    if handler.row[7] not in ("RuntimeError", None, "Exception"):
        return False
    attempt = handler.sibling(handler.row[6])
    return any(_asks(each.number, each) for each in attempt.within(attempt.row[6]))

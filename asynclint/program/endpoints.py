"""Request handlers of web frameworks that run plain functions in a thread pool."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import SiteKind
from asynclint.program.cancellation import suspends
from asynclint.program.modules import Module
from asynclint.program.site import Site
from asynclint.program.types import Coroutine, members

if TYPE_CHECKING:
    from asynclint.program import Program


def could_be_plain(module: Module, index: int, program: Program) -> bool:
    """Whether an `async def` is a handler that its framework would run in a thread if it were a plain `def`.

    False as soon as it awaits, makes a coroutine, needs the running loop, or has a decorator of
    which nothing is known.
    """
    function = module.facts.functions[index]
    if not function.is_async or function.is_generator or not function.decorators:
        return False
    rows = [row for _, row, _ in program.calls.decorations(module, index)]
    if any(row is None for row in rows):
        return False
    if not any(row.sync_runs == "thread" and row.async_runs == "awaited" for row in rows if row is not None):
        return False
    return not any(_needs_loop(Site(module, number), program) for number in module.own_sites.get(index, ()))


def _needs_loop(site: Site, program: Program) -> bool:
    kind = site.row[0]
    if suspends(site) or kind == SiteKind.YIELD:
        return True
    if kind == SiteKind.COMPREHENSION:
        return any(loop[2] for loop in site.row[8]) or site.module.awaits_in_block(
            site.module.facts.scopes[site.row[7]].block
        )
    if kind == SiteKind.FUNCTION:
        return site.own_function.is_async
    if kind != SiteKind.CALL:
        return False
    if any(isinstance(each, Coroutine) for each in members(program.value(site))):
        return True
    row = program.row(site)
    return row is not None and (row.needs_loop or row.is_awaitable or bool(row.task) or row.starts_loop)

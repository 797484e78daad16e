"""Locks of threads: what is one, and what happens while it is held."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.facts.model import BindingKind, BlockKind, Expr, SiteKind
from asynclint.program.cancellation import suspends
from asynclint.program.conditions import blocks_here
from asynclint.program.site import Site
from asynclint.program.types import NONE, ContextManager, ExternalMethod, FunctionObject, Instance, Type, members
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program import Program


class Held(NamedTuple):
    """A lock that is held where the coroutine gives way, and the function that takes it, when another does."""

    lock: str
    gives_way: Site
    taken_in: str = ""


def is_thread_lock(type_: Type, program: Program) -> bool:
    """Whether every alternative of the type is a lock that makes its thread wait."""
    found = [each for each in members(type_) if each != NONE]
    return bool(found) and all(isinstance(each, Instance) and _waits_to_enter(each, program) for each in found)


def _waits_to_enter(type_: Instance, program: Program) -> bool:
    found = program.members.raw(type_.name, "__enter__")
    if found is None or not isinstance(found[1], ExternalMethod):
        return False
    # Locks of other packages are of files and databases: whole programs wait for one another by them.
    if found[1].owner.partition(".")[0] not in sys.stdlib_module_names:
        return False
    row = program.calls.row(found[1])
    return row is not None and row.blocks == "lock"


def takes_a_lock(site: Site) -> bool:
    """Whether a plain method waits there until it may mark something of its object as taken.

    That is what the `acquire` of a lock made by hand does: `while self.busy: self.changed.wait()`, then
    `self.busy = True`. How long it waits is up to the holders, as with a `threading.Lock`.
    """
    function, callee = site.function, site.callee if site.row[0] == SiteKind.CALL else None
    if function is None or function.is_async or function.class_index < 0:
        return False
    if not (isinstance(callee, tuple) and callee[0] == "." and callee[2] in ("wait", "wait_for")):
        return False
    end = (site.row[3], site.row[4])
    if any(
        each.row[0] == SiteKind.AUGMENT and _is_own_attribute(each.row[6]) and _start(each) > end for each in _own(site)
    ):
        return True
    facts, index = site.module.facts, site.function_index
    return any(
        binding.kind == BindingKind.VALUE
        and isinstance(binding.a, tuple)
        and binding.a[0] == "const"
        and bool(binding.a[1])
        and (binding.line, binding.column) > end
        and site.module.function_of_block[binding.block] == index
        for bindings in facts.classes[function.class_index].attributes.values()
        for binding in bindings
    )


def _is_own_attribute(expr: Expr) -> bool:
    return isinstance(expr, tuple) and expr[:2] == (".", "self")


def held_in_with(site: Site, program: Program) -> Held | None:
    """What a sync `with` in a coroutine holds when the coroutine first gives way within it."""
    gives_way = None
    for context, _target in site.row[7]:
        type_ = program.type_of(context, site)
        helper = _taken_by_helper(type_, program)
        if not helper and not is_thread_lock(type_, program):
            continue
        if gives_way is None:
            gives_way = _first(given_way_in(site.row[8], site))
        if gives_way is None:
            return None
        if not _released_before(context, gives_way, site):
            return Held(_short(type_), gives_way, helper)
    return None


def held_since_acquire(site: Site, program: Program) -> Held | None:
    """What `lock.acquire()` takes that is held, until a `release()` of the same function, while it gives way."""
    callee = site.callee
    if not (isinstance(callee, tuple) and callee[0] == "." and callee[2] == "acquire"):
        return None
    type_ = program.type_of(callee[1], site)
    row = program.row(site) if is_thread_lock(type_, program) else None
    if row is None or not blocks_here(row, site, program):
        return None
    releases = [each for each in _calls_on(callee[1], "release", site) if _start(each) > _start(site)]
    if not releases:
        return None  # whoever releases it, it is not to be seen here
    first, last = releases[0], releases[-1]
    for each in _own(site):
        if not (suspends(each) or each.row[0] == SiteKind.YIELD) or _start(each) < _start(site):
            continue
        if _start(each) < _start(first) or (_start(each) < _start(last) and _is_cleanup(last, each)):
            return Held(_short(type_), each)
    return None


def given_way_in(block: int, site: Site) -> Iterator[Site]:
    """The places in a block of a coroutine where other tasks get their turn, a `yield` to a consumer included."""
    return (each for each in site.within(block) if suspends(each) or each.row[0] == SiteKind.YIELD)


def _taken_by_helper(type_: Type, program: Program) -> str:
    """The name of a generator made a context manager that yields while it holds a thread lock."""
    for each in members(type_):
        if isinstance(each, ContextManager) and each.function is not None and not each.is_async:
            if _yields_locked(each.function, program):
                return str(each.function.module.facts.functions[each.function.number].name)
    return ""


def _yields_locked(function: FunctionObject, program: Program) -> bool:
    module = function.module
    for number in module.yields_of.get(function.number, ()):
        for _, kind, detail in Site(module, number).blocks():
            if kind is BlockKind.FUNCTION:
                break
            if kind is BlockKind.WITH:
                around = Site(module, detail)
                if not around.row[6] and any(
                    is_thread_lock(program.type_of(context, around), program) for context, _ in around.row[7]
                ):
                    return True
    return False


def _released_before(context: Expr, gives_way: Site, site: Site) -> bool:
    return any(_start(site) < _start(each) < _start(gives_way) for each in _calls_on(context, "release", site))


def _calls_on(expr: Expr, method: str, site: Site) -> list[Site]:
    wanted = (".", expr, method)
    return [each for each in _own(site) if each.row[0] == SiteKind.CALL and each.row[6] == wanted]


def _own(site: Site) -> Iterator[Site]:
    """The sites that run when the function around the site runs."""
    module = site.module
    return (Site(module, number) for number in module.own_sites.get(site.function_index, ()))


def _is_cleanup(release: Site, gives_way: Site) -> bool:
    """Whether the release stands in the `finally` of a `try` whose body gives way."""
    module = release.module
    around = set(module.facts.ancestors(gives_way.block))
    return any(
        kind is BlockKind.FINALLY and module.facts.sites[detail][6] in around for _, kind, detail in release.blocks()
    )


def _start(site: Site) -> tuple[int, int]:
    return site.row[1], site.row[2]


def _first(sites: Iterator[Site]) -> Site | None:
    return next(sites, None)


def _short(type_: Type) -> str:
    found = [each.name for each in members(type_) if isinstance(each, Instance) and each != NONE]
    return found[0] if found else ""

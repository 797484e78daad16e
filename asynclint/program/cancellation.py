"""What catches a cancellation, where one can arrive, and which waits are for a task being stopped."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from asynclint.facts.model import BindingKind, BlockKind, Completion, Expr, SiteKind
from asynclint.program import exceptions, names
from asynclint.program.modules import Module
from asynclint.program.no_return import never_returns
from asynclint.program.site import Site
from asynclint.program.timeouts import timeout_scope

if TYPE_CHECKING:
    from asynclint.program import Program


def catches(expr: Expr, site: Site, program: Program) -> str:
    """The name of what an `except` clause or `suppress` argument lists that catches a cancellation.

    Empty when nothing does; "bare" for no type at all is the caller's to know.
    """
    for name in exceptions.listed(expr, site, program):
        if name == "builtins.BaseException" or program.catalogue.is_exception(name, "cancelled"):
            return name.removeprefix("builtins.")
    return ""


def suspension_in(block: int, site: Site) -> Site | None:
    """The first place in a block where a task may be cancelled: await, async for, async with.

    Behind a shield none arrives.
    """
    for each in site.within(block):
        if suspends(each) and not is_shielded(each):
            return each
    return None


def is_shielded(site: Site) -> bool:
    """Whether the site stands in a `with CancelScope(shield=True)` or the like."""
    sites = site.module.facts.sites
    for _number, kind, detail in site.blocks():
        if kind is BlockKind.FUNCTION:
            return False
        if kind is BlockKind.WITH:
            for context, _target in sites[detail][7]:
                if isinstance(context, int) and sites[context][0] == SiteKind.CALL:
                    if ("shield", ("const", True)) in sites[context][8]:
                        return True
    return False


def suspends(site: Site) -> bool:
    """Whether a task may give way at the site: an await, an async for, with or comprehension."""
    kind = site.row[0]
    if kind == SiteKind.AWAIT:
        return True
    if kind in (SiteKind.WITH, SiteKind.FOR):
        return bool(site.row[6])
    if kind == SiteKind.COMPREHENSION:
        return site.row[6] != "generator" and any(loop[2] for loop in site.row[8])
    return False


def waits_for_cancelled(block: int, site: Site, program: Program) -> bool:
    """Whether all that is awaited in the block are tasks that this code has asked to stop.

    That is the idiom of stopping one's own task: cancel it, await it, ignore its CancelledError.
    """
    if _waits_until_done(block, site, program):
        return True
    cancelled = None
    for each in site.within(block):
        if not suspends(each):
            continue
        if each.row[0] == SiteKind.WITH and timeout_scope(each, program):
            continue
        if each.row[0] != SiteKind.AWAIT:
            return False
        if cancelled is None:
            cancelled = set(_cancelled(site, program))
        if not any(awaited in cancelled for awaited in _awaited(each.row[6], each, program)):
            return False
    return True


def _waits_until_done(block: int, site: Site, program: Program) -> bool:
    """Whether the code stands in `while not task.done():` and all that it awaits is that task.

    That is how clean-up in a task of its own is seen through to its end.
    """
    around = (each for each in site.blocks() if each[1] in (BlockKind.LOOP, BlockKind.FUNCTION))
    _number, kind, detail = next(around, (-1, BlockKind.FUNCTION, -1))
    row = site.module.facts.sites[detail] if kind is BlockKind.LOOP else ()
    test = row[6] if row and row[0] == SiteKind.WHILE else None
    if not (isinstance(test, tuple) and test[0] == "not" and isinstance(test[1], int)):
        return False
    asked = site.module.facts.sites[test[1]][6]
    if not (isinstance(asked, tuple) and asked[0] == "." and asked[2] == "done"):
        return False
    waits = [each for each in site.within(block) if suspends(each)]
    return all(each.row[0] == SiteKind.AWAIT and asked[1] in _awaited(each.row[6], each, program) for each in waits)


def _cancelled(site: Site, program: Program) -> Iterator[Expr]:
    """Expressions on which `.cancel()` is called in this function, or on `self` anywhere in the module."""
    module, facts = site.module, site.module.facts
    function = site.function_index
    for number, row in enumerate(facts.sites):
        if row[0] != SiteKind.CALL or not isinstance(row[6], tuple) or row[6][0] != "." or row[6][2] != "cancel":
            continue
        receivers = _same(row[6][1], Site(module, number))
        if module.function_of_block[row[5]] == function:
            yield from receivers
        else:
            # What another function cancels counts when both mean the same object: an attribute or a global.
            yield from (each for each in receivers if _is_shared(each, module))
    for row in facts.sites:
        # `cancel_all(tasks)`, `await cancel_and_wait(task)`: the name says what happens to the argument.
        if row[0] == SiteKind.CALL and module.function_of_block[row[5]] == function:
            callee = row[6] if isinstance(row[6], str) else row[6][2] if isinstance(row[6], tuple) else ""
            if isinstance(callee, str) and "cancel" in callee and row[7]:
                yield from row[7]


def _is_shared(expr: Expr, module: Module) -> bool:
    if isinstance(expr, tuple):
        return expr[:2] == (".", "self")
    return isinstance(expr, str) and expr in module.facts.scopes[0].bindings


def _same(expr: Expr, site: Site, depth: int = 4) -> Iterator[Expr]:
    """The expression, what it was assigned from, and what it is an item of."""
    if expr is None or depth == 0:
        return
    yield expr
    if isinstance(expr, tuple) and expr[0] == "[]":
        yield from _same(expr[1], site, depth - 1)
    if not isinstance(expr, str):
        return
    found = names.find(expr, site.place)
    for row in found.bindings if found else ():
        if row.kind == BindingKind.VALUE and row.path == () and not isinstance(row.a, int):
            yield from _same(row.a, site, depth - 1)
        elif row.kind == BindingKind.ITEM:
            yield from _iterated(row.a, site, depth - 1)


def _iterated(expr: Expr, site: Site, depth: int) -> Iterator[Expr]:
    """What a loop goes over: `list(tasks)`, `self.tasks.values()` and `a + b` are tasks, self.tasks, a and b."""
    if isinstance(expr, int):
        row = site.module.facts.sites[expr]
        if row[0] == SiteKind.CALL:
            for argument in row[7]:
                yield from _iterated(argument, site, depth)
            if isinstance(row[6], tuple) and row[6][0] == ".":
                yield from _same(row[6][1], site, depth)
        return
    if isinstance(expr, tuple) and expr[0] in ("tuple", "list", "set", "bin"):
        for part in expr[1:]:
            if isinstance(part, (str, int, tuple)):
                yield from _iterated(part, site, depth)
        return
    yield from _same(expr, site, depth)


def _awaited(operand: Expr, site: Site, program: Program) -> Iterator[Expr]:
    """The tasks that an `await` waits for: itself, or what it passes to gather, wait, shield and the like."""
    if isinstance(operand, int):
        row = site.module.facts.sites[operand]
        if row[0] != SiteKind.CALL:
            return
        arguments: Iterable[Expr] = (*row[7], *(value for _, value in row[8]))
        for argument in arguments:
            starred = argument[1] if isinstance(argument, tuple) and argument[0] == "*" else argument
            yield from _iterated(starred, site, 3)
            yield from _awaited(starred, site, program) if isinstance(starred, int) else ()
        if isinstance(row[6], tuple) and row[6][0] == ".":
            # `process.wait()`, `task.join()`: waiting by a method of what was cancelled.
            yield from _same(row[6][1], site)
        return
    yield from _same(operand, site)


def asks_about_cancelling(site: Site) -> bool:
    """Whether the function around the site calls `task.uncancel()` or `task.cancelling()`: it tells its
    own cancellation from others."""
    module = site.module
    return any(
        row[0] == SiteKind.CALL
        and isinstance(row[6], tuple)
        and row[6][0] == "."
        and row[6][2] in ("uncancel", "cancelling")
        for row in (module.facts.sites[number] for number in module.own_sites.get(site.function_index, ()))
    )


def asks_awaited(block: int, site: Site) -> bool:
    """Whether the code of a handler asks something for `cancelled()`: whether that was cancelled, or this task."""
    return any(
        each.row[0] == SiteKind.CALL and isinstance(each.callee, tuple) and each.callee[::2] == (".", "cancelled")
        for each in site.within(block)
    )


def is_cancelled_anyway(site: Site, program: Program) -> bool:
    """Whether the site stands in a handler that caught a cancellation and raises it again at its end."""
    for _number, kind, detail in site.blocks():
        if kind is BlockKind.FUNCTION:
            return False
        if kind is BlockKind.HANDLER:
            handler = site.sibling(detail)
            type_, flags = handler.row[7], handler.row[10]
            if flags == Completion.RERAISES and (type_ is None or catches(type_, handler, program)):
                return True
    return False


#: Ways to leave a handler after which the function goes on somewhere.
_ON_FROM_HERE = Completion.FALLS_THROUGH | Completion.CONTINUES | Completion.BREAKS


def goes_on_after(site: Site, flags: int = Completion.FALLS_THROUGH) -> bool:
    """Whether the function may suspend again after a try or with, which is left in the ways of `flags`."""
    end = (site.row[3], site.row[4])
    leaves = _leaves_after(end, site)
    if leaves is not None and flags & _ON_FROM_HERE == Completion.FALLS_THROUGH:
        return _suspends_after(end, site, leaves)
    loops = []
    for _number, kind, detail in site.blocks():
        if kind is BlockKind.LOOP:
            loops.append(site.sibling(detail))
        elif kind is BlockKind.FUNCTION:
            break
    if flags & (Completion.FALLS_THROUGH | Completion.CONTINUES):
        return bool(loops) or _suspends_after(end, site)
    if flags & Completion.BREAKS and loops:
        return len(loops) > 1 or _suspends_after((loops[0].row[3], loops[0].row[4]), site)
    return False


def _leaves_after(end: tuple[int, int], site: Site) -> tuple[int, int] | None:
    """The end of the `return` or `raise` that follows in the suite of a try or with; None when none does."""
    for number in site.module.own_sites.get(site.function_index, ()):
        row = site.module.facts.sites[number]
        if row[5] == site.block and row[0] in (SiteKind.RETURN, SiteKind.RAISE) and (row[1], row[2]) > end:
            return (row[3], row[4])
    return None


def _suspends_after(end: tuple[int, int], site: Site, until: tuple[int, int] | None = None) -> bool:
    module = site.module
    for number in module.own_sites.get(site.function_index, ()):
        row = module.facts.sites[number]
        place = (row[1], row[2])
        if place > end and (until is None or place < until) and suspends(Site(module, number)):
            return True
    return False


def exits(block: int, site: Site, program: Program) -> bool:
    """Whether the block ends with a statement that never comes back: `sys.exit()`, a helper that always raises."""
    return any(
        each.row[0] == SiteKind.CALL and each.block == block and never_returns(each, program)
        for each in site.within(block)
    )


def hands_on_exception(name: str | None, block: int, site: Site) -> bool:
    """Whether a handler keeps its exception object for others: stores it, returns it, `set_exception(error)`."""
    if name is None:
        return False
    for each in site.within(block):
        row = each.row
        if row[0] == SiteKind.CALL and isinstance(row[6], tuple) and row[6][0] == ".":
            if name in row[7] and ("exception" in row[6][2] or row[6][2] in ("append", "put", "put_nowait", "throw")):
                return True
        if row[0] in (SiteKind.RETURN, SiteKind.YIELD) and row[6] == name:
            return True
    facts = site.module.facts
    for class_ in facts.classes:
        for rows in class_.attributes.values():
            if any(row.a == name and block in facts.ancestors(row.block) for row in rows):
                return True
    found = names.find(name, site.place._replace(block=block))
    scope = facts.scopes[found.scope] if found else None
    return scope is not None and any(
        row.a == name and block in facts.ancestors(row.block) for rows in scope.bindings.values() for row in rows
    )

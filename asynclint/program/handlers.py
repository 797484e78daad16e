"""Handlers that a cancellation of their task reaches, and loops that no cancellation ends."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.facts.model import BlockKind, Completion, SiteKind
from asynclint.program.cancellation import (
    asks_about_cancelling,
    asks_awaited,
    catches,
    exits,
    hands_on_exception,
    is_cancelled_anyway,
    suspends,
    suspension_in,
    waits_for_cancelled,
)
from asynclint.program.deferred import is_raised_later
from asynclint.program.no_return import never_returns
from asynclint.program.site import Site
from asynclint.program.types import ClassObject, Instance, Symbol, Type, members
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program import Program

#: Ways to leave a handler that end in the next round of the loop around it.
_STAYS = Completion.FALLS_THROUGH | Completion.CONTINUES


class Caught(NamedTuple):
    """What a handler lists that catches a cancellation ("" for no type at all), and where one arrives.

    It is `broad` when it lists no cancellation by name.
    """

    what: str
    arrives: Site
    broad: bool = False

    @property
    def clause(self) -> str:
        """The handler in the words of a message."""
        return f"`except {self.what}`" if self.what else "`except` without a type"


def caught_at(handler: Site, program: Program) -> Caught | None:
    """The cancellation of its own task that a handler catches; None when it catches none.

    Nor does a handler that is meant to: it waits for a task that was asked to stop, asks which
    cancellation it was, ends the program, or hands the exception on.
    """
    owner, type_, name, body = handler.row[6:10]
    what = "" if type_ is None else catches(type_, handler, program)
    if type_ is not None and not what:
        return None
    attempt = handler.sibling(owner)
    for earlier in attempt.row[7]:
        if earlier == handler.number:
            break
        other = handler.sibling(earlier)
        if other.row[7] is None or catches(other.row[7], other, program):
            return None
    arrives = suspension_in(attempt.row[6], handler)
    if arrives is None or waits_for_cancelled(attempt.row[6], handler, program) or asks_about_cancelling(handler):
        return None
    if is_cancelled_anyway(attempt, program) or exits(body, handler, program):
        return None
    if asks_awaited(body, handler) or hands_on_exception(name, body, handler):
        return None
    if is_raised_later(handler):
        return None
    return Caught(what, arrives, what in ("", "BaseException"))


def suppressed_at(site: Site, program: Program) -> Caught | None:
    """The cancellation of its own task that a `with suppress(...)` keeps; None when it keeps none."""
    if site.row[6]:
        return None
    for context, _target in site.row[7]:
        if not isinstance(context, int) or site.module.facts.sites[context][0] != SiteKind.CALL:
            continue
        call = site.sibling(context)
        if program.symbol(call.callee, call) != "contextlib.suppress":
            continue
        what = next(filter(None, (catches(argument, call, program) for argument in call.arguments)), "")
        arrives = suspension_in(site.row[8], site)
        if not what or arrives is None:
            continue
        if waits_for_cancelled(site.row[8], site, program) or asks_about_cancelling(site):
            continue
        if not is_cancelled_anyway(site, program):
            return Caught(what, arrives, what == "BaseException")
    return None


def discarded_at(site: Site, program: Program) -> Site | None:
    """Where a cancellation can arrive that a jump out of `finally` discards; None when it discards none.

    One that a handler before the `finally` has swallowed is not there to be discarded.
    """
    leaves_function = site.row[0] == SiteKind.RETURN
    for _number, kind, detail in site.blocks():
        if kind in (BlockKind.FUNCTION, BlockKind.LAMBDA, BlockKind.CLASS, BlockKind.MODULE):
            return None
        if kind is BlockKind.LOOP and not leaves_function:
            return None
        if kind is not BlockKind.FINALLY:
            continue
        attempt = site.sibling(detail)
        handlers = [site.sibling(handler) for handler in attempt.row[7]]
        guarded = [handler.row[9] for handler in handlers]
        if not any(_ends_cancellation(handler, program) for handler in handlers):
            guarded.insert(0, attempt.row[6])
        for block in guarded:
            arrives = suspension_in(block, site)
            if arrives is not None:
                return arrives
    return None


def _ends_cancellation(handler: Site, program: Program) -> bool:
    """Whether a handler takes every cancellation, and raises nothing in its place."""
    raises = Completion.RERAISES | Completion.RAISES_OTHER | Completion.CHAINS
    if handler.row[10] & raises:
        return False
    return handler.row[7] is None or bool(catches(handler.row[7], handler, program))


class Trap(NamedTuple):
    """What swallows the cancellations of a loop: a handler or a `with suppress(...)`."""

    site: Site
    caught: Caught

    @property
    def spelled(self) -> str:
        """It in the words of a message."""
        if self.site.row[0] == SiteKind.WITH:
            return f"`suppress({self.caught.what})`"
        return self.caught.clause


def trap(loop: Site, program: Program) -> Trap | None:
    """What keeps a `while True` alive when its task is cancelled; None when something ends the loop.

    Every place where a cancellation can arrive lies in a `try` or `with` that swallows it, and the
    loop is left in no other way.
    """
    if not (loop.row[0] == SiteKind.WHILE and is_endless(loop.row[6]) and loop.in_coroutine):
        return None
    body = loop.row[7]
    inside = list(loop.within(body))
    if any(_leaves(each, loop, program) for each in inside):
        return None
    traps = {}
    for each in inside:
        if each.row[0] == SiteKind.TRY:
            found = _swallowing(each, loop, program)
            if found is not None:
                traps[each.row[6]] = found
        elif each.row[0] == SiteKind.WITH:
            caught = suppressed_at(each, program)
            if caught is not None:
                traps[each.row[8]] = Trap(each, caught)
    if not traps:
        return None
    facts = loop.module.facts
    first = None
    for each in inside:
        if suspends(each):
            around = [block for block in facts.ancestors(each.block) if block in traps]
            if not around:
                return None
            first = first or traps[around[0]]
    return first


def is_in_trap(site: Site, program: Program) -> bool:
    """Whether a handler or `with` is part of a loop that nothing ends, which is the worse finding."""
    for _, kind, detail in site.blocks():
        if kind is BlockKind.FUNCTION:
            return False
        if kind is BlockKind.LOOP and trap(site.sibling(detail), program) is not None:
            return True
    return False


def _swallowing(attempt: Site, loop: Site, program: Program) -> Trap | None:
    # A `break` of a loop within stays in this one.
    stays = _STAYS if next(_loops_around(attempt)) == loop.number else _STAYS | Completion.BREAKS
    for number in attempt.row[7]:
        handler = attempt.sibling(number)
        if handler.row[10] & ~stays:
            continue
        caught = caught_at(handler, program)
        if caught is not None:
            return Trap(handler, caught)
    return None


def _leaves(site: Site, loop: Site, program: Program) -> bool:
    kind = site.row[0]
    if kind in (SiteKind.RETURN, SiteKind.YIELD, SiteKind.RAISE):
        return True
    if kind == SiteKind.JUMP and site.row[6] == "break":
        return next(_loops_around(site), -1) == loop.number
    return kind == SiteKind.CALL and never_returns(site, program)


def _loops_around(site: Site) -> Iterator[int]:
    return (detail for _, kind, detail in site.blocks() if kind is BlockKind.LOOP)


def is_endless(test: object) -> bool:
    """Whether the condition of a `while` always holds."""
    return isinstance(test, tuple) and test[0] == "const" and bool(test[1])


def may_end_task(site: Site, program: Program) -> bool:
    """Whether what a `raise` with an operand raises is, or may be, a cancellation or an exception
    that ends the program."""
    raised = site.row[6]
    is_call = isinstance(raised, int) and site.module.facts.sites[raised][0] == SiteKind.CALL
    type_ = program.type_of(site.sibling(raised).callee if is_call else raised, site)
    if is_call and not all(isinstance(each, (ClassObject, Symbol)) for each in members(type_)):
        type_ = program.type_of(raised, site)
    found = members(type_)
    return not found or any(_ends(each, program) for each in found)


def _ends(type_: Type, program: Program) -> bool:
    if not isinstance(type_, (Instance, ClassObject, Symbol)):
        return True
    kinds = ("cancelled", "lookalike_cancelled", "stops_everything")
    bases = {base for kind in kinds for base in program.catalogue.exceptions(kind)} - {"builtins.BaseException"}
    # An AssertionError says that this line is not reached: the code before it has raised.
    return any(program.members.is_subclass(type_.name, base) for base in (*bases, "builtins.AssertionError"))

"""What happens to coroutines after they are made: which uses run them, which lose them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from asynclint.facts.model import BlockKind, SiteKind, Use
from asynclint.facts.uses import Read
from asynclint.program import names
from asynclint.program.awaitables import asks
from asynclint.program.overrides import stands_for_others
from asynclint.program.types import EITHER, CallableOf, Coroutine, FunctionObject, Instance, members

if TYPE_CHECKING:
    from asynclint.catalogue import CallableRow
    from asynclint.program import Program, Site

#: What a coroutine object has; any other attribute is meant for its result.
_OWN_ATTRIBUTES = frozenset({"close", "send", "throw"})
#: Reads that leave the coroutine as it is: it has not run, and nobody else has got hold of it.
_IDLE = frozenset({
    Use.DISCARDED, Use.CONDITION, Use.COMPARED, Use.FORMATTED, Use.SUBSCRIPTED, Use.OPERAND, Use.ITERATED, Use.CALLED,
})  # fmt: skip
#: Uses that only a result bears.
_NEEDS_RESULT = frozenset({Use.SUBSCRIPTED, Use.OPERAND, Use.ITERATED, Use.CALLED})
#: Awaitable objects whose own attributes are known.
_PENDING = frozenset({EITHER, "asyncio.Future", "asyncio.Task"})
_EXPECTS = frozenset({"raises", "assertRaises", "assertRaisesRegex"})
#: Uses that a coroutine object does not bear, in the words of a message.
_MISUSES = {
    Use.SUBSCRIPTED: "subscripted",
    Use.CALLED: "called",
    Use.OPERAND: "used as an operand",
    Use.ITERATED: "iterated",
    Use.ASYNC_ITERATED: "iterated",
    Use.UNPACKED: "unpacked",
    Use.STARRED: "unpacked",
    Use.DELEGATED: "iterated",
    Use.ENTERED: "entered with `with`",
    Use.ASYNC_ENTERED: "entered with `async with`",
}

#: Uses for which `misused_as` may have something to say.
MISUSES = frozenset({*_MISUSES, Use.ATTRIBUTE})


def is_own_attribute(name: str) -> bool:
    """Whether a coroutine object itself has the attribute."""
    return name in _OWN_ATTRIBUTES or name.startswith(("cr_", "__"))


def made_at(site: Site, program: Program) -> Coroutine | None:
    """The coroutine that a call makes; None when it makes, or may make, anything else."""
    made = awaited_at(site, program)
    return None if made is None or made.lazy else made


def awaited_at(site: Site, program: Program) -> Coroutine | None:
    """The coroutine, or the builder that acts only when awaited, that a site gives; None when it may be other."""
    made = program.coroutine(site)
    if made is None or site.row[0] != SiteKind.CALL:
        return made
    if stands_for_others(site, program) or _is_replaced(site) or expects_error(site) or _is_told_plain(site):
        return None
    if _decorates(site, program):
        return None
    return made


def dropped_at(site: Site, program: Program) -> Coroutine | None:
    """What a call makes and nobody takes, though it acts only when it is awaited; None for anything else.

    `session.get(url)` of aiohttp, which is for `async with` too, does nothing either when it is dropped.
    """
    if site.use is not Use.DISCARDED:
        return None
    made = awaited_at(site, program)
    if made is not None or site.row[0] != SiteKind.CALL:
        return made
    value = program.value(site)
    if not isinstance(value, Instance) or value.name != EITHER or expects_error(site):
        return None
    return Coroutine(value.args[0] if value.args else None, lazy=True)


def _is_replaced(call: Site) -> bool:
    """Whether the function around a call assigns to the very attribute that is called."""
    callee, sites, uses = call.callee, call.module.facts.sites, call.module.facts.uses
    if not isinstance(callee, tuple):
        return False
    return any(
        sites[number][0] == SiteKind.CALL
        and isinstance(use := uses[number], tuple)
        and use[0] == Use.ASSIGNED
        and callee in use[1]
        for number in call.module.own_sites.get(call.function_index, ())
    )


def _decorates(call: Site, program: Program) -> bool:
    """Whether `app.get("/")(handler)` applies a decorator that is annotated with what it makes of the function."""
    if not isinstance(call.callee, int) or len(call.arguments) != 1 or call.keywords:
        return False
    return all(isinstance(each, CallableOf) for each in members(program.callee(call))) and all(
        isinstance(each, FunctionObject) for each in members(program.type_of(call.arguments[0], call))
    )


def expects_error(site: Site) -> bool:
    """Whether a test expects the code itself to raise: `with pytest.raises(TypeError): ...`."""
    sites = site.module.facts.sites
    for _number, kind, detail in site.blocks():
        if kind is BlockKind.WITH:
            contexts = [sites[context] for context, _ in sites[detail][7] if isinstance(context, int)]
            if any(row[0] == SiteKind.CALL and names.last_name(row[6]) in _EXPECTS for row in contexts):
                return True
    return False


def _is_told_plain(call: Site) -> bool:
    """Whether a test found another method of the same object not to be async: the object is of another kind then."""
    callee, facts = call.callee, call.module.facts
    if not isinstance(callee, tuple) or callee[0] != ".":
        return False
    for _number, kind, test in call.blocks():
        if kind is not BlockKind.IF and kind is not BlockKind.ELSE:
            continue
        truth = kind is BlockKind.IF
        while isinstance(test, tuple) and test[0] == "not":
            truth, test = not truth, test[1]
        row = facts.sites[test] if isinstance(test, int) and not truth else None
        if row is not None and asks(row) and row[7]:
            asked = row[7][0]
            if isinstance(asked, tuple) and asked[:2] == (".", callee[1]):
                return True
    return False


def misused_as(site: Site) -> str:
    """How the site's value is used in a way that only the result of a coroutine bears; empty when it is not."""
    use = site.use
    if use is Use.ATTRIBUTE:
        attribute = site.use_details[0]
        return "" if is_own_attribute(attribute) else f"asked for `.{attribute}`"
    return _MISUSES.get(use, "")


def local_reads(site: Site, program: Program) -> list[Read] | None:
    """The reads of the one local name that the site's value is assigned to; None when it goes elsewhere."""
    function = site.function
    targets: tuple[Any, ...] = site.use_details[0] if site.use is Use.ASSIGNED else ()
    if function is None or len(targets) != 1 or not isinstance(targets[0], str):
        return None
    uses = program.name_uses(site.module)
    return None if uses is None else uses.reads(targets[0], site.module.facts.sites[function.site][1])


def is_taken_for_result(site: Site, name: str, program: Program) -> bool:
    """Whether a local name that was assigned an awaitable object, a future for one, is used as if it were the result.

    The object itself may well run without anybody's awaiting it, so that only such uses are mistakes.
    """
    value = program.value(site)
    if not isinstance(value, Instance) or value.name not in _PENDING or expects_error(site):
        return False
    result = value.args[0] if value.args else None

    def is_own(attribute: str) -> bool:
        # What is called a future may be one of another library, with more to it.
        return program.members.has(value, attribute) is True or program.members.has(result, attribute) is not True

    reads = idle_reads(site, name, program, is_own)
    return reads is not None and any(
        read.use in _NEEDS_RESULT or (read.use is Use.ATTRIBUTE and not is_own(read.detail)) for read in reads
    )


def idle_reads(
    site: Site, name: str, program: Program, is_own: Callable[[str], bool] = is_own_attribute
) -> list[Read] | None:
    """The reads of a local name that a coroutine was assigned to, when none of them runs or keeps it.

    None as soon as one may: the coroutine is then somebody else's concern. `is_own` tells the attributes of
    the object itself from those that its result has.
    """
    function = site.function
    if function is None:
        return None
    uses = program.name_uses(site.module)
    reads = None if uses is None else uses.reads(name, site.module.facts.sites[function.site][1])
    if reads is None:
        return None
    for read in reads:
        if read.use is Use.ATTRIBUTE and not is_own(read.detail):
            continue
        if read.use is Use.ARGUMENT and _never_awaits(read.detail, site, program):
            continue
        if read.use not in _IDLE:
            return None
    return reads


def _never_awaits(callee: str, site: Site, program: Program) -> bool:
    expr = program.annotations.parsed(callee)
    row = program.calls.row(program.type_of(expr, site))
    if row is None or row.consumes != "never":
        return False
    # What takes a function among its positional arguments may hand the others on to it.
    return all(run.argument[0] < 0 for run in row.runs)


def sink(site: Site, program: Program) -> Site | None:
    """The call that the site's value is passed to, when that is known never to await its arguments.

    What a comprehension produces is passed to the call that goes over the comprehension: `any(ready(x) for x in xs)`.
    """
    if site.use is Use.PRODUCED:
        produced = site.sibling(site.use_details[0])
        if produced.use is not Use.ARGUMENT:
            return None
        call = produced.sibling(produced.use_details[0])
        drains = _sink_row(call, program)
        return (
            call if drains is not None and any(place[0] == produced.use_details[1] for place in drains.drains) else None
        )
    if site.use is not Use.ARGUMENT:
        return None
    call = site.sibling(site.use_details[0])
    return None if _sink_row(call, program) is None else call


def _sink_row(call: Site, program: Program) -> CallableRow | None:
    """What the catalogue says of a call that never awaits what it is given; None for others."""
    row = program.row(call)
    # What takes a function may hand its other arguments on to it: `submit(asyncio.run, main())`.
    if row is None or row.consumes != "never" or any(run.argument[0] >= 0 for run in row.runs):
        return None
    return row

"""What happens to coroutines after they are made: which uses run them, which lose them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import Use
from asynclint.facts.uses import Read
from asynclint.program.types import Coroutine

if TYPE_CHECKING:
    from asynclint.program import Program, Site

#: What a coroutine object has; any other attribute is meant for its result.
_OWN_ATTRIBUTES = frozenset({"close", "send", "throw"})
#: Reads that leave the coroutine as it is: it has not run, and nobody else has got hold of it.
_IDLE = frozenset({
    Use.DISCARDED, Use.CONDITION, Use.COMPARED, Use.FORMATTED, Use.SUBSCRIPTED, Use.OPERAND, Use.ITERATED, Use.CALLED,
})  # fmt: skip


def is_own_attribute(name: str) -> bool:
    """Whether a coroutine object itself has the attribute."""
    return name in _OWN_ATTRIBUTES or name.startswith(("cr_", "__"))


def made_at(site: Site, program: Program) -> Coroutine | None:
    """The coroutine that a call makes; None when it makes, or may make, anything else."""
    made = program.coroutine(site)
    return None if made is None or made.lazy else made


def idle_reads(site: Site, name: str, program: Program) -> list[Read] | None:
    """The reads of a local name that a coroutine was assigned to, when none of them runs or keeps it.

    None as soon as one may: the coroutine is then somebody else's concern.
    """
    function = site.function
    if function is None:
        return None
    uses = program.name_uses(site.module)
    reads = None if uses is None else uses.reads(name, site.module.facts.sites[function.site][1])
    if reads is None:
        return None
    for read in reads:
        if read.use is Use.ATTRIBUTE and not is_own_attribute(read.detail):
            continue
        if read.use is Use.ARGUMENT and _never_awaits(read.detail, site, program):
            continue
        if read.use not in _IDLE:
            return None
    return reads


def _never_awaits(callee: str, site: Site, program: Program) -> bool:
    expr = program.annotations.parsed(callee)
    row = program.calls.row(program.type_of(expr, site))
    return row is not None and row.consumes == "never"


def sink(site: Site, program: Program) -> Site | None:
    """The call that the site's value is passed to, when that is known never to await its arguments."""
    if site.use is not Use.ARGUMENT:
        return None
    call = site.sibling(site.use_details[0])
    row = program.row(call)
    # What takes a function may hand its other arguments on to it: `submit(asyncio.run, main())`.
    if row is None or row.consumes != "never" or (row.runs and site.use_details[1] != 0):
        return None
    return call

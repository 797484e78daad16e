"""What awaiting a call proves of the path that it took."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.facts.model import BlockKind, Use
from asynclint.program.awaitables import is_awaitable
from asynclint.program.site import Site

if TYPE_CHECKING:
    from asynclint.program import Program

_BRANCHES = (BlockKind.IF, BlockKind.ELSE)


def is_left_out(way: Iterator[Site], program: Program) -> bool:
    """Whether whoever awaits a call is not on the way that waits; `way` holds the call of each function on it.

    `return function() if self.asynchronous else wait(function)`: what waits is the value of one of
    several `return`s, or comes after a branch that returned an awaitable.
    """
    for step in way:
        if program.coroutine(step) is not None:
            return False
        returns = [step.sibling(number) for number in step.module.returns_of.get(step.function_index, ())]
        given = [each for each in returns if each.row[6] is not None]
        after = (program.type_of(each.row[6], each) for each in given if each.line >= step.line)
        if any(_is_other_branch(each, step) for each in given) and not any(
            is_awaitable(each, program) for each in after
        ):
            return True
        if step.use is Use.RETURNED and len(given) > 1:
            return True
        if not _is_returned(step, given):
            return False
    return False


def _is_other_branch(given: Site, step: Site) -> bool:
    """Whether a `return` stands before the step, in a branch that the step is not part of."""
    around = {number for number, _kind, _detail in step.blocks()}
    return given.line < step.line and any(
        kind in _BRANCHES and number not in around for number, kind, _detail in given.blocks()
    )


def _is_returned(step: Site, given: list[Site]) -> bool:
    """Whether the value of the step is what its function returns."""
    if step.use is Use.RETURNED:
        return True
    return step.use is Use.ASSIGNED and any(each.row[6] in step.use_details[0] for each in given)

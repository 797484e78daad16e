"""Paths through a generator: which `yield` can be followed by which."""

from __future__ import annotations

from asynclint.facts.model import BlockKind, SiteKind
from asynclint.program.modules import Module

#: Blocks that run on some paths only.
_CONDITIONAL = frozenset({BlockKind.IF, BlockKind.ELSE, BlockKind.CASE, BlockKind.LOOP, BlockKind.HANDLER})
#: Sibling blocks of one statement that run one after the other rather than instead of one another.
_FOLLOWS = {
    (BlockKind.TRY, BlockKind.TRY_ELSE), (BlockKind.TRY, BlockKind.FINALLY), (BlockKind.TRY_ELSE, BlockKind.FINALLY),
    (BlockKind.HANDLER, BlockKind.FINALLY),
}  # fmt: skip
_EXITS = frozenset({SiteKind.RETURN, SiteKind.RAISE, SiteKind.JUMP})


def second_yield(module: Module, function: int) -> tuple[int, int] | None:
    """Two `yield` sites of a function that one run passes one after the other; None when none are known to.

    Two that are each under a condition may exclude one another, and are passed by.
    """
    numbers = module.yields_of.get(function, [])
    sites = module.facts.sites
    if any(sites[number][7] for number in numbers):
        return None  # `yield from` hands out an unknown number of values
    for index, first in enumerate(numbers):
        for second in numbers[index + 1 :]:
            if _follows(module, function, first, second):
                return first, second
    return None


def _follows(module: Module, function: int, first: int, second: int) -> bool:
    facts = module.facts
    before, after = list(facts.ancestors(facts.sites[first][5])), list(facts.ancestors(facts.sites[second][5]))
    shared = next(block for block in before if block in after)
    ways = before[: before.index(shared)], after[: after.index(shared)]
    kinds = [[BlockKind(facts.blocks[block][0]) for block in way] for way in ways]
    if BlockKind.COMPREHENSION in kinds[0] or BlockKind.COMPREHENSION in kinds[1]:
        return False
    if ways[0] and ways[1] and _alternatives(module, ways[0][-1], ways[1][-1]):
        return False
    if all(any(kind in _CONDITIONAL for kind in way) for way in kinds):
        return False
    start, end = facts.sites[first], facts.sites[second]
    left = {*ways[0], shared}
    return not any(
        row[0] in _EXITS
        and (row[5] in left or _is_for_whom_has_yielded(module, function, row[5], left, start[1]))
        and (start[3], start[4]) <= (row[1], row[2]) <= (end[1], end[2])
        for row in (facts.sites[number] for number in module.own_sites.get(function, ()))
    )


def _is_for_whom_has_yielded(module: Module, function: int, block: int, left: set[int], since: int) -> bool:
    """Whether a branch asks for a name that is bound after the first `yield`: `if done: return`."""
    facts = module.facts
    kind, parent, _scope, line, test = facts.blocks[block]
    if kind != BlockKind.IF or parent not in left or not isinstance(test, str):
        return False
    bindings = facts.scopes[facts.functions[function].scope].bindings.get(test, ())
    return any(since < row.line < line for row in bindings)


def _alternatives(module: Module, one: int, other: int) -> bool:
    """Whether the blocks belong to one statement and do not both run in a single pass."""
    first, second = module.facts.blocks[one], module.facts.blocks[other]
    kinds = BlockKind(first[0]), BlockKind(second[0])
    if BlockKind.CASE in kinds:
        return True
    same = first[4] is second[4] or first[4] == second[4] or _owner(module, first) == _owner(module, second)
    return same and kinds != (BlockKind.IF, BlockKind.IF) and kinds not in _FOLLOWS


def _owner(module: Module, block: tuple[int, int, int, int, object]) -> object:
    """The statement that a block is part of: its site, the `try` of a handler."""
    if block[0] == BlockKind.HANDLER:
        return module.facts.sites[block[4]][6]  # type: ignore[call-overload]
    if block[0] in (BlockKind.TRY, BlockKind.TRY_ELSE, BlockKind.FINALLY, BlockKind.LOOP, BlockKind.LOOP_ELSE):
        return block[4]
    return id(block[4])

"""Suspends: whether awaiting this gives way to other tasks: always, on some paths, or never.

`always` is true of every way that ends without an exception, and of every round of a loop that has
no end. `may` is true of some way. `never` means that nothing in it can wait for anything. Of an
async generator, each step from one `yield` to the next is meant.

Two fixpoints over the functions that await each other give the answers: the least for what can
suspend at all, and then, among those, the greatest for what always does. What is reachable from a
function is explored first, so the answers do not depend on the question they are worked out for.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from asynclint.diagnostics import Step
from asynclint.facts.model import SiteKind
from asynclint.facts.ways import FunctionWays, Places
from asynclint.program.effects.awaiting import Listed, Parts
from asynclint.program.effects.edges import Hop, Node
from asynclint.program.effects.runs import ALWAYS, MAY, Runs
from asynclint.program.modules import Module
from asynclint.program.site import Site
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program import Program

#: Whether something can suspend; a larger one decides. Only the last is known of a function that awaits the unknown.
_NEVER, _UNKNOWN, _CAN = range(3)
_WAITING = (SiteKind.AWAIT, SiteKind.WITH, SiteKind.FOR, SiteKind.COMPREHENSION)


class Suspends:
    """How often awaiting gives way, and the nearest place where it does."""

    name: ClassVar[str] = "suspends"
    __slots__ = ("level", "passes", "root", "via")

    def __init__(self, level: str, root: str = "", via: tuple[Step, ...] = (), passes: tuple[Node, ...] = ()) -> None:
        self.level = level
        """always | may | never"""
        self.root = root
        """Qualified name of what is waited for there; empty for never."""
        self.via = via
        """Each await on the way, nearest first; empty when the site itself waits for the root."""
        self.passes = passes
        """The functions that the way leads into."""

    @classmethod
    def solver(cls, program: Program) -> SuspendsSolver:
        return SuspendsSolver(program)


class _Answer(NamedTuple):
    can: int
    whole: bool
    """Every way from the beginning to the end suspends."""
    step: bool
    """So does every step of a generator."""


class SuspendsSolver:
    def __init__(self, program: Program) -> None:
        self.program = program
        self._runs: Runs = program.solver(Runs)
        self._solved: dict[Node, _Answer] = {}
        self._ways: dict[Module, FunctionWays | None] = {}

    def at(self, site: Site) -> Suspends | None:
        """What an `await`, `async for`, `async with` or async comprehension does; None for other sites."""
        if site.row[0] not in _WAITING:
            return None
        parts = self._runs.awaiting.at(site)
        if not parts:
            return None
        for node in _nodes(parts):
            self._solve(node)
        can = max(self._can(part, self._solved_can) for part in parts)
        always = can == _CAN and any(
            all(self._always(each, lambda node: self._solved[node].step) for each in part) for part in parts
        )
        return self._made(can, always, self._runs.at(site), site.module)

    def of(self, module: Module, number: int) -> Suspends | None:
        """What awaiting a coroutine function does, or each step of an async generator; None for other functions."""
        if not module.facts.functions[number].is_async:
            return None
        node = Node(module, number)
        self._solve(node)
        answer = self._solved[node]
        return self._made(answer.can, answer.step, self._runs.of(node), module)

    def _made(self, can: int, always: bool, hops: dict[str, Hop], module: Module) -> Suspends | None:
        if can != _CAN:
            return Suspends("never") if can == _NEVER else None
        level = "always" if always else "may"
        ways = [category for category in (ALWAYS, MAY) if category in hops]
        if not ways:
            return Suspends(level)
        # What always suspends explains `always` better than what is nearer but need not.
        category = ways[0] if always else min(ways, key=lambda each: (hops[each].distance, hops[each].site))
        hop = hops[category]
        passes = tuple(node for node, _ in self._runs.way(hop, category))
        return Suspends(level, hop.root.name, self._runs.via(hop, category, Site(module, hop.site)), passes)

    # -- solving -----------------------------------------------------------------------------

    def _solve(self, start: Node) -> None:
        if start in self._solved:
            return
        waits: dict[Node, dict[int, Parts]] = {}
        pending = [start]
        while pending:
            node = pending.pop()
            if node in waits or node in self._solved:
                continue
            waits[node] = self._waits(node)
            for parts in waits[node].values():
                pending.extend(_nodes(parts))
        callers: dict[Node, list[Node]] = {}
        for node, found in waits.items():
            for each in {each for parts in found.values() for each in _nodes(parts)}:
                callers.setdefault(each, []).append(node)
        can = self._least(waits, callers)
        self._solved.update(self._greatest(waits, callers, can))

    def _waits(self, node: Node) -> dict[int, Parts]:
        """What is waited for at each site of a function."""
        found = {}
        sites = node.module.facts.sites
        for number in node.module.own_sites.get(node.number, ()):
            if sites[number][0] in _WAITING:
                parts = self._runs.awaiting.at(Site(node.module, number), node.env)
                if parts:
                    found[number] = parts
        return found

    def _least(self, waits: dict[Node, dict[int, Parts]], callers: dict[Node, list[Node]]) -> dict[Node, int]:
        can = dict.fromkeys(waits, _NEVER)

        def known(node: Node) -> int:
            return can[node] if node in can else self._solved[node].can

        pending = list(waits)
        while pending:
            node = pending.pop()
            answer = max((self._can(part, known) for parts in waits[node].values() for part in parts), default=_NEVER)
            if answer > can[node]:
                can[node] = answer
                pending.extend(callers.get(node, ()))
        return can

    def _greatest(
        self, waits: dict[Node, dict[int, Parts]], callers: dict[Node, list[Node]], can: dict[Node, int]
    ) -> dict[Node, _Answer]:
        answers = {node: _Answer(level, level == _CAN, level == _CAN) for node, level in can.items()}

        def known(node: Node) -> _Answer:
            return answers[node] if node in answers else self._solved[node]

        pending = [node for node in waits if answers[node].whole]
        while pending:
            node = pending.pop()
            before = answers[node]
            if not before.whole:
                continue
            is_generator = node.module.facts.functions[node.number].is_generator
            whole = self._is_passed(node, waits[node], known, each_step=False)
            step = whole and (not is_generator or self._is_passed(node, waits[node], known, each_step=True))
            answers[node] = _Answer(before.can, whole, step)
            if answers[node] != before:
                pending.extend(each for each in callers.get(node, ()) if answers[each].whole)
        return answers

    def _is_passed(
        self, node: Node, waits: dict[int, Parts], known: Callable[[Node], _Answer], *, each_step: bool
    ) -> bool:
        """Whether every way through the function passes a site that always suspends."""
        sites = node.module.facts.sites
        by_place = {(sites[number][1], sites[number][2], sites[number][0]): number for number in waits}

        def surely(parts: Parts, *, whole: bool = False) -> bool:
            def is_sure(each: Node) -> bool:
                return known(each).whole if whole else known(each).step

            return any(all(self._always(each, is_sure) for each in part) for part in parts)

        if not any(surely(parts, whole=True) for parts in waits.values()):
            return False
        ways = self._ways_of(node.module)
        if ways is None:
            return False
        awaiting, module, env = self._runs.awaiting, node.module, node.env

        def passes(line: int, column: int) -> bool:
            found = (by_place.get((line, column, int(kind))) for kind in (SiteKind.AWAIT, SiteKind.FOR))
            number = next((each for each in found if each is not None), None)
            if number is None:
                number = by_place.get((line, column, int(SiteKind.COMPREHENSION)))
            return number is not None and surely(waits[number])

        def enters(line: int, column: int) -> bool:
            number = by_place.get((line, column, int(SiteKind.WITH)))
            return number is not None and surely(awaiting.entering(Site(module, number), env))

        def leaves(line: int, column: int) -> bool:
            number = by_place.get((line, column, int(SiteKind.WITH)))
            # A generator made a context manager runs to its end: what it does not do before, it does here.
            return number is not None and surely(awaiting.leaving(Site(module, number), env), whole=True)

        def swallows(line: int, column: int) -> bool:
            return (line, column) in self._swallowing(node)

        return ways.always(node.number, Places(passes, enters, leaves, swallows), each_step=each_step)

    def _swallowing(self, node: Node) -> set[tuple[int, int]]:
        """The places of the `with` statements that may end the exceptions of their body."""
        found = set()
        for number in node.module.own_sites.get(node.number, ()):
            site = Site(node.module, number)
            if site.row[0] != SiteKind.WITH:
                continue
            for context, _target in site.row[7]:
                if isinstance(context, int) and site.sibling(context).row[0] == SiteKind.CALL:
                    row = self.program.row(site.sibling(context))
                    if row is not None and row.swallows:
                        found.add((site.row[1], site.row[2]))
        return found

    def _ways_of(self, module: Module) -> FunctionWays | None:
        if module not in self._ways:
            source = self.program.source(module)
            self._ways[module] = None if source is None else FunctionWays(source, module.facts)
        return self._ways[module]

    # -- one place ---------------------------------------------------------------------------

    def _solved_can(self, node: Node) -> int:
        return self._solved[node].can

    def _can(self, part: tuple[Node | Listed, ...], known: Callable[[Node], int]) -> int:
        return max(known(each) if isinstance(each, Node) else _LEVELS[each.suspends] for each in part)

    def _always(self, each: Node | Listed, known: Callable[[Node], bool]) -> bool:
        return known(each) if isinstance(each, Node) else each.suspends == "always"


_LEVELS = {"always": _CAN, "may": _CAN, "never": _NEVER, "": _UNKNOWN}


def _nodes(parts: Parts) -> list[Node]:
    return [each for part in parts for each in part if isinstance(each, Node)]

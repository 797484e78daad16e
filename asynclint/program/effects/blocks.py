"""Blocks: running this may stop the event loop until it returns."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, ClassVar

from asynclint.diagnostics import Step
from asynclint.facts.model import BlockKind, SiteKind, Use
from asynclint.program.commands import has_loop_to_itself
from asynclint.program.conditions import blocks_here, is_told_that_it_would_block
from asynclint.program.debugging import debugging_sites
from asynclint.program.effects.awaited import is_left_out
from asynclint.program.effects.edges import Hop, Node
from asynclint.program.effects.in_memory import works_in_memory
from asynclint.program.effects.reach import LOOP, ONCE, Reach, loop_category
from asynclint.program.effects.scheduled import Scheduled
from asynclint.program.first_steps import runs_before_others
from asynclint.program.hand_driven import HandDriven
from asynclint.program.locks import takes_a_lock
from asynclint.program.pragmas import clears_call
from asynclint.program.running_loop import stands_where_no_loop_runs
from asynclint.program.site import Site
from asynclint.program.steps import step_at
from asynclint.program.test_files import is_test
from asynclint.program.types import members

if TYPE_CHECKING:
    from asynclint.catalogue import CallableRow
    from asynclint.program import Module, Program

#: Costs that are reported as blocking; what costs less has a category of its own.
_WAITS = frozenset({"heavy", "moderate", "wait", "stdin"})
#: Kinds of waiting in which nobody else has a part.
_ENDS_BY_ITSELF = frozenset({"sleep", "file", "cpu"})
_NONE = ("const", None)


class Blocks:
    """A call that waits, and how to get there.

    `root` is the qualified name of the call that waits, `row` what the catalogue says of it, and
    `category` is wait, future, file, light, lock or cpu: what the rules tell apart. It `runs_once` when
    the way leads through work whose result is kept, so that it blocks the first time only.
    """

    name: ClassVar[str] = "blocks"
    __slots__ = (
        "_hop", "_reach", "_site", "_way", "category", "circumstance", "endpoint", "gives_awaitable", "reads_first",
        "root", "row", "runs_once", "scheduled",
    )  # fmt: skip

    def __init__(self, way: str, site: Site, hop: Hop, reach: Reach, scheduled: str = "") -> None:
        self.category = way.removesuffix(ONCE)
        self.runs_once = way != self.category
        self.scheduled = scheduled
        """What the site hands to the event loop to run later; empty when the site runs it itself."""
        self.circumstance = ""
        """Why sync code at the site runs on the event loop; empty within coroutines."""
        self.endpoint = ""
        """Name of the endpoint around, when the framework would run it in a thread as a plain `def`."""
        self.gives_awaitable = False
        """Whether the result has to be awaited on the loop, so that a thread would do half of the work."""
        self.reads_first = False
        """Whether an attribute that blocks is read before the site's own call, so that a thread would do one half."""
        self.root: str = hop.root.name
        self.row: CallableRow = hop.root.row
        self._site = site
        self._hop = hop
        self._way = way
        self._reach = reach

    @property
    def is_direct(self) -> bool:
        """Whether the site itself calls the root."""
        return self._hop.node is None and not self.scheduled

    @property
    def is_in_generator(self) -> bool:
        """Whether the site is part of a generator expression."""
        sites = self._site.module.facts.sites
        return any(
            kind is BlockKind.COMPREHENSION and sites[detail][6] == "generator"
            for _, kind, detail in self._site.blocks()
        )

    @property
    def is_in_test(self) -> bool:
        """Whether the site stands in a test, or in what helps one."""
        return is_test(self._site.module)

    @property
    def is_in_memory(self) -> bool:
        """Whether a helper is given a file in memory, so that what it ends in does not wait."""
        way = [self._site]
        way += [Site(node.module, taken.site) for node, taken in self._reach.way(self._hop, self._way)]
        return len(way) > 1 and works_in_memory(way, self.row, self._reach.program)

    @property
    def via(self) -> tuple[Step, ...]:
        """Each call on the way, nearest first; empty when the site itself calls the root."""
        if self._hop.node is None:
            return ()
        program = self._reach.program
        steps = [step_at(program, self._site, self._hop.node, scheduled=bool(self.scheduled))]
        for node, taken in self._reach.way(self._hop, self._way):
            place = Site(node.module, taken.site)
            steps.append(step_at(program, place, taken.node, taken.root.name, within=node))
        return tuple(steps)

    @property
    def root_place(self) -> str:
        """`path:line` of the call that waits."""
        place = self._root_site
        return f"{self._reach.program.display(place.module)}:{place.line}"

    @property
    def is_bounded(self) -> bool:
        """Whether it ends by itself: it waits for nobody else, or not for longer than it is told."""
        if self.row.bounded or self.row.blocks in _ENDS_BY_ITSELF:
            return True
        place = self._root_site
        given = place.keywords if place.row[0] == SiteKind.CALL else {}
        return any(name is not None and "timeout" in name and value != _NONE for name, value in given.items())

    @property
    def _root_site(self) -> Site:
        place = self._site
        for node, taken in self._reach.way(self._hop, self._way):
            place = Site(node.module, taken.site)
        return place

    @classmethod
    def solver(cls, program: Program) -> BlocksSolver:
        return BlocksSolver(program)


def _may_prepare(blocks: Blocks) -> bool:
    """Whether it is what a program does once before it serves anybody, such as reading its configuration."""
    return blocks.row.blocks == "file" or not (blocks.is_direct or blocks.row.blocks == "sleep")


class BlocksSolver:
    def __init__(self, program: Program) -> None:
        self.program = program
        self._debugging: dict[Module, frozenset[int]] = {}
        self.reach = Reach(program, self._category, self._debugged)
        self.handed = Scheduled(self.reach)
        self._latest: tuple[tuple[Module, int], tuple[tuple[Blocks, ...], tuple[Blocks, ...]]] | None = None

    def _debugged(self, module: Module) -> frozenset[int]:
        """The sites of a module that hold up nobody but who is debugging."""
        found = self._debugging.get(module)
        if found is None:
            found = self._debugging[module] = debugging_sites(module)
        return found

    def at(self, site: Site) -> Blocks | None:
        """The effect of category `wait`, else of the first other category."""
        found = self.every(site)
        return next((each for each in found if each.category == "wait"), found[0] if found else None)

    def of(self, module: Module, number: int) -> Blocks | None:
        """The effect of running a function, chosen as by `at`; its site is the first step of the way."""
        hops = self.reach.of(Node(module, number))
        kinds = _kinds(hops)
        category = "wait" if "wait" in kinds else min(kinds, key=lambda each: (each[-1] == ONCE, each), default="")
        if not category:
            return None
        return Blocks(category, Site(module, hops[category].site), hops[category], self.reach)

    def on_loop(self, site: Site) -> tuple[tuple[Blocks, ...], tuple[Blocks, ...]]:
        """The effects of what the site hands to the event loop, and of what it runs there itself."""
        # Rules for the categories ask about one site in a row.
        key = (site.module, site.number)
        if self._latest is not None and self._latest[0] == key:
            return self._latest[1]
        function = site.function_index
        runs = function >= 0 and (
            site.module.facts.functions[function].is_async or self.program.circumstance(site.module, function)
        )
        every = self.every(site) if runs else ()
        if every and self.holds_up_nobody(site):
            every = ()
        if any(map(_may_prepare, every)) and runs_before_others(site, self.program):
            every = tuple([each for each in every if not _may_prepare(each)])
        found = (self.scheduled(site) if site.row[0] == SiteKind.CALL else (), every)
        self._latest = key, found
        return found

    def holds_up_nobody(self, site: Site) -> bool:
        """Whether nothing else can be waiting on the event loop while the site runs, or there is none."""
        if has_loop_to_itself(site, self.program):
            return True
        drivers: HandDriven = self.program.solver(HandDriven)
        return site.module.facts.functions[site.function_index].is_async and drivers.holds_for(site.module)

    def every(self, site: Site) -> tuple[Blocks, ...]:
        """The effect of running the site's own call, one for each category."""
        hops = self.reach.at(site)
        if not hops:
            return ()
        kinds = [category for category in _kinds(hops) if self._may_be_taken(site, category, hops)]
        return tuple([Blocks(category, site, hops[category], self.reach) for category in kinds])

    def _may_be_taken(self, site: Site, category: str, hops: dict[str, Hop]) -> bool:
        """Whether the site may take the way, by how its value is used."""
        if site.use is not Use.AWAITED:
            return True
        way = (Site(node.module, taken.site) for node, taken in self.reach.way(hops[category], category))
        return not is_left_out(way, self.program)

    def scheduled(self, site: Site) -> tuple[Blocks, ...]:
        """The effects, on the event loop, of the functions that a call hands over to it."""
        if not (site.row[7] or site.row[8]):
            return ()
        found: dict[str, Blocks] = {}
        for name, category, hop in self.handed.at(site):
            found.setdefault(category, Blocks(category, site, hop, self.reach, name))
        return tuple([found[category] for category in _kinds(found)])

    def _category(self, row: CallableRow, site: Site) -> str:
        if row.starts_loop:
            return loop_category(site)
        if not row.blocks or not row.cost or row.cost == "trivial":
            return ""
        if row.lazy and site.row[0] == SiteKind.CALL and site.use.name not in _CONSUMING:
            return ""
        if site.row[0] == SiteKind.CALL and not blocks_here(row, site, self.program):
            return ""
        if clears_call(site) or stands_where_no_loop_runs(site):
            return ""
        if row.ready and is_told_that_it_would_block(site):
            return ""
        if row.blocks == "future" and self._may_be_a_task(site):
            return ""
        if row.blocks == "lock" and (row.cost in ("light", "moderate") or takes_a_lock(site)):
            return "lock"
        if row.cost == "light":
            return "light"
        if row.blocks == "cpu" or row.cost == "cpu":
            return "cpu"
        if row.blocks in ("file", "future"):
            return row.blocks
        return "wait" if row.cost in _WAITS else ""

    def _may_be_a_task(self, site: Site) -> bool:
        """Whether a method of a future may be that of an asyncio one, which does not wait."""
        if site.row[0] != SiteKind.CALL:
            return False
        rows = [self.program.calls.row(each) for each in members(self.program.callee(site))]
        return any(row is None or row.blocks != "future" for row in rows)


def _kinds(found: Iterable[str]) -> list[str]:
    """The categories to tell of: one that waits every time rather than the same the first time."""
    every = sorted(found)
    return [each for each in every if each != LOOP and not (each[-1] == ONCE and each[:-1] in every)]


_CONSUMING = frozenset({"ITERATED", "STARRED", "ARGUMENT", "UNPACKED", "DELEGATED"})

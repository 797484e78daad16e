"""The call graph as data: who runs whom, and in which mode."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.facts.model import SiteKind, Use
from asynclint.program.effects.runs import Runs
from asynclint.program.modules import Module
from asynclint.program.site import Site
from asynclint.program.types import FunctionObject, PartialObject, Type, members, without_none
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program import Program


#: How sites run what the program makes of them, other than what a call names.
_RUNNING = {
    SiteKind.CALL: "called", SiteKind.AWAIT: "awaited", SiteKind.WITH: "entered", SiteKind.FOR: "iterated",
    SiteKind.COMPREHENSION: "iterated", SiteKind.YIELD: "iterated",
}  # fmt: skip


class FunctionRef(NamedTuple):
    """A function of the program."""

    module: Module
    number: int

    @property
    def qualified(self) -> str:
        return f"{self.module.name}.{self.module.facts.functions[self.number].qualname}"

    @property
    def is_async(self) -> bool:
        return self.module.facts.functions[self.number].is_async

    @property
    def line(self) -> int:
        """The line of its `def`."""
        facts = self.module.facts
        return int(facts.sites[facts.functions[self.number].site][1])


class Call(NamedTuple):
    """One edge. `caller` is None for module-level code, classes and lambdas.

    `mode` is called, awaited, entered, iterated, made (a coroutine that goes elsewhere), or what becomes of a function
    or coroutine that is passed on: spawned, offloaded, scheduled, registered.
    """

    caller: FunctionRef | None
    callee: FunctionRef
    mode: str
    site: Site


def functions_named(name: str, modules: list[Module]) -> list[FunctionRef]:
    """The functions that a name means: qualified, the end of a qualified name, or `path:line`."""
    path, _, line = name.rpartition(":")
    found = []
    for module in modules:
        for number, row in enumerate(module.facts.functions):
            ref = FunctionRef(module, number)
            if path and line.isdigit():
                if module.path.endswith(path) and row.line <= int(line) <= row.end_line:
                    found.append(ref)
            elif ref.qualified == name or ref.qualified.endswith("." + name):
                found.append(ref)
    return found


def calls_in(module: Module, program: Program) -> Iterator[Call]:
    """The edges that start in a module, in the order of the source."""
    runs: Runs = program.solver(Runs)
    implicit: dict[int, list[Call]] = {}
    for function in range(len(module.facts.functions)):
        for number, method in runs.implicit.methods(module, function, ()):
            read = FunctionRef(method.module, method.number)
            implicit.setdefault(number, []).append(
                Call(FunctionRef(module, function), read, "called", Site(module, number))
            )
    for number, row in enumerate(module.facts.sites):
        site = Site(module, number)
        index = site.function_index
        caller = FunctionRef(module, index) if index >= 0 else None
        told = set()
        for callee in _functions(program.callee(site)) if row[0] == SiteKind.CALL else ():
            told.add(callee)
            yield Call(caller, callee, _mode(site, callee, program), site)
        for callee in _run_at(site, runs) if row[0] in _RUNNING else ():
            if callee not in told:
                told.add(callee)
                yield Call(caller, callee, _RUNNING[row[0]], site)
        yield from (call for call in implicit.get(number, ()) if call.callee not in told)
        if row[0] != SiteKind.CALL:
            continue
        listed = program.row(site)
        for run in listed.runs if listed is not None else ():
            position, keyword = run.argument
            argument = site.keywords.get(keyword) if keyword else None
            if argument is None and 0 <= position < len(site.arguments):
                argument = site.arguments[position]
            for callee in _functions(program.type_of(argument, site)) if argument is not None else ():
                if run.how != "called" or callee not in told:
                    yield Call(caller, callee, run.how, site)


def _run_at(site: Site, runs: Runs) -> Iterator[FunctionRef]:
    """The functions that a site runs, those of special methods, of generators and of callbacks too."""
    for edge in runs.edges_at(site):
        for node in edge.nodes():
            if node.number >= 0:
                yield FunctionRef(node.module, node.number)


def _functions(type_: Type) -> Iterator[FunctionRef]:
    for each in members(without_none(type_)):
        while isinstance(each, PartialObject):
            each = each.function
        if isinstance(each, FunctionObject):
            yield FunctionRef(each.module, each.number)


def _mode(site: Site, callee: FunctionRef, program: Program) -> str:
    if not callee.is_async:
        return "called"
    if site.use is Use.AWAITED:
        return "awaited"
    if site.use is Use.ARGUMENT:
        taker = site.sibling(site.use_details[0])
        listed = program.row(taker)
        for run in listed.runs if listed is not None else ():
            if run.takes == "coroutine" or run.argument[1] == "*":
                return run.how
    return "iterated" if site.use is Use.ASYNC_ITERATED else "entered" if site.use is Use.ASYNC_ENTERED else "made"

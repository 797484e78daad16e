"""The call graph as data: who runs whom, and in which mode."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.facts.model import SiteKind, Use
from asynclint.program.modules import Module
from asynclint.program.site import Site
from asynclint.program.types import FunctionObject, PartialObject, Type, members, without_none
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program import Program


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

    `mode` is called, awaited, made (a coroutine that goes elsewhere), or what becomes of a function
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
    for number, row in enumerate(module.facts.sites):
        if row[0] != SiteKind.CALL:
            continue
        site = Site(module, number)
        index = site.function_index
        caller = FunctionRef(module, index) if index >= 0 else None
        for callee in _functions(program.callee(site)):
            yield Call(caller, callee, _mode(site, callee, program), site)
        listed = program.row(site)
        for run in listed.runs if listed is not None else ():
            position, keyword = run.argument
            argument = site.keywords.get(keyword) if keyword else None
            if argument is None and 0 <= position < len(site.arguments):
                argument = site.arguments[position]
            for callee in _functions(program.type_of(argument, site)) if argument is not None else ():
                yield Call(caller, callee, run.how, site)


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

"""Collections of tasks within one function: where they come from, and whether anybody looks at the tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import BindingKind, Expr, SiteKind, Use
from asynclint.facts.uses import Read
from asynclint.program import names
from asynclint.program.handed import handed
from asynclint.program.types import Type

if TYPE_CHECKING:
    from asynclint.program import Program, Site

_COLLECTS = frozenset({"append", "add", "extend", "update", "insert", "appendleft"})
_ONE_BY_ONE = _COLLECTS - {"extend", "update"}
_DISPLAYS = frozenset({"list", "set", "tuple"})
_COPIES = frozenset({"list", "set", "tuple", "frozenset"})


def made_here_and_unobserved(tasks: Expr, site: Site, program: Program) -> bool:
    """Whether an argument holds tasks that this function makes and that nothing else in it reads.

    False when some of them may come from elsewhere or be seen by somebody, and when none of them can fail.
    """
    reader = _Reader(program)
    return reader.holds_unobserved(tasks, site) and any(_may_fail(each, program) for each in reader.made)


def _may_fail(start: Site, program: Program) -> bool:
    """Whether the task that a call starts may end with an exception."""
    for each in handed(start, program):
        row = program.row(start.sibling(each.expr)) if isinstance(each.expr, int) else None
        if row is not None and row.never_fails:
            return False
    return True


def filled_with(collection: Expr, site: Site, program: Program) -> list[Type]:
    """The types of what a function puts, one by one, into a local collection that it made empty.

    Nothing for a name that is assigned again: the tasks may have taken the place of the coroutines.
    """
    if not isinstance(collection, str) or site.function is None:
        return []
    found = names.find(collection, site.place)
    if found is None or len(found.bindings) != 1 or site.module.facts.scopes[found.scope].block != _body(site):
        return []
    row = found.bindings[0]
    if row.kind != BindingKind.VALUE or row.path or not (_is_empty_display(row.a) or _is_empty_call(row.a, site)):
        return []
    calls = _adding(collection, site)
    return [
        program.type_of(call.arguments[-1], call)
        for call in calls
        if call.arguments and isinstance(call.callee, tuple) and call.callee[2] in _ONE_BY_ONE
    ]


def _is_empty_display(value: Expr) -> bool:
    return isinstance(value, tuple) and value[0] in _DISPLAYS and len(value) == 1


class _Reader:
    def __init__(self, program: Program) -> None:
        self.program = program
        self.made: list[Site] = []
        """The calls that start the tasks."""

    def holds_unobserved(self, tasks: Expr, site: Site) -> bool:
        if isinstance(tasks, int):
            row = site.module.facts.sites[tasks]
            if row[0] == SiteKind.COMPREHENSION:
                return self._is_fresh(row[9], site.sibling(tasks))
            if row[0] == SiteKind.CALL and row[6] in _COPIES and len(row[7]) == 1:
                return self.holds_unobserved(row[7][0], site)
            return False
        if isinstance(tasks, tuple) and tasks[0] in _DISPLAYS:
            return len(tasks) > 1 and all(self._is_unobserved_task(part, site) for part in tasks[1:])
        if isinstance(tasks, str):
            return self._is_unobserved_collection(tasks, site)
        return False

    def _is_unobserved_collection(self, name: str, site: Site) -> bool:
        found = names.find(name, site.place)
        reads = _reads(name, site, self.program)
        if found is None or reads is None or site.module.facts.scopes[found.scope].block != _body(site):
            return False
        for row in found.bindings:
            if row.kind != BindingKind.VALUE or row.path:
                return False
            if not _is_empty_display(row.a) and not _is_empty_call(row.a, site) and not self._is_made(row.a, site):
                return False
        for read in reads:
            if read.use is Use.ATTRIBUTE and read.detail in _COLLECTS:
                continue
            if read.use is Use.CONDITION or (read.use is Use.ARGUMENT and read.detail == "len"):
                continue
            if read.use is Use.ARGUMENT and _is_within(read, site):
                continue
            return False
        return all(self._is_unobserved_task(each, site) for each in _collected(name, site))

    def _is_made(self, value: Expr, site: Site) -> bool:
        """Whether the value is a display or comprehension of unobserved tasks; a name is not looked through."""
        return not isinstance(value, str) and self.holds_unobserved(value, site)

    def _is_unobserved_task(self, expr: Expr, site: Site) -> bool:
        if isinstance(expr, str):
            found = names.find(expr, site.place)
            reads = _reads(expr, site, self.program)
            if found is None or reads is None or site.module.facts.scopes[found.scope].block != _body(site):
                return False
            made = all(row.kind == BindingKind.VALUE and self._is_fresh(row.a, site) for row in found.bindings)
            return made and all(
                _is_within(read, site) or (read.use is Use.ARGUMENT and read.detail.rpartition(".")[2] in _COLLECTS)
                for read in reads
            )
        if isinstance(expr, tuple) and expr[0] in _DISPLAYS:
            return all(self._is_unobserved_task(part, site) for part in expr[1:])
        if isinstance(expr, int) and site.module.facts.sites[expr][0] == SiteKind.COMPREHENSION:
            return self._is_fresh(site.module.facts.sites[expr][9], site.sibling(expr))
        return self._is_fresh(expr, site)

    def _is_fresh(self, expr: Expr, site: Site) -> bool:
        """Whether the expression starts a task that nothing else holds."""
        if not isinstance(expr, int) or site.module.facts.sites[expr][0] != SiteKind.CALL:
            return False
        start = site.sibling(expr)
        row = self.program.row(start)
        if row is None or row.task != "unowned":
            return False
        self.made.append(start)
        return True


def _is_empty_call(value: Expr, site: Site) -> bool:
    row = site.module.facts.sites[value] if isinstance(value, int) else None
    return row is not None and row[0] == SiteKind.CALL and row[6] in _COPIES and not row[7]


def _collected(name: str, site: Site) -> list[Expr]:
    """What the function adds to a collection of that name."""
    return [expr for call in _adding(name, site) for expr in call.arguments[-1:]]


def _adding(name: str, site: Site) -> list[Site]:
    """The calls with which the function adds to a collection of that name."""
    facts = site.module.facts
    return [
        site.sibling(number)
        for number in site.module.own_sites.get(site.function_index, ())
        if (row := facts.sites[number])[0] == SiteKind.CALL
        and isinstance(row[6], tuple)
        and row[6][:2] == (".", name)
        and row[6][2] in _COLLECTS
    ]


def _is_within(read: Read, site: Site) -> bool:
    """Whether a name is read as a part of the site."""
    row = site.row
    return bool((row[1], row[2]) <= (read.line, read.column) < (row[3], row[4]))


def _reads(name: str, site: Site, program: Program) -> list[Read] | None:
    function = site.function
    uses = program.name_uses(site.module)
    if function is None or uses is None:
        return None
    return uses.reads(name, site.module.facts.sites[function.site][1])


def _body(site: Site) -> int:
    """The block of the function that runs the site."""
    facts = site.module.facts
    function = site.function
    return -1 if function is None else facts.scopes[function.scope].block

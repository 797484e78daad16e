"""Values that several tasks can change: attributes of `self`, globals, nonlocal names."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.diagnostics import Step
from asynclint.facts.model import BindingKind, BlockKind, Expr, SiteKind, Use
from asynclint.program.types import Instance, TupleOf, members, without_none
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program import Program, Site

#: What sets an object up: nobody else has got hold of it yet.
_SETS_UP = frozenset({"__init__", "__new__", "__post_init__", "__attrs_post_init__"})
_IMMUTABLE = frozenset({
    "builtins.bool", "builtins.int", "builtins.float", "builtins.complex", "builtins.str", "builtins.bytes",
    "builtins.tuple", "builtins.frozenset",
})  # fmt: skip


class Target(NamedTuple):
    """A shared value: an attribute of the class (`class_index`) or a name of the scope."""

    spelling: str
    name: str
    class_index: int
    scope: int


def shared_target(expr: Expr, site: Site) -> Target | None:
    """The shared value that an assignment in the site's function changes; None for anything else."""
    function = site.function
    if function is None:
        return None
    facts = site.module.facts
    if isinstance(expr, tuple) and expr[0] == "." and function.class_index >= 0 and function.parameters:
        if expr[1] == function.parameters[0].name:
            return Target(f"{expr[1]}.{expr[2]}", expr[2], function.class_index, -1)
    if isinstance(expr, str):
        declared = facts.scopes[function.scope].outer.get(expr)
        if declared == "global":
            return Target(expr, expr, -1, 0)
        if declared == "nonlocal":
            scope = facts.scopes[function.scope].parent
            while scope > 0 and expr not in facts.scopes[scope].bindings:
                scope = facts.scopes[scope].parent
            return Target(expr, expr, -1, scope) if scope > 0 else None
    return None


def is_replaced(expr: Expr, site: Site, program: Program) -> bool:
    """Whether changing the value makes a new one, as with numbers and text; lists and sets change in place."""
    found = members(without_none(program.type_of(expr, site)))
    return bool(found) and all(isinstance(each, TupleOf) or getattr(each, "name", "") in _IMMUTABLE for each in found)


def meets(target: Target, site: Site, program: Program) -> Step | None:
    """Another coroutine that changes the value, or a place that starts this one beside others; None without."""
    module, facts = site.module, site.module.facts
    for block, line, column in _changes(target, site):
        function = module.function_of_block[block]
        if function < 0 or function == site.function_index or not facts.functions[function].is_async:
            continue
        row = facts.functions[function]
        if row.name not in _SETS_UP:
            text = f"`{row.qualname}` changes `{target.spelling}` too"
            return program.step(module, line, column, column, text)
    started = _started_beside_others(site)
    if started is not None:
        name = facts.functions[site.function_index].name
        return Step(program.display(module), program.span(started), f"`{name}` runs beside others from here")
    return None


def _changes(target: Target, site: Site) -> Iterator[tuple[int, int, int]]:
    """Block, line and column of every assignment to the value."""
    facts = site.module.facts
    if target.class_index >= 0:
        rows = facts.classes[target.class_index].attributes.get(target.name, [])
    else:
        rows = [
            row
            for number, scope in enumerate(facts.scopes)
            if number == target.scope or scope.outer.get(target.name)
            for row in scope.bindings.get(target.name, ())
        ]
    for row in rows:
        if row.kind not in (BindingKind.DECLARED, BindingKind.PARAMETER):
            yield row.block, row.line, row.column


def _started_beside_others(site: Site) -> Site | None:
    """A call of the site's function, by its name, whose coroutine is handed on instead of awaited at once."""
    module = site.module
    name = module.facts.functions[site.function_index].name
    for number, row in enumerate(module.facts.sites):
        if row[0] != SiteKind.CALL:
            continue
        callee = row[6][2] if isinstance(row[6], tuple) and row[6][0] == "." else row[6]
        if callee == name and site.sibling(number).use in (Use.PRODUCED, Use.ELEMENT):
            return site.sibling(number)
    return None


def may_hold_lock(site: Site, program: Program) -> bool:
    """Whether an `async with` around the site may hold a lock, or the function acquires one by hand."""
    for _number, kind, detail in site.blocks():
        if kind is BlockKind.FUNCTION:
            break
        if kind is BlockKind.WITH:
            entered = site.sibling(detail)
            if entered.row[6] and any(_may_lock(context, entered, program) for context, _ in entered.row[7]):
                return True
    sites = site.module.facts.sites
    own = site.module.own_sites.get(site.function_index, ())
    return any(
        sites[number][0] == SiteKind.CALL
        and isinstance(sites[number][6], tuple)
        and sites[number][6][2:] == ("acquire",)
        for number in own
    )


def _may_lock(context: Expr, site: Site, program: Program) -> bool:
    if isinstance(context, int) and site.module.facts.sites[context][0] == SiteKind.CALL:
        row = program.row(site.sibling(context))
        if row is not None and row.scope:
            return False
    found = members(program.type_of(context, site))
    return not found or any(
        not isinstance(each, Instance) or program.members.has(each, "acquire") is not False for each in found
    )

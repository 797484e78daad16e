"""Which bindings a name can have at a place: Python's scoping, and what reaches along the flow."""

from __future__ import annotations

from typing import Any

from asynclint.facts.model import Binding, BindingKind, BlockKind, Expr, Function, ModuleFacts, ScopeKind, SiteKind
from asynclint.program.modules import Module
from asynclint.program.types import Env
from asynclint.tuples import NamedTuple


class Place(NamedTuple):
    """Where an expression stands, and what parameters stand for in the call that is looked at."""

    module: Module
    block: int
    line: int
    column: int
    env: Env = ()


class Found(NamedTuple):
    """The bindings that a name may have, in the scope that holds them."""

    scope: int
    bindings: list[Binding]
    in_order: bool = False


_UNSEEN: Any = object()


def site_place(module: Module, site: int, env: Env = ()) -> Place:
    row = module.facts.sites[site]
    return Place(module, row[5], row[1], row[2], env)


def header(module: Module, function: Function, env: Env = ()) -> Place:
    """Where the annotations of a function are looked up: outside of it, but its type parameters are seen."""
    facts = module.facts
    # Type parameters are bound before anything else in the function's scope.
    first = next(iter(facts.scopes[function.scope].bindings.values()), None)
    own = first is not None and first[0].kind == BindingKind.ALIAS and first[0].b
    return Place(module, function.block if own else facts.blocks[function.block][1], function.line, 0, env)


def find(name: str, place: Place) -> Found | None:
    """The bindings of a name that may hold at the place; None when the file does not bind it."""
    module = place.module
    held = _seen_from(name, module, module.facts.blocks[place.block][2])
    if held is None or not held.in_order:
        return held
    return Found(held.scope, reaching(module.facts, held.bindings, place))


def held_call(expr: Expr, place: Place) -> int | None:
    """The call site that an expression is, or whose value a local variable holds; None for anything else."""
    if isinstance(expr, str):
        found = find(expr, place)
        if found is None or len(found.bindings) != 1:
            return None
        row = found.bindings[0]
        if row.kind != BindingKind.VALUE or row.path or not isinstance(row.a, int):
            return None
        if found.scope == 0 and place.module.facts.blocks[place.block][2] != 0:
            return None  # a global outlives many calls
        expr = row.a
    if isinstance(expr, int) and place.module.facts.sites[expr][0] == SiteKind.CALL:
        return expr
    return None


def is_the_same_throughout(name: str, module: Module, scope: int) -> bool:
    """Whether a name has the same bindings at all places of a scope."""
    held = _seen_from(name, module, scope)
    return held is None or not held.in_order


def is_global(name: str, module: Module, scope: int) -> bool:
    """Whether a name seen from a scope is one of the module's own, the same at all places."""
    held = _seen_from(name, module, scope)
    return held is not None and held.scope == 0 and not held.in_order


def _seen_from(name: str, module: Module, scope: int) -> Found | None:
    held: Found | None = module.names.get((scope, name), _UNSEEN)
    if held is _UNSEEN:
        held = module.names[scope, name] = _held(module.facts, scope, name)
    return held


def _held(facts: ModuleFacts, start: int, name: str) -> Found | None:
    """The bindings of a name seen from a scope; `in_order` when it depends on the place which of them hold."""
    scopes = facts.scopes
    number = start
    inline = True
    while True:
        scope = scopes[number]
        declared = scope.outer.get(name)
        if declared == "global":
            number, inline = 0, False
            scope = scopes[0]
        visible = scope.kind != ScopeKind.CLASS or number == start
        rows = scope.bindings.get(name) if declared != "nonlocal" else None
        if rows is not None and not visible and not (rows[0].kind == BindingKind.ALIAS and rows[0].b):
            rows = None  # of a class around, methods see the type parameters alone
        if rows is not None:
            if inline and len(rows) > 1 and scope.kind != ScopeKind.COMPREHENSION:
                return Found(number, rows, True)
            return Found(number, settled(facts, rows))
        if scope.parent < 0:
            return None
        if scope.kind != ScopeKind.COMPREHENSION:
            inline = False
        number = scope.parent


def settled(facts: ModuleFacts, rows: list[Binding]) -> list[Binding]:
    """The bindings that count once the whole scope has run."""
    if len(rows) == 1:
        return rows
    checked = [row for row in rows if _is_type_checking(facts, row.block)]
    if checked:
        return checked
    if all(row.kind == BindingKind.FUNCTION for row in rows):
        return _definitions(facts, rows)
    kept = [row for row in rows if not _keeps_type(row)]
    return kept or rows


def reaching(facts: ModuleFacts, rows: list[Binding], place: Place) -> list[Binding]:
    """The bindings whose value may be the name's at the place, by position and nesting."""
    here = (place.line, place.column)
    around = list(facts.ancestors(place.block))
    inside = set(around)
    before = [row for row in rows if (row.line, row.column) <= here and not _excludes(facts, row.block, around)]
    last = -1
    for index, row in enumerate(before):
        if row.block in inside and not _keeps_type(row):
            last = index
    reach = before[max(last, 0) :]
    loops = [block for block in around if facts.blocks[block][0] == BlockKind.LOOP]
    if loops:
        outermost = loops[-1]
        for row in rows:
            if (row.line, row.column) > here and outermost in facts.ancestors(row.block):
                # A rebinding later in the loop holds in its next round, unless the name is bound
                # again at the top of that same loop first.
                shared = next(block for block in loops[::-1] if block in set(facts.ancestors(row.block)))
                rebound = last >= 0 and shared in facts.ancestors(before[last].block)
                if not rebound:
                    reach.append(row)
    if not reach:
        reach = list(rows)
    return settled(facts, reach) if len(reach) > 1 else reach


def _keeps_type(row: Binding) -> bool:
    """`x += 1` and `del x` say nothing new about what x is."""
    return row.kind == BindingKind.OTHER and row.a == "kept"


def _is_type_checking(facts: ModuleFacts, block: int) -> bool:
    while block > 0:
        kind, parent, _scope, _line, detail = facts.blocks[block]
        if kind == BlockKind.IF and detail in ("TYPE_CHECKING", (".", "typing", "TYPE_CHECKING")):
            return True
        if kind not in (BlockKind.IF, BlockKind.ELSE, BlockKind.TRY, BlockKind.HANDLER):
            return False
        block = parent
    return False


def _excludes(facts: ModuleFacts, block: int, around: list[int]) -> bool:
    """Whether the block is the other branch of an `if` around the place."""
    inside = set(around)
    while block not in inside:
        kind, parent, _scope, _line, _detail = facts.blocks[block]
        if parent in inside and kind in (BlockKind.IF, BlockKind.ELSE):
            index = around.index(parent)
            if index:
                other = facts.blocks[around[index - 1]]
                pair = {kind, other[0]}
                if pair == {BlockKind.IF, BlockKind.ELSE} and other[4] is facts.blocks[block][4]:
                    return True
        block = parent
    return False


def _definitions(facts: ModuleFacts, rows: list[Binding]) -> list[Binding]:
    """Which of several `def`s of one name counts: getters before setters, the last of overloads."""
    first = facts.functions[rows[0].a]
    if any(last_name(decorator) in ("property", "cached_property", "getter") for decorator in first.decorators):
        return rows[:1]
    real = [
        row
        for row in rows
        if not any(last_name(d) in ("overload", "setter", "deleter") for d in facts.functions[row.a].decorators)
    ] or rows
    # In one suite the last definition replaces the earlier ones; in branches each may be the one.
    latest: dict[int, Binding] = {}
    for row in real:
        latest[row.block] = row
    return list(latest.values())


def is_overload(function: Function) -> bool:
    """Whether a definition only declares one way to call the one that follows."""
    return any(last_name(decorator) == "overload" for decorator in function.decorators)


def last_name(expr: Expr) -> str:
    """The last word of a dotted name: `c` for `a.b.c`; empty for any other expression."""
    if isinstance(expr, str):
        return expr
    if isinstance(expr, tuple) and expr[0] == ".":
        return str(expr[2])
    return ""

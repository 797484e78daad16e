"""What tests around a place, or before it, show about a value: `isinstance`, `is None`, `type(x) is T`.

A test holds inside the branch that it opens, and after a branch for its contrary that is always
left by `return`, `raise`, `break` or `continue`. It no longer counts once the name is bound again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, NamedTuple

from asynclint.facts.model import Binding, BindingKind, BlockKind, Expr, ModuleFacts, SiteKind
from asynclint.program import names
from asynclint.program.modules import Module
from asynclint.program.names import Place
from asynclint.program.types import (
    NEVER,
    NONE,
    FunctionObject,
    Instance,
    Type,
    Union,
    members,
    union,
    without_none,
)

if TYPE_CHECKING:
    from asynclint.program import Program

_JUMPS = frozenset({SiteKind.RETURN, SiteKind.RAISE, SiteKind.JUMP})
_NONE_EXPR = ("const", None)
_COLOUR_TESTS = frozenset({
    "asyncio.iscoroutinefunction", "inspect.iscoroutinefunction", "asyncio.coroutines.iscoroutinefunction",
    "asgiref.sync.iscoroutinefunction",
})  # fmt: skip


class Guard(NamedTuple):
    """One test of an expression, and where it holds.

    `classes` is the class expression, or `("const", None)` for a comparison with None. `block` is the
    branch; with `after` the test holds from that position on in the suite around the branch.
    """

    classes: Expr
    positive: bool
    block: int
    after: tuple[int, int] | None


class Narrowing:
    def __init__(self, program: Program) -> None:
        self.program = program
        self._guards: dict[Module, dict[Expr, list[Guard]]] = {}

    def narrowed(self, expr: Expr, type_: Type, place: Place) -> Type:
        """The type of a name or attribute, given its type without any test."""
        guards = self._guards.get(place.module)
        if guards is None:
            guards = self._guards[place.module] = _guards_of(place.module.facts)
        found = guards.get(expr)
        if found is None:
            return type_
        for guard in found:
            if _holds(guard, expr, place):
                type_ = self._with(guard, type_, place)
        return type_

    def _with(self, guard: Guard, type_: Type, place: Place) -> Type:
        if guard.classes == _NONE_EXPR:
            if guard.positive:
                return NONE if type_ is None or any(each == NONE for each in members(type_)) else type_
            return without_none(type_)
        inference = self.program.inference
        parent = place.module.facts.blocks[guard.block][1]
        shown = inference.instance_of(inference.type_of(guard.classes, place._replace(block=parent)))
        if shown is None or shown is NEVER:
            return type_
        if guard.positive:
            kept = [each for each in members(type_) if self._is_one_of(each, shown)]
            return union(kept) if kept else shown
        if isinstance(type_, Union):
            return union([each for each in type_.members if not self._is_one_of(each, shown)])
        return type_

    def _is_one_of(self, type_: Type, shown: Type) -> bool:
        return isinstance(type_, Instance) and any(
            isinstance(each, Instance) and self.program.members.is_subclass(type_.name, each.name)
            for each in members(shown)
        )

    # -- tests whose outcome is known in a certain call --------------------------------------------

    def is_unreachable(self, module: Module, block: int, env: Any) -> bool:
        """Whether what parameters stand for in a call rules the block out."""
        facts = module.facts
        while block > 0:
            kind, parent = facts.blocks[block][:2]
            if kind in (BlockKind.IF, BlockKind.ELSE):
                outcome = self._outcome_before(module, block, env)
                if outcome is not None and outcome is not (kind == BlockKind.IF):
                    return True
            elif kind == BlockKind.FUNCTION:
                return False
            block = parent
        return False

    def reachable(self, module: Module, sites: Iterable[int], env: Any) -> Iterator[int]:
        """Those of a function's `return` sites, in order, that can be met in a call."""
        for number in sites:
            block = module.facts.sites[number][5]
            if not self.is_unreachable(module, block, env):
                yield number
                if self._is_certain(module, block, env):
                    return

    def _is_certain(self, module: Module, block: int, env: Any) -> bool:
        """Whether the block is a branch that every call with these parameters takes."""
        facts = module.facts
        kind, parent = facts.blocks[block][:2]
        if kind not in (BlockKind.IF, BlockKind.ELSE) or facts.blocks[parent][0] != BlockKind.FUNCTION:
            return False
        return self._outcome_before(module, block, env) is (kind == BlockKind.IF)

    def _outcome_before(self, module: Module, block: int, env: Any) -> bool | None:
        """The outcome of the test that leads to a branch; None also while it is being worked out."""
        key = (module, "outcome", block, env)
        found = self.program.inference.solve(key, self._outcome_at, module, block, env)
        return found if isinstance(found, bool) else None

    def _outcome_at(self, module: Module, block: int, env: Any) -> bool | None:
        _kind, parent, _scope, line, test = module.facts.blocks[block]
        return self.outcome(test, Place(module, parent, line, 0, env))

    def outcome(self, test: Expr, place: Place) -> bool | None:
        """Whether a test is surely true or surely false; None when it may be either."""
        if isinstance(test, tuple):
            if test[0] == "not":
                inner = self.outcome(test[1], place)
                return None if inner is None else not inner
            if test[0] == "cmp" and test[1] in (("is",), ("is not",)) and test[3] == _NONE_EXPR:
                found = members(self.program.inference.type_of(test[2], place))
                absent = [each == NONE for each in found]
                if found and len(set(absent)) == 1:
                    return absent[0] is (test[1] == ("is",))
            return None
        if isinstance(test, int):
            return self._colour(place.module.facts.sites[test], place)
        if isinstance(test, str):
            found = members(self.program.inference.type_of(test, place))
            if found and all(isinstance(each, FunctionObject) for each in found):
                return True
            return False if found == (NONE,) else None
        return None

    def _colour(self, row: tuple[Any, ...], place: Place) -> bool | None:
        """The outcome of `iscoroutinefunction(f)` for a function that is read."""
        if row[0] != SiteKind.CALL or len(row[7]) != 1:
            return None
        asked = self.program.qualified_name(self.program.inference.type_of(row[6], place))
        if asked not in _COLOUR_TESTS:
            return None
        function = self.program.inference.type_of(row[7][0], place)
        return (
            function.module.facts.functions[function.number].is_async if isinstance(function, FunctionObject) else None
        )


def _guards_of(facts: ModuleFacts) -> dict[Expr, list[Guard]]:
    """By tested expression, the tests of a module, outer and earlier ones first."""
    found: dict[Expr, list[Guard]] = {}
    left: dict[int, tuple[int, int]] | None = None
    for number, (kind, _parent, _scope, _line, test) in enumerate(facts.blocks):
        if kind == BlockKind.CASE and test is not None:
            found.setdefault(test[0], []).append(Guard(test[1], True, number, None))
        if kind not in (BlockKind.IF, BlockKind.ELSE) or test is None:
            continue
        truth = kind == BlockKind.IF
        for expr, classes, positive in _atoms(test, truth, facts):
            found.setdefault(expr, []).append(Guard(classes, positive, number, None))
        contrary = list(_atoms(test, not truth, facts))
        if contrary:
            if left is None:
                left = {row[5]: (row[1], row[2]) for row in facts.sites if row[0] in _JUMPS}
            if number in left:
                for expr, classes, positive in contrary:
                    found.setdefault(expr, []).append(Guard(classes, positive, number, left[number]))
    return found


def _atoms(test: Expr, truth: bool, facts: ModuleFacts) -> Iterator[tuple[Expr, Expr, bool]]:
    """What a test's outcome shows: the expression, its classes, and whether it is one of them."""
    if isinstance(test, tuple):
        if test[0] == "not":
            yield from _atoms(test[1], not truth, facts)
        elif test[0] == "bool" and (test[1] == "and") is truth:
            for part in test[2:]:
                yield from _atoms(part, truth, facts)
        elif test[0] == ":=" and truth:
            yield test[1], _NONE_EXPR, False
        elif test[0] == "cmp" and len(test[1]) == 1 and test[1][0] in ("is", "is not", "==", "!="):
            same = (test[1][0] in ("is", "==")) is truth
            asked = _asked_for_type(test[2], facts)
            if test[3] == _NONE_EXPR:
                yield test[2], _NONE_EXPR, same
            elif asked is not None and same:
                yield asked, test[3], True
        elif test[0] == "." and truth:
            yield test, _NONE_EXPR, False
    elif isinstance(test, str):
        if truth:
            yield test, _NONE_EXPR, False
    elif isinstance(test, int):
        row = facts.sites[test]
        if row[0] == SiteKind.CALL and row[6] == "isinstance" and len(row[7]) == 2:
            yield row[7][0], row[7][1], truth


def _asked_for_type(expr: Expr, facts: ModuleFacts) -> Expr:
    """The argument of `type(x)`; None for anything else."""
    if isinstance(expr, int):
        row = facts.sites[expr]
        if row[0] == SiteKind.CALL and row[6] == "type" and len(row[7]) == 1:
            return row[7][0]  # type: ignore[no-any-return]
    return None


def _holds(guard: Guard, expr: Expr, place: Place) -> bool:
    facts = place.module.facts
    blocks = facts.blocks
    wanted = guard.block if guard.after is None else blocks[guard.block][1]
    if guard.after is not None and (place.line, place.column) <= guard.after:
        return False
    block = place.block
    while block != wanted:
        if block <= wanted or blocks[block][0] in (BlockKind.FUNCTION, BlockKind.LAMBDA, BlockKind.CLASS):
            return False
        if guard.after is not None and block == guard.block:
            return False  # the operand of the `return` that leaves the branch
        block = blocks[block][1]
    since = guard.after or (blocks[guard.block][3], 0)
    return not _is_bound_since(expr, since, wanted, place)


def _is_bound_since(expr: Expr, since: tuple[int, int], suite: int, place: Place) -> bool:
    """Whether the name, or the attribute of `self`, may have got another value since the test."""
    facts = place.module.facts
    here = (place.line, place.column)
    for row in _bindings(expr, place):
        where = (row.line, row.column)
        if since <= where and suite in facts.ancestors(row.block):
            if where <= here:
                return True
            if any(
                facts.blocks[block][0] == BlockKind.LOOP and block > suite and block in facts.ancestors(place.block)
                for block in facts.ancestors(row.block)
            ):
                return True  # in an earlier round of a loop that began after the test
    return False


def _bindings(expr: Expr, place: Place) -> Iterable[Binding]:
    facts = place.module.facts
    if isinstance(expr, str):
        found = names.find(expr, place)
        if found is None:
            return ()
        every = facts.scopes[found.scope].bindings.get(expr, ())
        return [row for row in every if row.kind not in (BindingKind.PARAMETER, BindingKind.DECLARED)]
    if isinstance(expr, tuple) and expr[0] == ".":
        if isinstance(expr[1], str):
            function = place.module.function_of_block[place.block]
            index = facts.functions[function].class_index if function >= 0 else -1
            own = facts.classes[index].attributes.get(expr[2], ()) if index >= 0 else ()
            return [*own, *_bindings(expr[1], place)]
        return _bindings(expr[1], place)
    return ()

"""What tests around a place, or before it, show about a value: `isinstance`, `is None`, `type(x) is T`.

Also what functions say of their argument: `TypeGuard`, `TypeIs`, `inspect.iscoroutinefunction`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from asynclint.facts.model import BlockKind, Expr, SiteKind
from asynclint.program import names
from asynclint.program.guards import (
    NONE_EXPR,
    TRUE_EXPR,
    Guard,
    attributes_given,
    guards_of,
    holds,
    starts,
    still_holds,
)
from asynclint.program.modules import Module
from asynclint.program.names import Place
from asynclint.program.types import (
    NEVER,
    NONE,
    Coroutine,
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


class Narrowing:
    def __init__(self, program: Program) -> None:
        self.program = program
        self._guards: dict[Module, dict[Expr, list[Guard]]] = {}
        self._given: dict[Module, dict[Expr, list[int]]] = {}

    def tested(self, module: Module) -> dict[Expr, list[Guard]]:
        """The tests of a module, by tested expression."""
        found = self._guards.get(module)
        if found is None:
            found = self._guards[module] = guards_of(module.facts)
        return found

    def narrowed(self, expr: Expr, type_: Type, place: Place) -> Type:
        """The type of a name or attribute, given its type without any test."""
        found = self.tested(place.module).get(expr, ())
        since = None
        for number in self._given_in(place.module).get(expr, ()):
            if still_holds(number, expr, place):
                row = place.module.facts.sites[number]
                since = row[3], row[4]
                type_ = self.program.inference.site(place.module, number, place.env)
        if found:
            function_of_block = place.module.function_of_block
            here = function_of_block[place.block]
            for guard in found:
                # Attributes of `self` are tested in many functions of a module; a test holds in its own only.
                if function_of_block[guard.block] != here:
                    continue
                if (since is None or starts(guard, place) > since) and holds(guard, expr, place):
                    type_ = self._with(guard, type_, place)
        return type_

    def _given_in(self, module: Module) -> dict[Expr, list[int]]:
        """The calls whose results a module gives to attributes of other objects, by attribute."""
        found = self._given.get(module)
        if found is None:
            found = self._given[module] = attributes_given(module.facts)
        return found

    def is_present(self, expr: Expr, place: Place) -> bool | None:
        """True when tests show that a value is true, False when only that it is not None; else None."""
        shown = None
        for guard in self.tested(place.module).get(expr, ()):
            if guard.classes == TRUE_EXPR or (guard.classes == NONE_EXPR and not guard.positive):
                if shown is not True and holds(guard, expr, place):
                    shown = guard.classes == TRUE_EXPR
        return shown

    def is_instance(self, type_: Type, classes: Expr, place: Place) -> bool | None:
        """The outcome of `isinstance` for a value of the type; None when it may be either."""
        if type_ is None:
            return None
        inference = self.program.inference
        shown = members(inference.instance_of(inference.type_of(classes, place)))
        outcomes = {self._is_instance_of(each, shown) for each in members(type_)} if shown else set()
        return outcomes.pop() if len(outcomes) == 1 else None

    def _is_instance_of(self, type_: Type, shown: tuple[Type, ...]) -> bool | None:
        lookup = self.program.members
        if not isinstance(type_, Instance) or not all(isinstance(each, Instance) for each in shown):
            return None
        if any(lookup.is_subclass(type_.name, each.name) for each in shown):
            return True
        if type_ == NONE:
            return False
        apart = all(self._is_plain(each.name) and not lookup.is_subclass(each.name, type_.name) for each in shown)
        return False if apart and self._is_plain(type_.name) else None

    def _is_plain(self, name: str) -> bool:
        """Whether a class is known with all of its bases, and `isinstance` asks for nothing but these."""
        order = self.program.members.order(name)
        if not order.complete or any(each.startswith(_ABSTRACT) for each in order.names):
            return False
        rows = [self.program.class_named(each) for each in order.names]
        return not any(row is not None and any(_is_protocol(base) for base in row.row.bases) for row in rows)

    def _with(self, guard: Guard, type_: Type, place: Place) -> Type:
        if guard.classes == NONE_EXPR:
            if guard.positive:
                return NONE if type_ is None or any(each == NONE for each in members(type_)) else type_
            return without_none(type_)
        if guard.classes == TRUE_EXPR:
            return without_none(type_)
        inference = self.program.inference
        parent = place.module.facts.blocks[guard.block][1]
        if isinstance(guard.classes, int):
            return self._told(guard.classes, guard.positive, type_, place._replace(block=parent))
        shown = inference.instance_of(inference.type_of(guard.classes, place._replace(block=parent)))
        return self._among(shown, guard.positive, type_)

    def _among(self, shown: Type, positive: bool, type_: Type) -> Type:
        """A type when the value is, or is not, one of the types that a test names."""
        if shown is None or shown is NEVER:
            return type_
        if positive:
            kept = [each for each in members(type_) if self._is_one_of(each, shown)]
            return union(kept) if kept else shown
        if isinstance(type_, Union):
            return union([each for each in type_.members if not self._is_one_of(each, shown)])
        return type_

    def _told(self, call: int, positive: bool, type_: Type, place: Place) -> Type:
        """A type after what a call said of it that was given the value."""
        callee = self.program.inference.callee(place.module, call, place.env)
        if isinstance(callee, FunctionObject):
            facts = callee.module.facts
            returns = facts.functions[callee.number].returns
            if isinstance(returns, tuple) and returns[0] == "const" and isinstance(returns[1], str):
                returns = self.program.annotations.parsed(returns[1])
            if not isinstance(returns, tuple) or returns[0] != "[]":
                return type_
            inside = names.header(callee.module, facts.functions[callee.number], callee.env)
            form = self.program.qualified_name(self.program.inference.type_of(returns[1], inside)).rpartition(".")[2]
            if form == "TypeIs" or (form == "TypeGuard" and positive):
                return self._among(self.program.annotations.value(returns[2], inside), positive, type_)
            return type_
        test = _COLOUR_TESTS.get(self.program.qualified_name(callee))
        if test is None:
            return type_
        kept = [each for each in members(type_) if test(self, each) is not (not positive)]
        # Where nothing remains, the test knows better than what was read.
        return union(kept) if kept else None

    def _makes_coroutine(self, type_: Type) -> bool | None:
        """Whether a value is a function that makes a coroutine; None when that is not known."""
        if isinstance(type_, FunctionObject):
            return bool(type_.module.facts.functions[type_.number].is_async)
        result = None if type_ == NONE else self.program.calls.result(type_, (), None)
        return None if result is None else isinstance(result, Coroutine)

    def _is_coroutine(self, type_: Type) -> bool | None:
        if isinstance(type_, Instance) and type_ != NONE:
            return False if self.program.members.has(type_, "__await__") is False else None
        return isinstance(type_, Coroutine)

    def _is_awaitable(self, type_: Type) -> bool | None:
        if isinstance(type_, Instance) and type_ != NONE:
            return self.program.members.has(type_, "__await__")
        return isinstance(type_, Coroutine)

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
            if test[0] == "cmp" and test[1] in (("is",), ("is not",)) and test[3] == NONE_EXPR:
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
        if _COLOUR_TESTS.get(asked) is not Narrowing._makes_coroutine:
            return None
        function = self.program.inference.type_of(row[7][0], place)
        if not isinstance(function, FunctionObject):
            return None
        asked_about = function.module.facts.functions[function.number]
        return asked_about.is_async and not asked_about.is_generator


#: Classes that others need not inherit from to be an instance of them, and whose listed bases are not all.
_ABSTRACT = ("typing.", "typing_extensions.", "collections.abc.", "numbers.", "os.PathLike", "contextlib.")


def _is_protocol(base: Expr) -> bool:
    while isinstance(base, tuple):
        base = base[2] if base[0] == "." else base[1] if base[0] == "[]" else None
    return base == "Protocol"


# What the standard library's own questions about colour mean is the language's, not a library's.
_COLOUR_TESTS: dict[str, Callable[[Narrowing, Type], bool | None]] = {
    "asyncio.iscoroutinefunction": Narrowing._makes_coroutine,
    "asyncio.coroutines.iscoroutinefunction": Narrowing._makes_coroutine,
    "asgiref.sync.iscoroutinefunction": Narrowing._makes_coroutine,
    "inspect.iscoroutinefunction": Narrowing._makes_coroutine,
    "asyncio.iscoroutine": Narrowing._is_coroutine,
    "asyncio.coroutines.iscoroutine": Narrowing._is_coroutine,
    "inspect.iscoroutine": Narrowing._is_coroutine,
    "inspect.isawaitable": Narrowing._is_awaitable,
}

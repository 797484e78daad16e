"""What the function-valued parameters of a function stand for in one call of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asynclint.facts.model import Expr, ParameterKind
from asynclint.program.names import Place
from asynclint.program.types import (
    NONE,
    CallableOf,
    ClassObject,
    EnvKey,
    ExternalMethod,
    FunctionObject,
    Instance,
    LambdaObject,
    PartialObject,
    Symbol,
    TupleOf,
    Type,
)

if TYPE_CHECKING:
    from asynclint.program import Program

_MAX_ENV = 6
#: How many functions in `*args` are told apart.
_MAX_REST = 4
_PASSED = (FunctionObject, Symbol, ExternalMethod, LambdaObject, PartialObject, CallableOf, ClassObject)


class Arguments:
    def __init__(self, program: Program) -> None:
        self.program = program

    def bound(self, callee: FunctionObject, site: tuple[Any, ...], place: Place | None) -> FunctionObject:
        """The function with those of its parameters bound that it is given callables for."""
        if not site or place is None or not (site[7] or site[8]):
            return callee
        if callee.number not in callee.module.higher_order:
            return callee
        function = callee.module.facts.functions[callee.number]
        offset = 1 if callee.receiver is not None and function.class_index >= 0 else 0
        found: list[tuple[EnvKey, Type]] = []
        for position, argument in enumerate(site[7], offset):
            if isinstance(argument, tuple) and argument[0] == "*":
                self._bind_starred(found, callee, position, argument[1], place)
                break
            if position >= len(function.parameters):
                break
            if function.parameters[position].kind == ParameterKind.VARIADIC:
                rest = [self.program.inference.type_of(each, place) for each in site[7][position - offset :]]
                self._bind_rest(found, callee, position, rest)
                break
            self._bind_argument(found, callee, position, argument, place)
        by_name = {parameter.name: number for number, parameter in enumerate(function.parameters)}
        for keyword, argument in site[8]:
            if keyword in by_name:
                self._bind_argument(found, callee, by_name[keyword], argument, place)
        if not any(isinstance(argument, tuple) and argument[0] == "*" for argument in site[7]):
            given = {*range(offset, offset + len(site[7])), *(by_name.get(keyword, -1) for keyword, _ in site[8])}
            for position in callee.module.higher_order[callee.number] - given:
                # A callable that is left out stands for its default: `decorator=None` in `@decorator(option=1)`.
                if function.parameters[position].default == ("const", None):
                    found.append(((callee.module, callee.number, position), NONE))
        return with_env(callee, found)

    def _bind_argument(
        self, found: list[Any], callee: FunctionObject, position: int, argument: Expr, place: Place
    ) -> None:
        key = (callee.module, callee.number, position)
        if position not in callee.module.higher_order[callee.number]:
            return
        type_ = self.program.inference.type_of(argument, place)
        if self._is_passed(type_):
            found.append((key, type_))

    def _bind_starred(self, found: list[Any], callee: FunctionObject, start: int, argument: Expr, place: Place) -> None:
        """Binds parameters from a position on to the items of `*argument`, when it is a tuple of known ones."""
        type_ = self.program.inference.type_of(argument, place)
        parameters = callee.module.facts.functions[callee.number].parameters
        for index, each in enumerate(type_.items if isinstance(type_, TupleOf) else ()):
            if start + index >= len(parameters):
                return
            if parameters[start + index].kind == ParameterKind.VARIADIC:
                self._bind_rest(found, callee, start + index, list(type_.items[index:]))
                return
            if start + index in callee.module.higher_order[callee.number] and self._is_passed(each):
                found.append(((callee.module, callee.number, start + index), each))

    def _bind_rest(self, found: list[Any], callee: FunctionObject, position: int, rest: list[Type]) -> None:
        """Binds `*args` to what is left of the arguments, when there are callables among few."""
        if position in callee.module.higher_order[callee.number] and len(rest) <= _MAX_REST:
            if any(self._is_passed(each) for each in rest):
                found.append(((callee.module, callee.number, position), TupleOf(tuple(rest))))

    def _is_passed(self, type_: Type) -> bool:
        return isinstance(type_, _PASSED) or (isinstance(type_, Instance) and self._is_callable(type_))

    def _is_callable(self, type_: Instance) -> bool:
        return self.program.class_named(type_.name) is not None and (
            self.program.members.raw(type_.name, "__call__") is not None
        )


def with_env(callee: FunctionObject, found: list[tuple[EnvKey, Type]]) -> FunctionObject:
    """The function with parameters bound; calls nested too deeply keep what they have."""
    if not found or len(callee.env) + len(found) > _MAX_ENV or any(_depth(type_) > 2 for _, type_ in found):
        return callee
    fresh = {key for key, _ in found}
    kept = [pair for pair in callee.env if pair[0] not in fresh]
    return callee._replace(env=(*kept, *found))


def _depth(type_: Type) -> int:
    """How deeply functions are bound within functions."""
    if isinstance(type_, TupleOf):
        return max((_depth(each) for each in type_.items), default=0)
    env = getattr(type_, "env", ())
    return 1 + max((_depth(inner) for _, inner in env), default=0) if env else 0

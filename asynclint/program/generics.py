"""What type variables and `self` stand for: in an object's class, and in one call of a function.

The answers are entries of an `Env`, under keys that cannot be taken for a parameter's: a type
variable's is (module, scope, name), that of `self` is (module, class index, ""). Methods are looked
at anew for an object of a subclass only where that could change what they mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from asynclint.facts.model import BindingKind, Expr, Function, ParameterKind, SiteKind
from asynclint.program import names
from asynclint.program.modules import Module
from asynclint.program.names import Place
from asynclint.program.types import (
    NEVER,
    CallableOf,
    ClassObject,
    Env,
    EnvKey,
    FunctionObject,
    Instance,
    LambdaObject,
    Symbol,
    Type,
    members,
    union,
    without_none,
)

if TYPE_CHECKING:
    from asynclint.program import Program

Variable: TypeAlias = EnvKey
"""Where a type variable is defined: module, scope, name."""

_MAKERS = frozenset({"typing.TypeVar", "typing_extensions.TypeVar"})
_PARAMETERISED = frozenset({"Generic", "Protocol"})
_MAX_DEPTH = 6


class Generics:
    def __init__(self, program: Program) -> None:
        self.program = program
        self._variables: dict[Variable, Variable | None] = {}
        self._parameters: dict[str, tuple[Variable, ...]] = {}
        self._returned: dict[tuple[Module, int], frozenset[Variable]] = {}
        self._asked: dict[tuple[Module, int], frozenset[str]] = {}
        self._own_returned: dict[tuple[str, Module, int, str], bool] = {}
        self._differs: dict[tuple[str, Module, int], bool] = {}

    # -- type variables ------------------------------------------------------------------------

    def variable(self, name: str, place: Place) -> Variable | None:
        """The type variable that a name stands for; None for any other name."""
        found = names.find(name, place)
        if found is None or len(found.bindings) != 1:
            return None
        key: Variable = (place.module, found.scope, name)
        if key not in self._variables:
            self._variables[key] = None  # while modules that import a name from one another are looked at
            self._variables[key] = self._defined(key, found.bindings[0])
        return self._variables[key]

    def _defined(self, key: Variable, row: Any) -> Variable | None:
        module, _scope, _name = key
        if row.kind == BindingKind.ALIAS:
            return key if row.b else None
        if row.kind == BindingKind.VALUE and isinstance(row.a, int):
            site = module.facts.sites[row.a]
            if site[0] != SiteKind.CALL:
                return None
            maker = self.program.inference.type_of(site[6], Place(module, row.block, row.line, row.column))
            return key if isinstance(maker, Symbol) and maker.name in _MAKERS else None
        if row.kind == BindingKind.FROM:
            source = self.program.module(row.a, module)
            return None if source is None else self.variable(row.b, Place(source, 0, 1 << 30, 0))
        return None

    def variables_in(self, expr: Expr, place: Place) -> Iterator[Variable]:
        """The type variables that an annotation mentions, in order."""
        if isinstance(expr, str):
            found = self.variable(expr, place)
            if found is not None:
                yield found
        elif isinstance(expr, tuple):
            if expr[0] == "const":
                if isinstance(expr[1], str):
                    yield from self.variables_in(self.program.annotations.parsed(expr[1]), place)
                return
            for part in expr[1:]:
                yield from self.variables_in(part, place)

    def parameters(self, name: str) -> tuple[Variable, ...]:
        """The type parameters of a class of the program, in order."""
        found = self._parameters.get(name)
        if found is None:
            self._parameters[name] = ()  # while a class is looked at that is its own base
            found = self._parameters[name] = self._parameters_of(name)
        return found

    def _parameters_of(self, name: str) -> tuple[Variable, ...]:
        class_ = self.program.class_named(name)
        if class_ is None:
            return ()
        module, row = class_.module, class_.row
        own: list[Variable] = [
            (module, row.scope, each)
            for each, rows in module.facts.scopes[row.scope].bindings.items()
            if len(rows) == 1 and rows[0].kind == BindingKind.ALIAS and rows[0].b
        ]
        if own:
            return tuple(own)
        place = Place(module, row.block, row.line, 0)
        subscripted = [base for base in row.bases if isinstance(base, tuple) and base[0] == "[]"]
        for base in subscripted:
            head = base[1][2] if isinstance(base[1], tuple) and base[1][0] == "." else base[1]
            if head in _PARAMETERISED:
                return tuple(self.variables_in(base[2], place))
        ordered: dict[Variable, None] = {}
        for base in subscripted:
            ordered.update(dict.fromkeys(self.variables_in(base[2], place)))
        return tuple(ordered)

    # -- an object's class ---------------------------------------------------------------------

    def in_object(self, receiver: Type, owner: str) -> Env:
        """What the type parameters of `owner` stand for in an object of a class that is or inherits it."""
        if not isinstance(receiver, (Instance, ClassObject)) or not self.parameters(owner):
            return ()
        return self._in_class(receiver.name, receiver.args, owner, _MAX_DEPTH)

    def _in_class(self, name: str, args: tuple[Type, ...], owner: str, depth: int) -> Env:
        env = tuple(
            [(key, type_) for key, type_ in zip(self.parameters(name), args, strict=False) if type_ is not None]
        )
        if name == owner or not depth:
            return env if name == owner else ()
        class_ = self.program.class_named(name)
        if class_ is None:
            return ()
        place = Place(class_.module, class_.row.block, class_.row.line, 0, env)
        for base in class_.row.bases:
            for type_ in members(self.program.inference.type_of(base, place)):
                if isinstance(type_, ClassObject) and owner in self.program.members.order(type_.name).names:
                    return self._in_class(type_.name, type_.args, owner, depth - 1)
        return ()

    def bound_to_receiver(self, method: FunctionObject, *, for_result: bool = False) -> FunctionObject:
        """The method with type parameters and `self` standing for what its receiver says.

        `self` is only bound where the receiver's class changes what the method means: where it gives
        other members than the method's own class does, or, `for_result`, may itself be what is returned.
        """
        receiver = method.receiver
        if not isinstance(receiver, (Instance, ClassObject)):
            return method
        row = method.module.facts.functions[method.number]
        if row.class_index < 0:
            return method
        owner = self.program.class_name(method.module, row.class_index)
        extra: list[tuple[EnvKey, Type]] = list(self.in_object(receiver, owner))
        is_other = receiver.name != owner and self._rebinds_self(receiver.name, method, row, for_result)
        if is_other or (for_result and (receiver.args or extra)):
            extra.append(((method.module, row.class_index, ""), Instance(receiver.name, receiver.args)))
        if not extra:
            return method
        fresh = {key for key, _ in extra}
        return method._replace(env=(*[pair for pair in method.env if pair[0] not in fresh], *extra))

    def _rebinds_self(self, name: str, method: FunctionObject, row: Function, for_result: bool) -> bool:
        if for_result:
            if row.returns is not None:
                return _mentions_self(row.returns)
            if "" in self._asked_of_self(method.module, method.number):
                return True
            if self._returns_own(name, method):
                return True
        return self._means_other(name, method)

    def _returns_own(self, name: str, method: FunctionObject) -> bool:
        """Whether a method ends in `return self.other()`, and what that returns depends on the class of `self`."""
        facts = method.module.facts
        function = facts.functions[method.number]
        own = function.parameters[0].name if function.parameters else ""
        for number in method.module.returns_of.get(method.number, ()):
            value = facts.sites[number][6]
            if isinstance(value, int) and facts.sites[value][0] == SiteKind.AWAIT:
                value = facts.sites[value][6]
            callee = (
                facts.sites[value][6] if isinstance(value, int) and facts.sites[value][0] == SiteKind.CALL else None
            )
            if not (isinstance(callee, tuple) and callee[0] == "." and callee[1] == own):
                continue
            key = (name, method.module, method.number, callee[2])
            if key not in self._own_returned:
                self._own_returned[key] = False  # while methods that return one another are looked at
                found = self.program.members.raw(name, callee[2])
                self._own_returned[key] = any(
                    self._rebinds_self(name, each, each.module.facts.functions[each.number], True)
                    for each in (_functions(found[1]) if found is not None else ())
                )
            if self._own_returned[key]:
                return True
        return False

    def own(self, module: Module, class_index: int, env: Env) -> Type:
        """What `self` stands for in methods of a class; None without an entry."""
        key = (module, class_index, "")
        return next((type_ for each, type_ in env if each == key), None)

    def _means_other(self, name: str, method: FunctionObject) -> bool:
        """Whether a method finds other members in an object of the class than in one of its own class."""
        key = (name, method.module, method.number)
        found = self._differs.get(key)
        if found is None:
            found = self._differs[key] = self._finds_others(name, method)
        return found

    def _finds_others(self, name: str, method: FunctionObject) -> bool:
        """Asks the method, and those that it reaches through `self`, what they find."""
        pending, seen = [(method.module, method.number)], {(method.module, method.number)}
        while pending:
            module, number = pending.pop()
            owner = self.program.class_name(module, module.facts.functions[number].class_index)
            for attribute in sorted(self._asked_of_self(module, number) - {""}):
                if self._finds_other(name, owner, attribute):
                    return True
                found = None if attribute == "super" else self.program.members.raw(name, attribute)
                for each in _functions(found[1]) if found is not None else ():
                    key = each.module, each.number
                    if each.module.facts.functions[each.number].class_index >= 0 and key not in seen:
                        seen.add(key)
                        pending.append(key)
        return False

    def _finds_other(self, name: str, owner: str, attribute: str) -> bool:
        lookup = self.program.members
        if attribute == "super":
            order = lookup.order(name).names
            return owner in order and order[order.index(owner) + 1 :] != lookup.order(owner).names[1:]
        there, here = lookup.raw(name, attribute), lookup.raw(owner, attribute)
        return (there and there[0]) != (here and here[0])

    def _asked_of_self(self, module: Module, number: int) -> frozenset[str]:
        """The attributes of its first parameter that a method mentions.

        "super" is among them when it calls that, "" when it mentions the parameter by itself.
        """
        key = (module, number)
        found = self._asked.get(key)
        if found is None:
            facts = module.facts
            function = facts.functions[number]
            own = function.parameters[0].name if function.parameters else ""
            asked: set[str] = set()
            for row in facts.sites[function.first_site : function.end_site]:
                _collect(row[6:], own, asked)
                if row[0] == SiteKind.CALL and row[6] == "super":
                    asked.add("super")
            for scope in facts.scopes[function.scope :]:
                if not _is_within(facts.scopes, scope, function.scope):
                    break
                for rows in scope.bindings.values():
                    for row in rows:
                        _collect(row.a, own, asked)
            found = self._asked[key] = frozenset(asked)
        return found

    # -- calls ---------------------------------------------------------------------------------

    def bound_to_arguments(self, callee: FunctionObject, site: tuple[Any, ...], place: Place | None) -> FunctionObject:
        """The function with the type variables of its result standing for what its arguments show."""
        wanted = self._variables_of_result(callee)
        if not wanted or not site or place is None:
            return callee
        function = callee.module.facts.functions[callee.number]
        offset = 1 if callee.receiver is not None and function.class_index >= 0 else 0
        found = self._solved(wanted, callee, function, offset, site, place)
        if not found:
            return callee
        kept = [pair for pair in callee.env if pair[0] not in found]
        return callee._replace(env=(*kept, *found.items()))

    def constructed(self, callee: ClassObject, site: tuple[Any, ...], place: Place | None) -> tuple[Type, ...]:
        """The type arguments of an object made by calling a generic class."""
        parameters = self.parameters(callee.name)
        if callee.args or not parameters or not site or place is None:
            return callee.args
        found = self.program.members.raw(callee.name, "__init__")
        if found is None or not isinstance(found[1], FunctionObject):
            return ()
        init = found[1]
        if self.program.class_name(init.module, init.module.facts.functions[init.number].class_index) != callee.name:
            return ()
        function = init.module.facts.functions[init.number]
        solved = self._solved(frozenset(parameters), init, function, 1, site, place)
        return tuple([solved.get(each) for each in parameters]) if solved else ()

    def _variables_of_result(self, callee: FunctionObject) -> frozenset[Variable]:
        key = (callee.module, callee.number)
        found = self._returned.get(key)
        if found is None:
            function = callee.module.facts.functions[callee.number]
            place = names.header(callee.module, function, callee.env)
            found = self._returned[key] = frozenset(self.variables_in(function.returns, place))
        return found

    def _solved(
        self,
        wanted: frozenset[Variable],
        callee: FunctionObject,
        function: Function,
        offset: int,
        site: tuple[Any, ...],
        place: Place,
    ) -> dict[Variable, Type]:
        """What the arguments of a call show of type variables; contradictory ones are left out."""
        shown: dict[Variable, list[Type]] = {}
        inside = names.header(callee.module, function, callee.env)
        if offset and function.parameters:
            for variable, part in self._matched(function.parameters[0].annotation, callee.receiver, inside):
                shown.setdefault(variable, []).append(part)
        for position, argument in _passed(function, offset, site):
            annotation = function.parameters[position].annotation
            if annotation is None or not any(each in wanted for each in self.variables_in(annotation, inside)):
                continue
            type_ = self.program.inference.type_of(argument, place)
            for variable, part in self._matched(annotation, type_, inside):
                shown.setdefault(variable, []).append(part)
        solved = {variable: union(parts) for variable, parts in shown.items() if variable in wanted}
        return {variable: type_ for variable, type_ in solved.items() if type_ is not None and type_ is not NEVER}

    def _matched(self, annotation: Expr, type_: Type, place: Place) -> Iterator[tuple[Variable, Type]]:
        """The parts of a type that stand where an annotation mentions type variables."""
        if isinstance(annotation, str):
            variable = self.variable(annotation, place)
            if variable is not None:
                yield variable, type_
        elif isinstance(annotation, tuple):
            if annotation[0] == "const" and isinstance(annotation[1], str):
                yield from self._matched(self.program.annotations.parsed(annotation[1]), type_, place)
            elif annotation[0] == "bin" and annotation[1] == "|":
                for part in annotation[2:]:
                    yield from self._matched(part, without_none(type_), place)
            elif annotation[0] == "[]":
                yield from self._matched_in(annotation, type_, place)

    def _matched_in(self, annotation: Any, type_: Type, place: Place) -> Iterator[tuple[Variable, Type]]:
        head = annotation[1][2] if isinstance(annotation[1], tuple) else annotation[1]
        index = annotation[2]
        parts = index[1:] if isinstance(index, tuple) and index[0] == "tuple" else (index,)
        if head in ("Optional", "Annotated"):
            yield from self._matched(parts[0], without_none(type_), place)
        elif head in ("type", "Type"):
            if isinstance(type_, ClassObject):
                yield from self._matched(parts[0], Instance(type_.name, type_.args), place)
        elif head == "Callable":
            if isinstance(type_, (FunctionObject, LambdaObject, ClassObject, CallableOf)):
                yield from self._matched(parts[-1], self.program.calls.result(type_, (), place), place)
        elif head in ("Awaitable", "Coroutine"):
            yield from self._matched(parts[-1], self.program.calls.awaited(type_), place)
        elif len(parts) == 1:
            is_async = str(head).startswith("Async")
            yield from self._matched(parts[0], self.program.members.iterated(type_, place, is_async=is_async), place)
        elif isinstance(type_, Instance) and len(type_.args) == len(parts):
            for part, inner in zip(parts, type_.args, strict=True):
                yield from self._matched(part, inner, place)


def _passed(function: Function, offset: int, site: tuple[Any, ...]) -> Iterator[tuple[int, Expr]]:
    """The parameters that a call gives plain arguments for, by position."""
    for position, argument in enumerate(site[7]):
        if isinstance(argument, tuple) and argument[0] == "*":
            break
        index = position + offset
        if index >= len(function.parameters) or function.parameters[index].kind > ParameterKind.POSITIONAL:
            break
        yield index, argument
    by_name = {parameter.name: number for number, parameter in enumerate(function.parameters)}
    for keyword, argument in site[8]:
        if keyword in by_name:
            yield by_name[keyword], argument


def _functions(member: Type) -> Iterable[FunctionObject]:
    """The functions of the program that a class's member stands for."""
    for name in ("getter", "function"):
        member = getattr(member, name, member)
    return [each for each in members(member) if isinstance(each, FunctionObject)]


def _collect(value: Any, own: str, asked: set[str]) -> None:
    """Adds the names of attributes of `own` that an expression mentions; "" for `own` by itself."""
    if isinstance(value, tuple):
        if len(value) == 3 and value[0] == "." and value[1] == own:
            asked.add("" if value[2] == "__class__" else value[2])
        else:
            for part in value:
                _collect(part, own, asked)
    elif isinstance(value, str) and value == own:
        asked.add("")


def _mentions_self(annotation: Expr) -> bool:
    if isinstance(annotation, tuple):
        if annotation[0] == "const":
            return isinstance(annotation[1], str) and "Self" in annotation[1]
        return any(_mentions_self(part) for part in annotation[1:])
    return isinstance(annotation, str) and annotation.endswith("Self")


def _is_within(scopes: list[Any], scope: Any, outer: int) -> bool:
    """Whether a scope is, or is nested in, the one with the number `outer`."""
    while scope is not scopes[outer]:
        if scope.parent < 0:
            return False
        scope = scopes[scope.parent]
    return True

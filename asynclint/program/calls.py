"""What calling something gives: functions and their decorators, classes, partials, awaiting, entering."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from asynclint.facts.model import BindingKind, Expr, Function, SiteKind
from asynclint.program import names
from asynclint.program.annotations import AWAITABLE
from asynclint.program.arguments import with_env
from asynclint.program.modules import Module
from asynclint.program.names import Place
from asynclint.program.types import (
    EITHER,
    NEVER,
    NONE,
    CallableOf,
    ClassMethod,
    ClassObject,
    ContextManager,
    Coroutine,
    Env,
    EnvKey,
    ExternalMethod,
    FunctionObject,
    Instance,
    LambdaObject,
    PartialObject,
    Property,
    Starred,
    StaticMethod,
    Symbol,
    Type,
    mapped,
    members,
    union,
    without_none,
)

if TYPE_CHECKING:
    from asynclint.catalogue import CallableRow, DecoratorRow
    from asynclint.program import Program


class Calls:
    def __init__(self, program: Program) -> None:
        self.program = program

    # -- calls -------------------------------------------------------------------------------

    def result_at(self, module: Module, site: int, env: Env) -> Type:
        """The type of a call site's value."""
        row = module.facts.sites[site]
        place = Place(module, row[5], row[1], row[2], env)
        if row[6] == "super":
            return self.program.inference.super_at(place, row[7])
        callee = self.program.inference.callee(module, site, env)
        if callee is None:
            return None
        return self.result(callee, row, place)

    def result(self, callee: Type, site: tuple[Any, ...], place: Place | None) -> Type:
        """The value of calling `callee`; `site` is the call's row, or () when nothing is known of arguments."""
        if callee.__class__ is FunctionObject:
            return self._result_of_one(callee, site, place)
        return mapped(without_none(callee), lambda each: self._result_of_one(each, site, place))

    def _result_of_one(self, callee: Type, site: tuple[Any, ...], place: Place | None) -> Type:
        if isinstance(callee, FunctionObject):
            added = self.row(callee)
            if added is not None and added.is_awaitable:
                return self._listed(added, callee, site, place)
            generic = self.program.generics.bound_to_arguments(callee, site, place)
            return self.returned(self.program.arguments.bound(generic, site, place))
        if isinstance(callee, ClassObject):
            return self._constructed(callee, site, place)
        if isinstance(callee, (Symbol, ExternalMethod)):
            row = self.row(callee)
            return None if row is None else self._listed(row, callee, site, place)
        if isinstance(callee, CallableOf):
            return callee.result
        if isinstance(callee, PartialObject):
            return self.result(callee.function, (), place)
        if isinstance(callee, LambdaObject):
            of_lambda = callee.module.facts.sites[callee.site]
            inside = Place(callee.module, of_lambda[8], of_lambda[1], of_lambda[2], callee.env)
            return self.program.inference.type_of(of_lambda[7], inside)
        if isinstance(callee, Instance):
            method = self.program.members.attribute(callee, "__call__")
            return None if method is None else self.result(method, site, place)
        return None

    def row(self, callee: Type) -> CallableRow | None:
        """What the catalogue says of an external callable or class, or the user of one of the project."""
        catalogue = self.program.catalogue
        if isinstance(callee, FunctionObject):
            return self._added(callee) if catalogue.added else None
        if isinstance(callee, Symbol):
            return catalogue.callable(callee.name)
        if isinstance(callee, ExternalMethod):
            found = catalogue.method(callee.owner, callee.name)
            return found[1] if found else catalogue.property_row(callee.owner, callee.name)
        if isinstance(callee, ClassObject) and self.program.class_named(callee.name) is None:
            return catalogue.callable(callee.name)
        return None

    def _added(self, callee: FunctionObject) -> CallableRow | None:
        """What the configuration says of a function of the project, or of the class whose method it is."""
        catalogue, name = self.program.catalogue, self.program.qualified_name(callee)
        owner = name.rpartition(".")[0]
        added = next((each for each in (name, owner) if each in catalogue.added), None)
        return None if added is None else catalogue.callable(added)

    def _constructed(self, callee: ClassObject, site: tuple[Any, ...], place: Place | None) -> Type:
        if self.program.class_named(callee.name) is not None:
            made = Instance(callee.name, self.program.generics.constructed(callee, site, place))
            return self._made_by_new(callee, made)
        wrap = _BUILTIN_DECORATORS.get(callee.name)
        if wrap is not None and site and place is not None and site[7]:
            return wrap(self.program.inference.type_of(site[7][0], place))
        row = self.row(callee)
        if row is not None and row.unless_given and site and any(key == row.unless_given for key, _ in site[8]):
            return None
        if row is None or not row.returns or row.returns == callee.name or callee.args:
            if row is not None and row.colour != "sync":
                return self._coloured(row, Instance(callee.name, callee.args))
            return Instance(callee.name, callee.args)
        return self._listed(row, callee, site, place)

    def _made_by_new(self, callee: ClassObject, made: Instance) -> Type:
        """What a class gives that makes its objects itself; they need not be its own."""
        found = self.program.members.raw(callee.name, "__new__")
        if found is None or not isinstance(found[1], FunctionObject) or not found[1].module.first_party:
            return made
        others = [each for each in members(self.returned(found[1]._replace(receiver=callee))) if each != NONE]
        lookup = self.program.members
        is_own = [isinstance(each, Instance) and lookup.is_subclass(found[0], each.name) for each in others]
        return made if all(is_own) else union([made if own else each for own, each in zip(is_own, others, strict=True)])

    def _listed(self, row: CallableRow, callee: Type, site: tuple[Any, ...], place: Place | None) -> Type:
        """The result that a catalogue row describes."""
        receiver = getattr(callee, "receiver", None)
        arguments: tuple[Type, ...] = ()
        if site and place is not None and ("$" in row.returns or row.binds):
            if row.unless_given and any(key == row.unless_given for key, _ in site[8]):
                return self._coloured(row, None)
            arguments = tuple([self._argument(argument, place) for argument in site[7]])
            if row.casts and len(site[7]) == 2:
                said = self.program.annotations.value(site[7][0], place)
                is_open = any(self.program.generics.variables_in(site[7][0], place))
                return arguments[1] if _is_some_callable(said) or (said is None and is_open) else said
        if row.binds:
            is_known = arguments and arguments[0] is not None and not isinstance(arguments[0], Starred)
            return PartialObject(arguments[0], len(arguments) - 1) if is_known else None
        if row.in_async and not (place is not None and _is_in_coroutine(place)):
            return None
        return self._coloured(row, self.program.annotations.listed(row.returns, receiver, arguments))

    def _argument(self, argument: Expr, place: Place) -> Type:
        inference = self.program.inference
        if isinstance(argument, tuple) and argument[0] == "*":
            return Starred(inference.iterated(inference.type_of(argument[1], place), place))
        return inference.type_of(argument, place)

    def _coloured(self, row: CallableRow, result: Type) -> Type:
        colour = row.colour
        if colour == "coroutine":
            return Coroutine(result)
        if colour == "lazy":
            return Coroutine(result, lazy=True)
        if colour == "future":
            # `returns` names the kind of future, or what awaiting it gives.
            if "$" not in row.returns and isinstance(result, Instance) and result != NONE:
                if self.program.members.has(result, "__await__") is not False:
                    return result
            return Instance("asyncio.Task" if row.task else "asyncio.Future", (result,))
        if colour in ("async-context", "context"):
            if isinstance(result, Instance) and row.returns:
                entered = self.program.members.protocol(result, "async_enter" if colour == "async-context" else "enter")
                if entered is not None:
                    return result
            return ContextManager(result, colour == "async-context")
        if colour == "awaitable-or-context":
            return Instance(EITHER, (result,))
        if colour == "async-iterator":
            result = without_none(result)  # annotations say that it may give none, calling it never does
            if isinstance(result, Instance) and self.program.members.protocol(result, "async_iterates") is not None:
                return result
            return Instance("typing.AsyncIterator", (result,))
        return result

    # -- functions ---------------------------------------------------------------------------

    def function(self, module: Module, index: int, env: Env = ()) -> Type:
        """What the name of a `def` stands for, its decorators applied; None when one is unknown."""
        return self.program.inference.solve((module, "def", index, env), self._decorated, module, index, env)

    def _decorated(self, module: Module, index: int, env: Env) -> Type:
        row = module.facts.functions[index]
        value: Type = FunctionObject(module, index, None, env)
        if row.decorators:
            place = Place(module, module.facts.blocks[row.block][1], row.line, 0, env)
            for decorator in reversed(row.decorators):
                value = self._applied(decorator, value, place)
                if value is None:
                    return None
        return value

    def decorations(self, module: Module, index: int) -> Iterator[tuple[Expr, DecoratorRow | None, Type]]:
        """Each decorator of a function, innermost first: its catalogue row, and what it is applied to."""
        row = module.facts.functions[index]
        place = Place(module, module.facts.blocks[row.block][1], row.line, 0)
        value: Type = FunctionObject(module, index)
        for decorator in reversed(row.decorators):
            name = self._decorator_name(decorator, self.program.inference.type_of(decorator, place), place)
            yield decorator, self.program.catalogue.decorator(name) if name else None, value
            value = None if value is None else self._applied(decorator, value, place)

    def _decorator_name(self, decorator: Expr, type_: Type, place: Place) -> str:
        """The qualified name of an external decorator, or of the factory that makes it; empty for others."""
        name = ""
        if isinstance(type_, (Symbol, ClassObject)):
            name = type_.name
        elif isinstance(type_, ExternalMethod):
            name = f"{type_.owner}.{type_.name}"
        elif isinstance(decorator, int):
            # `@decorator(...)`: the row of the factory says what the decorator does.
            site = place.module.facts.sites[decorator]
            if site[0] == SiteKind.CALL:
                factory = self.program.inference.type_of(site[6], place)
                if isinstance(factory, (Symbol, ClassObject)):
                    name = factory.name
                elif isinstance(factory, ExternalMethod):
                    name = f"{factory.owner}.{factory.name}"
        return name

    def _applied(self, decorator: Expr, value: Type, place: Place) -> Type:
        type_ = self.program.inference.type_of(decorator, place)
        name = self._decorator_name(decorator, type_, place)
        if not name and isinstance(decorator, tuple) and decorator[0] == "." and decorator[2] in _PROPERTY_PARTS:
            return Property(value)
        if name in _BUILTIN_DECORATORS:
            return _BUILTIN_DECORATORS[name](value)
        row = self.program.catalogue.decorator(name) if name else None
        if row is not None:
            return self._decorated_by(row, value)
        if isinstance(type_, Instance):
            type_ = self.program.members.attribute(type_, "__call__")
        if isinstance(type_, ClassObject) and self.program.class_named(type_.name) is not None:
            return Instance(type_.name)
        while isinstance(type_, PartialObject) and not type_.bound:
            type_ = type_.function
        if isinstance(type_, FunctionObject):
            key = self._first_parameter(type_)
            if key is None:
                return None
            return self.returned(with_env(type_, [(key, value)]))
        return None

    def _first_parameter(self, function: FunctionObject) -> EnvKey | None:
        row = function.module.facts.functions[function.number]
        position = 1 if function.receiver is not None and row.class_index >= 0 else 0
        return (function.module, function.number, position) if position < len(row.parameters) else None

    def _decorated_by(self, row: DecoratorRow, value: Type) -> Type:
        makes = row.makes
        if not makes:
            return value
        if makes in ("context", "async-context"):
            return CallableOf(ContextManager(self.yielded_by(value), makes == "async-context", _function_of(value)))
        if makes in ("property", "cached-property"):
            return Property(value)
        result = self.result(value, (), None)
        if makes == "coroutine":
            return CallableOf(result if isinstance(result, Coroutine) else Coroutine(result))
        if makes == "future":
            awaited = result.result if isinstance(result, Coroutine) else None
            return CallableOf(Instance(row.returns or "asyncio.Future", (awaited,)))
        if makes == "sync":
            return CallableOf(self.awaited(result) if isinstance(result, Coroutine) else result)
        return self.program.annotations.listed(row.returns) if row.returns else None

    def yielded_by(self, value: Type) -> Type:
        result = self.result(value, (), None)
        if isinstance(result, Instance) and result.args:
            return result.args[0]
        return None

    def returned(self, callee: FunctionObject) -> Type:
        """What calling the function gives, by its colour, annotation or `return` statements."""
        callee = self.program.generics.bound_to_receiver(callee, for_result=True)
        key = (callee.module, "result", callee.number, callee.receiver, callee.env)
        return self.program.inference.solve(key, self._returned, callee)

    def _returned(self, callee: FunctionObject) -> Type:
        row = callee.module.facts.functions[callee.number]
        result = self._declared_result(callee, row)
        if row.is_generator:
            item = None
            if isinstance(result, Instance) and result.args:
                item = result.args[0]
            elif result is None:
                item = self._inferred(callee, callee.module.yields_of.get(callee.number, ()))
            return Instance("typing.AsyncGenerator" if row.is_async else "typing.Generator", (item,))
        is_read = callee.env or callee.module.first_party if row.returns is None else _is_given_function(callee.env)
        if result is None and is_read and not row.is_stub:
            # Of installed packages only what they declare counts: working out more would mean to read them whole.
            # What wraps a function is annotated with a type variable, or `Any`: its body tells more.
            result = self._inferred(callee, callee.module.returns_of.get(callee.number, ()))
        if not row.is_async:
            return self._overloaded(callee, row) or self._as_seen(callee, row, result)
        if row.is_stub and self._may_differ(callee, row, result):
            return None
        return Coroutine(None if result is NEVER else result)

    def _overloaded(self, callee: FunctionObject, row: Function) -> Type:
        """What the overloads of a plain function give, where some give a coroutine; None else.

        Its own annotation then speaks of what awaiting gives as often as not.
        """
        facts = callee.module.facts
        same = facts.scopes[row.outer_scope].bindings.get(row.name, ())
        if len(same) < 2 or names.is_overload(row):
            return None
        numbers = [each.a for each in same if each.kind == BindingKind.FUNCTION and each.a != callee.number]
        declared = [number for number in numbers if names.is_overload(facts.functions[number])]
        found = [self.returned(callee._replace(number=number)) for number in declared]
        return union(found) if any(isinstance(each, Coroutine) for each in found) else None

    def _as_seen(self, callee: FunctionObject, row: Function, result: Type) -> Type:
        """What a plain function gives, where its body says more than its annotation of an awaitable or callable.

        `-> Awaitable` is often written for a function that returns an async *function*, and that of a
        decorator, `-> Callable[P, R]`, does not tell what is run.
        """
        if row.returns is None or row.is_stub:
            return result
        if callee.module.first_party or callee.env:
            if _is_some_callable(result):
                found = self._inferred(callee, callee.module.returns_of.get(callee.number, ()))
                return found if self._is_told(found, result) else result
        is_vague = isinstance(result, Instance) and result.name == AWAITABLE
        if not (is_vague or isinstance(result, Coroutine)):
            return result
        found = members(self._inferred(callee, callee.module.returns_of.get(callee.number, ())))
        if any(isinstance(each, (FunctionObject, LambdaObject, ClassObject)) for each in found):
            return None
        return union(found) if found and all(isinstance(each, Coroutine) for each in found) else result

    def _is_told(self, found: Type, declared: Type) -> bool:
        """Whether what a function's body gives says as much as that it may be called, as annotated."""
        called = [each for each in members(found) if each != NONE]
        if not called or not all(isinstance(each, _CALLABLES) for each in called):
            return False
        awaited = any(isinstance(getattr(each, "result", None), Coroutine) for each in members(declared))
        return not awaited or self.result(found, (), None) is not None

    def _may_differ(self, callee: FunctionObject, row: Function, result: Type) -> bool:
        """Whether a method without a body stands for implementations of another kind.

        `async def items(self) -> AsyncIterator[T]: ...` in a protocol stands for an async generator,
        and an abstract `async def session(self): ...` often for an async context manager.
        """
        if isinstance(result, Instance):
            last = result.name.rpartition(".")[2]
            return last.startswith(("AsyncIter", "AsyncGenerator")) or last.endswith("ContextManager")
        return row.returns is None and row.class_index >= 0 and self.program.members.is_abstract(callee)

    def _declared_result(self, callee: FunctionObject, row: Function) -> Type:
        if row.returns is None:
            return None
        module = callee.module
        place = names.header(module, row, callee.env)
        return self.program.annotations.value(row.returns, place)

    def _inferred(self, callee: FunctionObject, sites: Any) -> Type:
        """The union of what the `return` or `yield` sites give, and None where the end may be reached."""
        module, found = callee.module, []
        row = module.facts.functions[callee.number]
        if not row.is_generator and not _ends_in_jump(module, row):
            found.append(NONE)
        if callee.env:
            sites = self.program.narrowing.reachable(module, sites, callee.env)
        for number in sites:
            site = module.facts.sites[number]
            if site[6] is None:
                found.append(NONE)
                continue
            place = Place(module, site[5], site[1], site[2], callee.env)
            found.append(self.program.inference.type_of(site[6], place))
        return union(found)

    # -- awaiting, entering, injecting -------------------------------------------------------

    def awaited(self, type_: Type) -> Type:
        """What `await value` gives."""
        return mapped(type_, self._awaited_one)

    def _awaited_one(self, type_: Type) -> Type:
        if isinstance(type_, Coroutine):
            return type_.result
        if isinstance(type_, Instance):
            if type_.name == EITHER:
                return type_.args[0]
            listed = self.program.members.protocol(type_, "awaits_to")
            if listed is not None:
                if listed[0]:
                    return self.program.annotations.listed(listed[0], type_)
                return type_.args[0] if type_.args else None
        return None

    def entered(self, type_: Type, is_async: bool, place: Place | None) -> Type:
        """What `with value as name` binds."""
        return mapped(without_none(type_), lambda each: self._entered_one(each, is_async, place))

    def _entered_one(self, type_: Type, is_async: bool, place: Place | None) -> Type:
        if isinstance(type_, ContextManager):
            return type_.result if type_.is_async == is_async else None
        if not isinstance(type_, Instance):
            return None
        if type_.name == EITHER:
            result = type_.args[0]
            return self._entered_one(result, is_async, place) or result
        listed = self.program.members.protocol(type_, "async_enter" if is_async else "enter")
        if listed is not None:
            return self.program.annotations.listed(listed[0], type_)
        method = self.program.members.attribute(type_, "__aenter__" if is_async else "__enter__")
        result = None if method is None else self.result(method, (), place)
        return self.awaited(result) if is_async else result

    def injected(self, parts: Any, place: Place) -> Type:
        """What a framework passes for `Annotated[..., Depends(f)]` or a default of `Depends(f)`."""
        for part in parts:
            if not isinstance(part, int):
                continue
            row = place.module.facts.sites[part]
            if row[0] != SiteKind.CALL:
                continue
            callee = self.program.inference.type_of(row[6], place)
            listed = self.row(callee) if callee is not None else None
            run = next((run for run in listed.runs if run.how == "registered"), None) if listed is not None else None
            if run is None:
                continue
            named = [value for keyword, value in row[8] if keyword == run.argument[1]]
            if not row[7] and not named:
                continue
            dependency = self.program.inference.type_of(row[7][0] if row[7] else named[0], place)
            result = self.result(dependency, (), place)
            if isinstance(result, Coroutine):
                return result.result
            if isinstance(result, Instance) and result.name in ("typing.Generator", "typing.AsyncGenerator"):
                return result.args[0] if result.args else None
            return result
        return None


_PROPERTY_PARTS = frozenset({"setter", "deleter", "getter"})
_BUILTIN_DECORATORS = {
    "builtins.property": Property,
    "builtins.staticmethod": StaticMethod,
    "builtins.classmethod": ClassMethod,
}


_FUNCTIONS = (FunctionObject, LambdaObject, PartialObject)
_CALLABLES = (FunctionObject, LambdaObject, PartialObject, ExternalMethod, Symbol, ClassObject, CallableOf)


def _is_given_function(env: Env) -> bool:
    """Whether a function knows a function that it is given, or that one around it is."""
    return any(isinstance(type_, _FUNCTIONS) for _, type_ in env)


def _is_some_callable(type_: Type) -> bool:
    """Whether of a value no more is known than that it may be called, if it is there at all."""
    found = [each for each in members(type_) if each != NONE]
    return bool(found) and all(isinstance(each, CallableOf) for each in found)


def _function_of(value: Type) -> FunctionObject | None:
    return value if isinstance(value, FunctionObject) else None


def _ends_in_jump(module: Module, row: Function) -> bool:
    """Whether the function's body itself, outside of any branch, returns or raises."""
    sites = module.facts.sites
    return any(
        sites[number][5] == row.block and sites[number][0] in (SiteKind.RETURN, SiteKind.RAISE)
        for number in module.own_sites.get(module.function_of_block[row.block], ())
    )


def _is_in_coroutine(place: Place) -> bool:
    number = place.module.function_of_block[place.block]
    return number >= 0 and place.module.facts.functions[number].is_async

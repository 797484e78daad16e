"""Attributes of values: methods and fields through the class hierarchy, module members, protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import Binding, BindingKind, Class, SiteKind
from asynclint.program import names
from asynclint.program.fields import as_tuple, declared_by_call
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
    ExternalMethod,
    FunctionObject,
    Instance,
    ModuleObject,
    Namespace,
    PartialObject,
    Property,
    StaticMethod,
    Super,
    Symbol,
    TupleOf,
    Type,
    Union,
    mapped,
    members,
    union,
    without_none,
)
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program import Program


class ClassRow(NamedTuple):
    """A class of the program."""

    module: Module
    row: Class
    name: str


class Order(NamedTuple):
    """The classes in which members are looked up, nearest first."""

    names: tuple[str, ...]
    complete: bool
    """False when some base is unknown: a member that is not found may exist all the same."""


class Members:
    def __init__(self, program: Program) -> None:
        self.program = program

    # -- classes -----------------------------------------------------------------------------

    def class_named(self, name: str) -> ClassRow | None:
        """The class of the program with that qualified name."""
        return self.program.class_named(name)

    def order(self, name: str) -> Order:
        """The method resolution order of a class, as far as it is known."""
        found = self.program.inference.solve(("order", name), self._ordered, name)
        # A class that inherits from itself, or whose bases depend on its own members, ends here.
        return found if isinstance(found, Order) else Order((name,), False)

    def _ordered(self, name: str) -> Order:
        class_ = self.class_named(name)
        if class_ is None:
            catalogue = self.program.catalogue
            if catalogue.type(name) is None:
                return Order((name,), False)
            return Order(catalogue.order(name), catalogue.is_complete(name))
        lines: list[tuple[str, ...]] = []
        direct: list[str] = []
        complete = True
        place = Place(class_.module, class_.row.block, class_.row.line, 0)
        for base in class_.row.bases:
            type_ = self.program.inference.type_of(base, place)
            for each in members(type_) or (None,):
                if isinstance(each, (ClassObject, Symbol)):
                    if each.name in ("builtins.object", "typing.Generic", "typing.Protocol", "abc.ABC"):
                        continue
                    order = self.order(each.name)
                    complete &= order.complete
                    lines.append(order.names)
                    direct.append(each.name)
                else:
                    complete = False
        return Order((name, *_merged([*lines, tuple(direct)])), complete)

    def is_abstract(self, method: FunctionObject) -> bool:
        """Whether a method is declared to be implemented elsewhere: abstract, of a protocol, or just raising."""
        facts = method.module.facts
        row = facts.functions[method.number]
        if any(names.last_name(decorator) == "abstractmethod" for decorator in row.decorators):
            return True
        if any(facts.sites[number][0] == SiteKind.RAISE for number in method.module.own_sites.get(method.number, ())):
            return True
        bases = facts.classes[row.class_index].bases
        return any(
            names.last_name(base[1] if isinstance(base, tuple) and base[0] == "[]" else base) in ("Protocol", "ABC")
            for base in bases
        )

    def is_subclass(self, name: str, base: str) -> bool:
        """Whether the class is, or inherits from, the one with the canonical name `base`."""
        if name == base:
            return True
        order = self.order(name)
        return any(each == base or self.program.catalogue.is_subtype(each, base) for each in order.names)

    def raw(self, name: str, attribute: str) -> tuple[str, Type] | None:
        """Where a class's member is defined, and its type before binding; None when it is not known to exist."""
        found = self.program.inference.solve(("member", name, attribute), self._member, name, attribute)
        return found if found.__class__ is tuple else None

    def _member(self, name: str, attribute: str) -> tuple[str, Type] | None:
        return self._looked_up(self.order(name).names, attribute)

    def _is_rerouted(self, derived: tuple[str, ...], owner: str, method: str) -> bool:
        """Whether a class of the program replaces what a library's method works through.

        That holds where it defines another method that waits in the same way, such as `request` for
        `get`, and does not call the library's own.
        """
        catalogue = self.program.catalogue
        found = catalogue.method(owner, method) if derived else None
        if found is None or not found[1].blocks:
            return False
        for class_ in filter(None, map(self.class_named, derived)):
            facts = class_.module.facts
            for name, rows in facts.scopes[class_.row.scope].bindings.items():
                listed = catalogue.method(owner, name) if rows[-1].kind == BindingKind.FUNCTION else None
                if listed is not None and listed[1].blocks == found[1].blocks:
                    if not any(
                        facts.sites[number][0] == SiteKind.CALL and names.last_name(facts.sites[number][6]) == name
                        for number in class_.module.own_sites.get(rows[-1].a, ())
                    ):
                        return True
        return False

    def _looked_up(self, order: tuple[str, ...], attribute: str) -> tuple[str, Type] | None:
        fallback: tuple[str, Type] | None = None
        for place, owner in enumerate(order):
            class_ = self.class_named(owner)
            if class_ is not None:
                found = self._own(class_, attribute)
                if found is not None:
                    return owner, found[0]
                continue
            catalogue = self.program.catalogue
            type_row = catalogue.type(owner)
            if type_row is None:
                return None  # what an unknown base defines may hide what comes after it
            if place and attribute in type_row.methods and self._is_rerouted(order[:place], owner, attribute):
                return None
            if attribute in type_row.methods or (
                type_row.every_method is not None
                and not attribute.startswith("_")
                and attribute not in type_row.attributes
            ):
                return owner, ExternalMethod(owner, attribute)
            if attribute in type_row.attributes:
                row = catalogue.property_row(owner, attribute)
                if row is not None:
                    return owner, Property(ExternalMethod(owner, attribute))
                return owner, _Attribute(owner, attribute)
            if catalogue.decorator(f"{owner}.{attribute}") is not None:
                return owner, ExternalMethod(owner, attribute)
            if fallback is None and "__getattr__" in type_row.methods and not attribute.startswith("_"):
                fallback = owner, Property(ExternalMethod(owner, "__getattr__"))
        return fallback

    def _own(self, class_: ClassRow, attribute: str, env: Env = ()) -> tuple[Type] | None:
        facts = class_.module.facts
        rows = facts.scopes[class_.row.scope].bindings.get(attribute)
        assigned = class_.row.attributes.get(attribute)
        if not rows and not assigned:
            return None
        rows = names.settled(facts, rows) if rows else []
        inference = self.program.inference
        if rows and rows[-1].kind in (BindingKind.FUNCTION, BindingKind.CLASS):
            return (union([inference.binding(class_.module, row, env) for row in rows]),)
        every: list[Binding] = [*rows, *(assigned or ())]
        for row in every:
            if row.kind == BindingKind.DECLARED or (row.kind == BindingKind.VALUE and row.b is not None):
                declared = inference.binding(class_.module, row, env)
                if declared is not None:
                    return (declared,)
        if len(every) == 1:
            place = Place(class_.module, every[0].block, every[0].line, every[0].column, env)
            field = declared_by_call(every[0], place, self.program)
            if field is not None:
                return (field,)
        kept = [row for row in every if not (row.kind == BindingKind.OTHER and row.a == "kept")]
        return (union([inference.binding(class_.module, row, env) for row in kept]),)

    # -- attributes --------------------------------------------------------------------------

    def attribute(self, base: Type, name: str) -> Type:
        """The type of `base.name`; None when unknown."""
        if base.__class__ is Instance and base is not NONE:
            return self._of_instance(base, name)
        base = without_none(base)
        if base.__class__ is Union:
            # Who reads the attribute has one that has it.
            able = [each for each in members(base) if self.has(each, name) is not False]
            base = union(able) if able else base
        return mapped(base, lambda each: self._of_one(each, name))

    def _of_one(self, base: Type, name: str) -> Type:
        if isinstance(base, Instance):
            return self._of_instance(base, name)
        if isinstance(base, ModuleObject):
            return self.program.exported(base.module, name)
        if isinstance(base, Symbol):
            return self.program.external(f"{base.name}.{name}")
        if isinstance(base, ClassObject):
            return self._of_class(base, name)
        if isinstance(base, Namespace):
            return self.program.imported(base.name, name, base.importer)
        if isinstance(base, Super):
            return self._of_super(base, name)
        if isinstance(base, TupleOf):
            return self._of_instance(Instance("builtins.tuple"), name)
        if isinstance(base, Coroutine) and not base.lazy:
            return self._of_instance(Instance("types.CoroutineType"), name)
        if isinstance(base, PartialObject) and name == "func":
            return base.function
        return None

    def _of_instance(self, base: Instance, name: str) -> Type:
        found = self.raw(base.name, name)
        if found is None:
            return ClassObject(base.name, base.args) if name == "__class__" else None
        owner, type_ = found
        env = self.program.generics.in_object(base, owner)
        if owner != base.name and _mentions(type_, owner):
            env = (*env, *self._own_of(base, owner))
        if env and not isinstance(type_, (FunctionObject, Property)):
            type_ = self.program.inference.solve(("member", owner, name, env), self._own_with, owner, name, env)
        return self._bound(type_, base, ClassObject(base.name, base.args))

    def _own_of(self, base: Instance | ClassObject, owner: str) -> Env:
        """What `Self`, `self` and `cls` stand for in a class that the one of `base` inherits from."""
        class_ = self.class_named(owner)
        if class_ is None:
            return ()
        return (((class_.module, class_.module.facts.classes.index(class_.row), ""), Instance(base.name, base.args)),)

    def _own_with(self, owner: str, name: str, env: Env) -> Type:
        """A class's own member where its type parameters are known."""
        class_ = self.class_named(owner)
        found = None if class_ is None else self._own(class_, name, env)
        return None if found is None else found[0]

    def _of_class(self, base: ClassObject, name: str) -> Type:
        found = self.raw(base.name, name)
        if found is None:
            return _NEW if name == "__new__" else None
        owner, type_ = found
        if owner != base.name and _mentions(type_, owner):
            env = self._own_of(base, owner)
            type_ = self.program.inference.solve(("member", owner, name, env), self._own_with, owner, name, env)
        if isinstance(type_, (ClassMethod, StaticMethod)):
            return self._bound(type_, base, base)
        if isinstance(type_, Property):
            return None
        if isinstance(type_, _Attribute):
            return self._listed(type_, None)
        if isinstance(type_, ExternalMethod):
            return ExternalMethod(type_.owner, type_.name, base)
        return type_

    def _of_super(self, base: Super, name: str) -> Type:
        receiver = base.receiver
        own = receiver.name if isinstance(receiver, (Instance, ClassObject)) else base.owner
        order = self.order(own).names
        start = order.index(base.owner) + 1 if base.owner in order else 1
        found = self._looked_up(order[start:], name)
        if found is None:
            return _NEW if name == "__new__" else None
        return self._bound(found[1], receiver, ClassObject(own))

    def _bound(self, type_: Type, receiver: Type, class_: ClassObject) -> Type:
        """A member as reached through an object."""
        if isinstance(type_, FunctionObject):
            if type_.receiver is None and _is_method(type_):
                return FunctionObject(type_.module, type_.number, receiver, type_.env)
            return type_
        if isinstance(type_, ExternalMethod):
            return ExternalMethod(type_.owner, type_.name, receiver)
        if isinstance(type_, Property):
            getter = self._bound(type_.getter, receiver, class_)
            return self.program.calls.result(getter, (), None)
        if isinstance(type_, StaticMethod):
            return type_.function
        if isinstance(type_, ClassMethod):
            return self._bound(type_.function, class_, class_)
        if isinstance(type_, _Attribute):
            return self._listed(type_, receiver)
        if isinstance(type_, CallableOf) and isinstance(type_.result, ContextManager):
            return CallableOf(self._entered_through(type_.result, receiver))
        if type_ is not None and type_.__class__ is Union:
            return union([self._bound(each, receiver, class_) for each in type_.members])
        return type_

    def _entered_through(self, made: ContextManager, receiver: Type) -> ContextManager:
        """What a generator method that was made a context manager gives for an object of a subclass."""
        method = made.function
        if method is None or method.receiver is not None or not isinstance(receiver, (Instance, ClassObject)):
            return made
        index = method.module.facts.functions[method.number].class_index
        if index < 0 or (receiver.name == self.program.class_name(method.module, index) and not receiver.args):
            return made
        return made._replace(result=self.program.calls.yielded_by(method._replace(receiver=receiver)))

    def _listed(self, attribute: _Attribute, receiver: Type) -> Type:
        text = self.program.catalogue.attribute(attribute.owner, attribute.name)
        return self.program.annotations.listed(text or "", receiver)

    # -- protocols ---------------------------------------------------------------------------

    def iterated(self, type_: Type, place: Place | None, *, is_async: bool) -> Type:
        """What iterating gives; None when unknown."""
        return mapped(without_none(type_), lambda each: self._iterated_one(each, place, is_async))

    def _iterated_one(self, type_: Type, place: Place | None, is_async: bool) -> Type:
        type_ = as_tuple(type_, self.program)
        if isinstance(type_, TupleOf):
            return union(type_.items) if type_.items else None
        if not isinstance(type_, Instance):
            return None
        listed = self.protocol(type_, "async_iterates" if is_async else "iterates")
        if listed is not None:
            if listed[0]:
                return self.program.annotations.listed(listed[0], type_)
            return type_.args[0] if type_.args else None
        method = self.attribute(type_, "__aiter__" if is_async else "__iter__")
        if method is not None:
            iterator = self.program.calls.result(method, (), place)
            if iterator is not None and iterator is not NEVER and iterator != type_:
                return self.iterated(iterator, place, is_async=is_async)
            following = self.attribute(type_, "__anext__" if is_async else "__next__")
            result = self.program.calls.result(following, (), place)
            return self.program.calls.awaited(result) if is_async else result
        if self.class_named(type_.name) is None and type_.args:
            return type_.args[0]
        return None

    def protocol(self, type_: Instance, which: str) -> tuple[str] | None:
        """The catalogue's type expression for a protocol of an instance, where no class of the program defines it."""
        for owner in self.order(type_.name).names:
            class_ = self.class_named(owner)
            if class_ is not None:
                if _DEFINED_BY[which] in class_.module.facts.scopes[class_.row.scope].bindings:
                    return None
            else:
                found = self.program.catalogue.protocol(owner, which)
                if found is not None:
                    return (found,)
        return None

    def has(self, type_: Type, name: str) -> bool | None:
        """Whether an object of the type has the member; None when that is not known."""
        if isinstance(type_, ContextManager):
            return name in (("__aenter__", "__aexit__") if type_.is_async else ("__enter__", "__exit__"))
        if isinstance(type_, Coroutine):
            return name == "__await__"
        if isinstance(type_, TupleOf):
            type_ = Instance("builtins.tuple")
        if not isinstance(type_, Instance) or type_ == NONE:
            return None
        if type_.name == EITHER:
            return name in ("__await__", "__aenter__", "__aexit__")
        if self.raw(type_.name, name) is not None:
            return True
        which = _PROTOCOLS.get(name)
        if which is not None and self.protocol(type_, which) is not None:
            return True
        return False if self.order(type_.name).complete else None


class _Attribute(NamedTuple):
    """A field that the catalogue lists."""

    owner: str
    name: str


_PROTOCOLS = {
    "__enter__": "enter", "__exit__": "enter", "__aenter__": "async_enter", "__aexit__": "async_enter",
    "__iter__": "iterates", "__aiter__": "async_iterates", "__await__": "awaits_to",
}  # fmt: skip


def _mentions(type_: Type, owner: str) -> bool:
    """Whether a type is, or holds, an object of the class itself, as `Self` may stand for."""
    if isinstance(type_, Instance):
        return type_.name == owner or any(_mentions(each, owner) for each in type_.args)
    return type_.__class__ is Union and any(_mentions(each, owner) for each in type_.members)


#: What makes an object of the class that it is given.
_NEW = ExternalMethod("builtins.object", "__new__")
_DEFINED_BY = {
    "enter": "__enter__", "async_enter": "__aenter__", "iterates": "__iter__", "async_iterates": "__aiter__",
    "awaits_to": "__await__",
}  # fmt: skip


def _is_method(function: FunctionObject) -> bool:
    return function.module.facts.functions[function.number].class_index >= 0


def _merged(lines: list[tuple[str, ...]]) -> list[str]:
    """The C3 merge; where it has no answer, first come first served."""
    pending = [list(line) for line in lines if line]
    merged: list[str] = []
    while pending:
        tails = {name for line in pending for name in line[1:]}
        head = next((line[0] for line in pending if line[0] not in tails), pending[0][0])
        merged.append(head)
        pending = [rest for line in pending if (rest := [name for name in line if name != head])]
    return merged

"""What an expression's value is, as far as the analysis knows.

`None` stands for *unknown* throughout: rules stay silent on it. `NEVER` is the type of a value
that has not been found yet while a recursive definition is being worked out; it adds nothing to
a union.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program.modules import Module

Type: TypeAlias = Any
"""One of the classes below, or None when nothing is known."""

EnvKey: TypeAlias = "tuple[Module, int, int | str]"
"""A parameter (module, function, position), a type variable (module, scope, name), or `self` (module, class, "")."""

Env: TypeAlias = "tuple[tuple[EnvKey, Type], ...]"
"""What parameters and type variables stand for in a certain call."""


class Instance(NamedTuple):
    """An object of the class with that qualified name; `args` are its type arguments."""

    name: str
    args: tuple[Type, ...] = ()


class TupleOf(NamedTuple):
    """A tuple of known length."""

    items: tuple[Type, ...]


class Starred(NamedTuple):
    """An argument `*value` of which so much is known; only within a call's arguments."""

    item: Type


class ClassObject(NamedTuple):
    """The class itself."""

    name: str
    args: tuple[Type, ...] = ()


class Symbol(NamedTuple):
    """A module, function or constant outside of what is read, by its qualified name."""

    name: str


class ModuleObject(NamedTuple):
    """A module of the program."""

    module: Module


class Namespace(NamedTuple):
    """A package of the program without `__init__`, as `importer` sees it."""

    name: str
    importer: Module


class FunctionObject(NamedTuple):
    """A function whose source is known, bound to `receiver` when reached through an object."""

    module: Module
    number: int
    receiver: Type = None
    env: Env = ()


class ExternalMethod(NamedTuple):
    """A method that the catalogue lists, as `owner.name`, bound to `receiver`."""

    owner: str
    name: str
    receiver: Type = None


class LambdaObject(NamedTuple):
    module: Module
    site: int
    env: Env = ()


class PartialObject(NamedTuple):
    """`functools.partial(function, *arguments)` with so many positional arguments bound."""

    function: Type
    bound: int


class CallableOf(NamedTuple):
    """Something of which only the result of calling it is known."""

    result: Type


class Coroutine(NamedTuple):
    """What calling a coroutine function gives: nothing runs until it is awaited.

    `result` is what awaiting gives. `lazy` marks builders that act only when awaited although
    they are no coroutines; `optional` a value that may also be None.
    """

    result: Type
    lazy: bool = False


class ContextManager(NamedTuple):
    """What a generator function made a context manager gives; `result` is bound by `as`."""

    result: Type
    is_async: bool
    function: FunctionObject | None = None


class Super(NamedTuple):
    """`super()` in a method of the class, for the instance or class `receiver`."""

    owner: str
    receiver: Type


class Union(NamedTuple):
    """One of several known types, in a stable order. Never nested, never holds unknown."""

    members: tuple[Type, ...]


class _Never(NamedTuple):
    pass


NEVER = _Never()
#: Qualified name of an object that can be awaited or entered with `async with`, both giving its argument.
EITHER = "asynclint.AwaitableOrContext"
NONE = Instance("None")
BOOL, INT, FLOAT = Instance("builtins.bool"), Instance("builtins.int"), Instance("builtins.float")
STR, BYTES = Instance("builtins.str"), Instance("builtins.bytes")
_BY_VALUE = {bool: BOOL, int: INT, float: FLOAT, str: STR, bytes: BYTES, type(None): NONE,
             complex: Instance("builtins.complex")}  # fmt: skip


def of_constant(value: object) -> Type:
    return _BY_VALUE.get(type(value))


def union(types: list[Type] | tuple[Type, ...]) -> Type:
    """The union; None (unknown) as soon as one of the types is unknown."""
    members: dict[Type, None] = {}
    for each in types:
        if each is None:
            return None
        if each.__class__ is Union:
            members.update(dict.fromkeys(each.members))
        elif each is not NEVER:
            members[each] = None
    if not members:
        return NEVER
    if len(members) == 1:
        return next(iter(members))
    return Union(tuple(sorted(members, key=repr)))


def pruned(type_: Type, depth: int) -> Type:
    """The type with what is nested deeper than `depth` made unknown."""
    cls = type_.__class__
    if cls not in _NESTING:
        return type_
    if not depth:
        return None
    if cls is Union:
        return union([pruned(each, depth) for each in type_.members])
    if cls is TupleOf:
        return TupleOf(tuple([pruned(each, depth - 1) for each in type_.items]))
    if cls is Instance or cls is ClassObject:
        return type_._replace(args=tuple([pruned(each, depth - 1) for each in type_.args])) if type_.args else type_
    return type_._replace(**{_NESTING[cls]: pruned(getattr(type_, _NESTING[cls]), depth - 1)})


def members(type_: Type) -> tuple[Type, ...]:
    """The alternatives; none for unknown."""
    if type_ is None or type_ is NEVER:
        return ()
    return type_.members if type_.__class__ is Union else (type_,)


def mapped(type_: Type, change: Callable[[Type], Type]) -> Type:
    """The union of what `change` makes of each alternative; unknown and NEVER stay what they are."""
    if type_ is None or type_ is NEVER:
        return type_
    if type_.__class__ is Union:
        return union([change(each) for each in type_.members])
    return change(type_)


def without_none(type_: Type) -> Type:
    """What remains when the value is known to be something."""
    if type_.__class__ is Union:
        return union([each for each in type_.members if each != NONE])
    return NEVER if type_ == NONE else type_


def may_be_none(type_: Type) -> bool:
    return any(each == NONE for each in members(type_))


class Property(NamedTuple):
    """An attribute whose value is computed by the getter."""

    getter: Type


class StaticMethod(NamedTuple):
    function: Type


class ClassMethod(NamedTuple):
    function: Type


_NESTING: dict[type, str] = {
    Union: "members",
    TupleOf: "items",
    Instance: "args",
    ClassObject: "args",
    Coroutine: "result",
    CallableOf: "result",
    ContextManager: "result",
    PartialObject: "function",
    Property: "getter",
    StaticMethod: "function",
    ClassMethod: "function",
}

"""Code that runs without being called: properties, operators, iteration, what built-ins ask of objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from asynclint.facts.model import BindingKind, Expr, Function, SiteKind
from asynclint.program import names
from asynclint.program.effects.edges import Node
from asynclint.program.modules import Module
from asynclint.program.names import Place
from asynclint.program.types import FunctionObject, Instance, LambdaObject, Property, Type, members, without_none

if TYPE_CHECKING:
    from asynclint.catalogue import CallableRow
    from asynclint.program import Program

_OPERATORS = {
    "+": "add", "-": "sub", "*": "mul", "/": "truediv", "//": "floordiv", "%": "mod", "**": "pow", "@": "matmul",
    "<<": "lshift", ">>": "rshift", "|": "or", "&": "and", "^": "xor",
}  # fmt: skip
_COMPARISONS = {"==": "__eq__", "!=": "__ne__", "<": "__lt__", "<=": "__le__", ">": "__gt__", ">=": "__ge__"}
#: Special methods that built-in functions call on their first argument.
ASKED_BY = {
    "builtins.len": ("__len__",), "builtins.str": ("__str__",), "builtins.repr": ("__repr__",),
    "builtins.hash": ("__hash__",), "builtins.bool": ("__bool__", "__len__"), "builtins.int": ("__int__",),
    "builtins.float": ("__float__",), "builtins.bytes": ("__bytes__",), "builtins.abs": ("__abs__",),
    "builtins.reversed": ("__reversed__",), "builtins.format": ("__format__",), "builtins.round": ("__round__",),
}  # fmt: skip
#: How many names and functions in a row may hand on what another one made.
_MAX_DEPTH = 4
_WALKED = frozenset({
    SiteKind.CALL, SiteKind.AWAIT, SiteKind.YIELD, SiteKind.WITH, SiteKind.FOR, SiteKind.WHILE, SiteKind.RAISE,
    SiteKind.RETURN, SiteKind.COMPREHENSION,
})  # fmt: skip


class Implicit:
    """Finds the methods of the program's objects that syntax runs."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._places: dict[tuple[Module, int], list[tuple[int, Any, Place]]] = {}

    def methods(self, module: Module, function: int, env: Any) -> Iterator[tuple[int, FunctionObject]]:
        """The methods that a function's own expressions run, each with the site to show for it."""
        for site, expr, place in self._in(module, function):
            for method in self._run_by(expr, place._replace(env=env) if env else place):
                yield site, method

    def listed(self, module: Module, function: int, env: Any) -> Iterator[tuple[int, CallableRow]]:
        """The attributes of libraries that do something when they are read, each with the site to show for it."""
        for site, expr, place in self._in(module, function):
            if expr[0] == ".":
                row = self.row(expr, place._replace(env=env) if env else place)
                if row is not None:
                    yield site, row

    def reads(self, module: Module, function: int) -> Iterator[tuple[int, Expr, Place]]:
        """The attributes that a function reads: the site to show for it, the expression, and the place."""
        return (each for each in self._in(module, function) if each[1][0] == ".")

    def row(self, expr: Any, place: Place) -> CallableRow | None:
        """What the catalogue says of reading an attribute of a library's object; None when it does nothing."""
        receiver = without_none(self.program.inference.type_of(expr[1], place))
        if not isinstance(receiver, Instance) or self.program.class_named(receiver.name) is not None:
            return None
        return self.program.catalogue.property_row(receiver.name, expr[2])

    def getters(self, expr: Any, place: Place) -> Iterator[FunctionObject]:
        """The plain getters that reading an attribute of the program's own objects runs."""
        return (each for each in self._run_by(expr, place) if not _function(each).is_async)

    def _in(self, module: Module, function: int) -> list[tuple[int, Any, Place]]:
        key = (module, function)
        if key not in self._places:
            self._places[key] = list(_expressions(module, function))
        return self._places[key]

    def _run_by(self, expr: Any, place: Place) -> Iterator[FunctionObject]:
        tag = expr[0]
        if tag == ".":
            # One that yields only makes a generator.
            yield from (each for each in self._read(expr, place) if not _function(each).is_generator)
        elif tag == "[]":
            yield from self._methods(expr[1], place, "__getitem__")
        elif tag == "bin":
            yield from self._methods(expr[2], place, f"__{_OPERATORS.get(expr[1])}__")
        elif tag == "augment":
            name = _OPERATORS.get(expr[2])
            yield from self._methods(expr[1], place, f"__i{name}__", f"__{name}__")
        elif tag == "cmp":
            if expr[1][0] in ("in", "not in"):
                yield from self._methods(expr[3], place, "__contains__", "__iter__")
            elif expr[1][0] in _COMPARISONS:
                yield from self._methods(expr[2], place, _COMPARISONS[expr[1][0]])
        elif tag == "fstr":
            for part in expr[1:]:
                yield from self._methods(part, place, "__format__", "__str__")

    def _read(self, expr: Any, place: Place) -> Iterator[FunctionObject]:
        """The getter of a property of the program's own objects, bound to its object."""
        receiver = self._object(expr[1], place)
        found = self.program.members.raw(receiver.name, expr[2]) if receiver is not None else None
        if found is not None and isinstance(found[1], Property) and isinstance(found[1].getter, FunctionObject):
            yield found[1].getter._replace(receiver=receiver)

    def asked_by(self, builtin: str, argument: Expr, place: Place) -> Iterator[FunctionObject]:
        """The special method that a built-in function calls on its argument."""
        if builtin in ASKED_BY:
            yield from self._methods(argument, place, *ASKED_BY[builtin])

    def iterating(self, iterable: Expr, place: Place) -> Iterator[FunctionObject]:
        """What a plain `for` over the expression runs, of the program's own code."""
        receiver = self._object(iterable, place)
        if receiver is None:
            return
        for method in self._of(receiver, "__iter__"):
            yield method
            for each in members(self.program.calls.result(method, (), place)):
                if isinstance(each, Instance) and self.program.class_named(each.name) is not None:
                    yield from self._of(each, "__next__")

    def generators(self, iterable: Expr, place: Place, depth: int = _MAX_DEPTH) -> Iterator[Node]:
        """The generators that going through a value runs, other than by the call that the expression is."""
        if isinstance(iterable, str):
            held = _held_by(iterable, place) if depth else None
            if held is not None:
                yield from self.made(held[0], held[1], depth - 1)  # a name may be made of itself, in a loop
        elif isinstance(iterable, int) and place.module.facts.sites[iterable][0] == SiteKind.CALL:
            callee = self.program.inference.callee(place.module, iterable, place.env)
            for each in members(callee) if depth else ():
                yield from self._returned(each, depth - 1)
        elif isinstance(iterable, tuple) and iterable[0] == "." and depth:
            for getter in self._read(iterable, place):
                yield from self._generator(getter) if _is_own_generator(getter) else self._returned(getter, depth - 1)
        receiver = self._object(iterable, place)
        for method in self._of(receiver, "__iter__") if receiver is not None and depth else ():
            yield from self._returned(method, depth - 1)

    def made(self, expr: Expr, place: Place, depth: int = _MAX_DEPTH) -> Iterator[Node]:
        """The generators that an expression makes, or hands on."""
        if isinstance(expr, int):
            kind = place.module.facts.sites[expr][0]
            if kind == SiteKind.COMPREHENSION and expr in place.module.given_away.sites:
                yield Node(place.module, -2 - expr, place.env)
                return
            if kind == SiteKind.CALL:
                for each in members(self.program.inference.callee(place.module, expr, place.env)):
                    if isinstance(each, FunctionObject) and _is_own_generator(each):
                        yield from self._generator(each)
                    row = self.program.calls.row(each) if depth else None
                    for argument in drained(place.module.facts.sites[expr][7], row) if row and row.lazy else ():
                        yield from self.made(argument, place, depth - 1)
        elif isinstance(expr, tuple) and expr[0] == "if":
            for part in expr[2:]:
                yield from self.made(part, place, depth)
            return
        yield from self.generators(expr, place, depth)

    def _generator(self, function: FunctionObject) -> Iterator[Node]:
        bound = self.program.generics.bound_to_receiver(function)
        yield Node(bound.module, bound.number, bound.env)

    def _returned(self, callee: Type, depth: int) -> Iterator[Node]:
        """The generators that calling a plain function of the program gives."""
        if isinstance(callee, LambdaObject):
            row = callee.module.facts.sites[callee.site]
            yield from self.made(row[7], Place(callee.module, row[8], row[1], row[2], callee.env), depth)
            return
        if not isinstance(callee, FunctionObject) or not callee.module.first_party:
            return
        module, function = callee.module, callee.module.facts.functions[callee.number]
        if function.is_async or function.is_generator:
            return
        for number in module.own_sites.get(callee.number, ()):
            row = module.facts.sites[number]
            if row[0] == SiteKind.RETURN:
                yield from self.made(row[6], Place(module, row[5], row[1], row[2], callee.env), depth)

    def _methods(self, expr: Expr, place: Place, *alternatives: str) -> Iterator[FunctionObject]:
        """The first of the special methods that the object has."""
        receiver = self._object(expr, place)
        for name in alternatives if receiver is not None else ():
            found = list(self._of(receiver, name))
            if found:
                yield from found
                return

    def _of(self, receiver: Type, name: str) -> Iterator[FunctionObject]:
        found = self.program.members.raw(receiver.name, name)
        if found is not None and isinstance(found[1], FunctionObject):
            yield found[1]._replace(receiver=receiver)

    def _object(self, expr: Expr, place: Place) -> Type:
        """The object of a class of the program that an expression gives; None for anything else."""
        if isinstance(expr, tuple) and expr[0] == "const":
            return None
        type_ = without_none(self.program.inference.type_of(expr, place))
        return type_ if isinstance(type_, Instance) and self.program.class_named(type_.name) is not None else None


def drained(arguments: tuple[Expr, ...], row: CallableRow) -> Iterator[Expr]:
    """The positional arguments of a call that are gone through."""
    for index, argument in enumerate(arguments):
        if any(keyword == "*" or position == index for position, keyword in row.drains):
            yield argument


def _function(callee: FunctionObject) -> Function:
    return callee.module.facts.functions[callee.number]


def _is_own_generator(callee: FunctionObject) -> bool:
    function = _function(callee)
    return function.is_generator and not function.is_async and callee.module.first_party


def _held_by(name: str, place: Place) -> tuple[Expr, Place] | None:
    """The only value that a name is given, and where; None when there are more, or it is no plain one."""
    found = names.find(name, place)
    if found is None or len(found.bindings) != 1:
        return None
    row = found.bindings[0]
    if row.kind != BindingKind.VALUE or row.path:
        return None
    return row.a, Place(place.module, row.block, row.line, row.column - 1, place.env)


def _expressions(module: Module, function: int) -> Iterator[tuple[int, Expr, Place]]:
    """The expressions of a node that may run methods: site, expression, place."""
    facts = module.facts
    if function < 0:
        row = facts.sites[-2 - function]
        is_lambda = row[0] == SiteKind.LAMBDA
        place = Place(module, row[8] if is_lambda else facts.scopes[row[7]].block, row[1], row[2])
        for part in _parts(row[7] if is_lambda else row[9:]):
            yield -2 - function, part, place
        return
    own = module.own_sites.get(function, [])
    on_line: dict[int, int] = {}
    for number in own:
        row = facts.sites[number]
        on_line.setdefault(row[1], number)
        place = Place(module, row[5], row[1], row[2])
        if row[0] == SiteKind.AUGMENT:
            yield number, ("augment", row[6], row[7]), place
            for part in _parts(row[8]):
                yield number, part, place
        elif row[0] in _WALKED:
            if row[0] == SiteKind.COMPREHENSION:
                place = place._replace(block=facts.scopes[row[7]].block)
            values = row[6:]
            if row[0] == SiteKind.CALL and isinstance(row[6], tuple):
                values = (row[6][1:], *row[7:])  # the callee itself is a method rather than a property
            for value in values:
                for part in _parts(value):
                    yield number, part, place
    shown = facts.functions[function].site
    for rows in facts.scopes[facts.functions[function].scope].bindings.values():
        for binding in rows:
            if binding.kind == BindingKind.VALUE:
                for part in _parts(binding.a):
                    place = Place(module, binding.block, binding.line, binding.column)
                    yield on_line.get(binding.line, shown), part, place
    for number in module.branches_of.get(function, ()):
        _kind, parent, _scope, line, test = facts.blocks[number]
        for part in _parts(test):
            yield on_line.get(line, shown), part, Place(module, parent, line, 0)


_RUNNING = frozenset({".", "[]", "bin", "cmp", "fstr"})


def _parts(value: Any) -> Iterator[Any]:
    """The parts of a symbolic expression, or of a row's rows of them, that may run methods."""
    if value.__class__ is tuple and value:
        if value[0] in _RUNNING and len(value) > 1:
            yield value
        if value[0] != "const":
            for part in value:
                if part.__class__ is tuple:
                    yield from _parts(part)

"""Code that runs without being called: properties, operators, iteration, what built-ins ask of objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from asynclint.facts.model import BindingKind, BlockKind, Expr, SiteKind
from asynclint.program import names
from asynclint.program.modules import Module
from asynclint.program.names import Place
from asynclint.program.types import FunctionObject, Instance, Property, Type, members, without_none

if TYPE_CHECKING:
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
_WALKED = frozenset({
    SiteKind.CALL, SiteKind.AWAIT, SiteKind.YIELD, SiteKind.WITH, SiteKind.FOR, SiteKind.WHILE, SiteKind.RAISE,
    SiteKind.RETURN, SiteKind.COMPREHENSION,
})  # fmt: skip


class Implicit:
    """Finds the methods of the program's objects that syntax runs."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._places: dict[tuple[Module, int], list[tuple[int, Expr, Place]]] = {}

    def methods(self, module: Module, function: int, env: Any) -> Iterator[tuple[int, FunctionObject]]:
        """The methods that a function's own expressions run, each with the site to show for it."""
        key = (module, function)
        if key not in self._places:
            self._places[key] = list(_expressions(module, function))
        for site, expr, place in self._places[key]:
            for method in self._run_by(expr, place._replace(env=env) if env else place):
                yield site, method

    def _run_by(self, expr: Any, place: Place) -> Iterator[FunctionObject]:
        tag = expr[0]
        if tag == ".":
            receiver = self._object(expr[1], place)
            if receiver is not None:
                found = self.program.members.raw(receiver.name, expr[2])
                if found is not None and isinstance(found[1], Property):
                    getter = found[1].getter
                    if isinstance(getter, FunctionObject):
                        yield getter._replace(receiver=receiver)
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
        elif tag == "iterated":
            yield from self.iterating(expr[1], place)

    def asked_by(self, builtin: str, argument: Expr, place: Place) -> Iterator[FunctionObject]:
        """The special method that a built-in function calls on its argument."""
        if builtin in ASKED_BY:
            yield from self._methods(argument, place, *ASKED_BY[builtin])

    def iterating(self, iterable: Expr, place: Place) -> Iterator[FunctionObject]:
        """What a plain `for` over the expression runs, of the program's own code."""
        if isinstance(iterable, str):
            yield from self._generator_in(iterable, place)
        receiver = self._object(iterable, place)
        if receiver is None:
            return
        for method in self._of(receiver, "__iter__"):
            yield method
            for each in members(self.program.calls.result(method, (), place)):
                if isinstance(each, Instance) and self.program.class_named(each.name) is not None:
                    yield from self._of(each, "__next__")

    def _generator_in(self, name: str, place: Place) -> Iterator[FunctionObject]:
        """The generator function whose call a variable holds."""
        found = names.find(name, place)
        if found is None or len(found.bindings) != 1:
            return
        row = found.bindings[0]
        if row.kind == BindingKind.VALUE and isinstance(row.a, int) and not row.path:
            made = place.module.facts.sites[row.a]
            if made[0] == SiteKind.CALL:
                for each in members(self.program.inference.callee(place.module, row.a, place.env)):
                    if isinstance(each, FunctionObject) and each.module.facts.functions[each.number].is_generator:
                        yield each

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


def _expressions(module: Module, function: int) -> Iterator[tuple[int, Expr, Place]]:
    """The expressions of a function (or lambda: -2 - site) that may run methods: site, expression, place."""
    facts = module.facts
    if function < 0:
        row = facts.sites[-2 - function]
        place = Place(module, row[8], row[1], row[2])
        for part in _parts(row[7]):
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
                for _target, iterable, is_async, _tests in row[8]:
                    if not is_async:
                        yield number, ("iterated", iterable), place
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
    for number, (kind, parent, _scope, line, test) in enumerate(facts.blocks):
        if kind == BlockKind.IF and module.function_of_block[number] == function:
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

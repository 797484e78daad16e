"""What annotations say: expressions in type position, and the catalogue's type expressions."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from asynclint.catalogue.model import WORDS
from asynclint.facts.extract import expression
from asynclint.facts.model import BindingKind, Expr, ScopeKind
from asynclint.program import names
from asynclint.program.modules import Module
from asynclint.program.names import Place
from asynclint.program.types import (
    NONE,
    CallableOf,
    ClassObject,
    Coroutine,
    Instance,
    ModuleObject,
    Starred,
    Symbol,
    TupleOf,
    Type,
    Union,
    mapped,
    union,
)

if TYPE_CHECKING:
    from asynclint.program import Program

# The vocabulary of the typing module itself: what each form means is the language's, not a library's.
_TRANSPARENT = frozenset({"Annotated", "Final", "ClassVar", "Required", "NotRequired", "ReadOnly", "InitVar", "Unpack"})
_SILENT = frozenset({"Any", "AnyStr", "Self", "TypeVar", "NoReturn", "Never", "TypeAlias", "Optional"})
_COROUTINES = frozenset({"Coroutine", "CoroutineType"})
#: `Awaitable` says that a value may be awaited, not that nothing happens when it is dropped: it may be a task.
AWAITABLE = "collections.abc.Awaitable"
_TYPING = ("typing.", "typing_extensions.", "collections.abc.", "types.", "dataclasses.", "contextlib.")
_GENERIC_BUILTINS = {
    "List": "builtins.list", "Dict": "builtins.dict", "Set": "builtins.set", "FrozenSet": "builtins.frozenset",
    "Tuple": "builtins.tuple", "Type": "builtins.type", "DefaultDict": "collections.defaultdict",
    "Deque": "collections.deque", "OrderedDict": "collections.OrderedDict", "Text": "builtins.str",
    "LiteralString": "builtins.str",
}  # fmt: skip
_MAX_DEPTH = 12


class Annotations:
    """Evaluates annotations to the type of a value that is annotated so."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._parsed: dict[str, Expr] = {}

    def parsed(self, text: str) -> Expr:
        if text not in self._parsed:
            self._parsed[text] = expression(text)
        return self._parsed[text]

    def value(self, expr: Expr, place: Place, depth: int = 0) -> Type:
        """The type of a value annotated with the expression; None when unknown."""
        if depth > _MAX_DEPTH or expr is None:
            return None
        if isinstance(expr, str):
            if place.env or depth:
                return self._named(expr, place, depth)
            start = place.module.facts.blocks[place.block][2]
            if names.is_the_same_throughout(expr, place.module, start):
                return self.program.inference.solve((place.module, start, "named", expr), self._named, expr, place, 0)
            return self._named(expr, place, 0)
        if not isinstance(expr, tuple):
            return None
        tag = expr[0]
        if tag == "const":
            if expr[1] is None:
                return NONE
            return self.value(self.parsed(expr[1]), place, depth + 1) if isinstance(expr[1], str) else None
        if tag == ".":
            base = self.program.inference.type_of(expr[1], place)
            aliased = self._alias_in(base.module, expr[2], depth) if isinstance(base, ModuleObject) else None
            if aliased is not None:
                return aliased
            type_ = self.program.inference.type_of(expr, place)
            return self._own(place) if _is_self(type_) else self._of(type_)
        if tag == "bin" and expr[1] == "|":
            return union([self.value(expr[2], place, depth + 1), self.value(expr[3], place, depth + 1)])
        if tag == "[]":
            return self._subscripted(expr[1], expr[2], place, depth)
        return None

    def _named(self, name: str, place: Place, depth: int) -> Type:
        found = names.find(name, place)
        if place.env:
            variable = self.program.generics.variable(name, place)
            for key, bound in place.env if variable is not None else ():
                if key == variable:
                    return bound
        sources = [] if found is not None else [(starred, name) for starred, _ in place.module.facts.scopes[0].stars]
        if found is not None and len(found.bindings) == 1:
            row = found.bindings[0]
            at = Place(place.module, row.block, row.line, row.column, place.env)
            if row.kind == BindingKind.ALIAS:
                return self.value(row.a, at, depth + 1)
            if row.kind == BindingKind.VALUE:
                return self._alias(row.a, at, depth)
            if row.kind == BindingKind.FROM:
                sources = [(row.a, row.b)]
        for dotted, imported in sources:
            aliased = self._alias_in(self.program.module(dotted, place.module), imported, depth)
            if aliased is not None:
                return aliased
        type_ = self.program.inference.type_of(name, place)
        return self._own(place) if _is_self(type_) else self._of(type_)

    def _own(self, place: Place) -> Type:
        """What `Self` stands for in an annotation: the class that was asked, else the one around."""
        facts = place.module.facts
        scope = facts.scopes[facts.blocks[place.block][2]]
        while scope.kind != ScopeKind.CLASS:
            if scope.parent < 0:
                return None
            scope = facts.scopes[scope.parent]
        bound = self.program.generics.own(place.module, scope.owner, place.env)
        return bound if bound is not None else Instance(self.program.class_name(place.module, scope.owner))

    def _alias_in(self, source: Module | None, name: str, depth: int) -> Type:
        """An alias or TypeVar that a module of the program defines, or imports from another one."""
        for _ in range(8):
            if source is None:
                return None
            rows = source.facts.scopes[0].bindings.get(name)
            if not rows or len(rows) != 1:
                return None
            row = rows[0]
            at = Place(source, row.block, row.line, row.column)
            if row.kind == BindingKind.ALIAS:
                return self.value(row.a, at, depth + 1)
            if row.kind == BindingKind.VALUE:
                return self._alias(row.a, at, depth)
            if row.kind != BindingKind.FROM:
                return None
            source, name = self.program.module(row.a, source), row.b
        return None

    def _alias(self, value: Expr, place: Place, depth: int) -> Type:
        """What a name stands for that was assigned a type form or `TypeVar(...)`."""
        if isinstance(value, int):
            row = place.module.facts.sites[value]
            if row[0] != 0:
                return None
            callee = self.program.inference.type_of(row[6], place)
            if isinstance(callee, Symbol) and callee.name.rpartition(".")[2] in ("TypeVar", "NewType"):
                bound = dict(row[8]).get("bound")
                if callee.name.endswith("NewType") and len(row[7]) > 1:
                    bound = row[7][1]
                return self.value(bound, place, depth + 1)
            return None
        return self.value(value, place, depth + 1)

    def _of(self, type_: Type, args: tuple[Type, ...] = ()) -> Type:
        """The instance type of a class; None for what is no class."""
        if isinstance(type_, ClassObject):
            return self.instance(type_.name, args or type_.args)
        if isinstance(type_, Symbol):
            return self.instance(type_.name, args)
        if isinstance(type_, Union):
            return union([self._of(each, args) for each in type_.members])
        return None

    def instance(self, name: str, args: tuple[Type, ...] = ()) -> Type:
        """An object of the named class, with the typing module's names for builtins resolved."""
        package, _, last = name.rpartition(".")
        if package + "." in _TYPING:
            if last in _SILENT or last in _TRANSPARENT:
                return None
            if last in _GENERIC_BUILTINS:
                name = _GENERIC_BUILTINS[last]
            elif last in _COROUTINES:
                return Coroutine(None)
            elif last == "Awaitable":
                name = AWAITABLE
        if name == "builtins.object":
            return None
        return Instance(name, args)

    def _subscripted(self, base: Expr, index: Expr, place: Place, depth: int) -> Type:
        parts = list(index[1:]) if isinstance(index, tuple) and index[0] == "tuple" else [index]
        head = self.program.inference.type_of(base, place)
        name = head.name if isinstance(head, (ClassObject, Symbol)) else ""
        package, _, last = name.rpartition(".")
        if package + "." in _TYPING:
            if last in _TRANSPARENT:
                plain = self.value(parts[0], place, depth + 1)
                return plain if plain is not None else self.program.calls.injected(parts[1:], place)
            if last == "Optional":
                return union([self.value(parts[0], place, depth + 1), NONE])
            if last == "Union":
                return union([self.value(part, place, depth + 1) for part in parts])
            if last in _COROUTINES:
                # Coroutine[Y, S, T] ends in what awaiting gives.
                return Coroutine(self.value(parts[-1], place, depth + 1))
            if last == "Callable":
                given = self.value(parts[-1], place, depth + 1)
                # What is said to give None is as often something whose result nobody wants, a coroutine among them.
                return CallableOf(None if given == NONE else given) if len(parts) == 2 else None
            if last == "Type":
                return self._class_of(parts[0], place, depth)
            if last == "Literal":
                return None
        if name in ("builtins.type",):
            return self._class_of(parts[0], place, depth)
        args = tuple([self.value(part, place, depth + 1) for part in parts])
        if name == "builtins.tuple" or last == "Tuple":
            is_open = len(parts) == 2 and parts[1] == ("const", ...)
            return Instance("builtins.tuple", args[:1]) if is_open else TupleOf(args)
        return self._of(head, args)

    def _class_of(self, expr: Expr, place: Place, depth: int) -> Type:
        inner = self.value(expr, place, depth + 1)
        return ClassObject(inner.name, inner.args) if isinstance(inner, Instance) else None

    # -- type expressions of the catalogue ---------------------------------------------------

    def listed(self, text: str, receiver: Type = None, arguments: tuple[Type, ...] = ()) -> Type:
        """The type that a catalogue row's expression means for this receiver and these arguments."""
        if not text:
            return None
        if isinstance(receiver, ClassObject):  # a class method's `self` is an instance
            receiver = Instance(receiver.name, receiver.args)
        env: dict[str, Type] = {"self": receiver}
        if isinstance(receiver, Instance) and receiver.args:
            row = self.program.catalogue.type(receiver.name)
            if row is not None:
                env.update(zip(row.parameters, receiver.args, strict=False))
        return self._listed(self.parsed(_WORDS.sub(_as_name, text) if "$" in text else text), env, arguments)

    def _of_argument(self, word: str, arguments: tuple[Type, ...]) -> Type:
        """What `$0`, `await $0`, `each $0`, ... mean; unknown for arguments that are not passed."""
        _, *verbs, place = word.split("_")
        if place == "all":
            verb = verbs.pop()
            types = [self._done(verb, each.item if isinstance(each, Starred) else each) for each in arguments]
            is_open = any(isinstance(each, Starred) for each in arguments)
            type_: Type = Instance("builtins.list", (union(types),)) if is_open else TupleOf(tuple(types))
        else:
            given = arguments[: int(place) + 1]
            if len(given) <= int(place) or any(isinstance(each, Starred) for each in given):
                return None
            type_ = given[-1]
            if "class" in verbs and len(arguments) > 1:
                return None  # `type(name, bases, members)` makes another one
        for verb in reversed(verbs):
            type_ = self._done(verb, type_)
        return type_

    def _done(self, verb: str, type_: Type) -> Type:
        """What a word in front of an argument makes of its type."""
        calls = self.program.calls
        if verb == "await":
            return calls.awaited(type_)
        if verb in ("each", "asynceach"):
            return self.program.members.iterated(type_, None, is_async=verb == "asynceach")
        if verb in ("enter", "asyncenter"):
            return calls.entered(type_, verb == "asyncenter", None)
        if verb == "class":
            return mapped(type_, lambda each: ClassObject(each.name, each.args) if isinstance(each, Instance) else None)
        if verb == "object":
            return self.program.inference.instance_of(type_)
        return calls.result(type_, (), None) if verb == "call" else type_

    def _listed(self, expr: Expr, env: dict[str, Type], arguments: tuple[Type, ...]) -> Type:
        if isinstance(expr, str):
            if expr in env:
                return env[expr]
            if expr[0] == "_":
                return self._of_argument(expr, arguments)
            if expr == "None":
                return NONE
            if len(expr) == 1 and expr.isupper():
                return None  # a type parameter that is not bound
            return self.instance(f"builtins.{expr}")
        if not isinstance(expr, tuple):
            return None
        if expr[0] == "const":
            return NONE if expr[1] is None else None
        if expr[0] == ".":
            dotted = _dotted(expr)
            return self.instance(self.program.catalogue.canonical(dotted)) if dotted else None
        if expr[0] == "bin" and expr[1] == "|":
            given = [part for part in expr[2:] if not _is_left_out(part, arguments)]
            return union([self._listed(part, env, arguments) for part in given])
        if expr[0] == "[]":
            index = expr[2]
            parts = list(index[1:]) if isinstance(index, tuple) and index[0] == "tuple" else [index]
            base = _dotted(expr[1]) or (expr[1] if isinstance(expr[1], str) else "")
            args = tuple([self._listed(part, env, arguments) for part in parts])
            last = base.rpartition(".")[2]
            if last in _COROUTINES:
                return Coroutine(args[-1])
            if last == "tuple" and not (len(parts) == 2 and parts[1] == ("const", ...)):
                return TupleOf(args)
            if last == "Callable":
                return CallableOf(args[-1])
            if last == "type":
                return ClassObject(args[0].name, args[0].args) if isinstance(args[0], Instance) else None
            name = base if "." in base else f"builtins.{base}"
            return self.instance(self.program.catalogue.canonical(name), args)
        return None


def _is_self(type_: Type) -> bool:
    return isinstance(type_, Symbol) and type_.name in ("typing.Self", "typing_extensions.Self")


_WORDS = re.compile(rf"{WORDS}\$(\d+|\*)")


def _as_name(word: re.Match[str]) -> str:
    """`async each $0` as the name `_asynceach_0`, which the parser for annotations takes."""
    verbs = word[1].replace("async ", "async").split() or ["plain"]
    return f"_{'_'.join(verbs)}_{'all' if word[2] == '*' else word[2]}"


def _is_left_out(expr: Expr, arguments: tuple[Type, ...]) -> bool:
    """Whether a part of a type expression speaks of an argument that is not passed."""
    if not isinstance(expr, str) or expr[0] != "_":
        return False
    place = expr.rpartition("_")[2]
    return place.isdigit() and int(place) >= len(arguments)


def _dotted(expr: Expr) -> str:
    if isinstance(expr, str):
        return expr
    if isinstance(expr, tuple) and expr[0] == ".":
        base = _dotted(expr[1])
        return f"{base}.{expr[2]}" if base else ""
    return ""

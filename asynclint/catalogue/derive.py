"""Derives rows of the catalogue from a package's source, for a maintainer to review.

    python -m asynclint.catalogue.derive FOLDER --library NAME --version V [--only PATTERN]...

prints a YAML file in the catalogue's form: which public callables are coroutine functions,
asynchronous iterators or context managers, what they return where annotations say so, and which
plain ones reach something that blocks. `docs/catalogue.md` tells what is left for the reviewer.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from asynclint.catalogue import Catalogue, load
from asynclint.catalogue.package import (
    Class,
    FunctionNode,
    Module,
    Package,
    decorators,
    dotted,
    made_by,
    own_nodes,
    yields,
)
from asynclint.catalogue.reach import Reach
from asynclint.catalogue.written import PROTOCOLS, as_yaml

_COST = {"network": "heavy", "database": "heavy", "subprocess": "heavy", "sleep": "heavy", "file": "moderate"}
_ENUMS = frozenset({"Enum", "IntEnum", "StrEnum", "Flag", "IntFlag"})
#: Special methods whose results matter: what subscripts, calls and unlisted attributes give.
_SPECIAL = frozenset({"__call__", "__getattr__", "__getitem__"})
_VAGUE = frozenset({"typing.Any", "builtins.object"})
_TRANSPARENT = frozenset({"Annotated", "ClassVar", "Final", "ReadOnly", "Required", "NotRequired"})
_COLOUR_OF = {
    "collections.abc.Awaitable": "coroutine",
    "collections.abc.Coroutine": "coroutine",
    "collections.abc.AsyncIterator": "async-iterator",
    "collections.abc.AsyncGenerator": "async-iterator",
    "collections.abc.AsyncIterable": "async-iterator",
    "contextlib.AbstractAsyncContextManager": "async-context",
    "contextlib.AbstractContextManager": "context",
    "asyncio.Future": "future",
    "asyncio.Task": "future",
}


class Unknown(Exception):
    """A type that the catalogue has no name for."""


class Deriver:
    """Makes rows from one package.

    `only` and `without` are patterns of public names; every public name counts when `only` is empty.
    """

    def __init__(
        self, package: Package, catalogue: Catalogue, reach: Reach, only: list[str], without: list[str]
    ) -> None:
        self.package = package
        self._catalogue = catalogue
        self._only = only
        self._without = without
        self._reach = reach
        self.types = self._chosen_types()

    # --- what is worth a row ----------------------------------------------------------------------

    def _wanted(self, definition: str) -> bool:
        names = self.package.public.get(definition, ())
        if not names or any(fnmatchcase(names[0], like) for like in self._without):
            return False
        return not self._only or any(fnmatchcase(each, like) for each in names for like in self._only)

    def _chosen_types(self) -> list[str]:
        """Definitions of classes that do something, and of those that they give."""
        wanted = [name for name in self.package.classes if self._wanted(name)]
        chosen = [name for name in wanted if self._does_something(self.package.classes[name])]
        for name in chosen:  # grows while it is walked
            found = self.package.classes[name]
            for each in self.package.order(found):
                for annotation, is_open in _given(each):
                    for inner in _names_in(annotation):
                        target = self.package.resolve(each.module, inner)
                        known = target in self.package.classes and target not in chosen
                        if known and self._belongs(target, is_open):
                            chosen.append(target)
        return sorted(chosen, key=self.package.called)

    def _belongs(self, definition: str, is_open: bool) -> bool:
        """Whether what a chosen class gives is worth a row, too: users reach it without ever naming it."""
        found = self.package.classes[definition]
        if self.package.public.get(definition):
            return self._wanted(definition) and self._has_members(found)
        chosen = is_open and not any(fnmatchcase(definition, like) for like in self._without)
        return chosen and self._has_members(found) and self._does_something(found)

    def _has_members(self, found: Class) -> bool:
        order = self.package.order(found)
        bases = {base.rpartition(".")[2] for each in order for base in self.package.bases(each)}
        members = [name for each in order for name in (*each.methods, *each.properties)]
        return not bases & _ENUMS and any(not name.startswith("_") for name in members)

    def _does_something(self, found: Class) -> bool:
        for each in self.package.order(found):
            for name, node in each.methods.items():
                if name in PROTOCOLS.values() and name != "__iter__":
                    return True
                row = (
                    {}
                    if name[0] == "_" and name not in _SPECIAL
                    else self.row(each.module, node, f"{each.qualname}.{name}")
                )
                if row.keys() - {"returns"} and row.get("colour") != "unknown":
                    return True
        return False

    # --- rows -------------------------------------------------------------------------------------

    def functions(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Public functions that have something to say."""
        for definition, (module, node) in sorted(self.package.functions.items()):
            if self._wanted(definition) and (row := self.row(module, node, definition)):
                if row.keys() - {"returns"} or row["returns"] in self._type_names():
                    yield self.package.called(definition), row

    def aliases(self) -> dict[str, str]:
        """Other names of the functions that have rows."""
        listed = dict(self.functions())
        found = {}
        for definition in self.package.functions:
            name = self.package.called(definition)
            others = {*self.package.public.get(definition, ()), definition} - {name} if name in listed else ()
            found.update(dict.fromkeys(sorted(others), name))
        return found

    def row(self, module: Module, node: FunctionNode, definition: str) -> dict[str, Any]:
        """The callable row that a function's own text gives."""
        marks = {self.package.resolve(module, name) for name in decorators(node) if name}
        colour, returns = self._annotated(module, node.returns or made_by(node))
        if "contextlib.asynccontextmanager" in marks or "contextlib.contextmanager" in marks:
            colour = "async-context" if "contextlib.asynccontextmanager" in marks else "context"
            returns = self.expression(module, _last_argument(_parsed(node.returns), first=True))
        elif isinstance(node, ast.AsyncFunctionDef):
            if yields(node):
                colour = "async-iterator"
            else:
                returns = "" if colour else returns
                colour = "coroutine"
            colour = self._remade(marks) or colour
        if not colour and node.returns is None and self._may_give_awaitable(node, definition):
            colour = "unknown"
        row: dict[str, Any] = {"colour": colour} if colour else {}
        if returns:
            row["returns"] = returns
        kind = self._reach.kind(definition) if colour in ("", "unknown") else ""
        if kind:
            row.pop("colour", None)
            row.update(blocks=kind, cost=_COST.get(kind, "moderate"), instead="thread")
            if yields(node):
                row["lazy"] = True
        return row

    def _remade(self, marks: set[str]) -> str:
        """The colour that one of the package's own decorators gives to a coroutine function; empty when none does."""
        for mark in marks & self.package.functions.keys():
            module, decorator = self.package.functions[mark]
            for inner in decorator.body:
                if isinstance(inner, ast.FunctionDef):
                    values = [each.value for each in ast.walk(inner) if isinstance(each, ast.Return)]
                    made = [dotted(value.func) for value in values if isinstance(value, ast.Call)]
                    if any(
                        {"__await__", "__aenter__"} <= self._protocols_of(self.package.resolve(module, name))
                        for name in made
                        if name
                    ):
                        return "awaitable-or-context"
        return ""

    def _may_give_awaitable(self, node: FunctionNode, definition: str) -> bool:
        """Whether a plain function without annotation may give something to await: what a base class leaves open."""
        if definition.rpartition(".")[0] in self.package.classes:
            if _only_raises(node) or any("abstract" in name for name in decorators(node)):
                return True
        return _gives_something(node) and self._is_async_flavoured(definition)

    def _is_async_flavoured(self, definition: str) -> bool:
        """Whether a plain function stands among coroutine functions, and may well give their awaitables."""
        found = self.package.classes.get(definition.rpartition(".")[0])
        methods = [node for each in self.package.order(found) for node in each.methods.values()] if found else []
        return any(isinstance(node, ast.AsyncFunctionDef) for node in methods)

    def _annotated(self, module: Module, annotation: ast.expr | None) -> tuple[str, str]:
        """Colour and type expression of a return annotation; empty where it says nothing."""
        module, node = self._without_alias(module, _parsed(annotation))
        if node is None:
            return "", ""
        if any(self._is_awaitable(module, member) for member in _members(node)):
            return "unknown", ""
        head = node.value if isinstance(node, ast.Subscript) else node
        origin = self._canonical(module, dotted(head))
        colour = _COLOUR_OF.get(origin, "")
        if not colour:
            protocols = self._protocols_of(origin)
            if {"__await__", "__aiter__"} <= protocols:
                return "unknown", ""
            if "__await__" in protocols:
                colour = "awaitable-or-context" if "__aenter__" in protocols else "lazy"
                if not isinstance(node, ast.Subscript):
                    return colour, self._awaited(origin)
        if colour in ("", "context", "async-context", "async-iterator", "awaitable-or-context"):
            inner = _last_argument(node, first="iterator" in colour) if colour else node
            return colour, self.expression(module, inner)
        return colour, self.expression(module, _last_argument(node))

    def _without_alias(self, module: Module, node: ast.expr | None) -> tuple[Module, ast.expr | None]:
        """What an annotation stands for that is only a name for another one, and where that is written."""
        for _ in range(8):  # a circle must end
            found = self.package.assigned.get(self.package.resolve(module, dotted(node))) if dotted(node) else None
            if found is None:
                break
            module, node = found[0], _parsed(found[1])
        return module, node

    def _is_awaitable(self, module: Module, member: ast.expr) -> bool:
        head = member.value if isinstance(member, ast.Subscript) else member
        return _COLOUR_OF.get(self._canonical(module, dotted(head))) in ("coroutine", "future")

    def _awaited(self, origin: str) -> str:
        """What awaiting an object of one of the package's classes gives, as its `__await__` or `__aenter__` says."""
        for each in self.package.order(self.package.classes[origin]):
            if "__await__" in each.methods:
                awaiting = _last_argument(_parsed(each.methods["__await__"].returns))
                entering = each.methods.get("__aenter__")
                text = self.expression(each.module, awaiting) or (
                    entering and self._protocol(each, "async_enter", entering)
                )
                return self.package.called(origin) if text == "self" else text or ""
        return ""

    def _protocols_of(self, origin: str) -> set[str]:
        found = self.package.classes.get(origin)
        return {name for each in self.package.order(found) for name in each.methods} if found else set()

    def expression(self, module: Module, node: ast.expr | None) -> str:
        """The annotation in canonical names; empty when any of it has none."""
        try:
            return self._expression(module, _parsed(node)) if node is not None else ""
        except Unknown:
            return ""

    def _expression(self, module: Module, node: ast.expr | None) -> str:
        node = _parsed(node)
        if node is None:
            raise Unknown
        if isinstance(node, ast.Constant):
            if node.value is None:
                return "None"
            raise Unknown
        if isinstance(node, ast.BinOp):
            return f"{self._expression(module, node.left)} | {self._expression(module, node.right)}"
        if isinstance(node, ast.Subscript):
            return self._subscript(module, node)
        name = dotted(node)
        if name in ("Self", "typing.Self", "t.Self"):
            return "self"
        canonical = self._canonical(module, name)
        if canonical in self.package.classes and canonical in getattr(self, "types", ()):
            return self.package.called(canonical)
        if self._catalogue.type(canonical) is not None and canonical not in _VAGUE:
            return canonical.removeprefix("builtins.")
        raise Unknown

    def _subscript(self, module: Module, node: ast.Subscript) -> str:
        last = dotted(node.value).rpartition(".")[2]
        inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        if last == "Optional":
            return f"{self._expression(module, inner[0])} | None"
        if last == "Union":
            return " | ".join(dict.fromkeys(self._expression(module, each) for each in inner))
        if last in _TRANSPARENT:
            return self._expression(module, inner[0])
        origin = self._expression(module, node.value)
        try:
            arguments = [self._expression(module, each) for each in inner]
        except Unknown:
            return origin
        return f"{origin}[{', '.join(arguments)}]" if arguments else origin

    def _canonical(self, module: Module, name: str) -> str:
        return self._catalogue.canonical(self.package.resolve(module, name)) if name else ""

    def _type_names(self) -> set[str]:
        return {self.package.called(each) for each in self.types}

    def type(self, definition: str) -> dict[str, Any]:
        """The type's row: own members and those of bases that have no row of their own."""
        found = self.package.classes[definition]
        bases, merged, complete = self._split_bases(found)
        row: dict[str, Any] = {}
        aliases = sorted({*self.package.public.get(definition, ()), definition} - {self.package.called(definition)})
        if aliases:
            row["aliases"] = aliases
        if bases:
            row["bases"] = bases
        methods: dict[str, Any] = {}
        attributes: dict[str, str] = {}
        for each in merged:
            for name, node in each.methods.items():
                if self._is_descriptor(each.module, node):
                    if not name.startswith("_"):
                        attributes.setdefault(name, "")
                elif name not in methods and (not name.startswith("_") or name in _SPECIAL):
                    made = self.row(each.module, node, f"{each.qualname}.{name}")
                    if made.get("returns") or not name.startswith("_"):
                        methods[name] = made
            for name, target in each.same.items():
                if not name.startswith("_") and target in methods:
                    methods.setdefault(name, methods[target])
            for name, annotation in each.attributes.items():
                if not name.startswith("_") and not name.isupper() and name not in methods:
                    attributes.setdefault(name, self._attribute(each, name, annotation))
            for key, method in PROTOCOLS.items():
                if key not in row and method in each.methods and not _only_raises(each.methods[method]):
                    row[key] = self._protocol(each, key, each.methods[method])
        row["methods"] = methods
        row["attributes"] = attributes
        if not complete or any(_is_dynamic(each) for each in merged):
            row["incomplete"] = True
        return row

    def _is_descriptor(self, module: Module, node: FunctionNode) -> bool:
        """Whether one of the package's own descriptors stands in the method's place, so that it is an attribute."""
        marks = (self.package.classes.get(self.package.resolve(module, name)) for name in decorators(node) if name)
        return any("__get__" in each.methods for mark in marks if mark for each in self.package.order(mark))

    def _attribute(self, owner: Class, name: str, annotation: ast.expr | None) -> str:
        value = owner.values.get(name)
        if annotation is None and isinstance(value, ast.Call) and dotted(value.func):
            annotation = value.func
        return self.expression(owner.module, annotation)

    def _protocol(self, owner: Class, key: str, node: FunctionNode) -> str:
        if key in ("enter", "async_enter"):
            gives_self = any(isinstance(each, ast.Return) and dotted(each.value) == "self" for each in ast.walk(node))
            return "self" if gives_self else self.expression(owner.module, node.returns)
        inner = _last_argument(_parsed(node.returns), first=key in ("iterates", "async_iterates"))
        return self.expression(owner.module, inner)

    def _split_bases(self, found: Class) -> tuple[list[str], list[Class], bool]:
        """Bases with rows, classes whose members are taken over, and whether every base is known."""
        bases: list[str] = []
        merged = [found]
        complete = True
        for each in merged:  # grows while it is walked
            for base in self.package.bases(each):
                inner = self.package.classes.get(base)
                if base in self.types:
                    bases.append(self.package.called(base))
                elif inner is not None:
                    merged += [inner] if inner not in merged else []
                elif self._catalogue.type(base) is not None:
                    name = self._catalogue.canonical(base)
                    bases += [name] if name not in ("builtins.object", "typing.Generic", "typing.Protocol") else []
                elif base not in ("abc.ABC", "ABC"):
                    complete = False
        return list(dict.fromkeys(bases)), merged, complete


def _is_dynamic(found: Class) -> bool:
    """Whether members may exist that its source does not show."""
    plain = ("dataclass", "final", "runtime_checkable", "deprecated", "total_ordering", "define", "frozen", "s")
    names = [dotted(each.func if isinstance(each, ast.Call) else each) for each in found.node.decorator_list]
    return "__getattr__" in found.methods or any(name.rpartition(".")[2] not in plain for name in names)


def _given(found: Class) -> Iterator[tuple[ast.expr | None, bool]]:
    """What methods return and attributes hold, and whether users reach it: not what is behind an underscore."""
    for name, node in found.methods.items():
        yield node.returns, name.startswith("__") or name[0] != "_"
    for name, annotation in found.attributes.items():
        yield annotation, name[0] != "_"
    for name, value in found.values.items():
        if isinstance(value, ast.Call) and name[0] != "_":
            yield value.func, True


def _gives_something(node: FunctionNode) -> bool:
    """Whether it returns a value that is not plainly a number, text, display, truth value or `self`."""
    plain = (ast.Constant, ast.Compare, ast.BoolOp, ast.JoinedStr, ast.Dict, ast.List, ast.Tuple, ast.Set, ast.BinOp)
    values = [each.value for each in own_nodes(node) if isinstance(each, ast.Return) and each.value is not None]
    return any(not isinstance(value, plain) and dotted(value) != "self" for value in values)


def _only_raises(node: FunctionNode) -> bool:
    """Such as an `__enter__` that tells to use `async with`."""
    body = [each for each in node.body if not (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))]
    return len(body) == 1 and isinstance(body[0], ast.Raise)


def _parsed(node: ast.expr | None) -> ast.expr | None:
    """An annotation, out of its quotes if it has any."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        try:
            return ast.parse(node.value.strip(), mode="eval").body
        except SyntaxError:
            return None
    return node


def _last_argument(node: ast.expr | None, first: bool = False) -> ast.expr | None:
    if not isinstance(node, ast.Subscript):
        return None
    inner = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
    return inner[0 if first else -1] if inner else None


def _members(node: ast.expr) -> Iterator[ast.expr]:
    """The members of a union; nothing for other types."""
    if isinstance(node, ast.BinOp):
        for side in (node.left, node.right):
            yield from _members(side) if isinstance(side, ast.BinOp) else (side,)
    elif isinstance(node, ast.Subscript) and dotted(node.value).rpartition(".")[2] in ("Union", "Optional"):
        yield from node.slice.elts if isinstance(node.slice, ast.Tuple) else (node.slice,)


def _names_in(annotation: ast.expr | None) -> Iterator[str]:
    node = _parsed(annotation)
    for each in ast.walk(node) if node is not None else ():
        if isinstance(each, ast.Constant) and isinstance(each.value, str):
            yield from _names_in(each)
        elif name := dotted(each):
            yield name


def main(arguments: list[str] | None = None) -> int:
    """Prints the rows. Returns the exit status: 2 for a folder that is no package."""
    parser = argparse.ArgumentParser(prog="python -m asynclint.catalogue.derive", description=__doc__)
    parser.add_argument("folder", type=Path, help="the package's folder, or its file when it is a single module")
    parser.add_argument("--library", required=True, help="name of the distribution")
    parser.add_argument("--version", required=True, help="version that the source is of")
    parser.add_argument("--name", default="", help="dotted name of the package when the folder does not tell it")
    parser.add_argument("--only", action="append", default=[], metavar="PATTERN", help="public names to derive")
    parser.add_argument("--without", action="append", default=[], metavar="PATTERN", help="public names to leave out")
    parser.add_argument(
        "--in-async-only", action="store_true", help="its coroutine functions are plain ones outside of coroutines"
    )
    parser.add_argument(
        "--primitive",
        action="append",
        default=[],
        metavar="KIND=PATTERN",
        help="calls that block, as the package writes them: `network=self._post`",
    )
    options = parser.parse_args(arguments)
    for each in options.primitive:
        if each.partition("=")[0] not in _COST:
            parser.error(f"--primitive {each}: expected KIND=PATTERN with one of {', '.join(_COST)}")
    if not options.folder.exists():
        print(f"{options.folder}: no such folder", file=sys.stderr)
        return 2
    package = Package(options.folder, options.name)
    if not package.modules:
        print(f"{options.folder}: holds no Python files", file=sys.stderr)
        return 2
    words = "".join(
        f" --{word} '{each}'" for word in ("only", "without", "primitive") for each in getattr(options, word)
    )
    if options.in_async_only:
        words += " --in-async-only"
    name = f" --name {options.name}" if options.name and options.name != options.folder.stem else ""
    command = (
        f"# python -m asynclint.catalogue.derive {package.name.replace('.', '/')}{name}"
        f" --library {options.library} --version {options.version}{words}"
    )
    catalogue = load().without_package(package.name)
    primitives = dict(reversed(each.split("=", 1)) for each in options.primitive)
    deriver = Deriver(package, catalogue, Reach(package, catalogue, primitives), options.only, options.without)
    types = {package.called(each): deriver.type(each) for each in deriver.types}
    head = [
        command,
        f"library: {options.library}",
        f'source: "derived from the source of {options.library} {options.version}"',
        *(["in_async_only: true"] if options.in_async_only else ()),
    ]
    print("\n".join(head) + as_yaml(dict(deriver.functions()), types, deriver.aliases()), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What a package's source says of itself: its public names, classes, functions and their annotations.

Read for `asynclint.catalogue.derive` from a folder of `.py` and `.pyi` files (a stub wins only
where there is no source), without importing anything. Names are resolved through imports,
re-exports and `TYPE_CHECKING` blocks; what a definition is called in public is the shortest path
without a leading underscore under which the package offers it.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

FunctionNode: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"


@dataclass
class Module:
    """One file: what its names stand for (dotted, not yet followed) and what it defines."""

    name: str
    is_package: bool
    tree: ast.Module
    bindings: dict[str, str] = field(default_factory=dict)
    stars: list[str] = field(default_factory=list)
    exports: set[str] = field(default_factory=set)


@dataclass
class Class:
    """A class with what its own body and its methods say. `qualname` is where it is defined."""

    qualname: str
    module: Module
    node: ast.ClassDef
    methods: dict[str, FunctionNode] = field(default_factory=dict)
    same: dict[str, str] = field(default_factory=dict)
    """`close = aclose`: own names that stand for another method."""
    attributes: dict[str, ast.expr | None] = field(default_factory=dict)
    """Annotations of attributes and properties; None when there is none."""
    properties: set[str] = field(default_factory=set)
    values: dict[str, ast.expr] = field(default_factory=dict)
    """What methods assign to `self.NAME`, first assignment."""


class Package:
    """The files below a folder that is a package (or holds a single module `NAME.py`)."""

    def __init__(self, root: Path, name: str = "") -> None:
        self.root = root
        self.name = name or root.stem
        self.modules: dict[str, Module] = {}
        self.classes: dict[str, Class] = {}
        self.functions: dict[str, tuple[Module, FunctionNode]] = {}
        self.assigned: dict[str, tuple[Module, ast.expr]] = {}
        """Module-level names with what is assigned to them, where that may be a type: `Result = Awaitable[int]`."""
        self._read()
        self.public = self._public_names()

    # --- reading --------------------------------------------------------------------------------

    def _read(self) -> None:
        files = [self.root] if self.root.is_file() else sorted(self.root.rglob("*.py*"))
        for path in files:
            if path.suffix not in (".py", ".pyi") or (path.suffix == ".pyi" and path.with_suffix(".py").exists()):
                continue
            inner = path.relative_to(self.root).with_suffix("").parts if path != self.root else ()
            if any(part in ("tests", "test", "testing") for part in inner[:-1]) or (inner and _is_test(inner[-1])):
                continue
            is_package = bool(inner) and inner[-1] == "__init__"
            name = ".".join((self.name, *(inner[:-1] if is_package else inner)))
            try:
                tree = ast.parse(path.read_bytes())
            except (SyntaxError, ValueError):
                continue  # templates and code for other Python versions have no part in the interface
            module = self.modules[name] = Module(name, is_package, tree)
            self._bind(module, tree.body)

    def _bind(self, module: Module, body: list[ast.stmt]) -> None:
        for statement in body:
            if isinstance(statement, ast.ClassDef):
                self._bind_class(module, statement)
            elif isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if statement.name not in module.bindings or not _is_overload(statement):
                    module.bindings[statement.name] = f"{module.name}.{statement.name}"
                    self.functions[f"{module.name}.{statement.name}"] = (module, statement)
            elif isinstance(statement, ast.Import):
                for alias in statement.names:
                    bound = alias.asname or alias.name.partition(".")[0]
                    module.bindings[bound] = alias.name if alias.asname else bound
            elif isinstance(statement, ast.ImportFrom):
                self._bind_from(module, statement)
            elif isinstance(statement, (ast.Assign, ast.AnnAssign)):
                self._bind_value(module, statement)
            elif isinstance(statement, ast.If):
                self._bind(module, statement.orelse)
                self._bind(module, statement.body)
            elif isinstance(statement, ast.Try):
                for handler in statement.handlers:
                    self._bind(module, handler.body)
                self._bind(module, statement.body + statement.orelse)

    def _bind_from(self, module: Module, statement: ast.ImportFrom) -> None:
        source = statement.module or ""
        if statement.level:
            parts = module.name.split(".")
            parts = parts[: len(parts) - statement.level + module.is_package]
            source = ".".join([*parts, source] if source else parts)
        for alias in statement.names:
            if alias.name == "*":
                module.stars.append(source)
            else:
                module.bindings[alias.asname or alias.name] = f"{source}.{alias.name}"
                if alias.asname == alias.name:
                    module.exports.add(alias.name)

    def _bind_value(self, module: Module, statement: ast.Assign | ast.AnnAssign) -> None:
        targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
        for target in targets:
            if not isinstance(target, ast.Name):
                continue
            if target.id == "__all__" and isinstance(statement.value, (ast.List, ast.Tuple)):
                module.exports.update(
                    each.value
                    for each in statement.value.elts
                    if isinstance(each, ast.Constant) and isinstance(each.value, str)
                )
            if isinstance(statement.value, (ast.Subscript, ast.BinOp, ast.Constant)):
                self.assigned[f"{module.name}.{target.id}"] = (module, statement.value)
            value = dotted(statement.value) if statement.value else ""
            module.bindings[target.id] = f"={value}" if value else f"{module.name}.{target.id}"

    def _bind_class(self, module: Module, node: ast.ClassDef) -> None:
        qualname = f"{module.name}.{node.name}"
        module.bindings[node.name] = qualname
        found = self.classes[qualname] = Class(qualname, module, node)
        for statement in _flat(node.body):
            if isinstance(statement, (ast.FunctionDef, ast.AsyncFunctionDef)):
                if _is_property(statement):
                    found.attributes.setdefault(statement.name, statement.returns or made_by(statement))
                    found.properties.add(statement.name)
                elif not _is_setter(statement) and not (_is_overload(statement) and statement.name in found.methods):
                    found.methods[statement.name] = statement
                    self._read_assignments(found, statement)
            elif isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
                found.attributes[statement.target.id] = statement.annotation
            elif isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
                name = statement.targets[0].id
                if isinstance(statement.value, ast.Name) and statement.value.id in found.methods:
                    found.same[name] = statement.value.id
                else:
                    found.attributes.setdefault(name, None)

    def _read_assignments(self, found: Class, method: FunctionNode) -> None:
        annotations = {arg.arg: arg.annotation for arg in (*method.args.args, *method.args.kwonlyargs)}
        for node in ast.walk(method):
            targets = (
                node.targets
                if isinstance(node, ast.Assign)
                else [node.target]
                if isinstance(node, ast.AnnAssign)
                else []
            )
            for target in targets:
                if not (
                    isinstance(target, ast.Attribute)
                    and isinstance(target.value, ast.Name)
                    and target.value.id == "self"
                ):
                    continue
                annotation = node.annotation if isinstance(node, ast.AnnAssign) else None
                value = node.value if isinstance(node, (ast.Assign, ast.AnnAssign)) else None
                if annotation is None and isinstance(value, ast.Name):
                    annotation = annotations.get(value.id)
                if found.attributes.get(target.attr) is None:
                    found.attributes[target.attr] = annotation
                if value is not None:
                    found.values.setdefault(target.attr, value)

    # --- names ----------------------------------------------------------------------------------

    def resolve(self, module: Module, name: str) -> str:
        """Where the dotted name, as written in the module, is defined; unresolved parts stay as they are."""
        return self._resolve(module, name, set())

    def _resolve(self, module: Module, name: str, seen: set[tuple[str, str]]) -> str:
        head, _, rest = name.partition(".")
        target = self._follow(module, head, seen)
        return self._definition(f"{target}.{rest}", seen) if rest else target

    def definition(self, qualname: str) -> str:
        """The defining place of a qualified name, through the re-exports of this package."""
        return self._definition(qualname, set())

    def _definition(self, qualname: str, seen: set[tuple[str, str]]) -> str:
        owner, _, name = qualname.rpartition(".")
        if qualname in self.modules or not owner:
            return qualname
        owner = self._definition(owner, seen) if owner not in self.modules else owner
        module = self.modules.get(owner)
        return self._follow(module, name, seen) if module else f"{owner}.{name}"

    def _follow(self, module: Module, name: str, seen: set[tuple[str, str]]) -> str:
        if (module.name, name) in seen:
            return f"{module.name}.{name}"
        seen.add((module.name, name))
        target = module.bindings.get(name, "")
        if not target:
            for star in module.stars:
                if star in self.modules:
                    found = self._follow(self.modules[star], name, seen)
                    if found in self.classes or found in self.functions:
                        return found
            submodule = f"{module.name}.{name}"
            return submodule if submodule in self.modules else name
        if target.startswith("="):
            return self._resolve(module, target[1:], seen)
        if target in self.modules or target == f"{module.name}.{name}":
            return target
        owner, _, last = target.rpartition(".")
        return self._follow(self.modules[owner], last, seen) if owner in self.modules else target

    def _public_names(self) -> dict[str, list[str]]:
        """Definition -> names under which it is offered, the best first."""
        offered: dict[str, set[str]] = {}
        for module in self.modules.values():
            if any(part.startswith("_") for part in module.name.split(".")):
                continue
            for name in self._names_of(module):
                definition = self._follow(module, name, set())
                own = definition == f"{module.name}.{name}"
                if name.startswith("_") or not (own or module.is_package or name in module.exports):
                    continue
                if definition in self.classes or definition in self.functions:
                    offered.setdefault(definition, set()).add(f"{module.name}.{name}")
        return {definition: _best_first(definition, names) for definition, names in offered.items()}

    def _names_of(self, module: Module) -> Iterator[str]:
        yield from module.bindings
        for star in module.stars:
            if star in self.modules:
                yield from self._starred(self.modules[star], {module.name})

    def _starred(self, module: Module, seen: set[str]) -> Iterator[str]:
        """What `from module import *` brings, through the stars of that module, too."""
        if module.name in seen:
            return
        seen.add(module.name)
        yield from module.exports or [name for name in module.bindings if not name.startswith("_")]
        for star in module.stars:
            if star in self.modules and not module.exports:
                yield from self._starred(self.modules[star], seen)

    # --- classes --------------------------------------------------------------------------------

    def bases(self, found: Class) -> list[str]:
        """Definitions of the base classes, type arguments left out."""
        named = (dotted(base.value if isinstance(base, ast.Subscript) else base) for base in found.node.bases)
        return [self.resolve(found.module, name) for name in named if name]

    def order(self, found: Class, depth: int = 0) -> list[Class]:
        """The class and those of its bases that this package defines, nearest first."""
        listed = [found]
        for base in self.bases(found) if depth < 12 else ():
            if base in self.classes:
                listed += [each for each in self.order(self.classes[base], depth + 1) if each not in listed]
        return listed

    def called(self, definition: str) -> str:
        """What a definition is called in public; the definition itself when it is not offered."""
        names = self.public.get(definition)
        return names[0] if names else definition


def _best_first(definition: str, names: set[str]) -> list[str]:
    """Names in order: few dots, the definition's own last name, short."""
    own = definition.rpartition(".")[2]
    return sorted(names, key=lambda name: (name.count("."), not name.endswith(own), len(name), name))


def dotted(node: ast.AST | None) -> str:
    """`a.b.c` of a name or attribute; empty for other expressions."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""


def made_by(node: FunctionNode) -> ast.expr | None:
    """The class whose object a function makes and returns, where that is all that it returns; None for others."""
    values = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
    made = values[0] if len(values) == 1 else None
    is_class = isinstance(made, ast.Call) and dotted(made.func).rpartition(".")[2].lstrip("_")[:1].isupper()
    return made.func if isinstance(made, ast.Call) and is_class else None


def decorators(node: FunctionNode) -> list[str]:
    """Dotted names of the decorators as written, calls without their arguments."""
    return [dotted(each.func if isinstance(each, ast.Call) else each) for each in node.decorator_list]


def yields(node: FunctionNode) -> bool:
    """Whether it is a generator function: its body runs where the result is iterated."""
    return any(isinstance(each, (ast.Yield, ast.YieldFrom)) for each in own_nodes(node))


def own_nodes(node: FunctionNode) -> Iterator[ast.AST]:
    """What runs as part of the function, without functions and classes inside of it."""
    waiting: list[ast.AST] = list(node.body)
    while waiting:
        current = waiting.pop()
        yield current
        if not isinstance(current, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)):
            waiting.extend(ast.iter_child_nodes(current))


def _is_test(name: str) -> bool:
    return name == "conftest" or name.endswith("_test")  # `test_utils` is often for users


def _flat(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, ast.If):
            yield from _flat(statement.body + statement.orelse)
        else:
            yield statement


def _is_overload(node: FunctionNode) -> bool:
    return any(name.rpartition(".")[2] == "overload" for name in decorators(node))


def _is_property(node: FunctionNode) -> bool:
    return any("property" in name.rpartition(".")[2] or name.endswith("reify") for name in decorators(node))


def _is_setter(node: FunctionNode) -> bool:
    return any(name.rpartition(".")[2] in ("setter", "deleter", "getter") for name in decorators(node))

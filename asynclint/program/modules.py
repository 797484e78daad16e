"""Which file a dotted import names: source roots, packages, and modules read on demand.

A module's identity is its file. Its name is the dotted path from the nearest source root, so that
two files never share one name and a file has the same name however it was reached.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

from asynclint.config.environment import STUBS
from asynclint.facts.model import Binding, BindingKind, BlockKind, ModuleFacts, ParameterKind, ScopeKind, SiteKind
from asynclint.program.given_away import GivenAway, given_away

_SUFFIXES = (".py", ".pyi")


class Module:
    """One file of the program. `path` is absolute; `facts` are read when first asked for."""

    __slots__ = ("__dict__", "first_party", "folder", "is_package", "name", "path", "read")

    def __init__(self, name: str, path: str, *, first_party: bool, read: Callable[[str], ModuleFacts | None]) -> None:
        self.name = name
        self.path = path
        self.folder, file = os.path.split(path)
        self.is_package = file.startswith("__init__.")
        self.first_party = first_party
        self.read = read

    def __repr__(self) -> str:
        return f"<Module {self.name}>"

    @cached_property
    def facts(self) -> ModuleFacts:
        """The facts of the file; those of an empty file when it cannot be read or parsed."""
        return self.read(self.path) or _EMPTY

    @cached_property
    def names(self) -> dict[tuple[int, str], Any]:
        """What `program.names` has looked up, by scope and name."""
        return {}

    @cached_property
    def function_of_block(self) -> list[int]:
        """For each block the function whose body it is part of, -1 outside; see `enclosing_function`."""
        found: list[int] = []
        for kind, parent, _scope, _line, detail in self.facts.blocks:
            if kind == 1:
                found.append(detail)
            elif kind in (0, 2, 13):
                found.append(-1)
            else:
                found.append(found[parent])
        return found

    @cached_property
    def branches_of(self) -> dict[int, list[int]]:
        """The `if` blocks of each function."""
        found: dict[int, list[int]] = {}
        for number, block in enumerate(self.facts.blocks):
            if block[0] == BlockKind.IF:
                found.setdefault(self.function_of_block[number], []).append(number)
        return found

    @cached_property
    def own_sites(self) -> dict[int, list[int]]:
        """The sites that run when a function runs (or the module: -1), nested ones left out."""
        found: dict[int, list[int]] = {}
        function_of_block = self.function_of_block
        for number, row in enumerate(self.facts.sites):
            found.setdefault(function_of_block[row[5]], []).append(number)
        return found

    @cached_property
    def higher_order(self) -> dict[int, set[int]]:
        """By function, the positions of parameters that it, or what is nested in it, calls, hands on or returns.

        Of `*args` it is enough to go through them.
        """
        facts = self.facts
        found: dict[int, set[int]] = {}
        for row in facts.sites:
            if row[0] == SiteKind.CALL:
                mentioned = (row[6], *row[7], *[value for _, value in row[8]])
            elif row[0] == SiteKind.RETURN:
                mentioned = (row[6],)
            elif row[0] == SiteKind.FOR:
                mentioned = (row[8],)
            elif row[0] == SiteKind.COMPREHENSION:
                mentioned = tuple([loop[1] for loop in row[8]])
            else:
                continue
            for name in mentioned:
                if isinstance(name, tuple) and name[0] == "*":
                    name = name[1]
                if not isinstance(name, str):
                    continue
                scope = facts.blocks[row[5]][2]
                while scope >= 0:
                    rows = facts.scopes[scope].bindings.get(name)
                    if rows is not None:
                        if (
                            rows[0].kind == BindingKind.PARAMETER
                            and rows[0].a >= 0
                            and (row[0] in (SiteKind.CALL, SiteKind.RETURN) or _is_variadic(rows[0], facts))
                        ):
                            found.setdefault(rows[0].a, set()).add(rows[0].b)
                        break
                    scope = facts.scopes[scope].parent
        return found

    @cached_property
    def given_away(self) -> GivenAway:
        """The generator expressions that are not gone through where they stand."""
        return given_away(self)

    def awaits_in_block(self, block: int) -> bool:
        """Whether an `await` stands in the block itself, as in a comprehension's element."""
        return block in self._awaiting_blocks

    @cached_property
    def _awaiting_blocks(self) -> set[int]:
        """The blocks with an `await`; an async comprehension counts as one, save for a generator."""
        facts = self.facts
        found: set[int] = set()
        for row in reversed(facts.sites):  # inner comprehensions come after those around them
            if row[0] == SiteKind.AWAIT:
                found.add(row[5])
            elif row[0] == SiteKind.COMPREHENSION and row[6] != "generator":
                if any(loop[2] for loop in row[8]) or facts.scopes[row[7]].block in found:
                    found.add(row[5])
        return found

    @cached_property
    def returns_of(self) -> dict[int, list[int]]:
        """The `return` sites of each function."""
        return self._sites_of(SiteKind.RETURN)

    @cached_property
    def yields_of(self) -> dict[int, list[int]]:
        """The `yield` sites of each function."""
        return self._sites_of(SiteKind.YIELD)

    def _sites_of(self, kind: SiteKind) -> dict[int, list[int]]:
        sites = self.facts.sites
        return {
            function: [number for number in numbers if sites[number][0] == kind]
            for function, numbers in self.own_sites.items()
        }

    @cached_property
    def class_by_name(self) -> dict[str, int]:
        found: dict[str, int] = {}
        for number, row in enumerate(self.facts.classes):
            found.setdefault(row.qualname, number)
        return found

    def absolute(self, dotted: str) -> str:
        """An import's module without leading dots, seen from this module."""
        level = len(dotted) - len(dotted.lstrip("."))
        if not level:
            return dotted
        parts = self.name.split(".")
        keep = len(parts) - level + (1 if self.is_package else 0)
        base = ".".join(parts[: max(keep, 0)])
        rest = dotted[level:]
        return f"{base}.{rest}" if base and rest else base or rest


_EMPTY = ModuleFacts([], [], [(0, -1, 0, 1, None)], [(int(ScopeKind.MODULE), -1, 0, "", -1, {})], {}, {}, [], [], [], 0)


def _is_variadic(row: Binding, facts: ModuleFacts) -> bool:
    return bool(facts.functions[row.a].parameters[row.b].kind == ParameterKind.VARIADIC)


class Finder:
    """Finds modules by dotted name.

    `roots` are directories that hold importable packages, nearest claim first; `environment` the
    directories of installed packages. `read` gives the facts of a path, None when unreadable.
    """

    def __init__(
        self,
        roots: Sequence[str],
        read: Callable[[str], ModuleFacts | None],
        environment: Sequence[str] = (),
    ) -> None:
        self.roots = tuple(os.path.abspath(root) for root in roots)
        self.environment = tuple(environment)
        self._read = read
        self._by_path: dict[str, Module] = {}
        self._by_import: dict[tuple[str, str, bool], Module | None] = {}
        self._listings: dict[str, frozenset[str]] = {}
        self._package_roots: dict[str, str] = {}

    def module_at(self, path: str) -> Module:
        """The module of a first-party file."""
        found = self._by_path.get(path)
        if found is None:
            found = Module(self._name_of(path), path, first_party=True, read=self._read)
            self._by_path[path] = found
        return found

    def find(self, dotted: str, importer: Module) -> Module | None:
        """The module that `import dotted` gives in `importer`; None outside of what can be read.

        A namespace package gives None; `is_namespace` tells.
        """
        if not dotted:
            return None
        key = (dotted, importer.folder, importer.first_party)
        try:
            return self._by_import[key]
        except KeyError:
            found = self._by_import[key] = self._search(dotted, self._package_root(importer.folder), importer)
            return found

    def relative(self, dotted: str, importer: Module) -> Module | None:
        """The module that a relative import (with its leading dots) names."""
        level = len(dotted) - len(dotted.lstrip("."))
        directory = importer.folder
        for _ in range(level - 1):
            directory = os.path.dirname(directory)
        path = self._path_in(directory, dotted[level:])
        return None if path is None else self._made(path, importer.first_party, importer)

    def submodule(self, package: Module, name: str) -> Module | None:
        """`package.name` as a file beside the package's `__init__`."""
        if not package.is_package:
            return None
        path = self._path_in(package.folder, name)
        return None if path is None else self._made(path, package.first_party, package)

    def is_namespace(self, dotted: str, importer: Module) -> bool:
        """Whether the name is a first-party directory without `__init__`."""
        origin = self._package_root(importer.folder)
        return any(self._is_directory(root, dotted) for root in (origin, *self.roots))

    def _search(self, dotted: str, origin: str, importer: Module) -> Module | None:
        standard = dotted.partition(".")[0] in sys.stdlib_module_names
        if importer.first_party or not self.environment:
            # A stray file beside a script must not pass for a module of the standard library.
            for root in self.roots if standard else (origin, *self.roots):
                path = self._path_in(root, dotted)
                if path is not None:
                    return self.module_at(path)
        if not standard:
            # Stubs that come as a package of their own speak where there is no source, as for extension modules.
            top, dot, rest = dotted.partition(".")
            for spelling in (dotted, f"{top}{STUBS}{dot}{rest}") if self.environment else ():
                for root in self.environment:
                    path = self._path_in(root, spelling)
                    if path is not None:
                        return self._installed(path, root)
        return None

    def _made(self, path: str, first_party: bool, importer: Module) -> Module:
        if first_party:
            return self.module_at(path)
        # Not the first folder without `__init__.py`: that is another one for namespace packages and stubs.
        roots = [root for root in self.environment if path.startswith(root + os.sep)]
        return self._installed(path, roots[0] if roots else self._package_root(importer.folder))

    def _installed(self, path: str, root: str) -> Module:
        found = self._by_path.get(path)
        if found is None:
            top, dot, rest = _dotted(path, root).partition(".")
            found = Module(f"{top.removesuffix(STUBS)}{dot}{rest}", path, first_party=False, read=self._read)
            self._by_path[path] = found
        return found

    def _name_of(self, path: str) -> str:
        best = ""
        for root in self.roots:
            if path.startswith(root + os.sep) and len(root) > len(best):
                best = root
        return _dotted(path, best or self._package_root(os.path.dirname(path)))

    def _package_root(self, directory: str) -> str:
        """The first directory upwards that is not itself a package."""
        found = self._package_roots.get(directory)
        if found is None:
            found = directory
            while "__init__.py" in self._listing(found):
                parent = os.path.dirname(found)
                if parent == found:
                    break
                found = parent
            self._package_roots[directory] = found
        return found

    def _path_in(self, root: str, dotted: str) -> str | None:
        directory = root
        parts = dotted.split(".") if dotted else []
        for part in parts[:-1]:
            if part not in self._listing(directory):
                return None
            directory = os.path.join(directory, part)
        if parts:
            last = parts[-1]
            listing = self._listing(directory)
            if last in listing:
                inner = os.path.join(directory, last)
                names = self._listing(inner)
                for suffix in _SUFFIXES:
                    if "__init__" + suffix in names:
                        return os.path.join(inner, "__init__" + suffix)
            for suffix in _SUFFIXES:
                if last + suffix in listing:
                    return os.path.join(directory, last + suffix)
            return None
        for suffix in _SUFFIXES:
            if "__init__" + suffix in self._listing(directory):
                return os.path.join(directory, "__init__" + suffix)
        return None

    def _is_directory(self, root: str, dotted: str) -> bool:
        directory = root
        for part in dotted.split("."):
            if part not in self._listing(directory):
                return False
            directory = os.path.join(directory, part)
        return bool(self._listing(directory))

    def _listing(self, directory: str) -> frozenset[str]:
        found = self._listings.get(directory)
        if found is None:
            try:
                found = frozenset(os.listdir(directory))
            except OSError:
                found = frozenset()
            self._listings[directory] = found
        return found


def _dotted(path: str, root: str) -> str:
    relative = os.path.relpath(path, root)
    stem = relative[: relative.rindex(".")] if "." in os.path.basename(relative) else relative
    parts = [part for part in stem.split(os.sep) if part not in ("", os.curdir)]
    if parts and parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts) or os.path.basename(root)

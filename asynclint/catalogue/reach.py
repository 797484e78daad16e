"""Which functions of a package reach something that the catalogue says blocks.

A first approximation for the reviewer of derived rows, not the analysis that rules use: calls of
names, of `self` and of attributes whose class is plain to see are followed; what is passed
elsewhere, nested functions and coroutines are not. Waiting for a lock does not count, because
nearly every library takes one for a moment.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase

from asynclint.catalogue import CallableRow, Catalogue
from asynclint.catalogue.model import Argument
from asynclint.catalogue.package import Class, FunctionNode, Module, Package, dotted, own_nodes, yields

_COUNTED = frozenset({"sleep", "network", "subprocess", "file", "database", "input"})
#: When a function reaches several, the kind that says most about it.
_ORDER = ("network", "database", "subprocess", "sleep", "file", "input")

#: Builtins that go over their argument.
_DRAINS = frozenset({"all", "any", "dict", "list", "max", "min", "next", "set", "sorted", "sum", "tuple"})


class Reach:
    """Answers `kind(definition)` for functions `module.name` and methods `module.Class.name`.

    `primitives` are patterns of calls as they are written (`self._post`) with what they wait for.
    """

    def __init__(self, package: Package, catalogue: Catalogue, primitives: Mapping[str, str]) -> None:
        self._package = package
        self._catalogue = catalogue
        self._primitives = primitives
        self._kinds: dict[str, set[str]] = {}
        self._callers: dict[str, set[str]] = {}
        """Who calls it; for a generator, who goes over what it gives."""
        self._makers: dict[str, set[str]] = {}
        """Who calls it and does not go over the result."""
        self._generators: set[str] = set()
        for definition, (module, node) in package.functions.items():
            self._read(definition, module, node, None)
        for found in package.classes.values():
            for name, node in found.methods.items():
                self._read(f"{found.qualname}.{name}", found.module, node, found)
        self._spread()

    def kind(self, definition: str) -> str:
        """What it waits for; empty when nothing was seen."""
        kinds = self._kinds.get(definition, set())
        return next((each for each in _ORDER if each in kinds), "")

    def _read(self, definition: str, module: Module, node: FunctionNode, owner: Class | None) -> None:
        if isinstance(node, ast.AsyncFunctionDef):
            return
        kinds = self._kinds.setdefault(definition, set())
        if yields(node):
            self._generators.add(definition)
        local = self._locals(module, node)
        # Where methods are coroutine functions, what they share makes something to await.
        asynchronous = owner is not None and any(
            isinstance(each, ast.AsyncFunctionDef) for each in owner.methods.values()
        )
        primitives = {} if asynchronous else self._primitives
        for call, is_drained in _calls(node):
            name = dotted(call.func)
            kinds.update(kind for like, kind in primitives.items() if fnmatchcase(name, like))
            for target in self._targets(module, owner, local, name) if name else self._of_made(module, call):
                row = self._catalogue.callable(target)
                if row is not None and _counts(row, call):
                    kinds.add(row.blocks)
                callers = self._callers if is_drained else self._makers
                callers.setdefault(target, set()).add(definition)

    def _locals(self, module: Module, node: FunctionNode) -> dict[str, str]:
        """Classes of parameters and of variables that are assigned from a constructor."""
        found = {}
        for arg in (*node.args.args, *node.args.kwonlyargs):
            if name := dotted(arg.annotation):
                found[arg.arg] = self._package.resolve(module, name)
        for inner in ast.walk(node):
            value = inner.value if isinstance(inner, ast.Assign) else None
            name = dotted(value.func) if isinstance(value, ast.Call) else ""
            for target in inner.targets if isinstance(inner, ast.Assign) and name else ():
                if isinstance(target, ast.Name):
                    found[target.id] = self._package.resolve(module, name)
        return found

    def _targets(self, module: Module, owner: Class | None, local: dict[str, str], name: str) -> Iterator[str]:
        head, _, rest = name.partition(".")
        if head == "self" and owner is not None:
            attribute, _, method = rest.partition(".")
            if not method:
                yield from self._method(owner.qualname, attribute)
            elif kind := self._attribute_class(owner, attribute):
                yield from self._method(kind, method)
        elif head in local and rest:
            yield from self._method(local[head], rest)
        else:
            target = self._package.resolve(module, name)
            if target in self._package.classes:
                yield from self._method(target, "__init__")
            yield target

    def _of_made(self, module: Module, call: ast.Call) -> Iterator[str]:
        """The method that `Class(...).method(...)` calls."""
        function = call.func
        if isinstance(function, ast.Attribute) and isinstance(function.value, ast.Call):
            if made := dotted(function.value.func):
                yield from self._method(self._package.resolve(module, made), function.attr)

    def _method(self, kind: str, name: str) -> Iterator[str]:
        found = self._package.classes.get(kind)
        if found is None:
            yield f"{kind}.{name}"
            return
        for each in self._package.order(found):
            if name in each.methods:
                yield f"{each.qualname}.{name}"
                return

    def _attribute_class(self, owner: Class, attribute: str) -> str:
        for each in self._package.order(owner):
            value = each.values.get(attribute)
            name = dotted(each.attributes.get(attribute)) or (dotted(value.func) if isinstance(value, ast.Call) else "")
            if name:
                return self._package.resolve(each.module, name)
        return ""

    def _spread(self) -> None:
        waiting = [name for name, kinds in self._kinds.items() if kinds]
        while waiting:
            callee = waiting.pop()
            callers = set(self._callers.get(callee, ()))
            if callee not in self._generators:
                callers |= self._makers.get(callee, set())
            for caller in callers:
                kinds = self._kinds[caller]
                before = len(kinds)
                kinds |= self._kinds[callee]
                if len(kinds) > before:
                    waiting.append(caller)


def _counts(row: CallableRow, call: ast.Call) -> bool:
    """Whether the call blocks for sure, and for long enough to speak of the function around it."""
    if row.blocks not in _COUNTED or row.cost in ("light", "trivial") or row.when or row.lazy:
        return False
    # What is given may be what keeps it from waiting: `os.waitpid(pid, os.WNOHANG)`.
    return not any(each.argument is not None and _may_give(call, each.argument) for each in row.unless)


def _may_give(call: ast.Call, argument: Argument) -> bool:
    position, keyword = argument
    if any(isinstance(each, ast.Starred) for each in call.args):
        return True
    return 0 <= position < len(call.args) or any(each.arg in (None, keyword) for each in call.keywords)


def _calls(node: FunctionNode) -> Iterator[tuple[ast.Call, bool]]:
    """The calls in a function, and whether it goes over what they give."""
    drained: set[ast.AST] = set()
    for current in own_nodes(node):
        if isinstance(current, (ast.For, ast.comprehension)):
            drained.add(current.iter)
        elif isinstance(current, ast.withitem):
            drained.add(current.context_expr)
        elif isinstance(current, (ast.YieldFrom, ast.Starred)):
            drained.add(current.value)
        elif isinstance(current, ast.Call) and dotted(current.func) in _DRAINS:
            drained.update(current.args)
    for current in own_nodes(node):
        if isinstance(current, ast.Call):
            yield current, current in drained

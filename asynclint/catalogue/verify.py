"""Do the names that the catalogue lists exist in a package's source, and are they of the colour it says?

    python -m asynclint.catalogue.verify FOLDER [--name PACKAGE] ...

reads the package in the folder and prints every function, type and method of it that the catalogue
lists and the source does not define, and every one that is a coroutine function in one of the two
and a plain function in the other. Run it on an older version as well: a row that is wrong there is
a false alarm for those who still have it. Members that a class makes at run time (`__getattr__`,
decorators, bases in other packages) cannot be seen and are not held against it.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from asynclint.catalogue import CallableRow, Catalogue, load
from asynclint.catalogue.derive import Deriver
from asynclint.catalogue.package import Class, FunctionNode, Module, Package
from asynclint.catalogue.reach import Reach

_ASYNC = frozenset({"coroutine", "async-iterator", "async-context"})


def missing(package: Package, catalogue: Catalogue) -> Iterator[str]:
    """Listed names below the package that its source does not define."""
    for name, definition in _listed(package, catalogue):
        found = package.classes.get(definition)
        if found is not None:
            yield from _missing_methods(package, catalogue, name, found)
        elif definition not in package.functions and not _is_bound(package, name):
            yield name


def recoloured(package: Package, catalogue: Catalogue) -> Iterator[str]:
    """`name: ...` for listed names whose colour in the source is surely another one."""
    deriver = Deriver(package, catalogue, Reach(package, catalogue, {}), [], [])
    for name, definition in _listed(package, catalogue):
        if definition in package.functions:
            module, node = package.functions[definition]
            yield from _disagreement(deriver, catalogue.callable(name), module, node, definition)
        found, row = package.classes.get(definition), catalogue.type(name)
        for method in row.methods if found is not None and row is not None else ():
            owner = next((each for each in package.order(found) if method in each.methods), None) if found else None
            if owner is not None:
                place = f"{owner.qualname}.{method}"
                listed = catalogue.callable(f"{name}.{method}")
                yield from _disagreement(deriver, listed, owner.module, owner.methods[method], place)


def _disagreement(
    deriver: Deriver, row: CallableRow | None, module: Module, node: FunctionNode, definition: str
) -> Iterator[str]:
    if row is None or row.colour == "unknown":
        return
    found = deriver.row(module, node, definition)
    source = found.get("colour", "sync")
    if source in _ASYNC and (row.colour == "sync" or row.blocks):
        yield f"{row.name}: {source} in the source, {'blocking' if row.blocks else 'sync'} in the catalogue"
    elif row.colour == "coroutine" and source == "sync" and ("returns" in found or not _gives(node)):
        yield f"{row.name}: sync in the source, coroutine in the catalogue"


def _gives(node: FunctionNode) -> bool:
    """Whether a plain function may hand on an awaitable that something else made."""
    values = [each.value for each in ast.walk(node) if isinstance(each, ast.Return)]
    made = any(isinstance(value, (ast.Call, ast.Name, ast.IfExp)) for value in values)
    return made or node.returns is not None


def _listed(package: Package, catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """(name, definition) of the functions and types below the package, sorted by name."""
    shard = catalogue.shard(package.name.partition(".")[0])
    inside = [name for name in (*shard.functions, *shard.types) if name.startswith(package.name + ".")]
    yield from ((name, package.definition(name)) for name in sorted(inside))


def _missing_methods(package: Package, catalogue: Catalogue, name: str, found: Class) -> Iterator[str]:
    row = catalogue.type(name)
    if row is None or _is_open(package, found):
        return
    order = package.order(found)
    known = {member for each in order for member in (*each.methods, *each.same, *each.attributes)}
    yield from (f"{name}.{method}" for method in row.methods if method not in known)


def _is_open(package: Package, found: Class) -> bool:
    """Whether it may have members that cannot be seen."""
    for each in package.order(found):
        if "__getattr__" in each.methods or each.node.decorator_list:
            return True
        if any(base not in package.classes and base != "object" for base in package.bases(each)):
            return True
    return False


def _is_bound(package: Package, name: str) -> bool:
    """Whether the name is a variable, an instance, or a member of either: its class is not looked at."""
    owner, _, last = name.rpartition(".")
    while owner:
        module = package.modules.get(owner)
        if module is not None:
            return last in module.bindings or any(star not in package.modules for star in module.stars)
        owner, _, last = owner.rpartition(".")
    return False


def main(arguments: list[str] | None = None) -> int:
    """Returns the exit status: 1 when something is wrong, 2 for a folder that is no package."""
    parser = argparse.ArgumentParser(prog="python -m asynclint.catalogue.verify", description=__doc__)
    parser.add_argument("folder", type=Path, help="the package's folder")
    parser.add_argument("--name", default="", help="dotted name of the package when the folder does not tell it")
    options = parser.parse_args(arguments)
    package = Package(options.folder, options.name) if options.folder.exists() else None
    if package is None or not package.modules:
        print(f"{options.folder}: holds no Python package", file=sys.stderr)
        return 2
    catalogue = load()
    wrong = [*missing(package, catalogue), *recoloured(package, catalogue)]
    print("\n".join(wrong) if wrong else f"{package.name}: every name exists")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())

"""Do the names that the catalogue lists exist in a package's source?

    python -m asynclint.catalogue.verify FOLDER [--name PACKAGE] ...

reads the package in the folder and prints every function, type and method of it that the catalogue
lists and the source does not define. Members that a class makes at run time (`__getattr__`,
decorators, bases in other packages) cannot be seen and are not held against it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path

from asynclint.catalogue import Catalogue, load
from asynclint.catalogue.package import Class, Package


def missing(package: Package, catalogue: Catalogue) -> Iterator[str]:
    """Listed names below the package that its source does not define."""
    shard = catalogue.shard(package.name.partition(".")[0])
    inside = [name for name in (*shard.functions, *shard.types) if name.startswith(package.name + ".")]
    for name in sorted(inside):
        definition = package.definition(name)
        if definition in package.functions:
            continue
        found = package.classes.get(definition)
        if found is not None:
            yield from _missing_methods(package, catalogue, name, found)
        elif not _is_bound(package, name):
            yield name


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
    """Returns the exit status: 1 when names are missing, 2 for a folder that is no package."""
    parser = argparse.ArgumentParser(prog="python -m asynclint.catalogue.verify", description=__doc__)
    parser.add_argument("folder", type=Path, help="the package's folder")
    parser.add_argument("--name", default="", help="dotted name of the package when the folder does not tell it")
    options = parser.parse_args(arguments)
    package = Package(options.folder, options.name) if options.folder.exists() else None
    if package is None or not package.modules:
        print(f"{options.folder}: holds no Python package", file=sys.stderr)
        return 2
    names = list(missing(package, load()))
    print("\n".join(names) if names else f"{package.name}: every name exists")
    return 1 if names else 0


if __name__ == "__main__":
    sys.exit(main())

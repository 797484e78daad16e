"""What libraries do, as data: which callables block, give awaitables, offload, schedule, consume.

The YAML files beside this module are compiled to `catalogue.json`, one line per top-level package
(`python -m asynclint.catalogue.compile`). Loading reads the file and parses nothing but its header;
a package's line is parsed when something in that package is asked for the first time, and a row
becomes an object when it is asked for. `docs/catalogue.md` tells how to read and extend the files.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from asynclint.catalogue.model import (
    Argument,
    CallableRow,
    CatalogueError,
    Condition,
    DecoratorRow,
    Deprecation,
    OverrideRow,
    Run,
    TypeRow,
)
from asynclint.tuples import NamedTuple

__all__ = [
    "Argument",
    "CallableRow",
    "Catalogue",
    "CatalogueError",
    "Condition",
    "DecoratorRow",
    "Deprecation",
    "OverrideRow",
    "Run",
    "TypeRow",
    "load",
]

#: Changes whenever the meaning of the compiled file changes.
FORMAT = 1
COMPILED = Path(__file__).with_name("catalogue.json")


class Shard(NamedTuple):
    """What is known of one top-level package. Callable rows are shared, by their index in `rows`."""

    rows: list[dict[str, Any]]
    functions: dict[str, int]
    types: dict[str, dict[str, Any]]
    aliases: dict[str, str]
    decorators: dict[str, dict[str, Any]]
    overrides: dict[str, dict[str, dict[str, str]]]
    deprecated: dict[str, list[dict[str, str]]]

    @classmethod
    def decode(cls, data: dict[str, Any]) -> Shard:
        parts: list[Any] = [data.get(field, {}) for field in cls._fields[1:]]
        return cls(data.get("rows", []), *parts)

    def copy(self) -> Shard:
        """One whose mappings can be changed without changing this one."""
        parts: list[Any] = [dict(each) for each in self[1:]]
        return Shard(list(self.rows), *parts)


class Lines(Mapping[str, bytes]):
    """The lines of the compiled file by their key. Most of them are never looked at, so none is cut out before."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._places: dict[bytes, tuple[int, int]] = {}
        start = data.index(b"\n") + 1
        while True:
            end = data.find(b"\n", start)
            if end < 0 or data[start] != _QUOTE:
                break
            colon = data.index(b": ", start)
            self._places[data[start + 1 : colon - 1]] = colon + 2, end
            start = end + 1

    def __getitem__(self, key: str) -> bytes:
        start, end = self._places[key.encode()]
        return self._data[start:end].removesuffix(b",")

    def __iter__(self) -> Iterator[str]:
        return (key.decode() for key in self._places)

    def __len__(self) -> int:
        return len(self._places)


_QUOTE = ord('"')
_EMPTY = Shard([], {}, {}, {}, {}, {}, {})


class Catalogue:
    """Answers questions about qualified names. Every question accepts other spellings of a name."""

    def __init__(self, header: dict[str, Any], lines: Mapping[str, str | bytes], shards: Mapping[str, Shard]) -> None:
        self._header = header
        self._lines = lines
        self._shards: dict[str, Shard] = dict(shards)
        self._canonical: dict[str, str] = {}
        self._callables: dict[str, CallableRow | None] = {}
        self._types: dict[str, TypeRow | None] = {}
        self._orders: dict[str, tuple[str, ...]] = {}
        self._decorators: dict[str, DecoratorRow | None] = {}
        self._modules = frozenset(header["modules"])
        self.added: frozenset[str] = frozenset()
        """Names that the user's configuration speaks of: they win over the project's own source, too."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever any answer may change."""
        return str(self._header["fingerprint"])

    # --- names ------------------------------------------------------------------------------

    def canonical(self, qualname: str) -> str:
        """The name under which the catalogue lists it; `qualname` itself when it lists no other.

        Names without a dot, as type expressions have them, are builtins when there is such a builtin.
        """
        found = self._canonical.get(qualname)
        if found is None:
            found = qualname if "." in qualname else self._builtin(qualname)
            for _ in range(8):  # chains of aliases are short; a circle must end
                following = self._without_alias(found)
                if following == found:
                    break
                found = following
            self._canonical[qualname] = found
        return found

    def _builtin(self, name: str) -> str:
        shard = self._shard("builtins")
        dotted = f"builtins.{name}"
        return dotted if dotted in shard.types or dotted in shard.functions else name

    def _without_alias(self, qualname: str) -> str:
        shard = self._shard(qualname)
        if qualname in shard.functions or qualname in shard.types:
            return qualname
        head, tail = qualname, ""
        while head:
            target = shard.aliases.get(head)
            if target is not None:
                return target + tail
            head, dot, last = head.rpartition(".")
            tail = dot + last + tail
            if head in shard.types:
                return qualname
        return qualname

    def knows(self, qualname: str) -> bool:
        """Whether it has a row: a function, a type, a listed member of one, or a decorator."""
        name = self.canonical(qualname)
        if self.callable(name) is not None or self.decorator(name) is not None:
            return True
        owner, _, member = name.rpartition(".")
        return bool(owner) and self.type(owner) is not None and self.attribute(owner, member) is not None

    def knows_module(self, name: str) -> bool:
        """Whether the module or a package around it is spoken for: nothing unlisted in it blocks or is awaitable."""
        while name:
            if name in self._modules:
                return True
            name = name.rpartition(".")[0]
        return False

    def speaks_for(self, qualname: str) -> bool:
        """Whether what the catalogue does not say about the name means that there is nothing to say."""
        return self.knows_module(qualname) or self.knows_module(self.canonical(qualname))

    # --- callables --------------------------------------------------------------------------

    def callable(self, qualname: str) -> CallableRow | None:
        """What calling it does; for a type its constructor, for `module.Type.name` the method."""
        name = self.canonical(qualname)
        if name in self._callables:
            return self._callables[name]
        found: CallableRow | None = None
        shard = self._shard(name)
        index = shard.functions.get(name)
        if index is not None:
            found = _callable_row(name, shard.rows[index])
        elif name in shard.types:
            kind = self.type(name)
            found = kind.construct if kind else None
        else:
            owner, _, member = name.rpartition(".")
            if self._shard(owner).types.get(owner) is not None:
                method = self.method(owner, member)
                found = method[1] if method else None
        self._callables[name] = found
        return found

    def type(self, qualname: str) -> TypeRow | None:
        """The type's own row, without what it inherits."""
        name = self.canonical(qualname)
        if name in self._types:
            return self._types[name]
        shard = self._shard(name)
        data = shard.types.get(name)
        found = None if data is None else _type_row(name, data, shard.rows)
        self._types[name] = found
        return found

    def method(self, type_qualname: str, name: str) -> tuple[str, CallableRow] | None:
        """The type that defines the method, and its row; None when neither it nor a base lists it."""
        for owner in self.order(type_qualname):
            kind = self.type(owner)
            if kind is None:
                continue
            index = kind.methods.get(name)
            if index is None and kind.every_method is not None and not name.startswith("_"):
                index = None if name in kind.attributes else kind.every_method
            if index is not None:
                return owner, self._method_row(owner, name, index)
        return None

    def _method_row(self, owner: str, name: str, index: int) -> CallableRow:
        qualname = f"{owner}.{name}"
        found = self._callables.get(qualname)
        if found is None:
            found = self._callables[qualname] = _callable_row(qualname, self._shard(owner).rows[index])
        return found

    def attribute(self, type_qualname: str, name: str) -> str | None:
        """Type expression of an attribute or property, empty when only its existence is known; None when unlisted."""
        for owner in self.order(type_qualname):
            kind = self.type(owner)
            if kind is not None and name in kind.attributes:
                value = kind.attributes[name]
                return value if isinstance(value, str) else str(self._shard(owner).rows[value].get("returns", ""))
        return None

    def property_row(self, type_qualname: str, name: str) -> CallableRow | None:
        """What reading the attribute does, when it does something (a property that blocks or is awaitable)."""
        for owner in self.order(type_qualname):
            kind = self.type(owner)
            if kind is not None and name in kind.attributes:
                value = kind.attributes[name]
                return None if isinstance(value, str) else self._method_row(owner, name, value)
        return None

    def protocol(self, type_qualname: str, which: str) -> str | None:
        """Type expression of what a protocol gives, own or inherited; None when the type does not have it.

        `which` is enter, async_enter, iterates, async_iterates or awaits_to. An empty expression
        means that the type has the protocol and what it gives is not known.
        """
        for owner in self.order(type_qualname):
            kind = self.type(owner)
            found = getattr(kind, which) if kind is not None else None
            if found is not None:
                return str(found)
        return None

    # --- hierarchy --------------------------------------------------------------------------

    def order(self, type_qualname: str) -> tuple[str, ...]:
        """Canonical names of the type and its bases, in the order in which members are looked up."""
        name = self.canonical(type_qualname)
        found = self._orders.get(name)
        if found is None:
            self._orders[name] = (name,)  # a circle of bases ends here
            seen = {name: None}
            kind = self.type(name)
            for base in kind.bases if kind is not None else ():
                seen.update(dict.fromkeys(self.order(base)))
            found = self._orders[name] = tuple(seen)
        return found

    def is_subtype(self, name: str, base: str) -> bool:
        """Whether the type is `base` or inherits from it, as far as the catalogue knows."""
        return self.canonical(base) in self.order(name)

    def is_complete(self, type_qualname: str) -> bool:
        """Whether a member that is listed neither here nor in a base does not exist (or is plain and harmless)."""
        kinds = [self.type(each) for each in self.order(type_qualname)]
        return all(kind is not None and not kind.incomplete for kind in kinds)

    # --- decorators, overrides, deprecations, facts of the language ----------------------------

    def decorator(self, qualname: str) -> DecoratorRow | None:
        """What the decorator, or a method of a type used as one, makes of a function."""
        try:
            return self._decorators[qualname]
        except KeyError:
            found = self._decorators[qualname] = self._decorator(qualname)
            return found

    def _decorator(self, qualname: str) -> DecoratorRow | None:
        name = self.canonical(qualname)
        owner, _, member = name.rpartition(".")
        for candidate in (name, *(f"{each}.{member}" for each in self.order(owner))):
            data = self._shard(candidate).decorators.get(candidate)
            if data is not None:
                gives = tuple((name, tuple(types)) for name, types in data.get("gives", {}).items())
                return DecoratorRow(candidate, **{**data, "gives": gives})
        return None

    def starts_loops(self, qualname: str) -> bool:
        """Whether the package of a name can start an event loop."""
        return any(row.get("starts_loop") for row in self._shard(qualname).rows)

    def override(self, type_qualname: str, method: str) -> OverrideRow | None:
        """What a framework does with `method` when a class derived from the type defines it."""
        for owner in self.order(type_qualname):
            methods = self._shard(owner).overrides.get(owner, {})
            for name, data in methods.items():
                if name == method or (name.endswith("*") and method.startswith(name[:-1])):
                    return OverrideRow(owner, name, **data)
        return None

    def deprecations(self, qualname: str) -> tuple[Deprecation, ...]:
        """What is deprecated about the name; empty when nothing is."""
        found = []
        for name in dict.fromkeys((qualname, self.canonical(qualname))):
            for data in self._shard(name).deprecated.get(name, ()):
                found.append(Deprecation(name, **{"package": "python", "since": "", "removed": "", **data}))
        return tuple(found)

    def special_method_colour(self, name: str) -> str:
        """sync, async or either for a method that the language calls; empty for others."""
        for colour, names in self._header["special_methods"].items():
            if name in names:
                return str(colour)
        return ""

    def exceptions(self, kind: str) -> frozenset[str]:
        """Qualified names of the exceptions of a kind: cancelled, timeout, ...; see `language.yaml`."""
        return frozenset(self._header["exceptions"].get(kind, ()))

    def is_exception(self, qualname: str, kind: str) -> bool:
        """Whether the exception is, or inherits from, one of that kind."""
        kinds = self.exceptions(kind)
        return any(each in kinds for each in self.order(qualname))

    @property
    def test_runners(self) -> dict[str, dict[str, Any]]:
        """By distribution: markers, fixtures, base classes and options that make async tests run."""
        return dict(self._header["test_runners"])

    # --- the whole ----------------------------------------------------------------------------

    def packages(self) -> Iterator[str]:
        """Top-level packages about which something is known, sorted."""
        yield from sorted({*self._lines, *self._shards})

    def shard(self, package: str) -> Shard:
        """Everything about one top-level package, for those who list the catalogue."""
        return self._shard(package)

    def with_additions(self, additions: Mapping[str, Any]) -> Catalogue:
        """A catalogue that also says what a user's configuration says; see `asynclint.catalogue.additions`.

        Raises CatalogueError that lists every mistake.
        """
        if not additions:
            return self
        from asynclint.catalogue.additions import extended

        return extended(self, additions)

    def with_shards(self, shards: Mapping[str, Shard], fingerprint: str) -> Catalogue:
        """A catalogue with these packages in place of its own of the same names."""
        return Catalogue({**self._header, "fingerprint": fingerprint}, self._lines, {**self._shards, **shards})

    def without_package(self, package: str) -> Catalogue:
        """A catalogue that knows nothing of a top-level package."""
        return self.with_shards({package.partition(".")[0]: _EMPTY}, self.fingerprint)

    def row_data(self, qualname: str) -> dict[str, Any]:
        """The row of a function or of a type's own or inherited method as compiled; empty when there is none."""
        name = self.canonical(qualname)
        shard = self._shard(name)
        if name in shard.functions:
            return shard.rows[shard.functions[name]]
        owner, _, member = name.rpartition(".")
        found = self.method(owner, member) if owner in shard.types else None
        if found is None:
            return {}
        kind = self._shard(found[0]).types[found[0]]
        index: int = kind.get("methods", {}).get(member, kind.get("every_method"))
        return self._shard(found[0]).rows[index]

    def _shard(self, qualname: str) -> Shard:
        package = qualname.partition(".")[0]
        found = self._shards.get(package)
        if found is None:
            line = self._lines.get(package)
            found = _EMPTY if line is None else Shard.decode(json.loads(line))
            self._shards[package] = found
        return found


@cache
def load() -> Catalogue:
    """The catalogue as it is shipped. Raises CatalogueError when the installation is damaged."""
    try:
        lines = Lines(COMPILED.read_bytes())
        header = json.loads(lines[""])
    except (OSError, KeyError, ValueError):
        raise CatalogueError([f"{COMPILED}: cannot be read; install asynclint again"]) from None
    if header["format"] != FORMAT:
        raise CatalogueError([f"{COMPILED}: made by another version; install asynclint again"])
    return Catalogue(header, lines, {})


def _argument(place: int | str | list[Any]) -> Argument:
    if isinstance(place, list):
        return place[0], place[1]
    return (place, "") if isinstance(place, int) else (-1, place)


def _condition(data: dict[str, Any]) -> Condition:
    argument = _argument(data["argument"]) if "argument" in data else None
    test, value = next((key, value) for key, value in data.items() if key != "argument")
    return Condition(test, tuple(value) if isinstance(value, list) else value, argument)


def _callable_row(name: str, data: dict[str, Any]) -> CallableRow:
    if not data:
        return CallableRow(name=name)
    fields: dict[str, Any] = dict(data, name=name)
    for key in ("unless", "when"):
        if key in fields:
            fields[key] = tuple(map(_condition, fields[key]))
    if "runs" in fields:
        fields["runs"] = tuple(Run(_argument(run["argument"]), run["how"], run["takes"]) for run in fields["runs"])
    for key in ("drains", "takes_loop"):
        if key in fields:
            fields[key] = tuple(map(_argument, fields[key]))
    instead = fields.get("instead", "")
    if isinstance(instead, dict):
        fields["instead"] = {library: _filled(text, name) for library, text in instead.items()}
    elif "{" in instead:
        fields["instead"] = _filled(instead, name)
    return CallableRow(**fields)


def _filled(text: str, name: str) -> str:
    return text.replace("{qualname}", name).replace("{name}", name.rpartition(".")[2])


def _type_row(name: str, data: dict[str, Any], rows: list[dict[str, Any]]) -> TypeRow:
    construct = _callable_row(name, rows[data["construct"]]) if "construct" in data else CallableRow(name=name)
    return TypeRow(
        name=name,
        bases=tuple(data.get("bases", ())),
        construct=construct if construct.returns else construct._replace(returns=name),
        methods=data.get("methods", {}),
        attributes=data.get("attributes", {}),
        parameters=tuple(data.get("parameters", ())),
        enter=data.get("enter"),
        async_enter=data.get("async_enter"),
        iterates=data.get("iterates"),
        async_iterates=data.get("async_iterates"),
        awaits_to=data.get("awaits_to"),
        every_method=data.get("every_method"),
        suspends=data.get("suspends", ""),
        incomplete=data.get("incomplete", False),
    )

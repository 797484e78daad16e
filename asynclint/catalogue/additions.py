"""What a user's configuration adds to the catalogue, in the catalogue's own words.

Five sections, each a list of qualified names or a mapping from names to more words:

    blocking     name -> what to write instead, or a row (`{blocks: network, cost: heavy, ...}`)
    awaitable    name -> type of the awaited result, or a row
    offloaders   name -> position or keyword of the callable that runs in another thread, or a row
    schedulers   name -> position or keyword of the callable that runs on the event loop, or a row
    nonblocking  names of functions, methods and types that do not block after all

`module.Type.name` is a method when the catalogue knows the type or `Type` begins in upper case.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from typing import Any

from asynclint.catalogue import Catalogue, Shard
from asynclint.catalogue.model import AWAITABLE, CatalogueError
from asynclint.catalogue.validate import nearest, problems, type_expression

_BLOCKING = {"blocks": "network", "cost": "heavy", "instead": "thread"}
_NOT_BLOCKING = ("blocks", "cost", "bounded", "lazy", "unless", "when", "instead")
#: How each section's callables run what they are given.
_HOW = {"offloaders": "offloaded", "schedulers": "scheduled"}
#: Colours of what is used with `async with` or `async for`.
_ENTERED = frozenset({"async-context", "async-iterator"})
SECTIONS = ("blocking", "awaitable", "offloaders", "schedulers", "nonblocking")


def extended(catalogue: Catalogue, additions: Mapping[str, Any]) -> Catalogue:
    """A catalogue in which the additions win over what is shipped. Raises CatalogueError with every mistake."""
    wrong: list[str] = []
    changes: list[tuple[str, str, dict[str, Any] | None]] = []
    for section, content in additions.items():
        if section not in SECTIONS:
            wrong.append(f"unknown section `{section}`{nearest(section, SECTIONS)}")
            continue
        for name, value in _entries(section, content, wrong):
            if "." not in name and not catalogue.knows(name):
                wrong.append(f"{section}: `{name}` lacks its module; write `package.module.{name}`")
            row = _row(section, name, value, wrong)
            changes.append((section, name, row))
    blocking = {name for section, name, _ in changes if section == "blocking"}
    wrong += [
        f"nonblocking: `{name}` is listed under `blocking` too"
        for section, name, _ in changes
        if section == "nonblocking" and name in blocking
    ]
    if wrong:
        raise CatalogueError(wrong)
    shards: dict[str, Shard] = {}
    for section, name, row in changes:
        _add(catalogue, shards, section, name, row)
    made = catalogue.with_shards(shards, _fingerprint(catalogue, additions))
    made.added = frozenset([catalogue.canonical(name) for _, name, _ in changes])
    return made


def _entries(section: str, content: Any, wrong: list[str]) -> Iterator[tuple[str, Any]]:
    """Names with what is said of them; None where only the name is given."""
    if isinstance(content, str):
        content = [content]
    if not isinstance(content, (list, tuple, Mapping)):
        wrong.append(f"{section}: expected a list of names or a mapping from names, found `{content}`")
        return
    for name in content:
        if not isinstance(name, str) or not all(part.isidentifier() for part in name.split(".")):
            wrong.append(f"{section}: `{name}` is not a qualified name such as `package.module.function`")
            continue
        yield name, content[name] if isinstance(content, Mapping) else None


def _row(section: str, name: str, value: Any, wrong: list[str]) -> dict[str, Any] | None:
    """The row that the short form stands for; None for `nonblocking`."""
    where = f"{section}.{name}"
    if section == "nonblocking":
        if value not in (None, True):
            wrong.append(f"{where}: takes no further words")
        return None
    if isinstance(value, Mapping):
        row = dict(value)
    elif section in ("blocking", "awaitable"):
        if not isinstance(value, (str, type(None))):
            wrong.append(f"{where}: expected text or a row, found `{value}`")
            return None
        row = {"instead" if section == "blocking" else "returns": value} if value else {}
    else:
        argument = 0 if value is None else value
        found = problems(argument, "place", where)
        if found or argument == "":
            wrong.append(f"{where}: expected the position or keyword of the callable, or a row, found `{value}`")
            return None
        row = {"colour": "unknown", "runs": [{"argument": argument, "how": _HOW[section], "takes": "function"}]}
    if section == "blocking":
        row = {**_BLOCKING, **row}
    if section == "awaitable":
        row = {"colour": "coroutine", **row}
    unfit = problems(row, "row", where)
    wrong += unfit or _senseless(section, row, where)
    return row


def _senseless(section: str, row: dict[str, Any], where: str) -> Iterator[str]:
    """What is wrong with a row that fits the schema."""
    try:
        type_expression(row.get("returns", ""))
    except SyntaxError:
        place = where if section == "awaitable" else f"{where}.returns"
        yield f"{place}: `{row['returns']}` is not a type like `list[str]`"
    colour = row.get("colour", "sync")
    if section == "blocking" and colour in AWAITABLE:
        yield f"{where}.colour: what is awaited (`{colour}`) does not block"
    if section == "awaitable" and colour not in AWAITABLE | _ENTERED:
        known = ", ".join(sorted(AWAITABLE | _ENTERED))
        yield f"{where}.colour: `{colour}` is not awaited; known are {known}"
    if section in _HOW and not any(run["how"] == _HOW[section] for run in row.get("runs", ())):
        yield f"{where}: says of no argument that it is `{_HOW[section]}`; add it under `runs`"


def _add(
    catalogue: Catalogue, shards: dict[str, Shard], section: str, spelling: str, row: dict[str, Any] | None
) -> None:
    name = catalogue.canonical(spelling)
    package = name.partition(".")[0]
    shard = shards.setdefault(package, catalogue.shard(package).copy())
    if row is None and name in shard.types:
        _silence(catalogue, shards, name)
        return
    owner, _, member = name.rpartition(".")
    is_method = owner in shard.types or (bool(owner) and owner.rpartition(".")[2][:1].isupper())
    found = catalogue.method(owner, member) if is_method else None
    known = catalogue.row_data(f"{found[0]}.{member}") if found else catalogue.row_data(name)
    if section in ("offloaders", "schedulers") and known.get("colour", "sync") != "sync" and row is not None:
        row = {**row, "colour": known["colour"]}
    changed = _without_blocking(known) if row is None else {**known, **row}
    shard.rows.append(changed)
    index = len(shard.rows) - 1
    if is_method:
        kind = dict(shard.types.get(owner, {"incomplete": True}))
        kind["methods"] = {**kind.get("methods", {}), member: index}
        shard.types[owner] = kind
    else:
        shard.functions[name] = index


def _without_blocking(row: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in row.items() if key not in _NOT_BLOCKING}


def _silence(catalogue: Catalogue, shards: dict[str, Shard], name: str) -> None:
    """Constructor and methods of the type, inherited ones too, do not block."""
    shard = shards[name.partition(".")[0]]
    kind = dict(shard.types[name])
    methods: dict[str, int] = {}
    for owner in catalogue.order(name):
        row = catalogue.type(owner)
        for method in row.methods if row else ():
            if method not in methods:
                shard.rows.append(_without_blocking(catalogue.row_data(f"{owner}.{method}")))
                methods[method] = len(shard.rows) - 1
        if row and row.every_method is not None and "every_method" not in kind:
            kind["every_method"] = -1
    kind["methods"] = methods
    for key in ("construct", "every_method"):
        if key in kind:
            data = shard.rows[kind[key]] if kind[key] >= 0 else {}
            shard.rows.append(_without_blocking(data))
            kind[key] = len(shard.rows) - 1
    shard.types[name] = kind


def _fingerprint(catalogue: Catalogue, additions: Mapping[str, Any]) -> str:
    text = json.dumps(additions, sort_keys=True, default=str)
    return hashlib.sha256(f"{catalogue.fingerprint}\n{text}".encode()).hexdigest()[:16]

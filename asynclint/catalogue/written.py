"""Rows as the text of a catalogue file, short: rows that are alike share one key."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

#: Fields of a type that say what a protocol gives, with the method that makes the protocol.
PROTOCOLS = {
    "enter": "__enter__",
    "async_enter": "__aenter__",
    "iterates": "__iter__",
    "async_iterates": "__aiter__",
    "awaits_to": "__await__",
}
#: Names in one key; YAML ends a simple key at 1,024 characters.
_KEY_LIMIT = 20


def as_yaml(functions: dict[str, dict[str, Any]], types: dict[str, dict[str, Any]], aliases: dict[str, str]) -> str:
    """The sections of a file; each begins with an empty line."""
    lines = [""]
    if functions:
        lines += ["", "functions:", *_rows(functions, "  ")]
    if types:
        lines += ["", "types:"]
    for name, row in types.items():
        body = list(_type_lines(row))
        lines += [f"  {name}:", *body] if body else [f"  {name}: {{}}"]
    if aliases:
        lines += ["", "aliases:", *(f"  {alias}: {name}" for alias, name in sorted(aliases.items()))]
    return "\n".join(lines) + "\n"


def _type_lines(row: dict[str, Any]) -> Iterator[str]:
    for key in ("aliases", "bases"):
        if key in row:
            yield f"    {key}: [{', '.join(row[key])}]"
    for key in PROTOCOLS:
        if key in row:
            yield f"    {key}: {_scalar(row[key])}"
    if row["methods"]:
        yield "    methods:"
        yield from _rows(row["methods"], "      ")
    if row["attributes"]:
        inner = ", ".join(f"{_scalar(name)}: {_scalar(value)}" for name, value in row["attributes"].items())
        yield f"    attributes: {{{inner}}}"
    if row.get("incomplete"):
        yield "    incomplete: true"


def _rows(rows: dict[str, dict[str, Any]], indent: str) -> Iterator[str]:
    groups: dict[str, list[str]] = {}
    for name, row in rows.items():
        groups.setdefault(_row_text(row), []).append(name)
    for text, names in groups.items():
        for key in _keys(names):
            yield f"{indent}{_scalar(key)}: {text}"


def _keys(names: list[str]) -> Iterator[str]:
    """Few keys for many names: members by commas, functions by the module that they share."""
    owners: dict[str, list[str]] = {}
    for name in names:
        owner, _, last = name.rpartition(".")
        owners.setdefault(owner, []).append(last)
    for owner, members in owners.items():
        for start in range(0, len(members), _KEY_LIMIT):
            part = members[start : start + _KEY_LIMIT]
            joined = ", ".join(part)
            yield joined if not owner else f"{owner}.{{{joined}}}" if len(part) > 1 else f"{owner}.{joined}"


def _row_text(row: dict[str, Any]) -> str:
    if not row:
        return "{}"
    if row.keys() <= {"colour", "returns"}:
        returns = f"-> {row['returns']}" if "returns" in row else ""
        return _scalar(f"{row.get('colour', '')} {returns}".strip())
    inner = ", ".join(f"{key}: {'true' if value is True else _scalar(str(value))}" for key, value in row.items())
    return f"{{{inner}}}"


def _scalar(text: str) -> str:
    plain = re.fullmatch(r"[A-Za-z_][\w .,|>-]*(\{[^}]*\})?", text) and ", " not in text.partition("{")[0]
    word = text.lower() in ("on", "off", "yes", "no", "true", "false", "null", "y", "n", "none")
    names_only = re.fullmatch(r"[A-Za-z_]\w*(, [A-Za-z_]\w*)+", text)
    return text if (plain or names_only) and (not word or text == "None") else f'"{text}"'

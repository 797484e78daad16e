"""Does a value fit `schema.json`? One sentence per mistake, with the nearest valid word.

Interprets the part of JSON Schema that the catalogue's schema uses, so that the schema stays the
only statement of the vocabulary and reading a user's configuration needs no further dependency.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from asynclint.catalogue.model import WORDS

_TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
_SPOKEN = {
    "object": "a mapping", "array": "a list", "string": "text", "boolean": "true or false", "null": "nothing",
    "integer": "a whole number",
}  # fmt: skip


@cache
def schema() -> dict[str, Any]:
    """The schema of a catalogue file."""
    text = Path(__file__).with_name("schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def nearest(word: str, words: Iterable[str]) -> str:
    """`; did you mean ...?` when one of the words is close, else the list of them; may be empty."""
    from difflib import get_close_matches

    known = sorted(words)
    close = get_close_matches(word, known, 1)
    if close:
        return f"; did you mean `{close[0]}`?"
    return f"; known are {', '.join(known)}" if known else ""


def problems(value: Any, definition: str = "", where: str = "") -> list[str]:
    """What is wrong with `value` as the named definition (the whole file when empty)."""
    form = schema()["$defs"][definition] if definition else schema()
    return list(_problems(value, form, where))


def type_expression(text: str) -> ast.Expression | None:
    """The type expression as Python reads it, what stands for arguments being `_0`; None when empty.

    Raises SyntaxError.
    """
    written = re.sub(rf"{WORDS}\$(\d+|\*)", "_0", text)
    return ast.parse(written, mode="eval") if written else None


def _problems(value: Any, form: dict[str, Any], where: str) -> Iterator[str]:
    if "$ref" in form:
        form = schema()["$defs"][form["$ref"].rpartition("/")[2]]
    if "anyOf" in form and "type" not in form:
        yield from _any_of(value, form["anyOf"], where)
        return
    if "enum" in form:
        if value not in form["enum"]:
            yield f"{where}: `{value}` is not one of the known words{nearest(str(value), form['enum'])}"
        return
    if not _is_of(value, form):
        yield f"{where}: expected {_spoken(form)}, found `{value}`"
        return
    if isinstance(value, str) and not re.search(form.get("pattern", ""), value):
        yield f"{where}: `{value}` does not have the form `colour -> type`"
    if isinstance(value, int) and not isinstance(value, bool) and value < form.get("minimum", value):
        yield f"{where}: {value} is less than {form['minimum']}"
    if isinstance(value, dict):
        yield from _mapping(value, form, where)
    if isinstance(value, list):
        yield from _list(value, form, where)


def _mapping(value: dict[Any, Any], form: dict[str, Any], where: str) -> Iterator[str]:
    known = form.get("properties", {})
    others = form.get("additionalProperties", True)
    for key, item in value.items():
        path = f"{where}.{key}" if where else str(key)
        if not isinstance(key, str):
            yield f"{path}: the key `{key}` is not text; put it in quotes"
        elif key in known:
            yield from _problems(item, known[key], path)
        elif isinstance(others, dict):
            yield from _problems(item, others, path)
        elif not others:
            yield f"{path}: unknown field `{key}`{nearest(key, known)}"
    for key in form.get("required", ()):
        if key not in value:
            yield f"{where or 'file'}: the field `{key}` is missing"
    for key, needed in form.get("dependentRequired", {}).items():
        for other in needed:
            if key in value and other not in value:
                yield f"{where}: `{key}` needs `{other}` beside it"
    if "anyOf" in form and not any(set(each["required"]) <= set(value) for each in form["anyOf"]):
        wanted = " or ".join(" and ".join(f"`{name}`" for name in each["required"]) for each in form["anyOf"])
        yield f"{where}: needs {wanted}"


def _list(value: list[Any], form: dict[str, Any], where: str) -> Iterator[str]:
    if not form.get("minItems", 0) <= len(value) <= form.get("maxItems", len(value)):
        yield f"{where}: expected {form.get('minItems', 0)} elements, found {len(value)}"
    for index, item in enumerate(value):
        forms = form.get("prefixItems", [])
        each = forms[index] if index < len(forms) else form.get("items")
        if each is not None:
            yield from _problems(item, each, f"{where}[{index}]")


def _any_of(value: Any, forms: list[dict[str, Any]], where: str) -> Iterator[str]:
    """Silent when one form fits; else what is wrong with it as the form of its own type."""
    found = [(_resolved(form), list(_problems(value, form, where))) for form in forms]
    if all(wrong for _, wrong in found):
        typed = [wrong for form, wrong in found if _is_of(value, form)]
        yield from typed[0] if typed else [f"{where}: expected {_spoken({'anyOf': forms})}, found `{value}`"]


def _resolved(form: dict[str, Any]) -> dict[str, Any]:
    return schema()["$defs"][form["$ref"].rpartition("/")[2]] if "$ref" in form else form


def _is_of(value: Any, form: dict[str, Any]) -> bool:
    names = form.get("type", list(_TYPES))
    names = [names] if isinstance(names, str) else names
    if isinstance(value, bool):
        return "boolean" in names
    return any(isinstance(value, _TYPES[name]) for name in names)


def _spoken(form: dict[str, Any]) -> str:
    if "anyOf" in form and "type" not in form:
        return " or ".join(dict.fromkeys(_spoken(_resolved(each)) for each in form["anyOf"]))
    names = form.get("type", "something else")
    names = [names] if isinstance(names, str) else names
    return " or ".join(_SPOKEN.get(name, f"a {name}") for name in names)

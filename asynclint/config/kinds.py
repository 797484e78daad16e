"""The kinds of values that options take: how each is read, what it complains about, its JSON schema.

`read(value, place)` returns the value in the form that the program uses, or None after it has
complained to the place.
"""

from __future__ import annotations

from typing import Any, Protocol

from asynclint.config.document import Place
from asynclint.config.problems import did_you_mean
from asynclint.tuples import NamedTuple


class Kind(Protocol):
    def read(self, value: Any, place: Place) -> Any: ...

    def schema(self) -> dict[str, Any]: ...


def _got(value: Any) -> str:
    names = {
        bool: "true or false",
        int: "a number",
        float: "a number",
        str: "a string",
        list: "a list",
        dict: "a table",
    }
    if isinstance(value, bool):
        return str(value).lower()
    return names.get(type(value), "nothing" if value is None else f"a {type(value).__name__}")


def _expected(what: str, value: Any, place: Place) -> None:
    place.complain(f"`{place.key}` must be {what}, not {_got(value)}")


class Flag:
    def read(self, value: Any, place: Place) -> bool | None:
        if isinstance(value, bool):
            return value
        _expected("true or false", value, place)
        return None

    def schema(self) -> dict[str, Any]:
        return {"type": "boolean"}


class Whole(NamedTuple):
    """A whole number, at least `minimum`."""

    minimum: int = 0

    def read(self, value: Any, place: Place) -> int | None:
        if isinstance(value, bool) or not isinstance(value, int):
            _expected("a whole number", value, place)
            return None
        if value < self.minimum:
            place.complain(f"`{place.key}` must be at least {self.minimum}, not {value}")
            return None
        whole: int = value
        return whole

    def schema(self) -> dict[str, Any]:
        return {"type": "integer", "minimum": self.minimum}


class Text:
    def read(self, value: Any, place: Place) -> str | None:
        if isinstance(value, str):
            return value
        _expected("a string", value, place)
        return None

    def schema(self) -> dict[str, Any]:
        return {"type": "string"}


class Choice(NamedTuple):
    names: tuple[str, ...]

    def read(self, value: Any, place: Place) -> str | None:
        if not isinstance(value, str):
            _expected(self._list, value, place)
            return None
        if value not in self.names:
            place.complain(f"`{place.key}` must be {self._list}, not `{value}`")
            return None
        chosen: str = value
        return chosen

    @property
    def _list(self) -> str:
        quoted = [f"`{name}`" for name in self.names]
        return f"{', '.join(quoted[:-1])} or {quoted[-1]}"

    def schema(self) -> dict[str, Any]:
        return {"enum": list(self.names)}


_VERSION = r"^(?:py3(\d{1,2})|3\.(\d{1,2}))$"


class Version:
    """`"py311"` or `"3.11"`; read as (3, 11)."""

    def read(self, value: Any, place: Place) -> tuple[int, int] | None:
        if isinstance(value, str):
            import re

            found = re.match(_VERSION, value)
            minor = int(found[1] or found[2]) if found else 0
            if 8 <= minor <= 15:
                return (3, minor)
            place.complain(f'`{place.key}` must be a version from "py38" to "py315", not `{value}`')
            return None
        if isinstance(value, float):
            place.complain(
                f'`{place.key}` must be a string, such as "py3{str(value).partition(".")[2]}"; put it in quotes'
            )
            return None
        _expected('a version such as "py311"', value, place)
        return None

    def schema(self) -> dict[str, Any]:
        return {"enum": [f"py3{minor}" for minor in range(8, 16)] + [f"3.{minor}" for minor in range(8, 16)]}


class ListOf(NamedTuple):
    """A list, read as a tuple. With `single`, one value may stand for a list of one."""

    item: Kind
    what: str = "a list of strings"
    single: bool = False

    def read(self, value: Any, place: Place) -> tuple[Any, ...] | None:
        if self.single and isinstance(value, str):
            value = [value]
        if not isinstance(value, list):
            _expected(self.what, value, place)
            return None
        read = [self.item.read(each, place.child(index)) for index, each in enumerate(value)]
        return tuple([each for each in read if each is not None])

    def schema(self) -> dict[str, Any]:
        many = {"type": "array", "items": self.item.schema()}
        return {"anyOf": [many, self.item.schema()]} if self.single else many


class TableOf(NamedTuple):
    """A table with free keys, each value of one kind."""

    value: Kind
    what: str = "a table"

    def read(self, value: Any, place: Place) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            _expected(self.what, value, place)
            return None
        read = {str(key): self.value.read(each, place.child(str(key))) for key, each in value.items()}
        return {key: each for key, each in read.items() if each is not None}

    def schema(self) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self.value.schema()}


class AnyTable:
    """A table that is judged later, by someone who knows its keys."""

    def read(self, value: Any, place: Place) -> dict[str, Any] | None:
        if isinstance(value, dict):
            return {str(key): each for key, each in value.items()}
        _expected("a table", value, place)
        return None

    def schema(self) -> dict[str, Any]:
        return {"type": "object"}


class Option(NamedTuple):
    """A key that a configuration may have. `doc` is what the documentation and the schema say."""

    name: str
    kind: Kind
    doc: str
    default: Any = None
    example: str = ""


class Record:
    """A table with known keys. `required` keys must be there."""

    def __init__(self, options: tuple[Option, ...], required: tuple[str, ...] = ()) -> None:
        self.options = options
        self.required = required
        self.by_name = {option.name: option for option in options}

    def read(self, value: Any, place: Place) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            _expected("a table", value, place)
            return None
        read: dict[str, Any] = {}
        for key, each in value.items():
            option = self.by_name.get(str(key))
            if option is None:
                self._unknown(str(key), place.child(str(key)))
                continue
            found = option.kind.read(each, place.child(option.name))
            if found is not None:
                read[option.name] = found
        for name in self.required:
            if name not in value:
                place.complain(f"`{place.key}` needs `{name}`")
        return read

    def _unknown(self, key: str, place: Place) -> None:
        snake = key.replace("_", "-")
        hint = f"; did you mean `{snake}`?" if snake in self.by_name else did_you_mean(key, self.by_name)
        place.complain(f"unknown option `{place.key}`{hint}")

    def schema(self) -> dict[str, Any]:
        properties = {}
        for option in self.options:
            entry = {"description": option.doc, **option.kind.schema()}
            if option.default is not None:
                entry["default"] = option.default
            properties[option.name] = entry
        made: dict[str, Any] = {"type": "object", "additionalProperties": False, "properties": properties}
        if self.required:
            made["required"] = list(self.required)
        return made

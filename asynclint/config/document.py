"""A configuration text with the line of every key, so that a mistake can be pointed at.

Neither `tomllib` nor `yaml.safe_load` tells where a value stood. For TOML a scan over table headers
and keys finds the lines; for YAML the node tree of the same parser has them.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from asynclint.config.problems import ConfigError, Problem
from asynclint.config.remembered import keep, recall
from asynclint.digest import digest_of
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import yaml

KeyPath: TypeAlias = tuple[str | int, ...]

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_DOTTED = rf"{_PART}(?:\s*\.\s*{_PART})*"
_TABLE = rf"^\s*(\[\[|\[)\s*({_DOTTED})\s*\]"
_KEY = rf"^\s*({_DOTTED})\s*="
_STRING = r'(?s:"""(?:[^\\]|\\.)*?"""|\'\'\'.*?\'\'\'|"(?:[^"\\\n]|\\.)*"|\'[^\'\n]*\')'


class Document:
    """Values with their origin. `directory` is what relative paths in it are relative to."""

    __slots__ = ("directory", "lines", "name", "problems", "values")

    def __init__(
        self, name: str, directory: Path, values: dict[str, Any], lines: dict[KeyPath, int] | None = None
    ) -> None:
        self.name = name
        self.directory = directory
        self.values = values
        self.lines = {} if lines is None else lines
        self.problems: list[Problem] = []

    def line_of(self, path: KeyPath) -> int | None:
        """The line of the innermost part of `path` that has one."""
        for length in range(len(path), 0, -1):
            line = self.lines.get(path[:length])
            if line is not None:
                return line
        return None

    def root(self) -> Place:
        return Place(self, ())


class Place(NamedTuple):
    """Where in a document a value stands; problems with it are gathered in the document."""

    document: Document
    path: KeyPath

    def child(self, key: str | int) -> Place:
        return Place(self.document, (*self.path, key))

    @property
    def line(self) -> int | None:
        return self.document.line_of(self.path)

    @property
    def key(self) -> str:
        """The key as a user would write it: `overrides[0].select`."""
        text = ""
        for part in self.path:
            text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
        return text

    def complain(self, text: str) -> None:
        self.document.problems.append(Problem(self.document.name, self.line, text))

    def __str__(self) -> str:
        line = self.line
        return self.document.name if line is None else f"{self.document.name}:{line}"


def read_toml(
    text: str, name: str, directory: Path, table: tuple[str, ...] = (), *, remember: bool = False
) -> Document:
    """The document of a TOML text, or of one table in it. Raises ConfigError for broken TOML.

    With `remember`, what was read is kept for other runs, and taken from there where the text is the same.
    """
    values, lines = (_remembered if remember else _read_whole)(text, name, directory)
    for part in table:
        values = values.get(part, {})
        if not isinstance(values, dict):
            raise ConfigError([Problem(name, None, f"`{'.'.join(table)}` must be a table")])
    size = len(table)
    lines = {path[size:]: line for path, line in lines.items() if path[:size] == table}
    return Document(name, directory, values, lines)


_Whole: TypeAlias = tuple[dict[str, Any], dict[KeyPath, int]]
"""The values of a text, and the line of every key."""
#: Changes whenever another thing would be read from the same text.
_FORM = "1"


def _remembered(text: str, name: str, directory: Path) -> _Whole:
    """What `_read_whole` gives. Each file is remembered in its latest state only."""
    place = "toml-" + digest_of(os.path.join(directory, os.path.basename(name)))[:12]
    content = digest_of(_FORM + text)
    known = recall(place)
    if isinstance(known, tuple) and len(known) == 3 and known[0] == content:
        return known[1], known[2]
    values, lines = _read_whole(text, name, directory)
    keep(place, (content, values, lines))
    return values, lines


def _read_whole(text: str, name: str, _: Path) -> _Whole:
    """Everything in a TOML text. Raises ConfigError when it is broken."""
    import re
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        found = re.search(r"\(at line (\d+), column \d+\)", message)
        line = int(found[1]) if found else len(text.splitlines()) or 1
        reason = re.sub(r"\s*\(at [^)]*\)", "", message)
        raise ConfigError([Problem(name, line, f"not valid TOML: {reason[:1].lower()}{reason[1:]}")]) from None
    return values, _toml_lines(text)


def _parts(dotted: str) -> tuple[str, ...]:
    import re

    return tuple(part.strip("\"'") for part in re.findall(_PART, dotted))


def _toml_lines(text: str) -> dict[KeyPath, int]:
    import re

    # Strings are blanked out, keeping their line ends, so that brackets and `=` in them do not count.
    # The words themselves are needed once more: to find the items of a list.
    blank = re.sub(_STRING, lambda found: re.sub(r"[^\n]", "_", found[0]), text)
    lines: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    table: KeyPath = ()
    depth = 0
    plain = text.split("\n")
    key: KeyPath = ()
    item = 0
    for number, bare in enumerate(blank.split("\n"), 1):
        code = bare.split("#", 1)[0]
        line = plain[number - 1]
        if depth == 0:
            header, assignment = re.match(_TABLE, line), re.match(_KEY, line)
            if header:
                table = _parts(header[2])
                if header[1] == "[[":
                    counts[table] = counts.get(table, -1) + 1
                    table = (*table, counts[table])
                elif table[:-1] in counts or table[:1] in counts:
                    table = _within_array(table, counts)
                lines.setdefault(table, number)
                continue
            if assignment:
                key = (*table, *_parts(assignment[1]))
                lines.setdefault(key, number)
                for length in range(len(table) + 1, len(key)):
                    lines.setdefault(key[:length], number)
                code = code[assignment.end() :]
                line = line[assignment.end() :]
                item = 0
        before = depth
        depth = max(0, depth + code.count("[") + code.count("{") - code.count("]") - code.count("}"))
        if key and (before or depth) and "{" not in code:
            for _ in re.finditer(_STRING, line):
                lines.setdefault((*key, item), number)
                item += 1
    return lines


def _within_array(table: KeyPath, counts: dict[KeyPath, int]) -> KeyPath:
    for length in range(len(table), 0, -1):
        if table[:length] in counts:
            return (*table[:length], counts[table[:length]], *table[length:])
    return table


def read_yaml(text: str, name: str, directory: Path) -> Document:
    """The document of a YAML text. Raises ConfigError for broken YAML."""
    import yaml

    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
        values = yaml.safe_load(text)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = getattr(error, "problem", None) or str(error).split("\n", 1)[0]
        raise ConfigError([Problem(name, mark.line + 1 if mark else 1, f"not valid YAML: {reason}")]) from None
    if values is None:
        values = {}
    if not isinstance(values, dict) or (node is None and values):
        raise ConfigError([Problem(name, 1, "the file must hold a table of options")])
    lines: dict[KeyPath, int] = {}
    if node is not None:
        _yaml_lines(node, (), lines)
    return Document(name, directory, values, lines)


def _yaml_lines(node: yaml.Node, path: KeyPath, lines: dict[KeyPath, int]) -> None:
    import yaml

    below: KeyPath
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            below = (*path, str(key.value))
            lines[below] = key.start_mark.line + 1
            _yaml_lines(value, below, lines)
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            below = (*path, index)
            lines[below] = value.start_mark.line + 1
            _yaml_lines(value, below, lines)

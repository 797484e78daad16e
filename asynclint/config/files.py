"""Which configuration files there are, which one is nearest, and what they and their parents say."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Any

from asynclint.config.document import Document, Place, read_toml, read_yaml
from asynclint.config.problems import ConfigError, Problem
from asynclint.tuples import NamedTuple

#: In the order in which they are looked for within one folder.
FILE_NAMES = (".asynclint.toml", "asynclint.toml", ".asynclint.yaml", "pyproject.toml")


class Setting(NamedTuple):
    """A value that somebody set, and where."""

    value: Any
    place: Place


class Layer(NamedTuple):
    """What one document says: option name -> setting. Relative paths are relative to `directory`."""

    document: Document
    settings: dict[str, Setting]

    @property
    def directory(self) -> Path:
        return self.document.directory


def display(path: Path) -> str:
    """The path as messages show it: relative to the current folder where it lies below, with `/`."""
    try:
        shown = os.path.relpath(path)
    except ValueError:  # another drive
        return path.as_posix()
    return path.as_posix() if shown.startswith("..") else shown.replace(os.sep, "/")


def configuration_in(directory: Path, entries: Collection[str] | None = None, *, remember: bool = False) -> Path | None:
    """The configuration file of a folder. A `pyproject.toml` counts when it has our table.

    `entries` are the names in the folder, when they are known. For `remember` see `read_toml`.
    """
    for name in FILE_NAMES:
        if entries is not None and name not in entries:
            continue
        path = directory / name
        if path.is_file() and (name != "pyproject.toml" or _has_table(path, remember)):
            return path
    return None


def _has_table(path: Path, remember: bool) -> bool:
    try:
        data = path.read_bytes()
    except OSError:
        return False
    if b"asynclint" not in data:
        return False
    try:
        document = read_toml(data.decode("utf-8", "replace"), path.name, path.parent, remember=remember)
    except ConfigError:
        # Somebody means it for us, and will be told that it is broken.
        return b"[tool.asynclint" in data
    tool = document.values.get("tool")
    return isinstance(tool, dict) and "asynclint" in tool


def read_document(path: Path, *, remember: bool = False) -> Document:
    """The document of a configuration file. Raises ConfigError when it cannot be read or parsed."""
    name = display(path)
    try:
        text = path.read_text(encoding="utf-8")
    except IsADirectoryError:
        raise ConfigError([Problem(name, None, "is a folder, not a configuration file")]) from None
    except FileNotFoundError:
        raise ConfigError([Problem(name, None, "no such configuration file")]) from None
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        raise ConfigError([Problem(name, None, f"cannot be read: {reason}")]) from None
    directory = path.parent.absolute()
    if path.suffix in (".yaml", ".yml"):
        return read_yaml(text, name, directory)
    table = ("tool", "asynclint") if path.name == "pyproject.toml" else ()
    return read_toml(text, name, directory, table, remember=remember)


def read_layer(document: Document) -> Layer:
    """The settings of a document; its mistakes are gathered in it."""
    from asynclint.config.options import ROOT

    read: dict[str, Any] = ROOT.read(document.values, document.root()) or {}
    return Layer(document, {name: Setting(value, document.root().child(name)) for name, value in read.items()})


def read_layers(path: Path, *, remember: bool = False) -> list[Layer]:
    """A file and those that it extends, the farthest first. Raises ConfigError, see `read_document`."""
    layers: list[Layer] = []
    seen: list[Path] = []
    following: Path | None = path.absolute()
    asked_by: Place | None = None
    while following is not None:
        if following in seen:
            assert asked_by is not None
            asked_by.complain(f"`extend` goes round in a circle: {display(following)} is extended already")
            break
        seen.append(following)
        try:
            layer = read_layer(read_document(following, remember=remember))
        except ConfigError as error:
            if asked_by is None:
                raise
            asked_by.document.problems.extend(error.problems)
            asked_by.complain(f"`extend` names {display(following)}, which cannot be used")
            break
        layers.append(layer)
        extend = layer.settings.get("extend")
        following = asked_by = None
        if extend is not None:
            following = Path(os.path.normpath(layer.directory / os.path.expanduser(extend.value)))
            asked_by = extend.place
    return layers[::-1]

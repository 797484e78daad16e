"""What the project's files say about running tests: options of pytest, and whether there is a project at all.

pytest takes the first of these that speaks of it, in the nearest directory upwards: pytest.ini,
pyproject.toml, tox.ini, setup.cfg.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from typing import Any

from asynclint.tuples import NamedTuple

#: Files and the sections in which they speak to pytest.
_INI_FILES = {
    "pytest.ini": ("pytest",),
    ".pytest.ini": ("pytest",),
    "tox.ini": ("pytest",),
    "setup.cfg": ("tool:pytest",),
}
_TOML_FILES = ("pytest.toml", ".pytest.toml", "pyproject.toml")
#: In the order in which pytest looks at them.
_FILES = ("pytest.toml", ".pytest.toml", "pytest.ini", ".pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg")
#: Files whose presence makes a directory a project's.
_PROJECT = frozenset({*_FILES, "setup.py"})
#: Files that may start pytest with options of their own.
_STARTERS = ("tox.ini", "noxfile.py", "Makefile", "justfile", "pyproject.toml")
_REQUIRING = frozenset({"pyproject.toml", "setup.py", "setup.cfg", "tox.ini", "noxfile.py", "Pipfile"})
_DEFAULT_FILES = ("test_*.py", "*_test.py")


class TestConfig(NamedTuple):
    """How pytest is set up for a directory. `options` holds what the configuration sets, as text."""

    root: str
    options: dict[str, str]
    is_project: bool = False
    """Some file makes the root a project's; else what is configured may lie elsewhere."""
    command_lines: str = ""
    """Options that are given where pytest is started: `addopts` and the commands of other tools."""

    is_configured: bool = False
    """Some file speaks to pytest."""
    requirements: str = ""
    """The text of the files that may name what has to be installed."""

    def requires(self, distribution: str) -> bool:
        """Whether the project's files name a distribution."""
        return distribution in self.requirements

    @property
    def python_files(self) -> tuple[str, ...]:
        """Patterns of the files that hold tests."""
        return tuple(self.options.get("python_files", "").split()) or _DEFAULT_FILES

    def mode(self, option: str) -> str:
        """The value of an option such as `asyncio_mode`, on a command line or in a file; empty when not set."""
        dashed = re.escape("--" + option.replace("_", "-"))
        found = re.search(dashed + r"[= ,\"']+(\w+)", self.command_lines)
        if found:
            return found[1].lower()
        found = re.search(r"(?:-o|--override-ini)[= ,\"']+" + re.escape(option) + r"=(\w+)", self.command_lines)
        return (found[1] if found else self.options.get(option, "")).strip().lower()


def read(directory: str, roots: Sequence[str]) -> TestConfig:
    """The configuration for tests in a directory, looked for upwards to the outermost root that holds it."""
    project = ""
    for each in _upwards(directory, roots):
        names = _listing(each)
        if names & _PROJECT:
            project = each
        for name in _FILES:
            options = _options(os.path.join(each, name)) if name in names else None
            if options is not None:
                return TestConfig(each, options, True, _command_lines(each, options), True, _requirements(each))
    if not project:
        return TestConfig(directory, {})
    return TestConfig(project, {}, True, _command_lines(project, {}), False, _requirements(project))


def conftests(directory: str, root: str) -> Iterator[str]:
    """The conftest.py files that count for tests in a directory, nearest first."""
    for each in _upwards(directory, (root,)):
        if "conftest.py" in _listing(each):
            yield os.path.join(each, "conftest.py")


def _upwards(directory: str, roots: Sequence[str]) -> Iterator[str]:
    holding = [root for root in roots if directory == root or directory.startswith(root.rstrip(os.sep) + os.sep)]
    last = min(holding, key=len, default=directory)
    while True:
        yield directory
        if len(directory) <= len(last):
            return
        directory = os.path.dirname(directory)


def _listing(directory: str) -> frozenset[str]:
    try:
        return frozenset(os.listdir(directory))
    except OSError:
        return frozenset()


def _options(path: str) -> dict[str, str] | None:
    """What a file sets for pytest; None when it does not speak of it."""
    name = os.path.basename(path)
    if name in _TOML_FILES:
        return _toml_options(path)
    import configparser

    parser = configparser.RawConfigParser()
    try:
        with open(path, encoding="utf-8") as file:
            parser.read_file(file)
    except (OSError, ValueError, configparser.Error):
        return None
    for section in _INI_FILES[name]:
        if parser.has_section(section):
            return dict(parser.items(section))
    # An empty pytest.ini still makes its directory the root.
    return {} if name.endswith("pytest.ini") else None


def _toml_options(path: str) -> dict[str, str] | None:
    import sys

    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib  # type: ignore[import-not-found, unused-ignore]
    try:
        with open(path, "rb") as file:
            table: Any = tomllib.load(file)
    except (OSError, ValueError):
        return None
    if os.path.basename(path) == "pyproject.toml":
        pytest = _table(_table(table, "tool"), "pytest")
        table = _table(pytest, "ini_options") or pytest
    else:
        table = _table(table, "pytest") or table
    return {key: _text(value) for key, value in table.items()} if isinstance(table, dict) else None


def _table(table: Any, key: str) -> Any:
    """The table under a key; None when there is none."""
    found = table.get(key) if isinstance(table, dict) else None
    return found if isinstance(found, dict) else None


def _text(value: Any) -> str:
    if isinstance(value, list):
        import shlex

        return " ".join(shlex.quote(str(each)) if " " in str(each) else str(each) for each in value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def _command_lines(root: str, options: dict[str, str]) -> str:
    lines = [line for name in _STARTERS for line in _text_of(root, name).splitlines()]
    return "\n".join([options.get("addopts", ""), *(line for line in lines if "pytest" in line or "-mode" in line)])


def _requirements(root: str) -> str:
    names = [
        name for name in _listing(root) if name in _REQUIRING or ("requirements" in name and name.endswith(".txt"))
    ]
    return "\n".join(_text_of(root, name) for name in sorted(names)).lower()


def _text_of(root: str, name: str) -> str:
    """The text of a file; empty when it cannot be read."""
    try:
        with open(os.path.join(root, name), encoding="utf-8", errors="replace") as file:
            return file.read()
    except OSError:
        return ""

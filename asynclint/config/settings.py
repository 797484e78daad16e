"""Everything that a run needs to know, resolved: which rules where, how bad, and what the project is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from asynclint.config.patterns import Patterns
from asynclint.diagnostics import Severity
from asynclint.digest import digest_of
from asynclint.tuples import NamedTuple

DEFAULT_TARGET = (3, 10)
NOTHING: Mapping[str, Any] = MappingProxyType({})


class FileSettings(NamedTuple):
    """What holds for one file. `severities` has every rule that runs."""

    rules: frozenset[str]
    severities: Mapping[str, Severity]
    options: Mapping[str, Mapping[str, Any]]


class Override(NamedTuple):
    """A part of the configuration that is about some files. `select` of None keeps what runs already."""

    files: Patterns
    inverted: bool
    select: tuple[str, ...] | None
    extend_select: tuple[str, ...]
    ignore: tuple[str, ...]
    severities: Mapping[str, Severity]
    options: Mapping[str, Mapping[str, Any]]
    text: str
    """What it says, for the fingerprint."""

    def applies(self, path: str) -> bool:
        return self.files.match(path) is not self.inverted


class Settings(NamedTuple):
    """The configuration of one project, after files and command line. Paths are absolute.

    `options` holds, for each rule, only what somebody set. `catalogue` is the table of that name as
    it was written. `python` is the interpreter or folder of the environment, None to look for it.
    `jobs` of 0 stands for the number of processors.
    """

    root: Path
    src: tuple[Path, ...]
    rules: frozenset[str]
    severities: Mapping[str, Severity]
    memo: dict[tuple[int, ...], FileSettings]
    """What `for_file` has found out, by the overrides that apply."""
    options: Mapping[str, Mapping[str, Any]] = NOTHING
    overrides: tuple[Override, ...] = ()
    target_version: tuple[int, int] = DEFAULT_TARGET
    library: str = "auto"
    catalogue: Mapping[str, Any] = NOTHING
    excludes: tuple[Patterns, ...] = ()
    exclude_patterns: tuple[str, ...] = ()
    respect_gitignore: bool = True
    force_exclude: bool = False
    environment: bool = True
    python: Path | None = None
    fixable: frozenset[str] = frozenset()
    require_reason: bool = False
    unsafe_fixes: bool = False
    baseline: Path | None = None
    output_format: tuple[str, ...] = ("full",)
    cache: bool = True
    cache_dir: Path = Path(".asynclint_cache")
    jobs: int = 0
    screen: bool = True
    config_file: Path | None = None
    origins: Mapping[str, str] = NOTHING
    """Option -> `file:line` that set it; options not in it have their default."""
    index: Any = None

    def for_file(self, path: Path | str) -> FileSettings:
        """What holds for a file, given by its absolute path."""
        text = str(path)
        key = tuple([number for number, override in enumerate(self.overrides) if override.applies(text)])
        found = self.memo.get(key)
        if found is None:
            found = self.memo[key] = self._with_overrides([self.overrides[number] for number in key])
        return found

    def _with_overrides(self, overrides: Sequence[Override]) -> FileSettings:
        from asynclint.config.selectors import decide

        rules, severities, options = self.rules, dict(self.severities), dict(self.options)
        for override in overrides:
            rules = decide(self.index, rules, override.select, override.extend_select, override.ignore)
            severities.update(override.severities)
            for rule, values in override.options.items():
                options[rule] = {**options.get(rule, {}), **values}
        return FileSettings(rules, severities, options)

    def excluded(self, path: str, *, folder: bool = False) -> bool:
        """Whether the configuration excludes an absolute path, by itself or by a folder around it."""
        return any(patterns.match(path, folder=folder) for patterns in self.excludes)

    def relocated(self, root: Path) -> Settings:
        """The same settings for a copy of the project in another folder."""

        def moved(path: Path) -> Path:
            return root / path.relative_to(self.root) if path.is_relative_to(self.root) else path

        return self._replace(
            root=root,
            src=tuple([moved(path) for path in self.src]),
            overrides=tuple([each._replace(files=each.files.relocated(self.root, root)) for each in self.overrides]),
            excludes=tuple([each.relocated(self.root, root) for each in self.excludes]),
            cache=False,
            baseline=None,
            memo={},
        )

    def fingerprint(self) -> str:
        """Changes whenever findings could change because of the settings."""
        told = [
            str(self.root),
            [str(path) for path in self.src],
            sorted(self.rules),
            {name: severity.value for name, severity in self.severities.items()},
            self.options,
            [override.text for override in self.overrides],
            self.target_version,
            self.library,
            self.catalogue,
            self.environment,
            str(self.python),
            self.require_reason,
            self.screen,
        ]
        return digest_of(repr(_in_order(told)))


def _in_order(value: Any) -> Any:
    """A value of plain ones in which the order of keys makes no difference."""
    if isinstance(value, Mapping):
        return {"": sorted((str(key), repr(_in_order(each))) for key, each in value.items())}
    if isinstance(value, (list, tuple)):
        return [_in_order(each) for each in value]
    return value


def lower_bound(specifiers: str) -> tuple[int, int] | None:
    """The oldest Python 3 that `requires-python` allows; None when it has no lower bound."""
    import re

    lowest: tuple[int, int] | None = None
    for operator, minor in re.findall(r"(>=|>|~=|===?|\^|~)\s*3\.(\d+)", specifiers):
        # `>3.8` allows 3.8.1, so its own minor version is the bound too.
        if operator and (lowest is None or int(minor) > lowest[1]):
            lowest = (3, int(minor))
    return lowest

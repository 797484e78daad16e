"""What the user wants: configuration files and command line, read, checked and resolved to `Settings`.

A run has one or more projects: each file is judged by the nearest configuration at or above it, so
that naming one file or the whole tree gives the same findings. `Configurations` finds and remembers
them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from asynclint.config.document import Document, read_toml
from asynclint.config.files import Layer, configuration_in, read_layer, read_layers
from asynclint.config.problems import ConfigError, Problem
from asynclint.config.resolve import resolve
from asynclint.config.selectors import RuleIndex, RuleInfo
from asynclint.config.settings import FileSettings, Override, Settings

__all__ = [
    "ConfigError",
    "Configurations",
    "FileSettings",
    "Override",
    "Problem",
    "RuleIndex",
    "RuleInfo",
    "Settings",
    "command_line_layers",
    "default_settings",
]

#: Where a project begins when there is no configuration: a repository, else a package's own folder.
_REPOSITORIES = (".git", ".hg", ".svn")
_PROJECT_FILES = ("pyproject.toml", "setup.py", "setup.cfg")


def default_settings(root: Path, rules: Sequence[RuleInfo], **changes: Any) -> Settings:
    """The settings of a project without configuration; `changes` replace single fields."""
    return resolve((), rules, root)._replace(**changes)


def command_line_layers(values: dict[str, Any], inline: Sequence[str], directory: Path) -> list[Layer]:
    """The layers of the command line: `--config "key = value"` below the options of their own.

    Their mistakes are kept for `resolve`. Raises ConfigError when an inline text is not TOML.
    """
    layers = []
    if inline:
        document = read_toml("\n".join(inline), "--config", directory)
        document.lines.clear()
        layers.append(read_layer(document))
    if values:
        layers.append(read_layer(Document("command line", directory, values)))
    return layers


class Configurations:
    """Settings by folder.

    `config_file` is used for every folder when given; `isolated` reads no file at all. With `remember`,
    files are not parsed again that an earlier run has parsed.
    """

    def __init__(
        self,
        rules: Sequence[RuleInfo],
        command_line: Sequence[Layer] = (),
        *,
        config_file: Path | None = None,
        isolated: bool = False,
        screen: bool = True,
        cwd: Path | None = None,
        remember: bool = False,
    ) -> None:
        self._remember = remember
        self._rules = rules
        self._command_line = list(command_line)
        self._config_file = config_file
        self._isolated = isolated
        self._screen = screen
        self._cwd = cwd or Path.cwd()
        self._by_file: dict[Path | None, Settings] = {}
        self._by_folder: dict[Path, Path | None] = {}
        self._root: Path | None = None

    @property
    def is_one(self) -> bool:
        """Whether all folders have the same settings, whatever files there are."""
        return self._config_file is not None or self._isolated

    def for_folder(self, folder: Path, entries: Collection[str] | None = None) -> Settings:
        """The settings of files directly in an absolute folder. Raises ConfigError.

        `entries` are the names in the folder, when they are known, which saves looking.
        """
        if self.is_one:
            return self._settings(self._config_file, folder)
        return self._settings(self._nearest(folder, entries), folder)

    def _nearest(self, folder: Path, entries: Collection[str] | None) -> Path | None:
        passed = []
        found = None
        for each in chain((folder,), folder.parents):
            if each in self._by_folder:
                found = self._by_folder[each]
                break
            passed.append(each)
            found = configuration_in(each, entries if each is folder else None, remember=self._remember)
            if found is not None:
                break
        for each in passed:
            self._by_folder[each] = found
        return found

    def _settings(self, path: Path | None, folder: Path) -> Settings:
        made = self._by_file.get(path)
        if made is None:
            layers = [*(read_layers(path, remember=self._remember) if path else ()), *self._command_line]
            # A file named with `--config` is about the current project, wherever it lies itself.
            root = path.parent if path and path is not self._config_file else self._project_root(folder)
            made = resolve(layers, self._rules, root, config_file=path, screen=self._screen, remember=self._remember)
            self._by_file[path] = made
        return made

    def _project_root(self, folder: Path) -> Path:
        """The root without a configuration: the same for all files of a run."""
        if self._root is None:
            start = self._cwd if folder.is_relative_to(self._cwd) else folder
            above = (start, *start.parents)
            for names in (_REPOSITORIES, _PROJECT_FILES):
                for each in above:
                    if any((each / name).exists() for name in names):
                        self._root = each
                        return each
            while start != start.parent and (start / "__init__.py").exists():
                start = start.parent
            self._root = start
        return self._root

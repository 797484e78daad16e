"""Which files a run is about: those under the given paths, without what is ignored or excluded."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from asynclint.config import Configurations, Settings
from asynclint.config.files import display
from asynclint.config.patterns import Patterns

SUFFIXES = (".py", ".pyi")


@dataclass(frozen=True, slots=True)
class FileToCheck:
    """A file to report on. `path` is absolute, `display` is how messages name it.

    `data`, when given, stands in for the bytes on disk (an editor's unsaved buffer).
    """

    path: Path
    display: str
    data: bytes | None = None


@dataclass(slots=True)
class Project:
    """Files with one configuration, sorted by path."""

    settings: Settings
    files: list[FileToCheck] = field(default_factory=list)


class NoSuchPath(Exception):
    """A path on the command line does not exist or cannot be read; the message says which and why."""


def discover(paths: Sequence[str], configurations: Configurations, cwd: Path | None = None) -> list[Project]:
    """The projects of the files under `paths`, in the order of their roots.

    A file that is named itself is taken whatever its suffix, unless `force-exclude` is set and it is
    excluded. Raises NoSuchPath and ConfigError.
    """
    return _Discovery(configurations, cwd or Path.cwd()).run(paths)


class _Discovery:
    def __init__(self, configurations: Configurations, cwd: Path) -> None:
        self.configurations = configurations
        self.cwd = cwd
        self.projects: dict[Path | None, Project] = {}
        self.seen: set[str] = set()
        self.ignores: dict[str, Patterns | None] = {}
        self.repositories: dict[str, str] = {}

    def run(self, paths: Sequence[str]) -> list[Project]:
        links: list[str] = []
        for text in paths:
            path = os.path.normpath(self.cwd / text)
            if os.path.isdir(path):
                settings = self.configurations.for_folder(Path(path))
                if not (settings.force_exclude and self._out(path, settings, folder=True)):
                    links += self._walk(path)
            elif os.path.exists(path):
                settings = self.configurations.for_folder(Path(path).parent)
                if not (settings.force_exclude and self._out(path, settings, folder=False)):
                    self._add(path, settings)
            else:
                raise NoSuchPath(_missing(text))
        # A link to a file that is checked anyway would report everything in it twice.
        real = {os.path.realpath(path) for path in self.seen}
        for path in links:
            target = os.path.realpath(path)
            if target not in real:
                real.add(target)
                self._add(path, self.configurations.for_folder(Path(path).parent))
        projects = sorted(self.projects.values(), key=lambda each: str(each.settings.root))
        for project in projects:
            project.files.sort(key=lambda each: each.path)
        return projects

    def _add(self, path: str, settings: Settings) -> None:
        if path in self.seen:
            return
        self.seen.add(path)
        project = self.projects.setdefault(settings.config_file, Project(settings))
        absolute = Path(path)
        project.files.append(FileToCheck(absolute, display(absolute)))

    def _walk(self, top: str) -> Iterator[str]:
        """Adds the files below a folder; returns the symbolic links to files among them.

        Linked folders are not entered, so there are no loops.
        """
        links: list[str] = []
        folders = [top]
        while folders:
            folder = folders.pop()
            settings = self.configurations.for_folder(Path(folder))
            try:
                entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
            except PermissionError:
                name = display(Path(folder))
                raise NoSuchPath(f"{name}: permission denied; exclude it or make it readable") from None
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if not self._out(entry.path, settings, folder=True, below=True):
                        folders.append(entry.path)
                elif entry.name.endswith(SUFFIXES) and not self._out(entry.path, settings, folder=False, below=True):
                    if entry.is_symlink():
                        if os.path.isfile(entry.path):
                            links.append(entry.path)
                    elif entry.is_file():
                        self._add(entry.path, settings)
        return iter(links)

    def _out(self, path: str, settings: Settings, *, folder: bool, below: bool = False) -> bool:
        """Whether a path is excluded or ignored. `below`: the folders around it are known to be in."""
        if settings.excluded(path, folder=folder):
            return True
        if not settings.respect_gitignore:
            return False
        if below:
            return self._ignored(path, folder=folder)
        top = self._repository(os.path.dirname(path), settings)
        parts = os.path.relpath(path, top).split(os.sep)
        around = [os.path.join(top, *parts[:length]) for length in range(1, len(parts))]
        return any(self._ignored(each, folder=True) for each in around) or self._ignored(path, folder=folder)

    def _ignored(self, path: str, *, folder: bool) -> bool:
        """What the `.gitignore` files at and above the folder of `path` say; the nearest one decides."""
        above = os.path.dirname(path)
        while True:
            patterns = self._gitignore(above)
            if patterns is not None:
                verdict = patterns.verdict(path, folder=folder)
                if verdict is not None:
                    return verdict
            if above == self._boundary(above):
                return False
            above = os.path.dirname(above)

    def _gitignore(self, folder: str) -> Patterns | None:
        if folder not in self.ignores:
            lines: list[str] = []
            for name in (os.path.join(".git", "info", "exclude"), ".gitignore"):
                try:
                    with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                        lines += file.read().splitlines()
                except OSError:
                    continue
            self.ignores[folder] = Patterns(lines, Path(folder)) if lines else None
        return self.ignores[folder]

    def _boundary(self, folder: str) -> str:
        """The folder above which no `.gitignore` counts: the repository's, else the topmost."""
        found = self.repositories.get(folder)
        if found is None:
            parent = os.path.dirname(folder)
            ends = parent == folder or os.path.exists(os.path.join(folder, ".git"))
            found = self.repositories[folder] = folder if ends else self._boundary(parent)
        return found

    def _repository(self, folder: str, settings: Settings) -> str:
        boundary = self._boundary(folder)
        return boundary if boundary != os.path.dirname(boundary) else str(settings.root)


def _missing(text: str) -> str:
    if os.path.lexists(text):
        return f"{text}: a symbolic link to nothing"
    folder, name = os.path.split(text)
    try:
        known = os.listdir(folder or ".")
    except OSError:
        known = []
    from asynclint.config.problems import did_you_mean

    hint = did_you_mean(name, known)
    return f"{text}: no such file or folder{hint}"

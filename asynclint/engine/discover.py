"""Which files a run is about: those under the given paths, without what is ignored or excluded."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from asynclint.config import Configurations, Settings
from asynclint.config.files import FILE_NAMES, display
from asynclint.config.patterns import Patterns
from asynclint.source import NOTEBOOK
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.engine.listing import Listing

SUFFIXES = (".py", ".pyi", NOTEBOOK)
#: In a folder without any of them, everything is as in the folder around it.
MARKS = frozenset({*FILE_NAMES, ".git", ".gitignore"})


class FileToCheck(NamedTuple):
    """A file to report on. `path` is absolute, `display` is how messages name it.

    `data`, when given, stands in for the bytes on disk (an editor's unsaved buffer).
    """

    path: str
    display: str
    data: bytes | None = None


class Project:
    """Files with one configuration, sorted by path."""

    __slots__ = ("files", "settings")

    def __init__(self, settings: Settings, files: list[FileToCheck] | None = None) -> None:
        self.settings = settings
        self.files = [] if files is None else files


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
        self.ignores: dict[str, tuple[Patterns, ...]] = {}
        self.displays: dict[str, str] = {}
        self.repositories: dict[str, str] = {}

    def run(self, paths: Sequence[str]) -> list[Project]:
        links: list[str] = []
        for text in paths:
            path = os.path.normpath(self.cwd / text)
            if os.path.isdir(path):
                settings = self.configurations.for_folder(Path(path))
                if not (settings.force_exclude and self._out(path, settings, folder=True)):
                    links += self._below(path, settings)
            elif os.path.exists(path):
                settings = self.configurations.for_folder(Path(path).parent)
                if not (settings.force_exclude and self._out(path, settings, folder=False)):
                    self._add(path, settings)
            else:
                raise NoSuchPath(_missing(text))
        self._add_links(links)
        projects = sorted(self.projects.values(), key=lambda each: str(each.settings.root))
        for project in projects:
            # A folder's own files stand where its name does among those around it.
            project.files.sort(key=lambda each: each.path.replace(os.sep, "\0"))
        return projects

    def _add_links(self, links: Sequence[str]) -> None:
        if not links:
            return
        # A link to a file that is checked anyway would report everything in it twice.
        real = {os.path.realpath(path) for path in self.seen}
        for path in sorted(links):
            target = os.path.realpath(path)
            if target not in real:
                real.add(target)
                self._add(path, self.configurations.for_folder(Path(path).parent))

    def _add(self, path: str, settings: Settings) -> None:
        folder, name = os.path.split(path)
        self._add_all(folder, [name], settings, self._lead(folder))

    def _add_all(self, folder: str, names: Sequence[str], settings: Settings, lead: str) -> None:
        project = self.projects.get(settings.config_file)
        if project is None:
            project = self.projects[settings.config_file] = Project(settings)
        start = folder if folder.endswith(os.sep) else folder + os.sep
        for name in names:
            path = start + name
            if path not in self.seen:
                self.seen.add(path)
                project.files.append(FileToCheck(path, lead + name))

    def _lead(self, folder: str) -> str:
        """What messages put in front of the names in a folder: the same for all of them, and slow to find out."""
        lead = self.displays.get(folder)
        if lead is None:
            lead = self.displays[folder] = display(Path(folder, "x")).removesuffix("x")
        return lead

    def _below(self, top: str, settings: Settings) -> list[str]:
        """Adds the files below a folder; returns the symbolic links to files among them."""
        lead = self._lead(top)
        # Below what is outside of the current folder, names are shown in more than one way.
        if os.path.isabs(lead) or not settings.cache:
            return self._walk(top, None)
        from asynclint.engine.listing import EXCLUDED, Kept, Listing

        boundary = self._boundary(top)
        kept = Kept(settings, top, lead, boundary, self.configurations.is_one)
        known = kept.recall()
        if known is not None:
            for folder, inner, _, _, _, files in known:
                if files:
                    self._add_all(folder, files, settings, inner)
            return []
        listing = Listing() if kept.is_there else None
        if listing is not None and settings.respect_gitignore:
            above = top
            while above != boundary:
                above = os.path.dirname(above)
                listing.watch(above, (".gitignore", EXCLUDED))
        links = self._walk(top, listing)
        if listing is not None and listing.is_whole and not links:
            kept.keep(listing)
        return links

    def _walk(self, top: str, listing: Listing | None) -> list[str]:
        """Adds the files below a folder; returns the symbolic links to files among them.

        Linked folders are not entered, so there are no loops. What is found is told to the listing.
        """
        links: list[str] = []
        around: tuple[Settings, tuple[Patterns, ...]] | None = None
        pending = [(top, self._lead(top), around)]
        while pending:
            folder, lead, around = pending.pop()
            if listing is not None:
                listing.enter(folder)
            try:
                with os.scandir(folder) as found:
                    entries = list(found)
            except PermissionError:
                name = display(Path(folder))
                raise NoSuchPath(f"{name}: permission denied; exclude it or make it readable") from None
            names = frozenset([entry.name for entry in entries])
            if listing is not None:
                listing.watch(folder, names & MARKS)
            if around is None or not names.isdisjoint(MARKS):
                settings = self.configurations.for_folder(Path(folder), names)
                around = settings, self._ignores(folder, names) if settings.respect_gitignore else ()
            settings, ignores = around
            all_in = not any(each.may_match_in(folder, names) for each in (*settings.excludes, *ignores))
            files = []
            folders = []
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    if all_in or not _left_out(entry.path, settings, ignores, folder=True):
                        folders.append((entry.path, entry.name))
                elif entry.name.endswith(SUFFIXES) and (
                    all_in or not _left_out(entry.path, settings, ignores, folder=False)
                ):
                    if entry.is_file(follow_symlinks=False):
                        files.append(entry.name)
                    elif os.path.isfile(entry.path):
                        links.append(entry.path)
            if files:
                self._add_all(folder, files, settings, lead)
            if listing is not None:
                listing.add(lead, entries, files, settings)
            # What is outside of the current folder may contain it.
            outside = os.path.isabs(lead)
            for path, name in sorted(folders, reverse=True):
                pending.append((path, self._lead(path) if outside else f"{lead}{name}/", around))
        return links

    def _out(self, path: str, settings: Settings, *, folder: bool) -> bool:
        """Whether a path that was named is excluded or ignored, by itself or by a folder around it."""
        if settings.excluded(path, folder=folder):
            return True
        if not settings.respect_gitignore:
            return False
        top = self._repository(os.path.dirname(path), settings)
        parts = os.path.relpath(path, top).split(os.sep)
        around = [os.path.join(top, *parts[:length]) for length in range(1, len(parts))]
        return any(_ignored(each, self._ignores(os.path.dirname(each)), folder=True) for each in around) or _ignored(
            path, self._ignores(os.path.dirname(path)), folder=folder
        )

    def _ignores(self, folder: str, names: frozenset[str] | None = None) -> tuple[Patterns, ...]:
        """The patterns of the `.gitignore` files at and above a folder, the nearest first.

        `names` are the entries of the folder, when they are known.
        """
        found = self.ignores.get(folder)
        if found is None:
            own = _gitignore(folder, names)
            above = () if folder == self._boundary(folder, names) else self._ignores(os.path.dirname(folder))
            found = self.ignores[folder] = (own, *above) if own is not None else above
        return found

    def _boundary(self, folder: str, names: frozenset[str] | None = None) -> str:
        """The folder above which no `.gitignore` counts: the repository's, else the topmost.

        `names` are the entries of the folder, when they are known.
        """
        found = self.repositories.get(folder)
        if found is None:
            parent = os.path.dirname(folder)
            marked = ".git" in names if names is not None else os.path.exists(os.path.join(folder, ".git"))
            ends = parent == folder or marked
            found = self.repositories[folder] = folder if ends else self._boundary(parent)
        return found

    def _repository(self, folder: str, settings: Settings) -> str:
        boundary = self._boundary(folder)
        return boundary if boundary != os.path.dirname(boundary) else str(settings.root)


def _gitignore(folder: str, names: frozenset[str] | None) -> Patterns | None:
    lines: list[str] = []
    for name in (".git/info/exclude", ".gitignore"):
        if names is not None and name.partition("/")[0] not in names:
            continue
        try:
            with open(os.path.join(folder, name), encoding="utf-8", errors="replace") as file:
                lines += file.read().splitlines()
        except OSError:
            continue
    return Patterns(lines, Path(folder)) if lines else None


def _left_out(path: str, settings: Settings, ignores: Sequence[Patterns], *, folder: bool) -> bool:
    """Whether an entry of a folder that is not left out itself is excluded or ignored."""
    if settings.excluded(path, folder=folder):
        return True
    return bool(ignores) and _ignored(path, ignores, folder=folder)


def _ignored(path: str, ignores: Sequence[Patterns], *, folder: bool) -> bool:
    """What the patterns say of a path; the nearest that speak of it decide."""
    for patterns in ignores:
        verdict = patterns.verdict(path, folder=folder)
        if verdict is not None:
            return verdict
    return False


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

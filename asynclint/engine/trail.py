"""What an analysis looked at outside of the file that it is about: files, folders, and the moves between modules.

Analysis gets from one module to another in three ways only: an import, an attribute of a package
that names a submodule, and pytest's `conftest.py` files. All of them pass the `Finder`. So what a
file's result depends on is what can be reached from it along the moves recorded here, and the names
that were asked for on the way: where one of them appears or disappears as a file, an import may
mean something else.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from asynclint.engine.disk import Folder, Read, is_settings_file, look_into, read
from asynclint.facts.model import ModuleFacts
from asynclint.program import Module, Program
from asynclint.program.modules import Finder
from asynclint.program.types import Type


class Trail:
    """Gathered while files are judged. Paths are absolute."""

    __slots__ = ("asked", "folders", "moves", "reads")

    def __init__(self) -> None:
        self.reads: dict[str, Read] = {}
        """Every file that was read."""
        self.folders: dict[str, Folder] = {}
        """Every folder in which a module was looked for."""
        self.moves: dict[str, set[str]] = {}
        """By module, those that analysis went to from there."""
        self.asked: dict[str, set[str]] = {}
        """By module, the words that were looked for as modules from there, whether or not they are."""

    def plain(self) -> tuple[Any, ...]:
        """The trail as values that travel between processes."""
        return (
            {path: tuple(read) for path, read in self.reads.items()},
            {path: tuple(folder) for path, folder in self.folders.items()},
            self.moves,
            self.asked,
        )

    def add(self, plain: tuple[Any, ...]) -> bool:
        """Adds the trail of another process; False when the two saw different files on disk."""
        reads, folders, moves, asked = plain
        agree = True
        for path, row in reads.items():
            read = Read(*row)
            agree &= self.reads.setdefault(path, read).content == read.content
        for path, row in folders.items():
            folder = Folder(*row)
            agree &= self.folders.setdefault(path, folder).names == folder.names
        for path, targets in moves.items():
            self.moves.setdefault(path, set()).update(targets)
        for path, words in asked.items():
            self.asked.setdefault(path, set()).update(words)
        return agree


class RecordingFinder(Finder):
    """Finds modules and leaves a trail. `judged` is the path of the file that is being judged."""

    def __init__(
        self, roots: Sequence[str], read: Callable[[str], ModuleFacts | None], environment: Sequence[str] = ()
    ) -> None:
        super().__init__(roots, read, environment)
        self.judged = ""
        self._trail = Trail()

    def take_trail(self) -> Trail:
        """The trail since the last time."""
        taken, self._trail = self._trail, Trail()
        return taken

    def module_at(self, path: str) -> Module:
        if path != self.judged and os.path.basename(path) == "conftest.py":
            # pytest gives it to the tests below its folder, without an import.
            self._move(self.judged, path)
        return super().module_at(path)

    def find(self, dotted: str, importer: Module) -> Module | None:
        found = super().find(dotted, importer)
        self._asked(importer.path, dotted.split("."), found)
        return found

    def relative(self, dotted: str, importer: Module) -> Module | None:
        found = super().relative(dotted, importer)
        self._asked(importer.path, dotted.split("."), found)
        return found

    def attribute(self, package: Module, name: str, asker: Module) -> None:
        """Records that code in `asker` looks at `package.name`, which may be a submodule."""
        self._asked(asker.path, (name,), self.submodule(package, name))

    def _asked(self, path: str, words: Sequence[str], found: Module | None) -> None:
        self._trail.asked.setdefault(path, set()).update(words)
        if found is not None:
            self._move(path, found.path)

    def _move(self, path: str, target: str) -> None:
        self._trail.moves.setdefault(path, set()).add(target)

    def _listing(self, directory: str) -> frozenset[str]:
        found = self._listings.get(directory)
        if found is None:
            seen = self._trail.folders[directory] = look_into(directory)
            found = self._listings[directory] = seen.names
        return found


class RecordingProgram(Program):
    """A program that records which submodules of packages are looked at, and by whom."""

    finder: RecordingFinder
    _imported_now: tuple[Module, str] | None = None

    def imported(self, dotted: str, name: str, importer: Module) -> Type:
        source = self.module(dotted, importer)
        if source is not None and source.is_package:
            self.finder.attribute(source, name, importer)
            # What is imported from a package is the importer's business, not that of all its users.
            self._imported_now = source, name
        found = super().imported(dotted, name, importer)
        self._imported_now = None
        return found

    def exported(self, module: Module, name: str) -> Type:
        if module.is_package:
            if self._imported_now == (module, name):
                self._imported_now = None
            else:
                self.finder.attribute(module, name, module)
        return super().exported(module, name)


def surroundings(folders: Iterable[str], roots: Sequence[str]) -> Trail:
    """The folders from those given up to the outermost root, and the files there that set up tests."""
    trail = Trail()
    for folder in folders:
        last = min((root for root in roots if is_below(folder, root)), key=len, default=folder)
        while folder not in trail.folders:
            seen = trail.folders[folder] = look_into(folder)
            for name in seen.names:
                if is_settings_file(name):
                    path = os.path.join(folder, name)
                    trail.reads[path] = read(path)[0]
            if len(folder) <= len(last):
                break
            folder = os.path.dirname(folder)
    return trail


def is_below(path: str, folder: str) -> bool:
    """Whether a path is the folder or something in it."""
    return path == folder or path.startswith(folder.rstrip(os.sep) + os.sep)

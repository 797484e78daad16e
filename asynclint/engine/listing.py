"""What a walk through a folder found, remembered, so that the next one only has to look for changes.

A listing holds of every folder that was entered its signature and what the walk made of it. A folder
whose signature is still that one has the entries that it had; one whose signature proves nothing is
listed again. As soon as a listing is found to be another, or one of the files that decide what is left
out has changed, all of it is forgotten and the walk begins anew.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from typing import Any, TypeAlias

from asynclint.config import Settings
from asynclint.digest import digest, digest_of
from asynclint.engine.discover import MARKS, SUFFIXES
from asynclint.engine.disk import NO_SIGNATURE, Signature, proves, read, signature_of
from asynclint.engine.store import NAME, Store, Unusable
from asynclint.sealed import sealed, unsealed

#: What git leaves out of a repository without telling others.
EXCLUDED = ".git/info/exclude"
#: With fewer folders, walking is as fast.
_FEW = 20


Listed: TypeAlias = "tuple[str, str, Signature, int, bytes, list[str]]"
"""A folder that was entered: its path, what messages put in front of the names in it, its signature
and when that was seen, what stands for its entries, see `names_of`, and its files that are checked."""


class Listing:
    """The folders below one, as they are walked, and the files that the walk obeys."""

    __slots__ = ("_entered", "_settings", "folders", "is_whole", "watched")

    def __init__(self) -> None:
        self.folders: list[Listed] = []
        self.watched: list[tuple[str, Signature, int, bytes]] = []
        """Files that the walk obeyed, and places where there is none: path and state, see `Read`."""
        self.is_whole = True
        """All folders have the same settings, so that nothing else has to be remembered of them."""
        self._settings: Settings | None = None
        self._entered: tuple[str, Signature, int] = ("", NO_SIGNATURE, 0)

    def enter(self, folder: str) -> None:
        """To be called before the folder is listed, so that what happens meanwhile is noticed next time."""
        self._entered = folder, signature_of(folder) or NO_SIGNATURE, time.time_ns()

    def add(self, lead: str, entries: Iterable[os.DirEntry[str]], files: list[str], settings: Settings) -> None:
        """Takes in the folder that was entered: its entries, and those of its files that are checked."""
        if self._settings is None:
            self._settings = settings
        self.is_whole = self.is_whole and settings is self._settings
        folder, signature, seen = self._entered
        self.folders.append((folder, lead, signature, seen, names_of(entries), files))

    def watch(self, folder: str, names: Iterable[str]) -> None:
        """To be called before files of a folder are read that the walk obeys; they may be missing."""
        for name in names:
            path = os.path.join(folder, EXCLUDED if name == ".git" else name)
            self.watched.append((path, *read(path)[0]))


def names_of(entries: Iterable[os.DirEntry[str]]) -> bytes:
    """Stands for the entries of a folder that matter to a walk: folders, files to check, files to obey."""
    told = []
    for entry in entries:
        name = entry.name
        if entry.is_dir(follow_symlinks=False):
            told.append(name + "/")
        elif name in MARKS or name.endswith(SUFFIXES):
            told.append(name + ("" if entry.is_file(follow_symlinks=False) else "@"))
    told.sort()
    return digest("\0".join(told).encode("utf-8", "surrogatepass"))


class Kept:
    """The listing of one folder under some settings, in the project's store, if there is one.

    `circumstances` are what else makes a walk another one.
    """

    def __init__(self, settings: Settings, *circumstances: object) -> None:
        excludes = [each.base for each in settings.excludes]
        told = (settings.exclude_patterns, excludes, settings.respect_gitignore, *circumstances)
        self._key = digest_of(repr(told))
        self._folder = str(settings.cache_dir)
        self.is_there = settings.cache and os.path.exists(os.path.join(self._folder, NAME))

    def recall(self) -> list[Listed] | None:
        """The folders as they are now; None when that takes a walk."""
        data = self._asked(None) if self.is_there else None
        if not data:
            return None
        try:
            folders, watched = unsealed(data)
            for path, signature, seen, content in watched:
                now = signature_of(path)
                if (now is None or not proves(signature, seen, now)) and read(path)[0].content != content:
                    return None
            return self._renewed(folders, watched)
        except (ValueError, TypeError):
            return None

    def _renewed(self, folders: list[Listed], watched: Any) -> list[Listed] | None:
        is_renewed = False
        for index, (path, lead, signature, seen, names, files) in enumerate(folders):
            now = signature_of(path)
            if now is not None and proves(signature, seen, now):
                continue
            seen = time.time_ns()
            try:
                with os.scandir(path) as entries:
                    if now is None or names_of(entries) != names:
                        return None
            except OSError:
                return None
            folders[index] = path, lead, now, seen, names, files
            is_renewed |= proves(now, seen, now)
        if is_renewed:
            self._asked(sealed((folders, watched)))
        return folders

    def keep(self, listing: Listing) -> None:
        """Writes down a walk, where that is worth it."""
        if len(listing.folders) >= _FEW:
            self._asked(sealed((listing.folders, listing.watched)))

    def _asked(self, data: bytes | None) -> bytes | None:
        """What the store has; with `data`, that is written instead. None when the store cannot be used."""
        from asynclint.engine.installation import stamp

        store = None
        try:
            store = Store(self._folder, stamp())
            if data is None:
                return store.listing(self._key)
            store.write_listing(self._key, data)
        except (Unusable, OSError, ValueError):
            pass  # whoever looks for results will tell
        finally:
            if store is not None:
                store.close()
        return None

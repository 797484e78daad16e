"""Which modules have to be judged again when files or folders change."""

from __future__ import annotations

import os
import struct
from collections.abc import Collection, Iterable, Mapping
from zlib import crc32

from asynclint.config.environment import STUBS
from asynclint.engine.disk import is_settings_file
from asynclint.sealed import sealed, unsealed
from asynclint.tuples import NamedTuple

_CHECKSUM = 4


class Links(NamedTuple):
    """Where analysis went from a module, by number, and the words that it looked for as modules.

    In the store, each has a checksum in front. Targets are read as they lie there, because all of
    them are asked about in the time in which one file is judged.
    """

    targets: Collection[int] = ()
    sealed_words: bytes = b""

    @classmethod
    def decode(cls, targets: bytes, words: bytes) -> Links:
        """The inverse of `encoded`. Raises ValueError when the targets are damaged; of words, `words` tells."""
        if crc32(targets[_CHECKSUM:]) != int.from_bytes(targets[:_CHECKSUM], "little"):
            raise ValueError("damaged links")
        return cls(memoryview(targets)[_CHECKSUM:].cast("q"), words)

    @property
    def words(self) -> list[str]:
        """Raises ValueError when they are damaged."""
        found: list[str] = unsealed(self.sealed_words) if self.sealed_words else []
        return found


def encoded(targets: Collection[int], words: Collection[str]) -> tuple[bytes, bytes]:
    """Links as the store has them."""
    numbers = struct.pack(f"={len(targets)}q", *sorted(targets))
    return crc32(numbers).to_bytes(_CHECKSUM, "little") + numbers, sealed(sorted(words))


def settings_among(paths: Iterable[str]) -> set[tuple[str, str]]:
    """Folder and name of those files that set up how tests are run: nobody imports them, many depend on them."""
    return {os.path.split(path) for path in paths if is_settings_file(os.path.basename(path))}


def touched_by_names(
    names: Collection[tuple[str, str]], paths: Mapping[int, str], links: Mapping[int, Links]
) -> set[int]:
    """The modules for which an import may mean something else when entries (folder, name) come or go.

    `paths` and `links` are by number. What looks for a module of that name does; and everything
    below a folder that becomes a package, or whose tests are set up in another way.
    """
    words: set[str] = set()
    below: set[str] = set()
    for folder, name in names:
        stem = name.removesuffix(".pyi").removesuffix(".py").removesuffix(STUBS)
        words.add(stem)
        if stem in ("__init__", ""):
            words.add(os.path.basename(folder).removesuffix(STUBS))
        if stem in ("__init__", "conftest") or is_settings_file(name):
            below.add(folder.rstrip(os.sep) + os.sep)
    found = {number for number, each in links.items() if not words.isdisjoint(each.words)}
    if below:
        starts = tuple(below)
        found |= {number for number, path in paths.items() if path.startswith(starts)}
    return found


def users_of(links: Mapping[int, Links]) -> dict[int, list[int]]:
    """The modules from which analysis went to each other one."""
    users: dict[int, list[int]] = {}
    for number, each in links.items():
        for target in each.targets:
            users.setdefault(target, []).append(number)
    return users


def reaching(
    touched: Collection[int],
    links: Mapping[int, Links],
    paths: Mapping[int, str],
    users: Mapping[int, list[int]] | None = None,
) -> set[int]:
    """The modules from which one of those touched can be reached, themselves included.

    `paths` has the modules by number. Those that nobody knows, and those without links, count as touched.
    `users` are those of the links, for who asks twice.
    """
    users = users_of(links) if users is None else users
    found = {*touched, *(paths.keys() - links.keys()), *(users.keys() - paths.keys())}
    pending = list(found)
    while pending:
        for user in users.get(pending.pop(), ()):
            if user not in found:
                found.add(user)
                pending.append(user)
    return found

"""What files and folders looked like when they were read, and whether they still do.

A signature says that a file is unchanged without reading it. It is not trusted for a file that
was modified at about the time it was read, because clocks of file systems are coarse: such a file
is read again.
"""

from __future__ import annotations

import os
import time
from typing import TypeAlias

from asynclint.config.environment import STUBS
from asynclint.digest import digest
from asynclint.tuples import NamedTuple

Signature: TypeAlias = "tuple[int, int, int, int]"
"""Time of modification and of change (nanoseconds), size, and inode."""

NO_SIGNATURE: Signature = (0, 0, 0, 0)
#: File systems round times, the coarsest ones to two seconds.
_COARSE = 2_000_000_000
_MODULES = (".py", ".pyi")
_SETTINGS = (".ini", ".toml", ".cfg")
_OTHER_SETTINGS = frozenset({"Makefile", "justfile", "Pipfile", "noxfile.py", "setup.py"})


class Read(NamedTuple):
    """A file as it was read at `seen` (nanoseconds). `content` is its digest, empty when it cannot be read."""

    signature: Signature
    seen: int
    content: bytes


class Folder(NamedTuple):
    """A folder as it was listed at `seen`, reduced to the names that can be modules, packages or settings."""

    signature: Signature
    seen: int
    names: frozenset[str]


def signature_of(path: str) -> Signature | None:
    """The signature of a file or folder; None when there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    # SQLite has signed numbers of 64 bits, some file systems unsigned ones.
    return found.st_mtime_ns, found.st_ctime_ns, found.st_size, found.st_ino & 0x7FFF_FFFF_FFFF_FFFF


def proves(signature: Signature, seen: int, now: Signature) -> bool:
    """Whether what had a signature when it was seen, and has that of now, has not changed since."""
    return signature == now and max(now[0], now[1]) < seen - _COARSE


def read(path: str) -> tuple[Read, bytes | OSError]:
    """A file's state and bytes, or the error that kept it from being read."""
    seen = time.time_ns()
    signature = signature_of(path) or NO_SIGNATURE
    try:
        with open(path, "rb") as file:
            data = file.read()
    except OSError as error:
        return Read(signature, seen, b""), error
    return Read(signature, seen, digest(data)), data


def text_of(path: str) -> bytes | None:
    """The bytes of a file; None when it cannot be read."""
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        return None


def look_into(path: str) -> Folder:
    """The state of a folder; without names when it cannot be listed."""
    seen = time.time_ns()
    signature = signature_of(path) or NO_SIGNATURE
    try:
        listed = os.listdir(path)
    except OSError:
        listed = []
    return Folder(signature, seen, _reduced(listed))


def _reduced(listed: list[str]) -> frozenset[str]:
    kept = [
        name
        for name in listed
        if name.endswith(_MODULES) or name.removesuffix(STUBS).isidentifier() or is_settings_file(name)
    ]
    found = frozenset(kept) - {"__pycache__"}
    # A folder that holds only other things differs from an empty one.
    return found if found or not listed else frozenset({""})


def is_settings_file(name: str) -> bool:
    """Whether a file may say how the project's tests are run. Our own settings have been read by then."""
    if name.endswith(_SETTINGS):
        return "asynclint" not in name
    return name in _OTHER_SETTINGS or (name.endswith(".txt") and "requirements" in name)

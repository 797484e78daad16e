"""Real source files on this machine: the standard library and what is installed beside the tests."""

from __future__ import annotations

import os
import sysconfig
import zlib
from collections.abc import Iterator
from pathlib import Path

#: Set to read every file rather than a fixed sample; takes tens of minutes.
WHOLE = "ASYNCLINT_TEST_WHOLE_CORPUS"


def real_files(one_in: int, shard: int = 0, shards: int = 1) -> list[Path]:
    """A sample that is the same on every run, by file name; all files where the variable is set."""
    divisor = 1 if os.environ.get(WHOLE) else one_in
    return [
        path
        for name, path in _all()
        if zlib.crc32(name.encode()) % (divisor * shards) // divisor == shard
        and zlib.crc32(name.encode()) % divisor == 0
    ]


def by_library(files: list[Path]) -> Iterator[tuple[Path, list[Path]]]:
    """The files of each library, with the folder that its module names start from."""
    for root in _roots().values():
        own = [path for path in files if path.is_relative_to(root)]
        files = [path for path in files if path not in own]
        if own:
            yield root, own


def _roots() -> dict[str, Path]:
    # What is installed lies within the standard library's folder, so it comes first.
    return {key: Path(sysconfig.get_path(key)) for key in ("purelib", "stdlib")}


def _all() -> Iterator[tuple[str, Path]]:
    """Each file with its path within the library that it belongs to."""
    for key, root in _roots().items():
        for path in sorted(root.rglob("*.py")):
            if key == "purelib" or "site-packages" not in path.parts:
                yield path.relative_to(root).as_posix(), path

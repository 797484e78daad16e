"""The code that is measured on: pinned releases from PyPI, unpacked once."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import NamedTuple


class Pinned(NamedTuple):
    """A release: its distribution and version, and the package in its wheel."""

    distribution: str
    version: str
    package: str

    @property
    def metadata(self) -> str:
        """The folder in the wheel that tells the version."""
        return f"{self.distribution.replace('-', '_')}-{self.version}.dist-info"


PINNED = {
    "homeassistant": Pinned("homeassistant", "2024.3.3", "homeassistant"),
    "synapse": Pinned("matrix-synapse", "1.110.0", "synapse"),
    "prefect": Pinned("prefect", "3.0.0", "prefect"),
    "aiohttp": Pinned("aiohttp", "3.10.5", "aiohttp"),
}
#: All four have releases for it, whatever Python downloads them.
_PYTHON = "3.11"


class NoCorpus(Exception):
    """A corpus cannot be had; the message says what to do."""


@dataclass(frozen=True)
class Corpus:
    """A folder of Python files."""

    name: str
    root: Path

    @property
    def files(self) -> list[Path]:
        return sorted(self.root.rglob("*.py"))

    @cached_property
    def lines(self) -> int:
        return lines_of(self.files)


def lines_of(files: Iterable[Path]) -> int:
    """How many lines the files have together."""
    return sum(path.read_bytes().count(b"\n") for path in files)


def corpus(name: str, folder: Path) -> Corpus:
    """A corpus below a folder, downloaded when it is not there. Raises NoCorpus."""
    pinned = PINNED[name]
    for place in (folder / name, folder / pinned.distribution.replace("-", "_"), folder / pinned.distribution):
        if (place / pinned.metadata).is_dir() and (place / pinned.package).is_dir():
            return Corpus(name, place / pinned.package)
    _download(pinned, folder / name)
    return Corpus(name, folder / name / pinned.package)


def _download(pinned: Pinned, target: Path) -> None:
    requirement = f"{pinned.distribution}=={pinned.version}"
    if target.exists():
        raise NoCorpus(f"{target} is not {requirement}; remove it, and it is downloaded anew")
    with tempfile.TemporaryDirectory() as temporary:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--quiet",
                   "--python-version", _PYTHON, "--dest", temporary, requirement]  # fmt: skip
        ran = subprocess.run(command, capture_output=True, text=True)
        wheels = list(Path(temporary).glob("*.whl"))
        if ran.returncode or not wheels:
            reason = (ran.stderr.strip().splitlines() or ["no wheel"])[-1]
            raise NoCorpus(f"{requirement} cannot be downloaded ({reason}); give --corpus-dir with unpacked wheels")
        target.parent.mkdir(parents=True, exist_ok=True)
        # Moved when it is whole, so that a download that ends early leaves nothing that looks like a corpus.
        unpacked = Path(tempfile.mkdtemp(dir=target.parent))
        with zipfile.ZipFile(wheels[0]) as wheel:
            wheel.extractall(unpacked)
        unpacked.rename(target)


def copied(source: Corpus, target: Path) -> Corpus:
    """A copy that may be edited: a repository of its own, with the package in it."""
    shutil.copytree(source.root, target / source.root.name, ignore=shutil.ignore_patterns("__pycache__", "*.so"))
    (target / ".git").mkdir()
    return Corpus(source.name, target)


def part(source: Corpus, target: Path, lines: float) -> Corpus:
    """A copy with about that many lines, see `chosen`."""
    sizes = {path.relative_to(source.root): lines_of([path]) for path in source.files}
    for path in chosen(sizes, lines):
        place = target / source.root.name / path
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source.root / path, place)
    (target / ".git").mkdir()
    return Corpus(source.name, target)


def chosen(sizes: dict[Path, int], lines: float) -> list[Path]:
    """Files with about `lines` lines together, from the lines of all files by relative path.

    What others use comes first: files outside of any folder's folder. Folders of the second level,
    such as components and plug-ins, are whole or absent, and spread over the alphabet. Less is
    always a part of more.
    """
    groups: dict[Path, list[Path]] = {}
    for path in sorted(sizes):
        groups.setdefault(Path(*path.parts[:2]), []).append(path)
    made: list[Path] = []
    reached = 0
    for group in _spread(groups):
        if reached >= lines:
            break
        made += group
        reached += sum(sizes[path] for path in group)
    return sorted(made)


def _spread(groups: dict[Path, list[Path]]) -> Sequence[list[Path]]:
    """The groups in an order in which every beginning is spread over the whole; single files come first."""
    single = [group for key, group in groups.items() if key in group]
    folders = [group for key, group in groups.items() if key not in group]
    return [*single, *(group for start in range(16) for group in folders[start::16])]

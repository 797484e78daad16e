"""What was found at another git revision, to tell what is new since.

The whole tree of that revision is laid out in a temporary folder and checked there, because
a finding in an unchanged file may come from a change in another one.
"""

from __future__ import annotations

import io
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from asynclint.config import Settings
from asynclint.engine.discover import FileToCheck
from asynclint.engine.fingerprints import Fingerprint

#: What the engine may read besides Python: configuration that decides what code means.
_SUFFIXES = (".py", ".pyi", ".toml", ".cfg", ".ini", ".yaml", ".ipynb", ".pth")


class NoRevision(Exception):
    """There is no such revision, or no git; the message says which and what to do."""


Fingerprints = Callable[[Sequence[FileToCheck], Settings, Path], Sequence[Fingerprint]]
"""Checks files with settings and gives the fingerprints; the path is the folder of the copy."""


def known_at(
    revision: str, files: Sequence[FileToCheck], settings: Settings, fingerprints: Fingerprints
) -> frozenset[Fingerprint]:
    """Fingerprints of the findings that the files had at a revision. Raises NoRevision."""
    repository = Path(os.path.realpath(_git(settings.root, "rev-parse", "--show-toplevel").decode().strip()))
    named = _git(repository, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}", revision=revision)
    commit = named.decode().strip()
    moved = _renamed(repository, commit)
    with tempfile.TemporaryDirectory(prefix="asynclint-") as name:
        copy = Path(os.path.realpath(name))
        _lay_out(repository, commit, copy)
        root = Path(os.path.realpath(settings.root))
        place = copy / root.relative_to(repository)
        place.mkdir(parents=True, exist_ok=True)
        if settings.environment and settings.python is None and (root / ".venv").is_dir():
            os.symlink(root / ".venv", place / ".venv")
        then = []
        for file in files:
            real = Path(os.path.realpath(file.path))
            if not real.is_relative_to(repository):
                continue
            now = real.relative_to(repository).as_posix()
            before = copy / moved.get(now, now)
            if before.is_file():
                # Shown by its name of today, so that its findings have the fingerprints of today.
                then.append(file._replace(path=str(before), data=None))
        return frozenset(fingerprints(then, settings.relocated(place), copy)) if then else frozenset()


def _git(folder: Path, *arguments: str, revision: str = "") -> bytes:
    try:
        ran = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=False)
    except FileNotFoundError:
        raise NoRevision("--diff-base needs git, which is not installed") from None
    if ran.returncode:
        if revision:
            raise NoRevision(f"--diff-base: git knows no revision `{revision}`; fetch it, or name another") from None
        reason = ran.stderr.decode(errors="replace").strip().splitlines()
        raise NoRevision(f"--diff-base: {reason[0] if reason else 'git failed'}")
    return ran.stdout


def _renamed(repository: Path, commit: str) -> dict[str, str]:
    """Old names of files that were moved since, by new name."""
    listed = _git(repository, "diff", "--name-status", "-z", "-M", "--diff-filter=R", commit).decode(errors="replace")
    words = listed.split("\0")
    return {words[at + 2]: words[at + 1] for at in range(0, len(words) - 2, 3)}


def _lay_out(repository: Path, commit: str, folder: Path) -> None:
    archive = _git(repository, "archive", "--format=tar", commit)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            target = os.path.normpath(folder / member.name)
            if (
                not member.isfile()
                or not member.name.endswith(_SUFFIXES)
                or not target.startswith(str(folder) + os.sep)
            ):
                continue
            content = tar.extractfile(member)
            if content is not None:
                os.makedirs(os.path.dirname(target), exist_ok=True)
                Path(target).write_bytes(content.read())

"""Where the project's installed packages are."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asynclint.config.settings import Settings

_FOLDERS = (".venv", "venv")
#: How the folder of a package that is only stubs ends (PEP 561).
STUBS = "-stubs"


def installed_in(
    root: Path, *, python: Path | None = None, variables: Mapping[str, str] | None = None
) -> tuple[str, ...]:
    """The folders of installed packages of a project; empty when it has no environment.

    `python` is the interpreter or the folder of the environment; without it, `.venv` and `venv` in the
    project's root count before what the variable VIRTUAL_ENV names (`variables` of None: those of this
    process).
    """
    if python is not None:
        return _packages_of(_prefix(python))
    for name in _FOLDERS:
        if (root / name / "pyvenv.cfg").is_file():
            return _packages_of(root / name)
    active = (os.environ if variables is None else variables).get("VIRTUAL_ENV")
    return _packages_of(Path(active)) if active else ()


def environment_of(settings: Settings) -> tuple[str, ...]:
    """The folders of packages that a run may read; none when the settings want the same answer everywhere."""
    return installed_in(settings.root, python=settings.python) if settings.environment else ()


def _prefix(python: Path) -> Path:
    """The folder that holds `bin/python` or `Scripts/python.exe`; links are left as they are."""
    return python if python.is_dir() else python.parent.parent


def _packages_of(prefix: Path) -> tuple[str, ...]:
    if prefix.name in ("site-packages", "dist-packages"):
        return (str(prefix),)
    found = [prefix / "Lib" / "site-packages"]
    for library in ("lib", "lib64"):
        try:
            versions = sorted((prefix / library).iterdir(), key=_version, reverse=True)
        except OSError:
            continue
        found += [
            version / name
            for version in versions
            if version.name.startswith(("python3", "pypy3"))
            for name in ("site-packages", "dist-packages")
        ]
    # `lib64` is often a link to `lib`.
    by_identity = {os.path.realpath(folder): str(folder) for folder in reversed(found) if folder.is_dir()}
    return tuple(reversed(by_identity.values()))


def _version(folder: Path) -> tuple[int, ...]:
    """`python3.12` as (3, 12)."""
    return tuple([int(part) for part in folder.name.lstrip("abcdefghijklmnopqrstuvwxyz").split(".") if part.isdigit()])

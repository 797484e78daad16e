"""Files that hold tests, or help tests, by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asynclint.program.modules import Module

_FOLDERS = frozenset({"test", "tests", "testing", "pytest"})


def is_test(module: Module) -> bool:
    """Whether a module holds tests, or helps them; folders above the project and its source roots do not count."""
    *folders, name = module.name.split(".")
    return (
        name.startswith("test_")
        or name.endswith("_test")
        or name in ("conftest", *_FOLDERS)
        or not _FOLDERS.isdisjoint(folders)
    )

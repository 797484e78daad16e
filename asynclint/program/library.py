"""Which async library a module is written for: asyncio, trio or anyio."""

from __future__ import annotations

from asynclint.facts.model import SiteKind
from asynclint.program.modules import Module

LIBRARIES = ("trio", "anyio", "asyncio")


def library_of(module: Module, preferred: str = "auto") -> str:
    """The library whose words a message should use: what is configured, else what the module imports.

    A module that imports none of them counts as asyncio, and so does one that imports asyncio beside
    another: there, asyncio's own means always work.
    """
    if preferred in LIBRARIES:
        return preferred
    imported = set()
    for row in module.facts.sites:
        if row[0] == SiteKind.IMPORT:
            for dotted, _name, _bound in row[6]:
                imported.add(dotted.partition(".")[0])
    if "asyncio" in imported:
        return "asyncio"
    return next((library for library in LIBRARIES if library in imported), "asyncio")

"""Which asynclint this is, told by its files, and what it can tell of its rules without importing them.

The names of all rules are needed on every start, to read the configuration, and importing a hundred
modules for that takes longer than everything else in a run whose results are known. So they are
written down in the user's cache folder, and trusted for as long as no file of the installation has
changed.
"""

from __future__ import annotations

import contextlib
import os
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import asynclint
from asynclint.config.selectors import RuleInfo
from asynclint.diagnostics import Severity
from asynclint.digest import digest_of
from asynclint.engine.outcome import sealed, unsealed
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.rule import Rule

_PACKAGE = os.path.dirname(os.path.abspath(asynclint.__file__))
_SUFFIXES = (".py", ".json", ".yaml")


class KnownRule(NamedTuple):
    """What the configuration needs to know of a rule."""

    name: str
    code: str
    aliases: tuple[str, ...]
    default: bool
    severity: Severity
    theme: str
    options: dict[str, Any]


@cache
def stamp() -> str:
    """Changes whenever the installed asynclint, or the Python that runs it, does."""
    told = [asynclint.__version__, sys.version, sys.implementation.cache_tag]
    pending = [_PACKAGE]
    while pending:
        for entry in sorted(os.scandir(pending.pop()), key=lambda each: each.name):
            if entry.name.endswith(_SUFFIXES):
                found = entry.stat()
                told.append(f"{entry.path}:{found.st_mtime_ns}:{found.st_size}")
            elif entry.name.isidentifier() and entry.name != "__pycache__" and entry.is_dir():
                pending.append(entry.path)
    return digest_of("\n".join(map(str, told)))


def rule_infos(*, remember: bool = True) -> tuple[RuleInfo, ...]:
    """Every rule that can be named, with what the configuration needs to know of it.

    Without `remember` nothing is read from or written to the user's cache folder.
    """
    path = _index_path() if remember else None
    found = _read(path) if path is not None else None
    if found is not None:
        return found
    from asynclint.engine.house import known_rules

    rules = known_rules()
    if path is not None:
        _write(path, rules)
    return rules


def deferred_rules() -> tuple[Rule, ...] | None:
    """All rules but those of the house, by code, none of them imported; None when nothing is written down."""
    path = _index_path()
    told = None if path is None else _told(path)
    if told is None:
        return None
    from asynclint.rule import deferred

    try:
        return tuple(map(deferred, told[1]))
    except (ValueError, TypeError):
        return None


def _index_path() -> str | None:
    """Where the rules of this installation are written down; None when the user has no folder for that."""
    if sys.platform == "win32":
        folder = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        folder = os.path.expanduser("~/Library/Caches")
    else:
        folder = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    if not os.path.isabs(folder):
        return None
    place = digest_of(_PACKAGE)[:12]
    return os.path.join(folder, "asynclint", f"rules-{place}.dat")


def _read(path: str) -> tuple[RuleInfo, ...] | None:
    told = _told(path)
    try:
        return told and tuple([
            KnownRule(name, code, tuple(aliases), default, Severity(severity), theme, options)
            for name, code, aliases, default, severity, theme, options in told[0]
        ])  # fmt: skip
    except (ValueError, TypeError):
        return None


def _told(path: str) -> tuple[list[Any], list[Any]] | None:
    """What is written down of all rules, see `_write`; None when it is nothing, or of another installation."""
    try:
        with open(path, "rb") as file:
            of, infos, rules = unsealed(file.read())
    except (OSError, ValueError, TypeError, EOFError):
        return None
    return (infos, rules) if of == stamp() else None


def _write(path: str, rules: tuple[RuleInfo, ...]) -> None:
    import tempfile

    from asynclint.rule import Rule, plain

    rows = [
        (
            each.name,
            each.code,
            each.aliases,
            each.default,
            each.severity.value,
            each.theme,
            dict(getattr(each, "options", {})),
        )
        for each in rules
    ]
    # Whoever may not write here reads the rules themselves, every time.
    with contextlib.suppress(OSError, ValueError):
        data = sealed((stamp(), rows, [plain(each) for each in rules if isinstance(each, Rule)]))
        os.makedirs(os.path.dirname(path), exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=os.path.dirname(path))
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
            os.replace(temporary, path)
        except BaseException:
            os.unlink(temporary)
            raise

"""Which asynclint this is, told by its files, and what it can tell of its rules without importing them.

The names of all rules are needed on every start, to read the configuration, and importing a hundred
modules for that takes longer than everything else in a run whose results are known. So they are
written down in the user's cache folder, and trusted for as long as no file of the installation has
changed.
"""

from __future__ import annotations

import os
import sys
from functools import cache
from typing import TYPE_CHECKING, Any

import asynclint
from asynclint.config.remembered import keep, recall
from asynclint.config.selectors import RuleInfo
from asynclint.diagnostics import Severity
from asynclint.digest import digest_of
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.rule import Rule

_PACKAGE = os.path.dirname(os.path.abspath(asynclint.__file__))
#: The catalogue is read as it was compiled; its YAML files are not.
_SUFFIXES = (".py", ".json")


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
    told = [asynclint.__version__, sys.version, sys.implementation.cache_tag, sys.byteorder]
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
    found = _infos() if remember else None
    if found is not None:
        return found
    from asynclint.engine.house import known_rules

    rules = known_rules()
    if remember:
        _write_down(rules)
    return rules


def deferred_rules() -> tuple[Rule, ...] | None:
    """All rules but those of the house, by code, none of them imported; None when nothing is written down."""
    told = _told()
    if told is None:
        return None
    from asynclint.rule import deferred

    try:
        return tuple(map(deferred, told[1]))
    except (ValueError, TypeError):
        return None


def _infos() -> tuple[RuleInfo, ...] | None:
    told = _told()
    try:
        return told and tuple([
            KnownRule(name, code, tuple(aliases), default, Severity(severity), theme, options)
            for name, code, aliases, default, severity, theme, options in told[0]
        ])  # fmt: skip
    except (ValueError, TypeError):
        return None


def _name() -> str:
    """Under which name the rules of this installation are written down."""
    return f"rules-{digest_of(_PACKAGE)[:12]}"


def _told() -> tuple[list[Any], list[Any]] | None:
    """What is written down of all rules, see `_write_down`; None when it is nothing, or of another installation."""
    try:
        of, infos, rules = recall(_name()) or ("", [], [])
    except (ValueError, TypeError):
        return None
    return (infos, rules) if of == stamp() else None


def _write_down(rules: tuple[RuleInfo, ...]) -> None:
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
    # Whoever may not write there reads the rules themselves, every time.
    keep(_name(), (stamp(), rows, [plain(each) for each in rules if isinstance(each, Rule)]))

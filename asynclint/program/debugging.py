"""Code that runs only where somebody is debugging: `if DEBUG:`, or what follows `if not debug_flags: return`.

Told by the name of what is tested, as such switches come from everywhere: constants, settings, the
environment, arguments.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.facts.model import BlockKind, Expr, ModuleFacts, SiteKind
from asynclint.program import names

if TYPE_CHECKING:
    from asynclint.program.modules import Module

_WORDS = frozenset({"debug", "debugging", "verbose"})
#: Words of constants; other names with them are of many kinds: the profile of a user, a trace on paper.
_OF_CONSTANTS = _WORDS | {"log", "trace", "tracing", "profile", "profiling"}
_ASKED = frozenset({"isEnabledFor", "get_debug"})
_LEAVES = frozenset({SiteKind.RETURN, SiteKind.RAISE, SiteKind.JUMP})


def debugging_sites(module: Module) -> frozenset[int]:
    """The sites of a module that are met by nobody but who is debugging."""
    facts = module.facts
    inside: set[int] = set()
    rest: list[tuple[int, tuple[int, int]]] = []
    left: dict[int, tuple[int, int]] | None = None
    for number, (kind, parent, _scope, _line, test) in enumerate(facts.blocks):
        if parent in inside:
            inside.add(number)
        if kind not in (BlockKind.IF, BlockKind.ELSE) or test is None:
            continue
        if _shows(test, kind == BlockKind.IF, facts):
            inside.add(number)
        elif _shows(test, kind == BlockKind.ELSE, facts):
            if left is None:
                left = {row[5]: (row[1], row[2]) for row in facts.sites if row[0] in _LEAVES}
            if number in left:
                rest.append((parent, left[number]))
    return frozenset(_sites(inside, rest, facts)) if inside or rest else frozenset()


def _sites(inside: set[int], rest: list[tuple[int, tuple[int, int]]], facts: ModuleFacts) -> Iterator[int]:
    for number, row in enumerate(facts.sites):
        if row[5] in inside or any((row[1], row[2]) > end and _is_in(row[5], suite, facts) for suite, end in rest):
            yield number


def _is_in(block: int, suite: int, facts: ModuleFacts) -> bool:
    return suite in facts.ancestors(block)


def _shows(test: Expr, truth: bool, facts: ModuleFacts) -> bool:
    """Whether that outcome of a test shows that somebody is debugging."""
    if isinstance(test, int):
        row = facts.sites[test]
        return truth and row[0] == SiteKind.CALL and names.last_name(row[6]) in _ASKED
    if isinstance(test, tuple):
        if test[0] == "not":
            return _shows(test[1], not truth, facts)
        if test[0] == "bool":
            parts = [_shows(part, truth, facts) for part in test[2:]]
            return any(parts) if (test[1] == "and") is truth else all(parts)
        if test[0] != ".":
            return False
    return truth and _is_switch(names.last_name(test))


def _is_switch(name: str) -> bool:
    words = name.lower().split("_")
    return not (_OF_CONSTANTS if name.isupper() else _WORDS).isdisjoint(words)

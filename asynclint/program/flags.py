"""What the plain constants of a call rule out: `save(rows, sync=False)` does not take `if sync:`.

Only True, False and None are followed, from arguments and defaults, and on through parameters that
are handed to further calls as they are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from asynclint.facts.model import BlockKind, Expr, ParameterKind, SiteKind

if TYPE_CHECKING:
    from asynclint.program.modules import Module
    from asynclint.program.types import FunctionObject

Flags: TypeAlias = "tuple[tuple[str, bool | None], ...]"
"""Parameters of a function that are known to be True, False or None in a certain call."""

_NAMED = (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL, ParameterKind.KEYWORD_ONLY)
_ENDS = (SiteKind.RETURN, SiteKind.RAISE)


class FlagReader:
    """Remembers what it has read of each function."""

    def __init__(self) -> None:
        self._used: dict[tuple[Module, int], frozenset[str]] = {}
        self._tests: dict[tuple[Module, int], list[int]] = {}

    def passed(self, callee: FunctionObject, call: tuple[Any, ...], known: Flags) -> Flags:
        """The flags of the function in a call; `known` are those of the function around the call."""
        module, number = callee.module, callee.number
        used = self._used_in(module, number)
        if not used:
            return ()
        function = module.facts.functions[number]
        offset = 1 if callee.receiver is not None and function.class_index >= 0 else 0
        positional, keywords = call[7], dict(call[8])
        spread = None in keywords or any(isinstance(each, tuple) and each[0] == "*" for each in positional)
        around = dict(known)
        found: list[tuple[str, bool | None]] = []
        for position, parameter in enumerate(function.parameters):
            name = parameter.name
            if name not in used or parameter.kind not in _NAMED:
                continue
            if name in keywords:
                given = keywords[name]
            elif spread:
                continue
            elif parameter.kind != ParameterKind.KEYWORD_ONLY and 0 <= position - offset < len(positional):
                given = positional[position - offset]
            else:
                given = parameter.default
            if isinstance(given, str) and given in around:
                found.append((name, around[given]))
            elif _is_flag(given):
                found.append((name, given[1]))
        return tuple(found)

    def reachable(self, module: Module, number: int, sites: Iterable[int], flags: Flags) -> Iterator[int]:
        """Those of a function's sites that can be met when it is called with the flags."""
        ruled_out: set[int] = set()
        ends: list[tuple[int, tuple[int, int]]] = []
        facts = module.facts
        values = dict(flags)
        for block in self._tests_in(module, number) if flags else ():
            kind, parent, _scope, _line, test = facts.blocks[block]
            outcome = _outcome(test, values)
            if outcome is None:
                continue
            if outcome is not (kind == BlockKind.IF):
                ruled_out.add(block)
            else:
                # Nothing after a branch that is taken for sure and ends the function is met.
                left = [row for row in map(facts.sites.__getitem__, sites) if row[5] == block and row[0] in _ENDS]
                ends += [(parent, (row[1], row[2])) for row in left[-1:]]
        for site in sites:
            row = facts.sites[site]
            if ruled_out or ends:
                around = set(facts.ancestors(row[5]))
                if around & ruled_out or any(suite in around and (row[1], row[2]) > end for suite, end in ends):
                    continue
            yield site

    def _used_in(self, module: Module, number: int) -> frozenset[str]:
        """The parameters that are tested or handed on, and never bound anew."""
        key = module, number
        if key not in self._used:
            facts = module.facts
            function = facts.functions[number]
            used: set[str] = set()
            for block in self._tests_in(module, number):
                used.update(_names(facts.blocks[block][4]))
            for site in module.own_sites.get(number, ()):
                row = facts.sites[site]
                if row[0] == SiteKind.CALL:
                    used.update(each for each in (*row[7], *(value for _, value in row[8])) if isinstance(each, str))
            bindings = facts.scopes[function.scope].bindings
            named = {parameter.name for parameter in function.parameters}
            rebound = {name for scope in facts.scopes for name, how in scope.outer.items() if how == "nonlocal"}
            self._used[key] = frozenset(
                name for name in used & named if len(bindings.get(name, ())) == 1 and name not in rebound
            )
        return self._used[key]

    def _tests_in(self, module: Module, number: int) -> list[int]:
        """The branches of a function's own `if` statements."""
        key = module, number
        if key not in self._tests:
            scopes: dict[int, list[int]] = {}
            facts = module.facts
            for block, (kind, _parent, scope, _line, test) in enumerate(facts.blocks):
                if kind in (BlockKind.IF, BlockKind.ELSE) and test is not None:
                    scopes.setdefault(scope, []).append(block)
            for index, function in enumerate(facts.functions):
                self._tests[module, index] = scopes.get(function.scope, [])
        return self._tests[key]


def _is_flag(expr: Expr) -> bool:
    return isinstance(expr, tuple) and expr[0] == "const" and (expr[1] is None or isinstance(expr[1], bool))


def _names(test: Expr) -> Iterator[str]:
    if isinstance(test, str):
        yield test
    elif isinstance(test, tuple):
        if test[0] == "not":
            yield from _names(test[1])
        elif test[0] == "bool":
            for part in test[2:]:
                yield from _names(part)
        elif test[0] == "cmp" and isinstance(test[2], str):
            yield test[2]


def _outcome(test: Expr, values: dict[str, bool | None]) -> bool | None:
    """Whether a test is surely true or surely false; None when it may be either."""
    if isinstance(test, str):
        return bool(values[test]) if test in values else None
    if not isinstance(test, tuple):
        return None
    if test[0] == "not":
        inner = _outcome(test[1], values)
        return None if inner is None else not inner
    if test[0] == "bool":
        decides: bool = test[1] == "or"
        outcomes = [_outcome(part, values) for part in test[2:]]
        if decides in outcomes:
            return decides
        return None if None in outcomes else not decides
    if test[0] == "cmp" and len(test[1]) == 1 and test[2] in values and _is_flag(test[3]):
        same = bool(values[test[2]] is test[3][1])
        if test[1][0] in ("is", "=="):
            return same
        if test[1][0] in ("is not", "!="):
            return not same
    return None

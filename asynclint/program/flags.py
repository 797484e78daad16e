"""What the arguments of a call rule out: `save(rows, sync=False)` does not take `if sync:`.

Followed are True, False and None, from arguments and defaults, and where a function asks more of a
parameter, what else is known of its argument: that it is not None, its class, the text of a literal.
All of it goes on through parameters that are handed to further calls as they are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any, TypeAlias

from asynclint.facts.model import BindingKind, BlockKind, Expr, ParameterKind, SiteKind
from asynclint.program import names
from asynclint.program.names import Place
from asynclint.program.types import NONE, ClassObject, FunctionObject, Instance, Type, members, union
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program import Program
    from asynclint.program.modules import Module


class Given(NamedTuple):
    """An argument that is not None. Type and literal are left out where nobody asks for them."""

    type_: Type
    is_true: bool = False
    """Whether it is known to be true rather than false."""
    literal: Expr = None


Flags: TypeAlias = "tuple[tuple[str, bool | Given | None], ...]"
"""Parameters of a function of whose arguments something is known in a certain call."""

Values: TypeAlias = "dict[str, bool | Given | None]"

_NAMED = (ParameterKind.POSITIONAL_ONLY, ParameterKind.POSITIONAL, ParameterKind.KEYWORD_ONLY)
_AFFIXES = ("startswith", "endswith")
_MAX_LENGTH = 40
_ENDS = (SiteKind.RETURN, SiteKind.RAISE)
#: Through how many calls a parameter is followed to the test that asks about it.
_MAX_DEPTH = 2
#: What a test asks of a parameter; each question includes those before it.
_TRUTH, _NONE, _CLASS, _VALUE = range(4)


class FlagReader:
    """Remembers what it has read of each function."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._used: dict[tuple[Module, int], frozenset[str]] = {}
        self._tests: dict[tuple[Module, int], list[int]] = {}
        self._decided: dict[tuple[Module, int, Flags], tuple[frozenset[int], tuple[int, ...]]] = {}
        self._asked: dict[tuple[Module, int, int], dict[str, int]] = {}

    def passed(self, callee: FunctionObject, call: tuple[Any, ...], known: Flags, place: Place) -> Flags:
        """The flags of the function in a call; `known` are those of the function around the call."""
        module, number = callee.module, callee.number
        used = self._used_in(module, number)
        if not used:
            return ()
        function = module.facts.functions[number]
        asked = self._asked_in(module, number, _MAX_DEPTH)
        offset = 1 if callee.receiver is not None and function.class_index >= 0 else 0
        positional, keywords = call[7], dict(call[8])
        spread = None in keywords or any(isinstance(each, tuple) and each[0] == "*" for each in positional)
        around = dict(known)
        ruled_out = self._ruled_out_around(place, known) if known else frozenset()
        found: list[tuple[str, bool | Given | None]] = []
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
                given = parameter.default if position >= offset and _is_constant(parameter.default) else None
            if _is_flag(given):
                found.append((name, given[1]))
            elif isinstance(given, str) and given in around and _is_as_passed(given, place, ruled_out):
                found.append((name, around[given]))
            elif name in asked:
                shown = self._shown(given, place, asked[name])
                if shown is not None:
                    found.append((name, shown))
        return tuple(found)

    def reachable(self, module: Module, number: int, sites: Iterable[int], flags: Flags) -> Iterator[int]:
        """Those of a function's sites that can be met when it is called with the flags."""
        ends: list[tuple[int, tuple[int, int]]] = []
        facts = module.facts
        ruled_out, taken = self._branches(module, number, flags)
        for block in taken:
            # Nothing after a branch that is taken for sure and ends the function is met.
            left = [row for row in map(facts.sites.__getitem__, sites) if row[5] == block and row[0] in _ENDS]
            for row in left[-1:]:
                suite = facts.blocks[block][1]
                ends.append((suite, (row[3], row[4])))
                while suite in taken:  # `elif` stands in the `else` of what comes before it
                    suite = facts.blocks[suite][1]
                    ends.append((suite, (row[3], row[4])))
        for site in sites:
            row = facts.sites[site]
            if ruled_out or ends:
                around = set(facts.ancestors(row[5]))
                if around & ruled_out or any(suite in around and (row[1], row[2]) > end for suite, end in ends):
                    continue
            yield site

    def _branches(self, module: Module, number: int, flags: Flags) -> tuple[frozenset[int], tuple[int, ...]]:
        """The branches that a call with the flags never takes, and those that it takes for sure."""
        key = module, number, flags
        if key not in self._decided:
            ruled_out: set[int] = set()
            taken: list[int] = []
            values = dict(flags)
            for block in self._tests_in(module, number) if flags else ():
                kind, _parent, _scope, line, test = module.facts.blocks[block]
                outcome = self._outcome(test, values, Place(module, block, line, 0), ruled_out)
                if outcome is (kind == BlockKind.IF):
                    taken.append(block)
                elif outcome is not None:
                    ruled_out.add(block)
            self._decided[key] = frozenset(ruled_out), tuple(taken)
        return self._decided[key]

    def _ruled_out_around(self, place: Place, known: Flags) -> frozenset[int]:
        number = place.module.function_of_block[place.block]
        return self._branches(place.module, number, known)[0] if number >= 0 else frozenset()

    # -- what a function asks --------------------------------------------------------------------

    def _used_in(self, module: Module, number: int) -> frozenset[str]:
        """The parameters that are tested or handed on."""
        key = module, number
        if key not in self._used:
            facts = module.facts
            function = facts.functions[number]
            used: set[str] = set()
            for block in self._tests_in(module, number):
                used.update(name for name, _ in _names(facts.blocks[block][4], module))
            for site in module.own_sites.get(number, ()):
                row = facts.sites[site]
                if row[0] == SiteKind.CALL:
                    used.update(each for each in (*row[7], *(value for _, value in row[8])) if isinstance(each, str))
            named = {parameter.name for parameter in function.parameters}
            rebound = {name for scope in facts.scopes for name, how in scope.outer.items() if how == "nonlocal"}
            self._used[key] = frozenset((used & named) - rebound)
        return self._used[key]

    def _asked_in(self, module: Module, number: int, depth: int) -> dict[str, int]:
        """The parameters that the function, or one that it hands them to, tests: for truth, None or class."""
        key = module, number, depth
        found = self._asked.get(key)
        if found is None:
            used = self._used_in(module, number)
            found = self._asked[key] = {}
            for block in self._tests_in(module, number):
                for name, what in _names(module.facts.blocks[block][4], module):
                    if name in used:
                        found[name] = max(found.get(name, 0), what)
            if depth and len(found) < len(used):
                self._handed_on(module, number, used, found, depth)
        return found

    def _handed_on(self, module: Module, number: int, used: frozenset[str], found: dict[str, int], depth: int) -> None:
        """Adds the parameters that are tested further on."""
        for site in module.own_sites.get(number, ()):
            row = module.facts.sites[site]
            if row[0] != SiteKind.CALL:
                continue
            handed = [(index, each) for index, each in enumerate(row[7]) if isinstance(each, str) and each in used]
            named = [(key, each) for key, each in row[8] if key and isinstance(each, str) and each in used]
            if not handed and not named:
                continue
            for callee in self._functions_at(module, site):
                function = callee.module.facts.functions[callee.number]
                asked = self._asked_in(callee.module, callee.number, depth - 1)
                if not asked:
                    continue
                offset = 1 if callee.receiver is not None and function.class_index >= 0 else 0
                for index, each in handed:
                    if index + offset < len(function.parameters):
                        named.append((function.parameters[index + offset].name, each))
                for key, each in named:
                    if key in asked:
                        found[each] = max(found.get(each, 0), asked[key])

    def _functions_at(self, module: Module, site: int) -> Iterator[FunctionObject]:
        """The functions of the program that a call runs."""
        for each in members(self.program.inference.callee(module, site)):
            if isinstance(each, ClassObject):
                made = self.program.members.raw(each.name, "__init__")
                if made is not None and isinstance(made[1], FunctionObject):
                    yield made[1]._replace(receiver=Instance(each.name))
            elif isinstance(each, FunctionObject):
                yield each

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

    # -- what an argument shows ------------------------------------------------------------------

    def _shown(self, given: Expr, place: Place, asked: int) -> Given | None:
        """What is known of an argument that is no flag; None when it is nothing that is asked."""
        if given is None:
            return None
        if asked == _VALUE and isinstance(given, str):
            given = _constant_behind(given, place)
        if isinstance(given, tuple) and given[0] == "const":
            type_ = self.program.inference.type_of(given, place) if asked >= _CLASS else None
            return Given(type_, bool(given[1]), given if asked == _VALUE and _is_short(given[1]) else None)
        is_true = self.program.narrowing.is_present(given, place)
        if asked == _TRUTH:
            return Given(None, True) if is_true else None
        found = members(self.program.inference.type_of(given, place))
        if not found or NONE in found:
            return None if is_true is None else Given(None, is_true)
        if asked < _CLASS or not all(isinstance(each, Instance) for each in found):
            return Given(None, bool(is_true))
        return Given(union([Instance(each.name) for each in found]), bool(is_true))

    def _outcome(self, test: Expr, values: Values, place: Place, ruled_out: Collection[int]) -> bool | None:
        """Whether a test is surely true or surely false; None when it may be either."""
        if isinstance(test, str):
            if test not in values or not _is_as_passed(test, place, ruled_out):
                return None
            value = values[test]
            return (value.is_true or None) if isinstance(value, Given) else bool(value)
        if isinstance(test, int):
            row = place.module.facts.sites[test]
            name = _asked_by_call(row)
            if name not in values or not _is_as_passed(name, place, ruled_out):
                return None
            if row[6] == "isinstance":
                return self._outcome_of_class(values[name], row[7][1], place)
            return _outcome_of_affix(values[name], row[6][2], row[7][0])
        if not isinstance(test, tuple):
            return None
        if test[0] == "not":
            inner = self._outcome(test[1], values, place, ruled_out)
            return None if inner is None else not inner
        if test[0] == "bool":
            decides: bool = test[1] == "or"
            outcomes = [self._outcome(part, values, place, ruled_out) for part in test[2:]]
            if decides in outcomes:
                return decides
            return None if None in outcomes else not decides
        if test[0] == "cmp" and len(test[1]) == 1:
            name = test[2]
            if isinstance(name, str) and name in values and _is_as_passed(name, place, ruled_out):
                return _compared(values[name], test[1][0], test[3])
        return None

    def _outcome_of_class(self, value: bool | Given | None, classes: Expr, place: Place) -> bool | None:
        type_ = value.type_ if isinstance(value, Given) else NONE if value is None else None
        return self.program.narrowing.is_instance(type_, classes, place)


def _compared(value: bool | Given | None, operator: str, other: Expr) -> bool | None:
    """The outcome of a comparison with constants; None when it may be either."""
    if operator in ("in", "not in"):
        if not isinstance(other, tuple) or other[0] not in ("tuple", "list", "set"):
            return None
        outcomes = [_compared(value, "==", part) for part in other[1:]]
        found = True in outcomes or (None if None in outcomes else False)
        return found if found is None else found is (operator == "in")
    if not isinstance(other, tuple) or other[0] != "const" or operator not in ("is", "==", "is not", "!="):
        return None
    if isinstance(value, Given):
        if other[1] is not None and value.literal is None:
            return None
        same = isinstance(value.literal, tuple) and value.literal == other
    elif operator in ("==", "!=") and value is not None and not isinstance(other[1], (str, bool, type(None))):
        return None  # True == 1
    else:
        same = value is other[1]
    return same is (operator in ("is", "=="))


def _outcome_of_affix(value: bool | Given | None, method: str, affix: Expr) -> bool | None:
    """The outcome of `startswith` or `endswith` for a literal; None for anything else."""
    literal = value.literal if isinstance(value, Given) else None
    if not isinstance(literal, tuple) or not isinstance(literal[1], str) or not isinstance(affix, tuple):
        return None
    parts = affix[1:] if affix[0] == "tuple" else (affix,)
    if not all(isinstance(part, tuple) and part[0] == "const" and isinstance(part[1], str) for part in parts):
        return None
    return bool(getattr(literal[1], method)(tuple([part[1] for part in parts])))


def _asked_by_call(row: tuple[Any, ...]) -> str:
    """The name of which a call asks the class, or how its text begins or ends; empty for other calls."""
    if row[0] != SiteKind.CALL or row[8]:
        return ""
    if row[6] == "isinstance":
        return row[7][0] if len(row[7]) == 2 and isinstance(row[7][0], str) else ""
    if isinstance(row[6], tuple) and row[6][0] == "." and row[6][2] in _AFFIXES and len(row[7]) == 1:
        return row[6][1] if isinstance(row[6][1], str) else ""
    return ""


def _is_short(value: object) -> bool:
    return isinstance(value, (str, int)) and (not isinstance(value, str) or len(value) <= _MAX_LENGTH)


def _is_as_passed(name: str, place: Place, ruled_out: Collection[int]) -> bool:
    """Whether a parameter still has the value that it was given, at a place in its function."""
    found = names.find(name, place)
    if found is None:
        return False
    ancestors = place.module.facts.ancestors
    rows = found.bindings
    if len(rows) > 1 and ruled_out:
        rows = [row for row in rows if not any(block in ruled_out for block in ancestors(row.block))]
    return len(rows) == 1 and rows[0].kind == BindingKind.PARAMETER


def _constant_behind(name: str, place: Place) -> Expr:
    """The literal that a name stands for, where that is all it ever does; else the name."""
    found = names.find(name, place)
    if found is not None and len(found.bindings) == 1 and found.bindings[0].kind == BindingKind.VALUE:
        value: Expr = found.bindings[0].a
        if not found.bindings[0].path and _is_constant(value):
            return value
    return name


def _is_constant(expr: Expr) -> bool:
    return isinstance(expr, tuple) and expr[0] == "const"


def _is_flag(expr: Expr) -> bool:
    return isinstance(expr, tuple) and expr[0] == "const" and (expr[1] is None or isinstance(expr[1], bool))


def _names(test: Expr, module: Module) -> Iterator[tuple[str, int]]:
    """The names that a test asks about, and what it asks."""
    if isinstance(test, str):
        yield test, _TRUTH
    elif isinstance(test, int):
        row = module.facts.sites[test]
        name = _asked_by_call(row)
        if name:
            yield name, _CLASS if row[6] == "isinstance" else _VALUE
    elif isinstance(test, tuple):
        if test[0] == "not":
            yield from _names(test[1], module)
        elif test[0] == "bool":
            for part in test[2:]:
                yield from _names(part, module)
        elif test[0] == "cmp" and isinstance(test[2], str):
            yield test[2], _NONE if _is_flag(test[3]) else _VALUE

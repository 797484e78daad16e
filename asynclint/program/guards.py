"""Tests that show something about a value, as they stand in a file, and where each of them holds.

A test holds inside the branch or loop that it opens, and after a branch for its contrary that is always
left by `return`, `raise`, `break` or `continue`; that of an `assert` from there on. It no longer counts
once the name is bound again.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from asynclint.facts.model import Binding, BindingKind, BlockKind, Expr, ModuleFacts, SiteKind, Use
from asynclint.program import names
from asynclint.program.names import Place
from asynclint.tuples import NamedTuple

_JUMPS = frozenset({SiteKind.RETURN, SiteKind.RAISE, SiteKind.JUMP})
_LINE_END = 1 << 30
NONE_EXPR = ("const", None)
#: In the place of classes: the test shows that the value is true.
TRUE_EXPR = ("const", True)


class Guard(NamedTuple):
    """One test of an expression, and where it holds.

    `classes` is the class expression, `NONE_EXPR` for a comparison with None, `TRUE_EXPR` for a test of its
    truth, or the number of a call that is given the value: a function may tell what its argument is. `block`
    is the branch; with `after` the test holds from that position on in the suite around the branch.
    """

    classes: Expr
    positive: bool
    block: int
    after: tuple[int, int] | None


def guards_of(facts: ModuleFacts) -> dict[Expr, list[Guard]]:
    """By tested expression, the tests of a module, outer and earlier ones first."""
    found: dict[Expr, list[Guard]] = {}
    left: dict[int, tuple[int, int]] | None = None
    for number, (kind, _parent, _scope, line, test) in enumerate(facts.blocks):
        if kind == BlockKind.CASE and test is not None:
            found.setdefault(test[0], []).append(Guard(test[1], True, number, None))
        elif kind == BlockKind.ASSERT:
            for expr, classes, positive in _atoms(test, True, facts):
                found.setdefault(expr, []).append(Guard(classes, positive, number, (line, _LINE_END)))
        elif kind == BlockKind.LOOP and facts.sites[test][0] == SiteKind.WHILE:
            asked = facts.sites[test][6]
            for expr, classes, positive in _atoms(asked, True, facts):
                found.setdefault(expr, []).append(Guard(classes, positive, number, None))
            contrary = list(_atoms(asked, False, facts))
            if contrary and not _is_broken_out_of(number, facts):
                end = facts.sites[test][3], _LINE_END
                for expr, classes, positive in contrary:
                    found.setdefault(expr, []).append(Guard(classes, positive, number, end))
        if kind not in (BlockKind.IF, BlockKind.ELSE) or test is None:
            continue
        truth = kind == BlockKind.IF
        for expr, classes, positive in _atoms(test, truth, facts):
            found.setdefault(expr, []).append(Guard(classes, positive, number, None))
        contrary = list(_atoms(test, not truth, facts))
        if contrary:
            if left is None:
                left = {row[5]: (row[1], row[2]) for row in facts.sites if row[0] in _JUMPS}
            if number in left:
                for expr, classes, positive in contrary:
                    found.setdefault(expr, []).append(Guard(classes, positive, number, left[number]))
    return found


def attributes_given(facts: ModuleFacts) -> dict[Expr, list[int]]:
    """By attribute of another object than `self`, the calls whose results it is given, in order."""
    found: dict[Expr, list[int]] = {}
    for number, use in enumerate(facts.uses):
        if use.__class__ is tuple and use[0] == Use.ASSIGNED:
            for target in use[1]:
                if target.__class__ is tuple and target[0] == "." and target[1] not in ("self", "cls"):
                    found.setdefault(target, []).append(number)
    return found


def still_holds(number: int, expr: Expr, place: Place) -> bool:
    """Whether a place comes after an assignment in its suite, and the expression has not been bound since."""
    facts = place.module.facts
    row = facts.sites[number]
    end = row[3], row[4]
    if (place.line, place.column) <= end or place.module.function_of_block[place.block] != (
        place.module.function_of_block[row[5]]
    ):
        return False
    return row[5] in facts.ancestors(place.block) and not _is_bound_since(expr, end, row[5], place)


def starts(guard: Guard, place: Place) -> tuple[int, int]:
    """From where on a test holds."""
    return guard.after or (place.module.facts.blocks[guard.block][3], 0)


def _is_broken_out_of(loop: int, facts: ModuleFacts) -> bool:
    """Whether a loop may end before its test fails; one within it that is left by `break` counts too."""
    return any(row[0] == SiteKind.JUMP and row[6] == "break" and loop in facts.ancestors(row[5]) for row in facts.sites)


def _atoms(test: Expr, truth: bool, facts: ModuleFacts) -> Iterator[tuple[Expr, Expr, bool]]:
    """What a test's outcome shows: the expression, its classes, and whether it is one of them."""
    if isinstance(test, tuple):
        if test[0] == "not":
            yield from _atoms(test[1], not truth, facts)
        elif test[0] == "bool" and (test[1] == "and") is truth:
            for part in test[2:]:
                yield from _atoms(part, truth, facts)
        elif test[0] == ":=":
            if truth:
                yield test[1], TRUE_EXPR, True
        elif test[0] == "cmp" and len(test[1]) == 1 and test[1][0] in ("is", "is not", "==", "!="):
            same = (test[1][0] in ("is", "==")) is truth
            asked = _asked_for_type(test[2], facts)
            if test[3] == NONE_EXPR:
                yield _named(test[2]), NONE_EXPR, same
            elif asked is not None and same:
                yield asked, test[3], True
        elif test[0] == "." and truth:
            yield test, TRUE_EXPR, True
    elif isinstance(test, str):
        if truth:
            yield test, TRUE_EXPR, True
    elif isinstance(test, int):
        row = facts.sites[test]
        if row[0] != SiteKind.CALL or not row[7]:
            return
        if row[6] == "isinstance":
            if len(row[7]) == 2:
                yield _named(row[7][0]), row[7][1], truth
        elif row[7][0].__class__ is str or row[7][0].__class__ is tuple:
            yield _named(row[7][0]), test, truth


def _named(expr: Expr) -> Expr:
    """What is tested: of `(name := value)` the name."""
    return expr[1] if isinstance(expr, tuple) and expr[0] == ":=" else expr


def _asked_for_type(expr: Expr, facts: ModuleFacts) -> Expr:
    """What `type(x)` or `x.__class__` asks about; None for anything else."""
    if isinstance(expr, int):
        row = facts.sites[expr]
        if row[0] == SiteKind.CALL and row[6] == "type" and len(row[7]) == 1:
            return row[7][0]  # type: ignore[no-any-return]
    if isinstance(expr, tuple) and expr[0] == "." and expr[2] == "__class__":
        return expr[1]  # type: ignore[no-any-return]
    return None


def holds(guard: Guard, expr: Expr, place: Place) -> bool:
    """Whether a test has been passed at a place, and its expression not been bound since."""
    facts = place.module.facts
    blocks = facts.blocks
    wanted = guard.block if guard.after is None else blocks[guard.block][1]
    if guard.after is not None and (place.line, place.column) <= guard.after:
        return False
    block = place.block
    while block != wanted:
        if block <= wanted or blocks[block][0] in (BlockKind.FUNCTION, BlockKind.LAMBDA, BlockKind.CLASS):
            return False
        if guard.after is not None and block == guard.block:
            return False  # the operand of the `return` that leaves the branch
        block = blocks[block][1]
    return not _is_bound_since(expr, starts(guard, place), wanted, place)


def _is_bound_since(expr: Expr, since: tuple[int, int], suite: int, place: Place) -> bool:
    """Whether the name, or the attribute of `self`, may have got another value since the test."""
    facts = place.module.facts
    here = (place.line, place.column)
    for row in _bindings(expr, place):
        where = (row.line, row.column)
        if since <= where and suite in facts.ancestors(row.block):
            if where <= here:
                return True
            if any(
                facts.blocks[block][0] == BlockKind.LOOP and block > suite and block in facts.ancestors(place.block)
                for block in facts.ancestors(row.block)
            ):
                return True  # in an earlier round of a loop that began after the test
    return False


def _bindings(expr: Expr, place: Place) -> Iterable[Binding]:
    facts = place.module.facts
    if isinstance(expr, str):
        found = names.find(expr, place)
        if found is None:
            return ()
        every = facts.scopes[found.scope].bindings.get(expr, ())
        return [row for row in every if row.kind not in (BindingKind.PARAMETER, BindingKind.DECLARED)]
    if isinstance(expr, tuple) and expr[0] == ".":
        if isinstance(expr[1], str):
            function = place.module.function_of_block[place.block]
            index = facts.functions[function].class_index if function >= 0 else -1
            own = facts.classes[index].attributes.get(expr[2], ()) if index >= 0 else ()
            return [*own, *_bindings(expr[1], place)]
        return _bindings(expr[1], place)
    return ()

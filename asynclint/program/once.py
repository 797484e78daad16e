"""Work whose result is kept: a cache filled when it is first asked for.

`if self._rules is None: self._rules = read()`, `if name not in table: table[name] = read(name)`,
`if not self._rules: self.load()` before `return self._rules`, `try: return table[name]` with an
`except KeyError` that makes the entry, what follows `if self._done: return` until it is marked as done
or, where the kept thing itself is returned, to the end, and all of a function under `functools.cache`.
What is kept outlives the call: a global, an attribute of `self` or `cls`, an entry of either.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from asynclint.facts.model import Binding, BindingKind, BlockKind, Expr, ModuleFacts, SiteKind, Use
from asynclint.program.site import Site
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program import Program
    from asynclint.program.modules import Module


class Kept(NamedTuple):
    """An assignment: its block, the end of its value, and what is assigned; `("[]", container)` for an entry."""

    block: int
    end: tuple[int, int]
    target: Expr


class OnceReader:
    """Remembers the answers, by function."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._sites: dict[tuple[Module, int], frozenset[int]] = {}

    def at(self, module: Module, number: int, site: int) -> bool:
        """Whether a site of a function is part of work that is done once; never in lambdas."""
        if number < 0:
            return False
        key = module, number
        if key not in self._sites:
            self._sites[key] = frozenset(self._read(module, number))
        return site in self._sites[key]

    def _read(self, module: Module, number: int) -> Iterator[int]:
        facts = module.facts
        own = module.own_sites.get(number, ())
        if facts.functions[number].decorators and any(
            row is not None and row.caches for _, row, _ in self.program.calls.decorations(module, number)
        ):
            yield from own
            return
        filled = list(_assigned(module, number))
        guarded = {*_filling(module, filled), *_loading(module, number), *_missing_entries(module, number)}
        if not filled and not guarded:
            return
        for site in own:
            if not guarded.isdisjoint(facts.ancestors(facts.sites[site][5])):
                yield site
        yield from _after_exit(module, number, filled)


def _filling(module: Module, filled: list[Kept]) -> Iterator[int]:
    """The branches that are taken when something is not there yet, and that put it there."""
    facts = module.facts
    for kept in filled:
        for block in facts.ancestors(kept.block):
            kind, _parent, _scope, _line, test = facts.blocks[block]
            if kind == BlockKind.FUNCTION:
                break
            if kind in (BlockKind.IF, BlockKind.ELSE) and _missing(test, kind == BlockKind.IF, facts) == kept.target:
                yield block


def _loading(module: Module, number: int) -> Iterator[int]:
    """The branches that are taken when an attribute that the function returns is not there yet."""
    facts = module.facts
    own = module.own_sites.get(number, ())
    returned = {facts.sites[site][6] for site in own if facts.sites[site][0] == SiteKind.RETURN}
    returned = {each for each in returned if isinstance(each, tuple) and _outlives(each, {}, facts)}
    if returned:
        for site in own:
            block = facts.sites[site][5]
            kind, _parent, _scope, _line, test = facts.blocks[block]
            if kind == BlockKind.IF and _missing(test, True, facts) in returned:
                yield block


def _missing_entries(module: Module, number: int) -> Iterator[int]:
    """The handlers of `try: return table[key]` that are taken when there is no entry yet, and that make one.

    A handler that gives its value a name before it returns it does something with it: it keeps it.
    """
    facts = module.facts
    own = module.own_sites.get(number, ())
    local = facts.scopes[facts.functions[number].scope].bindings
    for site in own:
        row = facts.sites[site]
        if row[0] != SiteKind.HANDLER or row[7] not in ("KeyError", "LookupError"):
            continue
        attempt, body = facts.sites[row[6]][6], row[9]
        within: dict[int, set[Expr]] = {attempt: set(), body: set()}
        for other in own:
            if facts.sites[other][0] == SiteKind.RETURN and facts.sites[other][5] in within:
                within[facts.sites[other][5]].add(facts.sites[other][6])
        if any(
            isinstance(entry, tuple) and entry[0] == "[]" and _outlives(entry[1], local, facts)
            for entry in within[attempt]
        ):
            named = {name for name, rows in local.items() if any(each.block == body for each in rows)}
            if not named.isdisjoint(within[body]):
                yield body


def _after_exit(module: Module, number: int, filled: list[Kept]) -> Iterator[int]:
    """The sites between `if kept: return kept` and the place where it is kept."""
    facts = module.facts
    own = module.own_sites.get(number, ())
    for site in own:
        row = facts.sites[site]
        if row[0] != SiteKind.RETURN:
            continue
        left = row[1], row[2]
        kind, _parent, _scope, _line, test = facts.blocks[row[5]]
        if kind not in (BlockKind.IF, BlockKind.ELSE):
            continue
        for wanted in _wanted(test, kind == BlockKind.IF, facts):
            ends = [kept.end for kept in filled if kept.target == wanted and kept.end > left]
            for other in own if ends else ():
                place = (facts.sites[other][1], facts.sites[other][2])
                if left < place and (row[6] == wanted or place <= max(ends)):
                    yield other


def _wanted(test: Expr, truth: bool, facts: ModuleFacts) -> Iterator[Expr]:
    """What is there when a test has that outcome."""
    parts = test[2:] if truth and isinstance(test, tuple) and test[:2] == ("bool", "and") else (test,)
    for part in parts:
        yield _missing(part, not truth, facts)


def _assigned(module: Module, number: int) -> Iterator[Kept]:
    """What a function assigns that outlives it."""
    facts = module.facts
    function = facts.functions[number]
    for name in facts.scopes[function.scope].outer:
        for row in facts.scopes[0].bindings.get(name, ()):
            if module.function_of_block[row.block] == number:
                yield Kept(row.block, (row.line, row.column), name)
    if function.class_index >= 0:
        for name, rows in facts.classes[function.class_index].attributes.items():
            for row in rows:
                if module.function_of_block[row.block] == number:
                    yield Kept(row.block, (row.line, row.column), (".", "self", name))
                    yield Kept(row.block, (row.line, row.column), (".", "cls", name))
    local = facts.scopes[function.scope].bindings
    for number_ in module.own_sites.get(number, ()):
        site = Site(module, number_)
        if site.row[0] == SiteKind.CALL and site.use is Use.ASSIGNED:
            for target in site.use_details[0]:
                if isinstance(target, tuple) and target[0] == "[]" and _outlives(target[1], local, facts):
                    yield Kept(site.block, (site.row[3], site.row[4]), ("[]", target[1]))


def _outlives(container: Expr, local: Mapping[str, list[Binding]], facts: ModuleFacts, depth: int = 3) -> bool:
    if isinstance(container, str):
        rows = local.get(container)
        if rows is None:
            return True
        # A local name for a part of something that outlives the call: `table = tables[key]`.
        return depth > 0 and all(
            row.kind == BindingKind.VALUE
            and row.path == ()
            and (whole := _whole(row.a, facts)) is not None
            and _outlives(whole, local, facts, depth - 1)
            for row in rows
        )
    return isinstance(container, tuple) and container[:2] in ((".", "self"), (".", "cls"))


def _whole(part: Expr, facts: ModuleFacts) -> Expr:
    """What `whole`, `whole[key]` or `whole.setdefault(key, part)` is a part of; None for anything else."""
    if isinstance(part, int):
        callee = facts.sites[part][6] if facts.sites[part][0] == SiteKind.CALL else None
        return callee[1] if isinstance(callee, tuple) and callee[::2] == (".", "setdefault") else None
    if isinstance(part, tuple) and part[0] == "[]":
        return part[1]  # type: ignore[no-any-return]
    return part if isinstance(part, (str, tuple)) else None


def _missing(test: Expr, truth: bool, facts: ModuleFacts) -> Expr:
    """What is not there yet when a test has that outcome: a name or attribute, or `("[]", container)`."""
    while isinstance(test, tuple) and test[0] == "not":
        truth, test = not truth, test[1]
    if isinstance(test, tuple) and test[0] == "cmp":
        operator = test[1][0] if len(test[1]) == 1 else ""
        if test[3] == ("const", None) and operator == ("is" if truth else "is not"):
            return test[2]  # type: ignore[no-any-return]
        if operator == ("not in" if truth else "in"):
            return ("[]", test[3])
        if operator == ("==" if truth else "!=") and test[3] == ("const", 0) and isinstance(test[2], int):
            row = facts.sites[test[2]]
            return row[7][0] if row[0] == SiteKind.CALL and row[6] == "len" and len(row[7]) == 1 else None
        return None
    return None if truth else test

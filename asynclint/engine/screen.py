"""Where the selected rules have something to say: every rule's `where` over a file's sites.

A file has thousands of sites and there are dozens of rules, so what rules say of themselves in
`When` is looked up once for all of them: by kind of site and use, then by where the site runs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from asynclint.facts.model import SiteKind, Use
from asynclint.program import Module, Program, Site
from asynclint.rule import Rule, When
from asynclint.tuples import NamedTuple

_ANYWHERE = When()
_USES = len(Use)


class Failure(NamedTuple):
    """A rule raised. `text` names rule, file and line for a report to the maintainers."""

    rule: str
    text: str


class Find(NamedTuple):
    """What a rule's `where` found at a site."""

    rule: Rule
    site: Site
    find: Any


class Asked(NamedTuple):
    """The rules to ask at sites of one kind and use, by what else has to hold there."""

    always: tuple[Rule, ...]
    coroutine: tuple[Rule, ...]
    loop: tuple[Rule, ...]
    runs: tuple[Rule, ...]


class Screen:
    """Asks rules about the sites of modules of one program: all of them everywhere unless `heeds_when`."""

    def __init__(self, program: Program, rules: Sequence[Rule], *, heeds_when: bool = True) -> None:
        self.program = program
        self.rules = rules if heeds_when else [rule._replace(when={}) for rule in rules]
        self._tables: dict[frozenset[str], list[list[Asked] | None]] = {}

    def finds(self, module: Module, selected: frozenset[str], failures: dict[str, Failure]) -> list[Find]:
        """What the selected rules find, in the order of the sites and of the rules.

        The first failure of each rule is added to `failures`, by the rule's name.
        """
        table = self._tables.get(selected)
        if table is None:
            table = self._tables[selected] = _table([rule for rule in self.rules if rule.name in selected])
        program, facts = self.program, module.facts
        uses, function_of_block, functions = facts.uses, module.function_of_block, facts.functions
        if module.path.endswith(".pyi"):
            return []  # a stub runs nothing, and leaves out what decorators make of its functions
        found: list[Find] = []
        for number, row in enumerate(facts.sites):
            by_use = table[row[0]]
            if by_use is None:
                continue
            function = function_of_block[row[5]]
            use = uses[number]
            asked, coroutine, loop, runs = by_use[use if use.__class__ is int else use[0]]
            # Of the slow questions none is asked that another one has answered.
            if coroutine or loop:
                if function >= 0 and functions[function].is_async:
                    asked += coroutine + loop
                    loop = ()
                elif loop and function >= 0 and program.circumstance(module, function):
                    asked += loop
                    loop = ()
            if (runs or loop) and row[0] == _CALL and (row[7] or row[8]):
                listed = program.row(Site(module, number))
                if listed is not None and listed.runs:
                    asked += runs + loop
                elif loop and listed is None and program.scheduling.leading(Site(module, number)):
                    asked += loop
            if asked:
                self._ask(asked, Site(module, number), found, failures)
        return found

    def _ask(self, rules: Iterable[Rule], site: Site, found: list[Find], failures: dict[str, Failure]) -> None:
        first = len(found)
        for rule in rules:
            try:
                find = rule.where(site, self.program)
            except Exception as error:
                failures.setdefault(rule.name, failure(rule, site, error))
                self.program.inference.recover()
                continue
            if find is not None and find is not False:
                found.append(Find(rule, site, find))
        if len(found) > first + 1:
            found[first:] = sorted(found[first:], key=lambda each: each.rule.code)


_CALL = int(SiteKind.CALL)


def _table(rules: Sequence[Rule]) -> list[list[Asked] | None]:
    """By kind of site, then by use: the rules to ask."""
    table: list[list[Asked] | None] = []
    for kind in SiteKind:
        concerned = [(rule, rule.when.get(kind, _ANYWHERE)) for rule in rules if kind in rule.kinds]
        table.append([_asked(concerned, use) for use in range(_USES)] if concerned else None)
    return table


def _asked(concerned: Sequence[tuple[Rule, When]], use: int) -> Asked:
    always: list[Rule] = []
    coroutine: list[Rule] = []
    loop: list[Rule] = []
    runs: list[Rule] = []
    for rule, when in concerned:
        if when.uses is not None and use not in when.uses:
            continue
        place = coroutine if when.coroutine else loop if when.loop else runs if when.runs else always
        place.append(rule)
    return Asked(tuple(always), tuple(coroutine), tuple(loop), tuple(runs))


def failure(rule: Rule, site: Site, error: Exception) -> Failure:
    """What to tell the user of a rule that raised."""
    told = " ".join(f"{type(error).__name__}: {error}".split())
    place = f"{site.module.path}:{site.line}"
    return Failure(
        rule.name,
        f"{rule.name} failed at {place} ({told}); it may have missed something in this file; "
        "please report it, with the file if you can",
    )

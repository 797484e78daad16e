"""Generator expressions that a function gives away: they run where others go through them, if ever."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import BlockKind, ModuleFacts, SiteKind, Use
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program.modules import Module


class GivenAway(NamedTuple):
    """What does not run where a file's generator expressions of this kind stand.

    `sites` are the expressions, `blocks` what is within them, and `iterables` the sites that make
    what they go through first: those are made in place, but nobody goes through them there.
    """

    sites: frozenset[int]
    blocks: frozenset[int]
    iterables: frozenset[int]

    def holds(self, block: int, facts: ModuleFacts) -> bool:
        """Whether a block is within one of the expressions."""
        return any(each in self.blocks for each in facts.ancestors(block))


NOTHING = GivenAway(frozenset(), frozenset(), frozenset())


def given_away(module: Module) -> GivenAway:
    """The generator expressions of a file that are returned, or kept in an attribute."""
    facts = module.facts
    sites = frozenset(
        [
            number
            for number, row in enumerate(facts.sites)
            if row[0] == SiteKind.COMPREHENSION and row[6] == "generator" and _is_given_away(number, module)
        ]
    )
    if not sites:
        return NOTHING
    blocks = frozenset(
        [
            number
            for number, (kind, _parent, _scope, _line, detail) in enumerate(facts.blocks)
            if kind == BlockKind.COMPREHENSION and detail in sites
        ]
    )
    first = [facts.sites[number][8][0][1] for number in sites]
    return GivenAway(sites, blocks, frozenset([each for each in first if isinstance(each, int)]))


def _is_given_away(number: int, module: Module) -> bool:
    use = module.facts.uses[number]
    if use == Use.RETURNED:
        return True
    if not isinstance(use, tuple) or use[0] != Use.ASSIGNED:
        return False
    own = module.own_sites.get(module.function_of_block[module.facts.sites[number][5]], ())
    rows = [module.facts.sites[each] for each in own]
    returned = [row[6] for row in rows if row[0] == SiteKind.RETURN]
    return any(not isinstance(target, str) or target in returned for target in use[1])

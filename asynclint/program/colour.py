"""Where `await` and its kin are legal, in agreement with CPython's compiler."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import BlockKind, SiteKind
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program.site import Site


class Refused(NamedTuple):
    """What the compiler refuses an `await` in. `function` is its index, -1 when it is no `def`."""

    where: str
    function: int
    help: str


def refused_at(site: Site, target: tuple[int, int]) -> Refused | None:
    """What makes `await`, `async for`, `async with` or an async comprehension illegal at the site."""
    facts = site.module.facts
    block = site.block
    # An async comprehension asks of its surroundings what an `await` in it would ask.
    is_comprehension = site.row[0] == SiteKind.COMPREHENSION
    while True:
        kind, parent, _scope, _line, detail = facts.blocks[block]
        if kind == BlockKind.FUNCTION:
            function = facts.functions[detail]
            return None if function.is_async else Refused(f"`{function.qualname}`", detail, "")
        if kind == BlockKind.LAMBDA:
            return Refused("a lambda", -1, "use a nested `async def` instead of the lambda")
        if kind == BlockKind.CLASS:
            name = facts.classes[detail].qualname
            return Refused(f"the body of class `{name}`", -1, "move it into an async method")
        if kind == BlockKind.MODULE:
            return Refused("module-level code", -1, "")
        if kind == BlockKind.COMPREHENSION:
            row = facts.sites[detail]
            if is_comprehension and target < (3, 11) and not any(loop[2] for loop in row[8]):
                return Refused("another comprehension (before Python 3.11)", -1, "collect the inner one first")
            if row[6] == "generator":
                return None
            is_comprehension = True
        block = parent

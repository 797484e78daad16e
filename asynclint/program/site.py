"""One site of one module, as rules see it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from asynclint.facts.model import BlockKind, Expr, Function, ModuleFacts, SiteKind, Use
from asynclint.program.modules import Module
from asynclint.program.names import Place

# Tables: making enum members from numbers is slow, and rules ask for the use of every call.
_USES = tuple(Use)
_KINDS = tuple(SiteKind)


class Site:
    """A call, await, handler, ... Rows are described at `SiteKind`."""

    __slots__ = ("module", "number", "row")

    def __init__(self, module: Module, number: int) -> None:
        self.module = module
        self.number = number
        self.row: tuple[Any, ...] = module.facts.sites[number]

    def __repr__(self) -> str:
        return f"<Site {self.kind.name} {self.module.name}:{self.line}>"

    @property
    def kind(self) -> SiteKind:
        kind: SiteKind = _KINDS[self.row[0]]
        return kind

    @property
    def line(self) -> int:
        return int(self.row[1])

    @property
    def block(self) -> int:
        return int(self.row[5])

    @property
    def place(self) -> Place:
        row = self.row
        return Place(self.module, row[5], row[1], row[2])

    @property
    def use(self) -> Use:
        """How the value is used."""
        use = self.module.facts.uses[self.number]
        return _USES[use] if use.__class__ is int else _USES[use[0]]

    @property
    def use_details(self) -> tuple[Any, ...]:
        """The details that `Use` lists for this use."""
        use = self.module.facts.uses[self.number]
        return use[1:] if isinstance(use, tuple) else ()

    @property
    def function_index(self) -> int:
        """Index of the function that runs the site; -1 in modules, classes and lambdas."""
        index: int = self.module.function_of_block[self.row[5]]
        return index

    @property
    def function(self) -> Function | None:
        """The function that runs the site; None in modules, classes and lambdas."""
        index = self.function_index
        return None if index < 0 else self.module.facts.functions[index]

    @property
    def in_coroutine(self) -> bool:
        """Whether the site runs as part of an `async def`, not of something nested in it."""
        function = self.function
        return function is not None and function.is_async

    @property
    def own_function(self) -> Function:
        """The function that a FUNCTION site defines."""
        function: Function = self.module.facts.functions[self.row[6]]
        return function

    @property
    def callee(self) -> Expr:
        """The function expression of a call."""
        return self.row[6]  # type: ignore[no-any-return]

    @property
    def arguments(self) -> tuple[Expr, ...]:
        """Positional arguments of a call."""
        return self.row[7]  # type: ignore[no-any-return]

    @property
    def keywords(self) -> dict[str | None, Expr]:
        """Keyword arguments of a call; None stands for `**`."""
        return dict(self.row[8])

    def sibling(self, number: int) -> Site:
        return Site(self.module, number)

    def blocks(self) -> Iterator[tuple[int, BlockKind, Any]]:
        """The blocks around, innermost first: number, kind and detail."""
        rows = self.module.facts.blocks
        for number in self.module.facts.ancestors(self.row[5]):
            yield number, BlockKind(rows[number][0]), rows[number][4]

    def within(self, block: int) -> Iterator[Site]:
        """The sites in a block of this module that run with it: nested blocks, not nested functions."""
        module = self.module
        owner = module.function_of_block[block]
        for number in module.own_sites.get(owner, ()):
            if _runs_with(block, module.facts.sites[number][5], module.facts):
                yield Site(module, number)


def _runs_with(block: int, inner: int, facts: ModuleFacts) -> bool:
    """Whether a block is, or is within, another one, without a lambda between them."""
    for each in facts.ancestors(inner):
        if each == block:
            return True
        if facts.blocks[each][0] == BlockKind.LAMBDA:
            return False
    return False

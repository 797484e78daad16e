"""What a call hands to something that runs it: the arguments that catalogue rows speak of."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.facts.model import Expr
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.catalogue import Run
    from asynclint.program import Program, Site


class Handed(NamedTuple):
    """One argument of a call, and what becomes of it.

    `key` is its position, or its keyword; `takes` all that it may be, see `Run`.
    """

    run: Run
    key: int | str
    expr: Expr
    takes: frozenset[str]


def handed(site: Site, program: Program) -> Iterator[Handed]:
    """The arguments of a call that the catalogue says are run; none behind a starred one."""
    arguments, keywords = site.row[7], site.row[8]
    if not arguments and not keywords:
        return
    row = program.row(site)
    if row is None:
        return
    for run in row.runs:
        position, keyword = run.argument
        takes = frozenset([each.takes for each in row.runs if each.argument == run.argument])
        if keyword == "*":
            for index, expr in _plain(arguments):
                yield Handed(run, index, expr, takes)
            continue
        named = next((expr for name, expr in keywords if keyword and name == keyword), None)
        if named is not None:
            yield Handed(run, keyword, named, takes)
            continue
        for index, expr in _plain(arguments):
            if index == position:
                yield Handed(run, index, expr, takes)


def _plain(arguments: tuple[Expr, ...]) -> Iterator[tuple[int, Expr]]:
    for index, expr in enumerate(arguments):
        if isinstance(expr, tuple) and expr[0] == "*":
            return
        yield index, expr

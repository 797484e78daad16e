"""Which kind of `with` and `for` an object can be used in: the sync one, the async one, or both.

A positive answer needs every alternative of the type to be known, and its classes to the end. A
method that can only raise, such as an `__enter__` that says "use `async with`", counts as absent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import Expr, SiteKind
from asynclint.program.names import Place
from asynclint.program.site import Site
from asynclint.program.types import EITHER, NONE, ContextManager, FunctionObject, Instance, TupleOf, Type, members

if TYPE_CHECKING:
    from asynclint.program import Program


def only_enters(type_: Type, program: Program, *, is_async: bool) -> bool:
    """Whether values of the type are for `async with` alone, or with `is_async` False for `with` alone."""
    ways = ("__aenter__", "__enter__") if is_async else ("__enter__", "__aenter__")
    return _only(type_, *ways, program)


def only_iterates(type_: Type, program: Program, *, is_async: bool) -> bool:
    """Whether values of the type are for `async for` alone, or with `is_async` False for `for` alone."""
    if not is_async:
        return _only(type_, "__iter__", "__aiter__", program)
    # Python also iterates what can be indexed.
    return _only(type_, "__aiter__", "__iter__", program) and not any(
        program.members.has(each, "__getitem__") for each in members(type_)
    )


def may_be_entered(context: Expr, with_: Site, program: Program) -> bool:
    """Whether a function that gives the context manager is seen to return one for this kind of `with` too.

    Its annotation may tell of one kind alone.
    """
    if not isinstance(context, int) or with_.module.facts.sites[context][0] != SiteKind.CALL:
        return False
    wanted = "__aenter__" if with_.row[6] else "__enter__"
    for callee in members(program.callee(with_.sibling(context))):
        if isinstance(callee, FunctionObject):
            for number in callee.module.returns_of.get(callee.number, ()):
                given = Site(callee.module, number)
                if any(program.members.has(each, wanted) for each in members(program.type_of(given.row[6], given))):
                    return True
    return False


def _only(type_: Type, wanted: str, other: str, program: Program) -> bool:
    found = [each for each in members(type_) if each != NONE]
    # A coroutine is for neither: what is wrong there is a missing `await`.
    return bool(found) and all(
        isinstance(each, (Instance, ContextManager, TupleOf))
        and _works(each, wanted, program) is True
        and _works(each, other, program) is False
        for each in found
    )


def _works(type_: Type, method: str, program: Program) -> bool | None:
    """Whether the method exists and may return; None when that is not known."""
    exists = program.members.has(type_, method)
    if exists and isinstance(type_, Instance):
        found = program.members.raw(type_.name, method)
        if found is not None and isinstance(found[1], FunctionObject) and always_raises(found[1]):
            return False
    return exists


def always_raises(function: FunctionObject) -> bool:
    """Whether no path through the function returns: it raises in its own suite and never returns or yields."""
    module, row = function.module, function.module.facts.functions[function.number]
    raises = False
    for number in module.own_sites.get(function.number, ()):
        site = module.facts.sites[number]
        if site[0] in (SiteKind.RETURN, SiteKind.YIELD):
            return False
        raises |= site[0] == SiteKind.RAISE and site[5] == row.block
    return raises


def loops(site: Site, program: Program) -> list[tuple[bool, Type]]:
    """For each loop of a `for` or comprehension: whether it is async, and the type that it goes over."""
    if site.row[0] == SiteKind.FOR:
        return [(bool(site.row[6]), program.type_of(site.row[8], site))]
    inner = site.place._replace(block=site.module.facts.scopes[site.row[7]].block)
    # The first iterable is evaluated outside of the comprehension, the rest within.
    places = [site.place, *[inner] * (len(site.row[8]) - 1)]
    return [
        (bool(is_async), _type_at(iterable, place, program))
        for (_target, iterable, is_async, _tests), place in zip(site.row[8], places, strict=True)
    ]


def _type_at(expr: Expr, place: Place, program: Program) -> Type:
    return program.inference.type_of(expr, place)


def described(type_: Type) -> str:
    """What a message calls a value of the type, with an article: an async generator, a `Lock`."""
    found = [each for each in members(type_) if each != NONE]
    first = found[0] if found else None
    if isinstance(first, ContextManager):
        return "an async context manager" if first.is_async else "a sync context manager"
    if isinstance(first, TupleOf):
        return "a tuple"
    name = first.name if isinstance(first, Instance) else ""
    if name in _SPOKEN:
        return _SPOKEN[name]
    short = name.rpartition(".")[2]
    return f"{'an' if short[:1] in 'AEIOU' else 'a'} `{short}`"


_SPOKEN = {
    "typing.AsyncGenerator": "an async generator",
    "collections.abc.AsyncGenerator": "an async generator",
    "typing.AsyncIterator": "an async iterator",
    "collections.abc.AsyncIterator": "an async iterator",
    "collections.abc.AsyncIterable": "an async iterable",
    "typing.Generator": "a generator",
    "collections.abc.Generator": "a generator",
    EITHER: "an async context manager",
}


def drains(call: Site, place: int | str | None, program: Program) -> bool:
    """Whether the call goes over the argument at that position or keyword with a plain `for`."""
    row = program.row(call)
    return row is not None and any(
        keyword == "*" if position < 0 and isinstance(place, int) else place in (position, keyword)
        for position, keyword in row.drains
    )

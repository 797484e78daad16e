"""What can be awaited and what `await` refuses: values, what collections hold, what functions make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from asynclint.facts.model import BindingKind, BlockKind, Expr, SiteKind
from asynclint.program import names
from asynclint.program.site import Site
from asynclint.program.types import (
    NONE,
    CallableOf,
    ClassObject,
    ContextManager,
    Coroutine,
    ExternalMethod,
    FunctionObject,
    Instance,
    LambdaObject,
    ModuleObject,
    PartialObject,
    Symbol,
    TupleOf,
    Type,
    members,
    union,
    without_none,
)

if TYPE_CHECKING:
    from asynclint.program import Program

_CALLABLES = (FunctionObject, ExternalMethod, Symbol, LambdaObject, PartialObject, CallableOf)
_COLLECTIONS = frozenset({
    "builtins.list", "builtins.tuple", "builtins.set", "builtins.frozenset", "collections.deque", "typing.Generator",
})  # fmt: skip
_NOUNS = {
    "typing.Generator": "a generator",
    "typing.AsyncGenerator": "an async generator",
    "None": "`None`",
}
#: What a question about colour speaks of: `isawaitable`, `iscoroutinefunction`, `is_async_callable`.
_QUESTIONS = ("async", "awaitable", "coro", "future")


_CLASSES = frozenset({"Awaitable", "Coroutine", "CoroutineType", "Future", "Task"})


def refused(type_: Type, program: Program) -> str:
    """What a value is, with its article, when `await` surely refuses it; empty when it may be awaitable.

    A value of several possible types is named after the first of them that is not None.
    """
    nouns = [_refused_one(each, program) for each in members(type_)]
    if not nouns or not all(nouns):
        return ""
    return next((noun for noun in nouns if noun != _NOUNS["None"]), nouns[0])


def _refused_one(type_: Type, program: Program) -> str:
    if isinstance(type_, Instance):
        if type_ != NONE and program.members.has(type_, "__await__") is not False:
            return ""
        return _NOUNS.get(type_.name) or _with_article(type_.name.removeprefix("builtins."))
    if isinstance(type_, TupleOf):
        return "a `tuple`"
    if isinstance(type_, ContextManager):
        return "an async context manager" if type_.is_async else "a context manager"
    if isinstance(type_, (FunctionObject, LambdaObject)):
        return "a function"
    if isinstance(type_, ClassObject):
        return "a class"
    if isinstance(type_, ModuleObject):
        return "a module"
    return ""


def _with_article(name: str) -> str:
    short = name.rpartition(".")[2]
    return f"{'an' if short[:1].lower() in 'aeiou' else 'a'} `{short}`"


def made_by_calling(type_: Type, program: Program) -> Coroutine | None:
    """The coroutine that calling a value makes; None when it is no function, or may make anything else."""
    found = None
    for each in members(type_):
        if not isinstance(each, _CALLABLES):
            return None
        result = program.calls.result(each, (), None)
        if not isinstance(result, Coroutine) or result.lazy:
            return None
        found = result
    return found


def is_collection(type_: Type) -> bool:
    """Whether a value is a built-in collection of values, or a generator of them."""
    found = members(type_)
    return bool(found) and all(
        isinstance(each, TupleOf) or (isinstance(each, Instance) and each.name in _COLLECTIONS) for each in found
    )


def collected(type_: Type) -> Type:
    """The type of what a built-in collection or a generator holds; None when unknown or no collection."""
    found: list[Type] = []
    for each in members(type_) if is_collection(type_) else ():
        if isinstance(each, TupleOf):
            found.extend(each.items)
        else:
            found.append(each.args[0] if each.args else None)
    return union(found) if found else None


def is_awaitable(type_: Type, program: Program) -> bool:
    """Whether a value is known to be awaitable: a coroutine, a task, a future."""
    found = members(type_)
    return bool(found) and all(
        isinstance(each, Coroutine)
        or (isinstance(each, Instance) and each != NONE and program.members.has(each, "__await__") is True)
        for each in found
    )


def holds_coroutine(type_: Type) -> bool:
    """Whether a collection is known to hold a coroutine object."""
    return any(isinstance(each, Coroutine) and not each.lazy for each in members(collected(type_)))


def gives_awaitable(site: Site, program: Program) -> bool:
    """Whether a function that the site calls gives something awaitable in some of its `return`s.

    Its annotation may speak of the awaited result alone.
    """
    if site.row[0] != SiteKind.CALL:
        return False
    for callee in members(program.callee(site)):
        if isinstance(callee, FunctionObject) and not callee.module.facts.functions[callee.number].is_async:
            for number in callee.module.returns_of.get(callee.number, ()):
                at = Site(callee.module, number)
                if any(_may_be_awaitable(each, at, program) for each in _branches(at.row[6])):
                    return True
    return False


def _branches(expr: Expr) -> Iterator[Expr]:
    """The values of which an expression gives one."""
    if isinstance(expr, tuple) and expr[0] == "if":
        yield from _branches(expr[2])
        yield from _branches(expr[3])
    elif isinstance(expr, tuple) and expr[0] == "bool":
        for operand in expr[2:]:
            yield from _branches(operand)
    else:
        yield expr


def _may_be_awaitable(expr: Expr, site: Site, program: Program) -> bool:
    return any(is_awaitable(each, program) for each in members(program.type_of(expr, site)))


def asks_first(site: Site) -> bool:
    """Whether the function around a site asks what is awaitable, or handles the TypeError of what is not."""
    facts = site.module.facts
    own = site.module.own_sites.get(site.function_index, ())
    return any(asks(facts.sites[number]) for number in own) or any(
        _handles_type_error(facts.sites, kind, detail) for _number, kind, detail in site.blocks()
    )


def asks(row: tuple[Any, ...]) -> bool:
    """Whether a site asks whether something is async: `inspect.isawaitable(x)`, `is_async_fn(f)`."""
    if row[0] != SiteKind.CALL:
        return False
    if row[6] == "hasattr":
        return ("const", "__await__") in row[7]
    if row[6] == "isinstance" and len(row[7]) == 2:
        classes = row[7][1][1:] if isinstance(row[7][1], tuple) and row[7][1][0] == "tuple" else (row[7][1],)
        return any(names.last_name(each) in _CLASSES for each in classes)
    name = names.last_name(row[6]).lower().replace("_", "")
    return name.startswith("is") and any(word in name for word in _QUESTIONS)


def _handles_type_error(sites: list[tuple[Any, ...]], kind: BlockKind, detail: Any) -> bool:
    if kind is BlockKind.TRY:
        return any(_names_type_error(sites[handler][7]) for handler in sites[detail][7])
    if kind is BlockKind.WITH:
        contexts = [sites[context] for context, _ in sites[detail][7] if isinstance(context, int)]
        return any("TypeError" in row[7] for row in contexts if row[0] == SiteKind.CALL)
    return False


def _names_type_error(caught: Expr) -> bool:
    return "TypeError" in (caught[1:] if isinstance(caught, tuple) and caught[0] == "tuple" else (caught,))


def is_declared_twin(call: Site, program: Program) -> bool:
    """A method of a sync type on something that is not made in view: who awaits it may well have the async twin."""
    if call.row[0] != SiteKind.CALL or not isinstance(call.callee, tuple) or call.callee[0] != ".":
        return False
    receiver = call.callee[1]
    type_ = without_none(program.type_of(receiver, call))
    if not isinstance(type_, Instance) or _has_coroutines(type_, program):
        return False
    if not isinstance(receiver, str):
        return not _is_made(receiver, call, program)
    found = names.find(receiver, call.place)
    return found is None or not all(
        each.kind in (BindingKind.VALUE, BindingKind.ENTERED) and _is_made(each.a, call, program)
        for each in found.bindings
    )


def _has_coroutines(type_: Instance, program: Program) -> bool:
    """Whether a type of a library mixes both colours; those of the project are read, not declared."""
    row = program.catalogue.type(type_.name)
    if row is None or program.members.class_named(type_.name) is not None:
        return True
    found = [program.catalogue.method(type_.name, name) for name in row.methods]
    return any(each is not None and each[1].is_awaitable for each in found)


def _is_made(value: Expr, site: Site, program: Program) -> bool:
    """Whether a value is what a library's class, function or method gives."""
    if not isinstance(value, int):
        return False
    row = site.module.facts.sites[value]
    if row[0] == SiteKind.AWAIT:
        return _is_made(row[6], site, program)
    return row[0] == SiteKind.CALL and isinstance(
        program.callee(site.sibling(value)), (ClassObject, ExternalMethod, Symbol)
    )

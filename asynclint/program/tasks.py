"""Tasks that nothing keeps: where a task's value goes after it is made, and what there holds on to it.

An event loop refers to its tasks weakly. A task is kept by what outlives the function: an
attribute, a global, a container of either, a callee that stores it, or whoever awaits it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import BindingKind, BlockKind, Expr, ParameterKind, SiteKind, Use
from asynclint.facts.uses import Read
from asynclint.program import names
from asynclint.program.awaitables import holds_coroutine
from asynclint.program.handed import handed
from asynclint.program.handlers import is_endless
from asynclint.program.overrides import may_be_overridden
from asynclint.program.site import Site
from asynclint.program.steps import spelled
from asynclint.program.types import NONE, ClassObject, Coroutine, FunctionObject, Instance, Type, members
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program import Module, Program

#: What is done to a task without waiting for it or keeping it.
_IN_PASSING = frozenset({"add_done_callback", "remove_done_callback", "set_name", "get_name"})
_COLLECTS = frozenset({"add", "append", "appendleft"})
_OF_A_COLLECTION = _COLLECTS | {"discard", "remove", "clear"}
_IDLE = frozenset({Use.DISCARDED, Use.CONDITION, Use.COMPARED, Use.FORMATTED})
_MAX_DEPTH = 3


class Lost(NamedTuple):
    """A task that nothing keeps.

    `holder` is the name or call that had it last, `why` what became of that; both empty when the
    value is dropped at once.
    """

    holder: str = ""
    why: str = ""
    are_several: bool = False


GONE = "is gone when the function ends"
IGNORED = "does not keep it"


def lost_at(site: Site, program: Program) -> Lost | None:
    """How the task that a call starts is lost; None when it is kept, or may be, or there is none."""
    use = site.use
    if use not in LOSING:
        return None
    # Whether it is a task at all is known from elsewhere most often; where it goes has to be read.
    if not starts_unowned_task(site, program):
        return None
    lost = _WAYS[use](site, program) if use in _WAYS else Lost()
    return None if lost is None else lost._replace(are_several=gathers(site, program))


def starts_unowned_task(site: Site, program: Program, depth: int = _MAX_DEPTH) -> bool:
    """Whether a call starts a task that its caller has to keep, itself or in a function of the program."""
    if site.row[0] != SiteKind.CALL:
        return False
    row = program.row(site)
    if row is not None:
        return row.task == "unowned" and not _is_given_task(site, program)
    found = members(program.callee(site)) if depth else ()
    if not found or not all(isinstance(each, FunctionObject) and _may_give_task(each) for each in found):
        return False
    if not _is_task(program.value(site), program):
        return False
    return all(_gives_unowned(each, program, depth) for each in found)


def _may_give_task(callee: FunctionObject) -> bool:
    """Whether a function is plain and returns something."""
    function = callee.module.facts.functions[callee.number]
    return not (function.is_async or function.is_generator) and bool(callee.module.returns_of.get(callee.number))


def _is_given_task(site: Site, program: Program) -> bool:
    """Whether the argument is, or may be, a task or future already, which the call only gives back."""
    for each in handed(site, program):
        # What takes coroutines alone raises TypeError for a task: `Awaitable` is then too wide a word.
        if each.run.how == "spawned" and each.run.takes == "awaitable":
            type_ = program.type_of(each.expr, site)
            if type_ is None or type_ == NONE:
                # What may be a task is one more often than not, unless it is made on the spot.
                return not isinstance(each.expr, int)
            return _is_task(type_, program)
    return gathers(site, program) and not all(_is_made_here(each, site, program) for each in site.arguments)


def gathers(site: Site, program: Program) -> bool:
    """Whether a call makes tasks of all that it is given, and one future for them: `asyncio.gather`."""
    row = program.row(site)
    return row is not None and any(run.how == "awaited" and run.argument[1] == "*" for run in row.runs)


def _is_made_here(expr: Expr, site: Site, program: Program) -> bool:
    """Whether an argument is a coroutine that is made on the spot, or a starred comprehension of such ones."""
    if isinstance(expr, tuple) and expr[0] == "*":
        return isinstance(expr[1], int) and holds_coroutine(program.type_of(expr[1], site))
    return isinstance(expr, int) and isinstance(program.type_of(expr, site), Coroutine)


def _is_task(type_: Type, program: Program) -> bool:
    found = members(type_)
    return bool(found) and all(
        isinstance(each, Instance)
        and not isinstance(each, Coroutine)
        and program.members.protocol(each, "awaits_to") is not None
        for each in found
    )


def _gives_unowned(callee: FunctionObject, program: Program, depth: int) -> bool:
    """Whether all that a plain function returns are tasks that it started and did not keep."""
    module = callee.module
    returns = module.returns_of.get(callee.number, [])
    return all(_is_returned_unkept(Site(module, number), program, depth) for number in returns)


def _is_returned_unkept(site: Site, program: Program, depth: int) -> bool:
    value = site.row[6]
    if isinstance(value, int):
        return starts_unowned_task(site.sibling(value), program, depth - 1)
    if not isinstance(value, str):
        return False
    found = names.find(value, site.place)
    if found is None or len(found.bindings) != 1 or found.bindings[0].kind != BindingKind.VALUE:
        return False
    made = found.bindings[0].a
    if not isinstance(made, int) or not starts_unowned_task(site.sibling(made), program, depth - 1):
        return False
    module, function = site.module, site.function_index
    reads = _reads(value, module, function, program)
    return reads is not None and all(
        read.use is Use.RETURNED or _is_idle(read, value, module, function, program, depth - 1) for read in reads
    )


# -- ways to lose it -------------------------------------------------------------------------------


def _by_name(site: Site, program: Program) -> Lost | None:
    targets = site.use_details[0]
    if len(targets) != 1 or not isinstance(targets[0], str):
        return None
    name = targets[0]
    if _waits_forever_after(site):
        return None
    return Lost(name, GONE) if _dies(name, site.module, site.function_index, program) else None


def _waits_forever_after(site: Site) -> bool:
    """Whether an endless loop follows: a coroutine's variables live as long as it does."""
    module = site.module
    rows = [module.facts.sites[number] for number in module.own_sites.get(site.function_index, ())]
    return site.in_coroutine and any(
        row[0] == SiteKind.WHILE and (row[1], row[2]) > (site.row[3], site.row[4]) and is_endless(row[6])
        for row in rows
    )


def _by_method(site: Site, program: Program) -> Lost | None:
    method = site.use_details[0]
    called = (".", site.number, method)
    rows = site.module.facts.sites[max(0, site.number - 8) : site.number]
    return (
        Lost() if method in _IN_PASSING and any(row[0] == SiteKind.CALL and row[6] == called for row in rows) else None
    )


def _by_argument(site: Site, program: Program) -> Lost | None:
    call, place = site.sibling(site.use_details[0]), site.use_details[1]
    return None if place is None else _passed_to(call, place, program, _MAX_DEPTH)


def _by_comprehension(site: Site, program: Program) -> Lost | None:
    made = site.sibling(site.use_details[0])
    if made.row[6] == "generator":
        return None  # it runs where it is consumed
    if made.use is Use.DISCARDED:
        return Lost()
    return _by_name(made, program) if made.use is Use.ASSIGNED else None


def _by_lambda(site: Site, program: Program) -> Lost | None:
    """What a callback of the loop returns is dropped."""
    block = site.module.facts.blocks[site.block]
    if block[0] != BlockKind.LAMBDA:
        return None
    around = site.sibling(block[4])
    if around.row[7] != site.number:
        return None
    if around.use is not Use.ARGUMENT:
        return None
    call, place = site.sibling(around.use_details[0]), around.use_details[1]
    row = program.row(call)
    runs = () if row is None else row.runs
    return Lost() if any(run.how == "scheduled" and place in run.argument for run in runs) else None


_WAYS = {
    Use.ASSIGNED: _by_name,
    Use.ATTRIBUTE: _by_method,
    Use.ARGUMENT: _by_argument,
    Use.PRODUCED: _by_comprehension,
    Use.RETURNED: _by_lambda,
}
#: Uses in which a task may be lost.
LOSING = frozenset({*_WAYS, *_IDLE})


# -- what a name or parameter does with it ---------------------------------------------------------


def _reads(name: str, module: Module, function: int, program: Program) -> list[Read] | None:
    """The reads of a name in a function; None when it is not simply local there."""
    uses = program.name_uses(module) if function >= 0 else None
    if uses is None:
        return None
    return uses.reads(name, module.facts.sites[module.facts.functions[function].site][1])


def _dies(name: str, module: Module, function: int, program: Program, depth: int = _MAX_DEPTH) -> bool:
    """Whether a local name, and all that its value is passed to, is gone with the function."""
    reads = _reads(name, module, function, program)
    return reads is not None and all(_is_idle(read, name, module, function, program, depth) for read in reads)


def _is_idle(read: Read, name: str, module: Module, function: int, program: Program, depth: int) -> bool:
    if read.nested:
        return False  # a closure keeps it
    if read.use is Use.ATTRIBUTE:
        return read.detail in _IN_PASSING
    if read.use is Use.ARGUMENT:
        found = _call_at(read, name, module, function)
        return found is not None and _passed_to(*found, program, depth) is not None
    return read.use in _IDLE


def _call_at(read: Read, name: str, module: Module, function: int) -> tuple[Site, int | str] | None:
    """The call that a read passes the name to, and where."""
    for number in module.own_sites.get(function, ()):
        row = module.facts.sites[number]
        if row[0] != SiteKind.CALL or not (row[1], row[2]) <= (read.line, read.column) < (row[3], row[4]):
            continue
        for index, argument in enumerate(row[7]):
            if argument == name:
                return Site(module, number), index
        for keyword, argument in row[8]:
            if argument == name and keyword is not None:
                return Site(module, number), keyword
    return None


def _passed_to(call: Site, place: int | str, program: Program, depth: int) -> Lost | None:
    """How a task is lost that is passed to a call; None when the call keeps it, or may."""
    callee = call.callee
    if isinstance(callee, tuple) and callee[0] == "." and isinstance(callee[1], str) and callee[2] in _COLLECTS:
        if _collects_and_dies(callee[1], call, program):
            return Lost(callee[1], GONE)
    return Lost(spelled(callee), IGNORED) if _ignores(call, place, program, depth) else None


def _collects_and_dies(name: str, call: Site, program: Program) -> bool:
    """Whether a local collection is filled and then forgotten."""
    found, function = names.find(name, call.place), call.function
    if found is None or function is None or call.module.facts.scopes[found.scope].block != function.block:
        return False
    made_here = all(row.kind == BindingKind.VALUE and _is_fresh(row.a, call, program) for row in found.bindings)
    reads = _reads(name, call.module, call.function_index, program) if made_here else None
    return reads is not None and all(
        not read.nested and (read.use in _IDLE or (read.use is Use.ATTRIBUTE and read.detail in _OF_A_COLLECTION))
        for read in reads
    )


def _is_fresh(value: Expr, site: Site, program: Program) -> bool:
    """Whether an expression makes a new collection: `[]`, `set()`."""
    if isinstance(value, int):
        made = site.sibling(value)
        if made.row[0] == SiteKind.COMPREHENSION:
            return True
        return made.row[0] == SiteKind.CALL and isinstance(program.callee(made), ClassObject)
    return isinstance(value, tuple) and value[0] in ("list", "set")


def _ignores(call: Site, place: int | str, program: Program, depth: int) -> bool:
    """Whether what is called is known not to keep the argument at that position or keyword."""
    row = program.row(call)
    if row is not None:
        return row.consumes == "never"
    if depth == 0 or may_be_overridden(call, program):
        return False
    found = members(program.callee(call))
    return bool(found) and all(_parameter_dies(each, place, program, depth) for each in found)


def _parameter_dies(callee: Type, place: int | str, program: Program, depth: int) -> bool:
    if not isinstance(callee, FunctionObject):
        return False
    function = callee.module.facts.functions[callee.number]
    if function.is_stub or function.is_generator or function.decorators:
        return False
    shift = 1 if callee.receiver is not None and function.class_index >= 0 else 0
    wanted = place + shift if isinstance(place, int) else place
    for number, parameter in enumerate(function.parameters):
        if wanted in (number, parameter.name):
            is_plain = parameter.kind not in (ParameterKind.VARIADIC, ParameterKind.VARIADIC_KEYWORD)
            return is_plain and _dies(parameter.name, callee.module, callee.number, program, depth - 1)
    return False

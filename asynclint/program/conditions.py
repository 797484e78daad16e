"""Whether a catalogue condition holds at a call: what can be seen of its arguments and receiver."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from asynclint.facts.model import BindingKind, BlockKind, Expr, SiteKind
from asynclint.program import names
from asynclint.program.types import Instance, members

if TYPE_CHECKING:
    from asynclint.catalogue import Argument, CallableRow, Condition
    from asynclint.program import Program, Site


def blocks_here(row: CallableRow, site: Site, program: Program) -> bool:
    """Whether a call of a blocking row blocks, its `unless` and `when` considered."""
    if any(_holds(condition, site, program) for condition in row.unless):
        return False
    return not row.when or any(_holds(condition, site, program) for condition in row.when)


def is_told_that_it_would_block(site: Site) -> bool:
    """Whether `except BlockingIOError` around a site shows that it works on a descriptor that does not wait."""
    for _number, kind, detail in site.blocks():
        if kind is BlockKind.FUNCTION:
            return False
        if kind is BlockKind.TRY:
            for number in site.sibling(detail).row[7]:
                caught = site.sibling(number).row[7]
                listed = caught[1:] if isinstance(caught, tuple) and caught[0] == "tuple" else (caught,)
                if any(names.last_name(each) == "BlockingIOError" for each in listed):
                    return True
    return False


def argument(place: Argument, site: Site) -> Expr:
    """The expression passed for an argument of a call; None when it is not (visibly) passed."""
    position, keyword = place
    if keyword and keyword in site.keywords:
        return site.keywords[keyword]
    arguments = site.arguments
    if 0 <= position < len(arguments):
        if any(isinstance(each, tuple) and each[0] == "*" for each in arguments[: position + 1]):
            return None
        # A value that is not modelled is passed all the same.
        return arguments[position] if arguments[position] is not None else ("opaque",)
    return None


def _holds(condition: Condition, site: Site, program: Program) -> bool:
    if condition.test == "receiver":
        return _RECEIVERS[condition.value](site, program)
    if condition.argument is None:
        return False
    expr = argument(condition.argument, site)
    if condition.test == "given":
        spread = None in site.keywords or any(isinstance(a, tuple) and a[0] == "*" for a in site.arguments)
        return bool((expr is not None) == condition.value and not (spread and expr is None))
    if expr is None:
        return False
    if condition.test == "is":
        return isinstance(expr, tuple) and expr[0] == "const" and _same(expr[1], condition.value)
    if condition.test == "has":
        return any(program.symbol(part, site) == condition.value for part in _flags(expr, site))
    if condition.test == "type":
        return is_of_type(expr, condition.value, site, program)
    return condition.test == "starts" and _starts_with(expr, condition.value, site)


def _starts_with(expr: Expr, text: str, site: Site) -> bool:
    """Whether an argument begins with a text: it is a literal, or the function asks `argument.startswith(text)`."""
    if isinstance(expr, tuple) and expr[0] == "const":
        return isinstance(expr[1], str) and expr[1].startswith(text)
    if isinstance(expr, tuple) and expr[0] == "fstr":
        return len(expr) > 1 and _starts_with(expr[1], text, site)
    asked = (".", expr, "startswith")
    sites = site.module.facts.sites
    return any(
        sites[number][0] == SiteKind.CALL and sites[number][6] == asked and sites[number][7][:1] == (("const", text),)
        for number in site.module.own_sites.get(site.function_index, ())
    )


def is_of_type(expr: Expr, wanted: Iterable[str], site: Site, program: Program) -> bool:
    """Whether an expression at a site is sure to be an instance of one of the classes."""
    found = members(program.type_of(expr, site))
    return bool(found) and all(
        isinstance(each, Instance) and any(program.members.is_subclass(each.name, name) for name in wanted)
        for each in found
    )


def _same(value: object, wanted: object) -> bool:
    return value == wanted and isinstance(value, bool) == isinstance(wanted, bool)


def _flags(expr: Expr, site: Site) -> Iterator[Expr]:
    """The flags that an expression joins, through a name that stands for them."""
    if isinstance(expr, str):
        found = names.find(expr, site.place)
        if found and len(found.bindings) == 1 and found.bindings[0].kind == BindingKind.VALUE:
            expr = found.bindings[0].a
    if isinstance(expr, tuple) and expr[0] == "bin" and expr[1] == "|":
        yield from _flags(expr[2], site)
        yield from _flags(expr[3], site)
    else:
        yield expr


def calls_on(expr: Expr, method: str, site: Site) -> Iterator[tuple[Any, ...]]:
    """Rows of the calls `expr.method(...)` in the site's module."""
    wanted = (".", expr, method)
    for row in site.module.facts.sites:
        if row[0] == SiteKind.CALL and row[6] == wanted:
            yield row


def _receiver(site: Site) -> Expr:
    callee = site.callee
    return callee[1] if isinstance(callee, tuple) and callee[0] == "." else None


def _is_nonblocking(site: Site, program: Program) -> bool:
    receiver = _receiver(site)
    if receiver is None:
        return False
    off = any(row[7][:1] == (("const", False),) for row in calls_on(receiver, "setblocking", site))
    return off or any(
        row[7][:1] in ((("const", 0),), (("const", 0.0),)) for row in calls_on(receiver, "settimeout", site)
    )


def _is_bounded(site: Site, program: Program) -> bool:
    """A queue that is seen to be made with a size."""
    created = _creation(_receiver(site), site)
    if created is None:
        return False
    size = created[7][0] if created[7] else dict(created[8]).get("maxsize")
    return size is not None and not (isinstance(size, tuple) and size[0] == "const" and not size[1])


def _was_asked(site: Site, program: Program) -> bool:
    """The code asks `empty()` or `qsize()` of the same object."""
    receiver = _receiver(site)
    return receiver is not None and any(True for name in ("empty", "qsize") for _ in calls_on(receiver, name, site))


def _is_in_memory(site: Site, program: Program) -> bool:
    """A file that was made over one in memory, or an answer that did not have to be waited for."""
    number = _maker(_receiver(site), site)
    if number is None:
        return False
    created, making = site.module.facts.sites[number], site.sibling(number)
    row = program.row(making)
    if row is not None and row.blocks and not blocks_here(row, making, program):
        return True
    arguments = (*created[7], *(value for _keyword, value in created[8]))
    return any(
        isinstance(each, Instance) and any(program.members.is_subclass(each.name, name) for name in _IN_MEMORY)
        for argument in arguments
        for each in members(program.type_of(argument, site))
    )


def _is_datagram(site: Site, program: Program) -> bool:
    """A socket that was made for datagrams."""
    created = _creation(_receiver(site), site)
    if created is None:
        return False
    kind = created[7][1] if len(created[7]) > 1 else dict(created[8]).get("type")
    return any(program.symbol(part, site) == "socket.SOCK_DGRAM" for part in _flags(kind, site))


def _creation(receiver: Expr, site: Site) -> tuple[Any, ...] | None:
    """The row of the one call that makes an object."""
    number = _maker(receiver, site)
    return None if number is None else site.module.facts.sites[number]


def _maker(receiver: Expr, site: Site) -> int | None:
    """The one call that makes the object which a name or `self` attribute stands for."""
    facts = site.module.facts
    rows = []
    if isinstance(receiver, str):
        found = names.find(receiver, site.place)
        rows = found.bindings if found else []
    elif isinstance(receiver, tuple) and receiver[0] == "." and receiver[1] == "self":
        for class_ in facts.classes:
            rows = rows + class_.attributes.get(receiver[2], [])
    values = [row.a for row in rows if row.kind in (BindingKind.VALUE, BindingKind.ENTERED)]
    if len(values) == 1 and isinstance(values[0], int) and facts.sites[values[0]][0] == SiteKind.CALL:
        return values[0]
    return None


def _is_finished(site: Site, program: Program) -> bool:
    """The code asks `done()` of the same object, or takes it from a set of done ones."""
    receiver = _receiver(site)
    if receiver is None:
        return False
    if any(True for _ in calls_on(receiver, "done", site)):
        return True
    if isinstance(receiver, str):
        found = names.find(receiver, site.place)
        for row in found.bindings if found else ():
            if row.kind == BindingKind.ITEM and not _is_just_started(row.a, site, program):
                return True
    return False


def _is_just_started(iterable: Expr, site: Site, program: Program) -> bool:
    """Whether what a loop goes over is a collection of calls that start work elsewhere."""
    if isinstance(iterable, str):
        found = names.find(iterable, site.place)
        if found is None or len(found.bindings) != 1 or found.bindings[0].kind != BindingKind.VALUE:
            return False
        iterable = found.bindings[0].a
    if not isinstance(iterable, int):
        return False
    made = site.module.facts.sites[iterable]
    if made[0] != SiteKind.COMPREHENSION or not isinstance(made[9], int):
        return False
    started = site.sibling(made[9])
    row = program.row(started) if started.row[0] == SiteKind.CALL else None
    return row is not None and any(run.how == "offloaded" for run in row.runs)


_IN_MEMORY = ("io.BytesIO", "io.StringIO")
_RECEIVERS = {
    "in-memory": _is_in_memory,
    "nonblocking-socket": _is_nonblocking,
    "datagram-socket": _is_datagram,
    "bounded-queue": _is_bounded,
    "asked-queue": _was_asked,
    "finished": _is_finished,
}

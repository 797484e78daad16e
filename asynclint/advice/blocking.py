"""How a blocking call is found, told and cured; shared by the rules that differ in what they call blocking."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, cast

from asynclint.diagnostics import Applicability, Diagnostic, Fix, Severity
from asynclint.facts.model import BindingKind, Expr, SiteKind, Use
from asynclint.program import Program, Site, names
from asynclint.program.awaitables import gives_awaitable, is_declared_twin
from asynclint.program.effects.attributes import reads_first
from asynclint.program.effects.blocks import Blocks, BlocksSolver
from asynclint.program.endpoints import could_be_plain
from asynclint.program.handed import handed
from asynclint.program.types import Instance, members
from asynclint.rule import When

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context

_TO_THREAD = {
    "asyncio": "asyncio.to_thread",
    "trio": "trio.to_thread.run_sync",
    "anyio": "anyio.to_thread.run_sync",
}

ON_LOOP = When(loop=True)
"""Where calls may block an event loop."""

#: Categories that are told instead of one, when the same helper leads to both.
_WORSE = {"file": ("wait", "future"), "future": ("wait",)}

#: Kinds of waiting in which the code under test may have a part.
_TOLD_IN_TESTS = frozenset({"sleep", "network", "input"})

_KINDS = {"With": "`with`", "For": "`for`"}


def found_in(site: Site, program: Program, category: str) -> Blocks | None:
    """The blocking of one category that the site does on the event loop; None when there is none.

    That is what it runs in a coroutine, in sync code that the loop calls, or hands to the loop.
    """
    solver: BlocksSolver = program.solver(Blocks)
    scheduled, found = solver.on_loop(site)
    for each in scheduled:
        if each.category == category:
            return each
    if not found:
        return None
    function = site.function_index
    circumstance = "" if site.module.facts.functions[function].is_async else program.circumstance(site.module, function)
    for each in found:
        if each.is_direct and site.use is Use.AWAITED and is_declared_twin(site, program):
            continue
        if category == "file" and each.category == category and each.is_in_memory:
            continue
        if each.category == category and not _is_told_elsewhere(each, found, site, program):
            each.circumstance = circumstance
            each.reads_first = site.row[0] == SiteKind.CALL and reads_first(site, program)
            each.gives_awaitable = program.coroutine(site) is not None or gives_awaitable(site, program)
            if could_be_plain(site.module, function, program):
                each.endpoint = site.module.facts.functions[function].name
            return each
    return None


def _is_told_elsewhere(blocks: Blocks, found: tuple[Blocks, ...], site: Site, program: Program) -> bool:
    """Whether another finding has the same cure: a longer wait on the way through the same helper, or
    the call that made the file or context manager that is used here."""
    worse = [other for other in found if other.category in _WORSE.get(blocks.category, ())]
    if not blocks.is_direct and not all(other.runs_once and not blocks.runs_once for other in worse):
        return True
    if blocks.category != "file":
        return False
    return any(_is_made_by_reported(each, site, blocks.is_direct, program) for each in _used(site))


def _used(site: Site) -> Iterator[Expr]:
    """The values that a call, `for`, `with` or comprehension works on."""
    if site.row[0] == SiteKind.CALL:
        yield site.callee[1] if isinstance(site.callee, tuple) and site.callee[0] == "." else site.callee
        yield from site.arguments
    elif site.row[0] == SiteKind.FOR:
        yield site.row[8]
    elif site.row[0] == SiteKind.COMPREHENSION:
        yield from (iterable for _target, iterable, _is_async, _tests in site.row[8])
    else:
        yield from (context for context, _target in site.row[7])


def _is_made_by_reported(value: Expr, site: Site, is_direct: bool, program: Program) -> bool:
    """Whether a call in this function, which is reported already, gave the value that the site works on."""
    if isinstance(value, int):
        if _is_opened_in_a_thread(site.sibling(value), program):
            return True
        # A call within a call may do work of its own; entering is part of making, and so is `open(path).read()`.
        chained = is_direct and isinstance(site.row[6], tuple) and site.row[6][1] == value
        return (site.row[0] == SiteKind.WITH or chained) and found_in(site.sibling(value), program, "file") is not None
    if not isinstance(value, str):
        return False
    found = names.find(value, site.place)
    for row in found.bindings if found else ():
        if isinstance(row.a, int) and row.kind in (BindingKind.VALUE, BindingKind.ENTERED):
            opening = site.sibling(row.a)
            # What stands further down gave it in an earlier round of a loop, to which this call may have led.
            if opening.function_index != site.function_index or opening.row[1:3] >= site.row[1:3]:
                continue
            if _is_opened_in_a_thread(opening, program) or found_in(opening, program, "file") is not None:
                return True
    return False


def _is_opened_in_a_thread(opening: Site, program: Program) -> bool:
    """Whether a file is opened as the fix for opening one has it: who does so has been told of files."""
    operand = opening.row[6] if opening.row[0] == SiteKind.AWAIT else None
    if not isinstance(operand, int) or opening.module.facts.sites[operand][0] != SiteKind.CALL:
        return False
    offloaded = [each.expr for each in handed(opening.sibling(operand), program) if each.run.how == "offloaded"]
    rows = [program.calls.row(program.type_of(each, opening)) for each in offloaded]
    if any(row is not None and row.blocks == "file" for row in rows):
        return True
    made = members(program.value(opening))
    return bool(made and offloaded) and all(
        isinstance(each, Instance) and program.members.is_subclass(each.name, "io.IOBase") for each in made
    )


def is_told_where_it_stands(blocks: Blocks, ctx: Context) -> bool:
    """Whether it is no test that it holds up, or one that the code under test may have a part in."""
    return not blocks.is_in_test or blocks.row.blocks in _TOLD_IN_TESTS or bool(ctx.options["in-tests"])


def is_asked_for(blocks: Blocks, ctx: Context) -> bool:
    """Whether what blocks the first time only is to be told, where it does."""
    return not blocks.runs_once or bool(ctx.options["first-time"])


def reported(node: cst.CSTNode, blocks: Blocks, ctx: Context) -> Diagnostic:
    """The diagnostic of a blocking site."""
    root = blocks.root.removeprefix("builtins.")
    called = node.__class__.__name__ == "Call"
    name = ctx.name(node) if called else ""
    helper = not blocks.is_direct
    once = (helper or bool(blocks.scheduled)) and blocks.runs_once
    cure = ""
    if blocks.scheduled:
        subject = "the callback" if blocks.scheduled == "the callback" else f"`{blocks.scheduled}`"
        message = f"{subject} blocks the event loop, which runs it{', the first time' if once else ''}"
        message += f": it ends in `{root}`" if blocks.via else ""
        called = False
    elif helper:
        subject = f"`{name}(...)`" if called else f"this {_KINDS.get(node.__class__.__name__, 'comprehension')}"
        message = f"{subject} blocks the event loop{' the first time' if once else ''}: it ends in `{root}`"
        cure = _helper(name, blocks, ctx) if called else _direct(blocks, ctx)
    else:
        message = f"`{root}` blocks the event loop"
        cure = _direct(blocks, ctx)
    # A thread makes a coroutine without running it, and for an endpoint it would be the longer way round. An
    # `await` makes an asynchronous generator of a generator expression, for which whoever goes through it is not made.
    fixable = called and not (
        blocks.circumstance or blocks.gives_awaitable or blocks.endpoint or blocks.is_in_generator or blocks.reads_first
    )
    fix = _fix(cast("cst.Call", node), blocks, ctx) if fixable else None
    if blocks.endpoint:
        cure = f"make `{blocks.endpoint}` a plain `def`, which the framework runs in a thread; or {cure}"
    if blocks.scheduled or blocks.circumstance:
        cure = "start a task that awaits the async counterpart, or hand the work to `loop.run_in_executor(None, ...)`"
    return ctx.report(
        node,
        message,
        because=[ctx.step(ctx.site, blocks.circumstance), *blocks.via] if blocks.circumstance else blocks.via,
        help=cure,
        fix=fix,
        root=f"{blocks.root} at {blocks.root_place}",
        severity=Severity.WARNING if once and ctx.severity is Severity.ERROR else None,
    )


def _direct(blocks: Blocks, ctx: Context) -> str:
    advice = blocks.row.advice(ctx.library)
    return f"use {advice}" if advice else f"run it in a worker thread: `{in_thread('...', ctx)}`"


def _helper(name: str, blocks: Blocks, ctx: Context) -> str:
    if blocks.gives_awaitable:
        return f"move the part that blocks out of `{name}`, and run it in a worker thread: `{in_thread('...', ctx)}`"
    return f"run it in a worker thread, `{in_thread(f'{name}, ...', ctx)}`, or make it async all the way down"


def in_thread(work: str, ctx: Context) -> str:
    """The call that has a worker thread do the work."""
    if ctx.library == "asyncio" and ctx.target_version < (3, 9):
        return f"await asyncio.get_running_loop().run_in_executor(None, {work})"
    return f"await {_TO_THREAD[ctx.library]}({work})"


def _fix(call: cst.Call, blocks: Blocks, ctx: Context) -> Fix | None:
    """Awaits the call in a worker thread, or its async twin where the arguments are the same."""
    twin = blocks.row.twin if blocks.is_direct else ""
    if twin and twin.partition(".")[0] == ctx.library:
        reference = ctx.reference(twin)
        if reference is not None:
            text = f"await {ctx.called_instead(call, reference[0])}"
            return ctx.replace(
                call, text, title=f"await `{twin}` instead", applicability=Applicability.UNSAFE, also=reference[1]
            )
    if ctx.library == "asyncio" and ctx.target_version < (3, 9):
        return None
    reference = ctx.reference(_TO_THREAD[ctx.library])
    if reference is None or (ctx.library != "asyncio" and any(arg.keyword is not None for arg in call.args)):
        return None
    text = f"await {ctx.handed_over(call, reference[0])}"
    return ctx.replace(
        call, text, title="run it in a worker thread", applicability=Applicability.UNSAFE, also=reference[1]
    )

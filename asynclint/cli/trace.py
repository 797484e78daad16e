"""`asynclint trace`: what a function does that matters to an event loop, and why."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from asynclint.cli.explore import place, program_of, the_function
from asynclint.cli.options import CONTEXT, project_options
from asynclint.program.effects import EFFECTS
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.diagnostics import Step
    from asynclint.program import Program, Site
    from asynclint.program.graph import FunctionRef


class Told(NamedTuple):
    """One thing to tell of the function: of its line, or of the whole when that is 0."""

    effect: str
    line: int
    text: str
    root: str
    details: dict[str, Any]
    via: tuple[Step, ...] = ()


@click.command(context_settings=CONTEXT)
@click.argument("function", metavar="FUNCTION")
@click.option(
    "--effect", "effects", type=click.Choice(list(EFFECTS)), multiple=True, help="Tell this effect only; repeatable."
)
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", help="Text, or JSON.")
@project_options
def command(function: str, effects: tuple[str, ...], form: str, **options: Any) -> None:
    """Show what a function does to the event loop, and why: each effect with its shortest chain.

    FUNCTION is a qualified name, the end of one (`Client.get`), or PATH:LINE.
    """
    program, modules = program_of(options)
    ref = the_function(function, modules, program)
    wanted = set(effects or EFFECTS)
    told = [each for each in _told(ref, program, wanted) if each.effect in wanted]
    if form == "json":
        click.echo(_json(ref, told, program))
        return
    for line in _text(ref, told, program, wanted):
        click.echo(line)


def _text(ref: FunctionRef, told: list[Told], program: Program, wanted: set[str]) -> Iterator[str]:
    yield f"{ref.qualified} ({place(ref, program)}): {_colour(ref)}"
    for each in told:
        yield f"  line {each.line}: {each.text}" if each.line else f"  {each.text}"
        for step in each.via:
            yield f"    {step.path}:{step.span.line}: {step.text}"
    if not told:
        asked = [name for name in EFFECTS if name in wanted]
        yield "  no effect is known" if len(asked) == len(EFFECTS) else f"  not known: {', '.join(asked)}"


def _json(ref: FunctionRef, told: list[Told], program: Program) -> str:
    import json

    return json.dumps(
        {
            "version": 1,
            "function": {"name": ref.qualified, "kind": _colour(ref), "place": place(ref, program)},
            "effects": [
                {
                    "effect": each.effect,
                    "line": each.line or None,
                    "text": each.text,
                    "root": each.root,
                    **each.details,
                    "via": [{"path": step.path, "line": step.span.line, "text": step.text} for step in each.via],
                }
                for each in told
            ],
        },
        indent=2,
    )


def _colour(ref: FunctionRef) -> str:
    row = ref.module.facts.functions[ref.number]
    if row.is_async:
        return "async generator" if row.is_generator else "coroutine function"
    return "plain function"


def _told(ref: FunctionRef, program: Program, wanted: set[str]) -> Iterator[Told]:
    from asynclint.program import Site

    sites = [Site(ref.module, number) for number in ref.module.own_sites.get(ref.number, ())]
    if "suspends" in wanted:
        yield from _suspends(ref, program)
    if "returns-awaitable" in wanted:
        yield from _returns(ref, program)
    if "blocks" in wanted:
        yield from _blocks(sites, program)
    for name, words in _HAPPENS.items():
        if name in wanted:
            yield from _happens(name, words, sites, program)
    if "returns-awaitable" in wanted:
        yield from _awaitables(sites, program)


def _suspends(ref: FunctionRef, program: Program) -> Iterator[Told]:
    from asynclint.program.effects.suspends import Suspends

    found = program.effect_of(Suspends, ref.module, ref.number)
    if found is not None:
        words = {"always": "always gives way", "may": "may give way", "never": "never gives way"}[found.level]
        where = f" in `{found.root}`" if found.root else ""
        yield Told("suspends", 0, f"{words} to other tasks{where}", found.root, {"level": found.level}, found.via)


def _returns(ref: FunctionRef, program: Program) -> Iterator[Told]:
    from asynclint.program.effects.returns_awaitable import ReturnsAwaitable

    found = program.effect_of(ReturnsAwaitable, ref.module, ref.number)
    if found is not None and (found.via or found.root != ref.qualified):
        kinds = {"coroutine": "a coroutine", "awaitable": "an awaitable"}
        text = f"calling it gives {kinds.get(found.kind, f'an `{found.kind}`')}"
        if found.root not in ("", found.kind):
            text += f", made by `{found.root}`"
        yield Told("returns-awaitable", 0, text, found.root, {"kind": found.kind}, found.via)


def _blocks(sites: list[Site], program: Program) -> Iterator[Told]:
    from asynclint.program.effects.blocks import Blocks

    for site in sites:
        for blocks in program.solver(Blocks).every(site):
            row = blocks.row
            bounds = "bounded" if blocks.is_bounded else "unbounded"
            details = {"kind": row.blocks, "cost": row.cost, "bounded": blocks.is_bounded}
            text = f"blocks in `{blocks.root}` ({row.blocks}, {row.cost}, {bounds})"
            yield Told("blocks", site.line, text, blocks.root, details, blocks.via)


#: What is told of effects that consist in something happening, around the root.
_HAPPENS = {
    "starts-loop": "starts an event loop in `{}`",
    "spawns-task": "starts a task in `{}`",
    "needs-loop": "needs a running event loop for `{}`",
    "absorbs-cancellation": "absorbs a cancellation in `{}`",
}


def _happens(name: str, words: str, sites: list[Site], program: Program) -> Iterator[Told]:
    from asynclint.program.effects import named

    kind: Any = named(name)
    for site in sites:
        found = program.effect(kind, site)
        if found is not None:
            yield Told(name, site.line, words.format(found.root), found.root, {}, found.via)


def _awaitables(sites: list[Site], program: Program) -> Iterator[Told]:
    from asynclint.facts.model import SiteKind
    from asynclint.program.steps import spelled

    for site in sites:
        if site.row[0] == SiteKind.CALL and program.coroutine(site) is not None:
            name = spelled(site.callee) or "a call"
            use = site.use.name.lower().replace("_", " ")
            text = f"`{name}(...)` gives a coroutine ({use})"
            yield Told("returns-awaitable", site.line, text, program.symbol(site.callee, site), {"kind": "coroutine"})

"""The words and places of a trace: who calls what, and where."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.diagnostics import Step
from asynclint.facts.model import Expr, SiteKind

if TYPE_CHECKING:
    from asynclint.program import Module, Program, Site
    from asynclint.program.effects.edges import Node


def step_at(
    program: Program,
    site: Site,
    into: Node | None,
    root: str = "",
    *,
    within: Node | None = None,
    scheduled: bool = False,
) -> Step:
    """One step of a chain: the function around the site runs `into`, or calls the root."""
    caller = described(within.module, within.number) if within is not None else enclosing(site)
    verb = "has the event loop run" if scheduled else _VERBS.get(site.row[0], "calls")
    if site.row[0] == SiteKind.RETURN and (into is not None or "." in root):
        verb = "reads"
    target = described(into.module, into.number) if into is not None else f"`{root.removeprefix('builtins.')}`"
    return Step(program.display(site.module), program.span(site), f"{caller} {verb} {target}")


_VERBS = {
    SiteKind.WITH: "enters",
    SiteKind.FOR: "iterates",
    SiteKind.COMPREHENSION: "iterates",
    SiteKind.AWAIT: "awaits",
    SiteKind.HANDLER: "absorbs it in",
    SiteKind.RETURN: "discards it by",
    SiteKind.JUMP: "discards it by",
}


def described(module: Module, index: int) -> str:
    """A function in the words of a trace; negative numbers are lambdas and generator expressions."""
    if index >= 0:
        return f"`{module.facts.functions[index].qualname}`"
    row = module.facts.sites[-2 - index]
    return f"the {'lambda' if row[0] == SiteKind.LAMBDA else 'generator expression'} in line {row[1]}"


def enclosing(site: Site) -> str:
    function = site.function
    return f"`{function.qualname}`" if function is not None else f"`{site.module.name}`"


def spelled(expr: Expr) -> str:
    """A short spelling of an expression for messages: dotted names, calls as `f()`; empty when too complex."""
    if isinstance(expr, str):
        return expr
    if isinstance(expr, tuple):
        if expr[0] == ".":
            base = spelled(expr[1])
            return f"{base}.{expr[2]}" if base else ""
        if expr[0] == "[]":
            base = spelled(expr[1])
            return f"{base}[...]" if base else ""
    return ""

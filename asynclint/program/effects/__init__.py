"""Effects: positive statements about what running a piece of code does, true across files.

An effect that is absent is unknown, never denied. Each module here holds one effect, or a part of
the machinery that they share: `reach` (what sync code runs), `runs` (what is awaited as well),
`awaiting` (what is waited for at one place).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from asynclint.program import Program

#: Every effect by its name, with the module and class that hold it; they are imported when asked for.
EFFECTS = {
    "blocks": "blocks.Blocks",
    "starts-loop": "starts_loop.StartsLoop",
    "needs-loop": "needs_loop.NeedsLoop",
    "spawns-task": "spawns_task.SpawnsTask",
    "absorbs-cancellation": "absorbs_cancellation.AbsorbsCancellation",
    "suspends": "suspends.Suspends",
    "returns-awaitable": "returns_awaitable.ReturnsAwaitable",
}


class Effect(Protocol):
    """What `Program.effect` and `Program.effect_of` answer with."""

    @classmethod
    def solver(cls, program: Program) -> Any:
        """An object whose `at(site)` gives the effect of running a site, and `of(module, number)` that
        of running a function by its index, or None."""


def named(name: str) -> type[Effect]:
    """The effect with that name, one of EFFECTS."""
    import importlib

    module, _, kind = EFFECTS[name].partition(".")
    found: type[Effect] = getattr(importlib.import_module(f"asynclint.program.effects.{module}"), kind)
    return found

"""Effects: positive statements about what running a piece of code does, true across files.

An effect that is absent is unknown, never denied. Each module here holds one effect.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from asynclint.program import Program


class Effect(Protocol):
    """What `Program.effect` answers with."""

    @classmethod
    def solver(cls, program: Program) -> Any:
        """An object whose `at(site)` gives the effect of running a site, or None."""

"""NeedsLoop: running this raises RuntimeError on some path where no event loop runs in the thread.

Coroutines do not have it, since they run in a loop, nor does code that asks whether one runs or
that handles the error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from asynclint.program.effects.happens import Happens, HappensSolver
from asynclint.program.effects.runs import NEEDS_LOOP

if TYPE_CHECKING:
    from asynclint.program import Program


class NeedsLoop(Happens):
    """A call such as `asyncio.get_running_loop`, and how to get there."""

    name: ClassVar[str] = NEEDS_LOOP

    @classmethod
    def solver(cls, program: Program) -> HappensSolver[NeedsLoop]:
        return HappensSolver(program, cls)

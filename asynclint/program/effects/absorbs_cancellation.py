"""AbsorbsCancellation: a task that is cancelled while it runs this may go on as if nothing had happened.

The root is a handler, a `suppress` or a jump out of `finally` around an `await`. Code that waits
for a task which it has stopped itself, or asks whose cancellation it was, does not count.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from asynclint.program.effects.happens import Happens, HappensSolver
from asynclint.program.effects.runs import ABSORBS

if TYPE_CHECKING:
    from asynclint.program import Program


class AbsorbsCancellation(Happens):
    """A clause such as `except CancelledError` that is not left by raising, and how to get there."""

    name: ClassVar[str] = ABSORBS

    @classmethod
    def solver(cls, program: Program) -> HappensSolver[AbsorbsCancellation]:
        return HappensSolver(program, cls)

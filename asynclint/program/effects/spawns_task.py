"""SpawnsTask: running this may start a task, which then runs beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from asynclint.program.effects.happens import Happens, HappensSolver
from asynclint.program.effects.runs import SPAWNS

if TYPE_CHECKING:
    from asynclint.program import Program


class SpawnsTask(Happens):
    """A call such as `asyncio.create_task`, and how to get there."""

    name: ClassVar[str] = SPAWNS

    @classmethod
    def solver(cls, program: Program) -> HappensSolver[SpawnsTask]:
        return HappensSolver(program, cls)

"""Commands, run in turns, and how long they take."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from benchmarks.contenders import Contender
from benchmarks.results import Entry

#: A tool that takes longer is stuck.
_PATIENCE = 1800.0


class Failed(Exception):
    """A contender did not do its work; the message has what it said."""


@dataclass(frozen=True)
class Turn:
    """What one run of a command took, and what it wrote. `work` is of all processors, `memory` of the largest process.

    Seconds and bytes.
    """

    seconds: float
    work: float
    memory: int
    output: bytes
    errors: bytes


@dataclass
class Figures:
    """The turns of one contender."""

    contender: Contender
    turns: list[Turn] = field(default_factory=list)

    @property
    def entry(self) -> Entry:
        """Medians of time, the largest of memory."""
        return Entry(
            self.contender.name,
            statistics.median(each.seconds for each in self.turns),
            statistics.median(each.work for each in self.turns),
            max(each.memory for each in self.turns),
            len(self.turns),
            self.contender.lines,
        )


def in_turns(contenders: Sequence[Contender], rounds: int, say: Callable[[str], None]) -> list[Figures]:
    """The figures of each contender, in their order; the first round of several only warms the machine up.

    Those that fail are left out after `say` has told why. Raises Failed when the first one does.
    """
    found = [Figures(each) for each in contenders]
    warming = rounds > 1
    for number in range(rounds + warming):
        for figures in list(found):
            most = figures.contender.most_turns
            if most is not None and not warming <= number < warming + most:
                continue
            try:
                turn = run(figures.contender)
            except Failed as error:
                if figures is found[0]:
                    raise
                say(f"left out: {error}")
                found.remove(figures)
                continue
            if number >= warming:
                figures.turns.append(turn)
    return found


def run(contender: Contender) -> Turn:
    """Runs a command once. Raises Failed."""
    if contender.prepare is not None:
        contender.prepare()
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        if contender.stdin is not None:
            given.write(contender.stdin())
            given.seek(0)
        began = time.perf_counter()
        process = subprocess.Popen(
            contender.command,
            cwd=contender.cwd,
            env=None if contender.variables is None else dict(contender.variables),
            stdin=given,
            stdout=output,
            stderr=errors,
        )
        stopper = threading.Timer(_PATIENCE, process.kill)
        stopper.start()
        # Resources of this child and all that it waited for; `communicate` would not tell them.
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - began
        stopper.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        output.seek(0)
        errors.seek(0)
        told = errors.read()
        if process.returncode not in contender.statuses:
            last = told.decode(errors="replace").strip().splitlines()[-3:]
            raise Failed(f"{contender.name}: status {process.returncode}: {' | '.join(last)}")
        scale = 1 if sys.platform == "darwin" else 1024
        work = usage.ru_utime + usage.ru_stime
        return Turn(seconds, work, usage.ru_maxrss * scale, output.read(), told)

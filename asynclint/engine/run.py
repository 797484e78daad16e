"""The pipeline: from files and settings to a report.

    discover -> plan -> facts -> program -> screen -> pair -> check -> suppress -> store -> report

Files that are checked are only what is reported on; the program knows the whole project around them.
What the store still knows is not worked out again, and then nothing of the slow part is imported.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from asynclint.config import Settings
from asynclint.config.files import display as displayed
from asynclint.diagnostics import Diagnostic
from asynclint.engine.discover import FileToCheck
from asynclint.engine.outcome import Notice, Outcome
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from asynclint.engine.memory import Memory

__all__ = ["Notice", "Progress", "Report", "check"]

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of files done and the number of files in all."""


class Report(NamedTuple):
    """What a run found. Diagnostics are sorted; `suppressed` ones were silenced by comments."""

    diagnostics: tuple[Diagnostic, ...]
    suppressed: tuple[Diagnostic, ...]
    notices: tuple[Notice, ...]
    files_checked: int
    files_judged: int = 0
    """Those of them about which the store knew nothing."""


def check(
    files: Sequence[FileToCheck],
    settings: Settings,
    progress: Progress | None = None,
    executor: Executor | None = None,
) -> Report:
    """Checks the files with the knowledge of the project around them.

    With an `executor`, files are judged by it; otherwise in as many processes as `settings.jobs`
    says and the work is worth.
    """
    files = [_without_needless_buffer(file) for file in files]
    if not settings.cache:
        run = _Run(files, settings, progress, executor, None)
        return _report(files, run.outcomes(), (), run.judged)
    from asynclint.engine.memory import Memory

    memory = Memory(settings)
    run = _Run(files, settings, progress, executor, memory)
    try:
        outcomes = run.outcomes()
    finally:
        memory.close()
    return _report(files, outcomes, memory.notices, run.judged)


def _without_needless_buffer(file: FileToCheck) -> FileToCheck:
    """A buffer that has been saved is the file itself."""
    if file.data is None or not _is_module(file) or file.display != displayed(Path(file.path)):
        return file
    try:
        if os.path.getsize(file.path) == len(file.data) and Path(file.path).read_bytes() == file.data:
            return file._replace(data=None)
    except OSError:
        pass
    return file


def _is_module(file: FileToCheck) -> bool:
    """Whether other files can import it; a notebook they cannot."""
    return file.path.endswith((".py", ".pyi"))


class _Run:
    def __init__(
        self,
        files: Sequence[FileToCheck],
        settings: Settings,
        progress: Progress | None,
        executor: Executor | None,
        memory: Memory | None,
    ) -> None:
        self.files = files
        self.settings = settings
        self.progress = progress
        self.executor = executor
        self.memory = memory
        self.overlays = {file.path: file.data for file in files if file.data is not None}
        self.done = 0
        self.judged = 0

    def outcomes(self) -> list[Outcome]:
        """What there is to say of each file, in their order; and of the run as a whole, last."""
        found: dict[int, Outcome] = {}
        if self.memory is not None:
            paths = {file.path: index for index, file in enumerate(self.files) if file.data is None}
            known = self.memory.recall(paths, self._seen_by_others())
            found = {paths[path]: outcome for path, outcome in known.items()}
        self._advance(len(found))
        missing = [index for index in range(len(self.files)) if index not in found]
        self.judged = len(missing)
        notices: tuple[Notice, ...] = ()
        if missing:
            notices = self._judge(missing, found)
        elif self.memory is not None:
            self.memory.keep({}, None, {}, {})
        return [*(found[index] for index in range(len(self.files))), Outcome(notices=notices)]

    def _seen_by_others(self) -> dict[str, bytes]:
        return {file.path: file.data for file in self.files if file.data is not None and _is_module(file)}

    def _judge(self, missing: Sequence[int], found: dict[int, Outcome]) -> tuple[Notice, ...]:
        """Judges files by index, and keeps what may be kept."""
        from asynclint.engine.sources import Sources
        from asynclint.engine.workers import Work

        memory = self.memory
        files = [self.files[index] for index in missing]
        states = memory.plan.states if memory is not None else {}
        known_facts = None if memory is None else memory.facts
        sources = Sources(self.overlays, states, known_facts, keeps_texts=memory is not None)
        # What is found with a buffer is not kept.
        around = self._surroundings(files) if memory is not None and not self._seen_by_others() else None
        work = Work(self.settings, sources, self.overlays, self._advance, keeps_facts=memory is not None)
        judged = work.run(files, self._without_facts(files), self.executor)
        found.update({missing[index]: outcome for index, outcome in judged.outcomes.items()})
        if memory is not None and around is not None:
            consistent = judged.trail.add(around) and judged.consistent
            if consistent:
                kept = {file.path: judged.outcomes[at] for at, file in enumerate(files) if file.data is None}
                memory.keep(kept, judged.trail, judged.facts, judged.texts)
        return judged.notices

    def _surroundings(self, files: Sequence[FileToCheck]) -> tuple[Any, ...]:
        from asynclint.engine.build import roots_of
        from asynclint.engine.trail import surroundings

        return surroundings({os.path.dirname(file.path) for file in files}, roots_of(self.settings)).plain()

    def _without_facts(self, files: Sequence[FileToCheck]) -> list[str]:
        """The paths of files that have to be parsed."""
        paths = [file.path for file in files if file.data is None]
        if self.memory is None or not paths:
            return paths
        states = self.memory.plan.states
        known = self.memory.known_facts({states[path].content for path in paths if path in states})
        return [path for path in paths if path not in states or states[path].content not in known]

    def _advance(self, number: int) -> None:
        self.done += number
        if self.progress is not None:
            self.progress(self.done, len(self.files))


def _report(
    files: Sequence[FileToCheck], outcomes: Sequence[Outcome], notices: Sequence[Notice], judged: int
) -> Report:
    return Report(
        tuple(sorted([each for one in outcomes for each in one.diagnostics], key=lambda each: each.sort_key)),
        tuple(sorted([each for one in outcomes for each in one.suppressed], key=lambda each: each.sort_key)),
        (*(each for one in outcomes for each in one.notices), *notices),
        len(files),
        judged,
    )

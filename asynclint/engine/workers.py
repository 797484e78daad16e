"""The work of a run spread over processes: facts are extracted side by side, then files are judged.

Both steps give the same as doing it here one after the other; only the time differs. A process
that dies takes nothing with it, because what it has not delivered is done here.

Where processes can be forked, the linked program and all facts are shared with those that judge.
Elsewhere, and with an executor from outside, each process makes a program of its own and reads
what it needs.
"""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from asynclint.config import Settings
from asynclint.engine import disk
from asynclint.engine.analysis import Analysis
from asynclint.engine.discover import FileToCheck
from asynclint.engine.outcome import Notice, Outcome
from asynclint.engine.sources import Sources, packed, packed_text
from asynclint.engine.trail import Trail
from asynclint.facts.extract import extract, without_warnings
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from concurrent.futures import Executor, Future, ProcessPoolExecutor

#: Below both, starting processes costs more than it saves.
_FEW_FILES = 150
_FEW_BYTES = 1_500_000
#: Fewer files than that do not call for every rule.
_SMALL = 20
#: Batches per process: enough for an even end, few enough to keep neighbours together.
_BATCHES = 12
_LOST = Notice("warning", "a worker process ended early; its files were checked without it")


class Judged(NamedTuple):
    """What judging gave: outcomes by index of the file, and whether all of it saw the same disk."""

    outcomes: dict[int, Outcome]
    facts: dict[bytes, bytes]
    texts: dict[bytes, bytes]
    trail: Trail
    consistent: bool
    notices: tuple[Notice, ...]


def processes(settings: Settings, files: Sequence[FileToCheck]) -> int:
    """How many processes the work is worth."""
    wanted = settings.jobs or _available()
    if wanted == 1 or len(files) < 2:
        return 1
    if len(files) < _FEW_FILES and sum(_size(file) for file in files) < _FEW_BYTES:
        return 1
    return min(wanted, len(files))


def _available() -> int:
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1


def _size(file: FileToCheck) -> int:
    if file.data is not None:
        return len(file.data)
    try:
        return os.path.getsize(file.path)
    except OSError:
        return 0


@contextlib.contextmanager
def without_collector() -> Iterator[None]:
    """Keeps the garbage collector from walking, again and again, over facts that all stay."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _drop_earlier_work() -> None:
    """Frees the program of an earlier run in this process, where the collector does not do so by itself."""
    global _has_worked
    if _has_worked and not gc.isenabled():
        gc.collect()
    _has_worked = True


_has_worked = False


class Recipe(NamedTuple):
    """What another process needs to judge files: small, and the same for all of them."""

    token: str
    settings: Settings
    overlays: Mapping[str, bytes]
    keeps_facts: bool


class Work:
    """Judges files of one project; `done` is called with how many more are finished.

    With `keeps_facts`, facts and texts of files that had to be parsed are handed over with the result.
    """

    def __init__(
        self,
        settings: Settings,
        sources: Sources,
        overlays: Mapping[str, bytes],
        done: Callable[[int], None],
        *,
        keeps_facts: bool,
    ) -> None:
        self.settings = settings
        self.sources = sources
        self.done = done
        self.recipe = Recipe(os.urandom(8).hex(), settings, overlays, keeps_facts)
        self.outcomes: dict[int, Outcome] = {}
        self.trail = Trail()
        self.facts: dict[bytes, bytes] = {}
        self.texts: dict[bytes, bytes] = {}
        self.consistent = True
        self.lost = False
        self._analysis: Analysis | None = None
        self._is_small = False

    def run(self, files: Sequence[FileToCheck], missing: Sequence[str], executor: Executor | None = None) -> Judged:
        """Judges all files. `missing` are those of their paths whose facts nobody knows yet."""
        number = processes(self.settings, files)
        self._is_small = number == 1 and len(files) < _SMALL
        _drop_earlier_work()
        with without_collector(), without_warnings():
            if executor is not None:
                self._judge_in(executor, files, number)
            elif number > 1 and _forks():
                self._extract(missing, number)
                self._judge_in_forks(files, number)
            elif number > 1:
                with _pool(number, "spawn") as pool:
                    self._judge_in(pool, files, number)
            self._judge_here(files)
        notices = (_LOST,) if self.lost else ()
        return Judged(self.outcomes, self.facts, self.texts, self.trail, self.consistent, notices)

    # -- here ------------------------------------------------------------------------------------

    @property
    def analysis(self) -> Analysis:
        if self._analysis is None:
            self._analysis = Analysis(self.settings, self.sources, is_small=self._is_small)
        return self._analysis

    def _judge_here(self, files: Sequence[FileToCheck]) -> None:
        """What nobody else has done."""
        for index, file in enumerate(files):
            if index not in self.outcomes:
                self.outcomes[index] = self.analysis.outcome(file)
                self.done(1)
        if self._analysis is not None:
            self._take(*_harvest(self._analysis, self.recipe.keeps_facts))

    def _take(
        self, trail: tuple[Any, ...], facts: dict[bytes, bytes], texts: dict[bytes, bytes], consistent: bool
    ) -> None:
        agree = self.trail.add(trail)
        self.facts.update(facts)
        self.texts.update(texts)
        self.consistent = self.consistent and agree and consistent

    # -- elsewhere -------------------------------------------------------------------------------

    def _extract(self, paths: Sequence[str], number: int) -> None:
        """Facts of files, extracted side by side; what fails is left for when somebody asks."""
        if len(paths) < _FEW_FILES:
            return
        batches = [paths[start :: number * _BATCHES] for start in range(number * _BATCHES)]
        with _pool(number, "fork") as pool:
            keeps = self.recipe.keeps_facts
            for future in self._submitted(pool, [(_extracted, batch, keeps) for batch in batches if batch]):
                for path, state, facts, text in future.result():
                    self.sources.add_prepared(path, disk.Read(*state), facts, text)
        if self.recipe.keeps_facts:
            self.facts.update(self.sources.prepared)
            self.texts, self.sources.texts = self.sources.texts, {}

    def _judge_in_forks(self, files: Sequence[FileToCheck], number: int) -> None:
        """Judges in processes that share what is in memory here."""
        global _shared
        _shared = os.getpid(), self.recipe.token, self.analysis
        gc.freeze()
        try:
            with _pool(number, "fork") as pool:
                self._judge_in(pool, files, number)
        finally:
            _shared = None
            gc.unfreeze()

    def _judge_in(self, executor: Executor, files: Sequence[FileToCheck], number: int) -> None:
        tasks = [
            (judge_batch, self.recipe, [(index, files[index]) for index in batch])
            for batch in _batches(len(files), number)
        ]
        for future in self._submitted(executor, tasks):
            outcomes, *harvest = future.result()
            for index, data in outcomes:
                self.outcomes[index] = Outcome.decode(data)
            self._take(*harvest)
            self.done(len(outcomes))

    def _submitted(self, executor: Executor, tasks: Sequence[tuple[Any, ...]]) -> Iterator[Future[Any]]:
        """The tasks as they are finished; those that died with their process are left out."""
        from concurrent.futures import BrokenExecutor, as_completed

        futures = []
        try:
            for task in tasks:
                futures.append(executor.submit(*task))
        except BrokenExecutor:
            self.lost = True
        for future in as_completed(futures):
            if isinstance(future.exception(), BrokenExecutor):
                self.lost = True
            else:
                yield future


@contextlib.contextmanager
def _pool(number: int, method: str) -> Iterator[ProcessPoolExecutor]:
    # Most runs need no other process, and not the many modules that make one.
    import multiprocessing
    from concurrent.futures import ProcessPoolExecutor

    pool = ProcessPoolExecutor(number, multiprocessing.get_context(method), _ignore_interrupts)
    try:
        yield pool
    except BaseException:
        pool.shutdown(wait=False, cancel_futures=True)
        raise
    pool.shutdown()


def _ignore_interrupts() -> None:
    """An interrupt reaches every process of the terminal; the first one tells the others to stop."""
    import signal

    signal.signal(signal.SIGINT, signal.SIG_IGN)


def _forks() -> bool:
    # Forking copies one thread only; locks that others hold would stay locked for ever.
    return sys.platform == "linux" and threading.active_count() == 1


def _batches(count: int, number: int) -> list[range]:
    size = max(1, -(-count // (number * _BATCHES)))
    return [range(start, min(start + size, count)) for start in range(0, count, size)]


def _extracted(paths: Sequence[str], keeps_texts: bool) -> list[tuple[str, tuple[Any, ...], bytes, bytes]]:
    """Path, state, packed facts and, when it is to be kept, packed text of each file that can be read and parsed."""
    gc.disable()
    found = []
    with without_warnings():
        for path in paths:
            state, data = disk.read(path)
            if isinstance(data, bytes):
                with contextlib.suppress(SyntaxError, ValueError):
                    facts = packed(extract(data))
                    found.append((path, tuple(state), facts, packed_text(data) if keeps_texts else b""))
    return found


def _harvest(
    analysis: Analysis, keeps_facts: bool
) -> tuple[tuple[Any, ...], dict[bytes, bytes], dict[bytes, bytes], bool]:
    """What an analysis has gathered besides outcomes since the last time."""
    sources = analysis.sources
    extracted, sources.extracted = sources.extracted, {}
    texts, sources.texts = sources.texts, {}
    facts = {content: packed(facts) for content, facts in extracted.items()} if keeps_facts else {}
    return analysis.take_trail().plain(), facts, texts, not sources.changed_meanwhile


#: The analysis that forked processes find in their memory: who made it, its token, and itself.
_shared: tuple[int, str, Analysis] | None = None
#: The analysis of this thread in a process that shares no memory, by token.
_own = threading.local()


def _analysis(recipe: Recipe) -> Analysis:
    if _shared is not None and _shared[1] == recipe.token and _shared[0] != os.getpid():
        return _shared[2]
    if getattr(_own, "token", None) != recipe.token:
        _own.token = recipe.token
        _own.analysis = Analysis(recipe.settings, Sources(recipe.overlays))
    found: Analysis = _own.analysis
    return found


def judge_batch(
    recipe: Recipe, files: Sequence[tuple[int, FileToCheck]]
) -> tuple[list[tuple[int, bytes]], tuple[Any, ...], dict[bytes, bytes], dict[bytes, bytes], bool]:
    """Outcomes by index, and what else was gathered; to be run in any process or thread."""
    analysis = _analysis(recipe)
    with without_collector(), without_warnings():
        outcomes = [(index, analysis.outcome(file).encode()) for index, file in files]
    return outcomes, *_harvest(analysis, recipe.keeps_facts)

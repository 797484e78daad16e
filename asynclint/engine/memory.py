"""What a run takes from the store and leaves in it. Whatever goes wrong with the store, the run goes on without."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Collection, Mapping
from typing import TYPE_CHECKING, TypeVar

from asynclint.config import Settings
from asynclint.config.environment import environment_of
from asynclint.digest import digest_of
from asynclint.engine.changes import Changes
from asynclint.engine.installation import stamp
from asynclint.engine.outcome import Notice, Outcome
from asynclint.engine.plan import Plan, make_plan
from asynclint.engine.store import Busy, Damaged, Store, Unusable, facts_of, open_facts, remove

if TYPE_CHECKING:
    import sqlite3

    from asynclint.engine.disk import Folder, Read
    from asynclint.engine.trail import Trail


Answer = TypeVar("Answer")


class Memory:
    """The store of one project, for one run.

    No connection stays open between calls, because none may be open while processes are forked.
    """

    def __init__(self, settings: Settings) -> None:
        self._folder = str(settings.cache_dir)
        # Outcomes hold paths as they are shown from the current folder.
        told = f"{settings.fingerprint()}\0{environment_of(settings)}\0{os.getcwd()}"
        self._key = digest_of(told)
        # What the configuration adds to the catalogue may name code that nothing else names.
        self._spares = not settings.catalogue
        self._facts: tuple[int, sqlite3.Connection | None] = (0, None)
        self._broken = False
        self.notices: list[Notice] = []
        self.plan = Plan()

    def recall(self, paths: Collection[str], overlays: Mapping[str, bytes]) -> dict[str, Outcome]:
        """The outcomes that are known of the files at the paths.

        `overlays` are buffers that other modules see in place of the files on disk, by path.
        """

        def recalled(store: Store) -> tuple[Plan, dict[str, Outcome]]:
            plan = make_plan(store, self._key, paths, overlays, spares=self._spares)
            return plan, {path: Outcome.decode(data) for path, data in plan.outcomes.items()}

        nothing: dict[str, Outcome] = {}
        self.plan, found = self._ask(recalled, (Plan(), nothing))
        return found

    def known_facts(self, contents: Collection[bytes]) -> frozenset[bytes]:
        """Those of the contents of which the store has facts, and perhaps others."""
        return self._ask(lambda store: store.known_facts(contents), frozenset())

    def facts(self, content: bytes) -> bytes | None:
        """The packed facts of a content; None when the store has none. For any process."""
        process, connection = self._facts
        if process != os.getpid():
            connection = None if self._broken else open_facts(self._folder)
            self._facts = os.getpid(), connection
        return None if connection is None else facts_of(connection, content)

    def keep(
        self,
        outcomes: Mapping[str, Outcome],
        trail: Trail | None,
        facts: Mapping[bytes, bytes],
        texts: Mapping[bytes, bytes],
    ) -> None:
        """Writes what the run has found. `trail` is None when nothing had to be judged.

        `facts` and `texts` are packed, by content.
        """
        changes = Changes()
        changes.reads = dict(self.plan.renewed)
        changes.gone = self.plan.gone
        changes.folders = dict(self.plan.folders)
        changes.facts = dict(facts)
        changes.texts = {**self.plan.texts, **texts}
        changes.sparing = self.plan.sparing
        if trail is not None:
            if not (_agree(changes.reads, trail.reads) and _agree_on_names(changes.folders, trail.folders)):
                return  # the disk changed while the run looked at it
            changes.reads.update(trail.reads)
            changes.folders.update(trail.folders)
            changes.moves, changes.asked = trail.moves, trail.asked
            changes.outcomes = {
                path: outcome.encode()
                for path, outcome in outcomes.items()
                if path in changes.reads and not outcome.notices
            }
        if changes.is_empty:
            return
        self._ask(lambda store: store.write(self._key, changes), None)

    def close(self) -> None:
        """Ends the connection of this process."""
        process, connection = self._facts
        if connection is not None and process == os.getpid():
            connection.close()
        self._facts = 0, None

    def _ask(self, question: Callable[[Store], Answer], otherwise: Answer) -> Answer:
        """What the store answers; `otherwise` when it cannot be used."""
        if self._broken:
            return otherwise
        store = None
        try:
            store = self._open()
            return question(store)
        except Busy:
            return otherwise  # what is not kept is found again
        except (Unusable, ValueError, OSError) as error:
            self._give_up(error)
            return otherwise
        finally:
            if store is not None:
                store.close()

    def _open(self) -> Store:
        try:
            return Store(self._folder, stamp())
        except Damaged:
            remove(self._folder)
            self._warn("was damaged and has been made anew")
            return Store(self._folder, stamp())

    def _give_up(self, error: Exception) -> None:
        self._broken = True
        self.plan = Plan()
        if isinstance(error, (Damaged, ValueError)):
            with contextlib.suppress(OSError):
                remove(self._folder)
            self._warn("was damaged; the next run makes it anew")
        else:
            self._warn(f"cannot be used ({error}); name another folder with `--cache-dir`, or give `--no-cache`")

    def _warn(self, text: str) -> None:
        self.notices.append(Notice("warning", f"{self._shown}: the cache {text}"))

    @property
    def _shown(self) -> str:
        from pathlib import Path

        from asynclint.config.files import display

        return display(Path(self._folder))


def _agree(some: Mapping[str, Read], others: Mapping[str, Read]) -> bool:
    return all(path not in others or others[path].content == read.content for path, read in some.items())


def _agree_on_names(some: Mapping[str, Folder], others: Mapping[str, Folder]) -> bool:
    return all(path not in others or others[path].names == folder.names for path, folder in some.items())

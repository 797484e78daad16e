"""Which files have to be judged, and of which the store knows what judging would give.

The store is believed as far as the disk agrees with it: every file that can be reached from those
in question, and every folder, must look as it did. Whatever can reach something that changed is
judged again.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping

from asynclint.digest import digest
from asynclint.engine import disk
from asynclint.engine.changes import Sparing, shown_as
from asynclint.engine.disk import Folder, Read
from asynclint.engine.stale import Links, reaching, settings_among, touched_by_names, users_of
from asynclint.engine.store import ModuleRow, Store


class Plan:
    """What the store knows that is still true. Everything is by path."""

    __slots__ = ("_states", "folders", "gone", "outcomes", "renewed", "sparing", "texts", "unchanged")

    def __init__(self) -> None:
        self.outcomes: dict[str, bytes] = {}
        """What is known of files that were asked about."""
        self.unchanged: list[ModuleRow] = []
        """Files that look as they did, so that they need not be read."""
        self.renewed: dict[str, Read] = {}
        """Files that had to be read, because they have, or may have, changed."""
        self.gone: set[str] = set()
        self.folders: dict[str, Folder] = {}
        """Folders that had to be listed."""
        self.texts: dict[bytes, bytes] = {}
        """Packed texts of files that had to be read, by content."""
        self.sparing: Sparing | None = None
        """What the edits since the last run cannot have changed."""
        self._states: dict[str, Read] | None = None

    @property
    def states(self) -> dict[str, Read]:
        """Files whose content is known now. To be asked for when the plan is made."""
        if self._states is None:
            self._states = {row.path: row.state for row in self.unchanged}
            self._states.update({path: state for path, state in self.renewed.items() if state.content})
        return self._states


def make_plan(
    store: Store, key: str, paths: Collection[str], overlays: Mapping[str, bytes], *, spares: bool = True
) -> Plan:
    """What the store knows of the files at the paths. Raises Unusable.

    `overlays` are buffers that stand in for files, by path: what reaches one is judged again.
    Without `spares`, so is all that reaches an edited file, whatever was edited in it.
    """
    with store.reading():
        return _Planning(store, key, paths, overlays, spares=spares).run()


class _Planning:
    def __init__(
        self, store: Store, key: str, paths: Collection[str], overlays: Mapping[str, bytes], *, spares: bool
    ) -> None:
        self.store = store
        self.spares = spares
        self.edited: dict[str, tuple[ModuleRow, bytes]] = {}
        """By path, files with another content than the store knows, and their text of now."""
        self.key = key
        self.paths = paths
        self.overlays = overlays
        self.plan = Plan()
        self.rows: dict[int, ModuleRow] = {}
        self.links: dict[int, Links] | None = None
        self.users: dict[int, list[int]] | None = None

    def run(self) -> Plan:
        if len(self.paths) * 3 >= self.store.size():
            self.rows = {row.id: row for row in self.store.modules()}
        else:
            self._follow(self.paths)
        touched = {row.id for row in self.rows.values() if not self._holds(row)}
        names = self._changed_names() | settings_among(self.rows[number].path for number in touched)
        if touched or names:
            if self.links is None:
                self.links = self.store.all_links()
            paths = {row.id: row.path for row in self.rows.values()}
            if not names and self.spares:
                self.users = users_of(self.links)
                touched = self._without_spared(touched, reaching(touched, self.links, paths, self.users))
            else:
                touched |= touched_by_names(names, paths, self.links)
                touched = reaching(touched, self.links, paths)
        by_path = {row.path: row for row in self.rows.values() if row.id not in touched}
        asked = (by_path[path] for path in self.paths if path in by_path)
        self.plan.outcomes = self.store.outcomes(self.key, asked)
        if self.plan.sparing is not None:
            marks = [shown_as(path) for path in self.plan.sparing.edits]
            for path in self.plan.sparing.spared:
                if any(mark in self.plan.outcomes.get(path, b"") for mark in marks):
                    del self.plan.outcomes[path]  # it shows a place in an edited file
        return self.plan

    def _without_spared(self, touched: set[int], stale: set[int]) -> set[int]:
        """Of the stale files, those that the edits of the touched ones may concern."""
        if not all(self.rows[number].path in self.edited for number in touched if number in self.rows):
            return stale
        from asynclint.engine.cutoff import changed_handles, concerned
        from asynclint.engine.sources import packed_text, unpacked_text

        handles: set[str] = set()
        modules = {part for row in self.rows.values() for part in _named_by(row.path)}
        for path, (row, after) in self.edited.items():
            self.plan.texts[self.plan.renewed[path].content] = packed_text(after)
            before = self.store.text(row.content)
            found = None
            if before is not None and os.path.basename(path) != "conftest.py":
                found = changed_handles(unpacked_text(before), after, modules)
            if found is None:
                return stale
            handles |= found
        by_path = {row.path: row.id for row in self.rows.values() if row.id in stale}
        found_paths = concerned(handles, by_path, disk.text_of)
        # What reaches files of which the store knows too little is judged again in any case.
        paths = {row.id: row.path for row in self.rows.values()}
        sure = stale - touched - reaching((), self.links or {}, paths, self.users)
        spared = {path for path, number in by_path.items() if path not in found_paths and number in sure}
        if not spared:
            return stale
        contents = {path: (row.content, self.plan.renewed[path].content) for path, (row, _) in self.edited.items()}
        self.plan.sparing = Sparing(self.store.runs(), contents, spared)
        return stale - {by_path[path] for path in spared}

    def _follow(self, paths: Iterable[str]) -> None:
        """Takes in the files at the paths and all that can be reached from them."""
        self.links = {}
        pending = {row.id for row in map(self.store.module, paths) if row is not None}
        pending |= {row.id for row in self.store.settings_files()}
        while pending:
            targets: set[int] = set()
            for row, links in self.store.numbered(pending):
                self.rows[row.id] = row
                self.links[row.id] = links
                targets.update(links.targets)
            # One that is missing is found missing when it is asked who reaches what.
            pending = targets - self.rows.keys() - pending

    def _holds(self, row: ModuleRow) -> bool:
        """Whether a file still has the content that the store knows."""
        if row.path in self.overlays:
            return digest(self.overlays[row.path]) == row.content
        signature = disk.signature_of(row.path)
        if signature is None:
            self.plan.gone.add(row.path)
            return False
        if disk.proves(row.signature, row.seen, signature):
            self.plan.unchanged.append(row)
            return True
        state, data = disk.read(row.path)
        self.plan.renewed[row.path] = state
        if isinstance(data, bytes) and state.content != row.content:
            self.edited[row.path] = row, data
        return state.content == row.content

    def _changed_names(self) -> set[tuple[str, str]]:
        """Folder and name of entries that came or went."""
        found: set[tuple[str, str]] = set()
        for path, known, seen in self.store.folders():
            signature = disk.signature_of(path)
            if signature is not None and disk.proves(known, seen, signature):
                continue
            names = self.store.names(path)
            if signature is None and not names and known == disk.NO_SIGNATURE:
                continue  # it was missing then, too
            folder = self.plan.folders[path] = disk.look_into(path)
            found |= {(path, name) for name in names ^ folder.names}
        return found


def _named_by(path: str) -> tuple[str, ...]:
    """The names under which a file may be imported: its own, and that of its folder for a package."""
    folder, name = os.path.split(path)
    stem = name.partition(".")[0]
    return (os.path.basename(folder),) if stem == "__init__" else (stem,)

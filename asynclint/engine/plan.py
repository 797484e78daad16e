"""Which files have to be judged, and of which the store knows what judging would give.

The store is believed as far as the disk agrees with it: every file that can be reached from those
in question, and every folder, must look as it did. Whatever can reach something that changed is
judged again.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from asynclint.engine import disk
from asynclint.engine.disk import Folder, Read
from asynclint.engine.stale import Links, reaching, settings_among, touched_by_names
from asynclint.engine.store import ModuleRow, Store


@dataclass(slots=True)
class Plan:
    """What the store knows that is still true. Everything is by path."""

    outcomes: dict[str, bytes] = field(default_factory=dict)
    """What is known of files that were asked about."""
    states: dict[str, Read] = field(default_factory=dict)
    """Files whose content is known without reading them."""
    renewed: dict[str, Read] = field(default_factory=dict)
    """Files that had to be read, because they have, or may have, changed."""
    gone: set[str] = field(default_factory=set)
    folders: dict[str, Folder] = field(default_factory=dict)
    """Folders that had to be listed."""


def make_plan(store: Store, key: str, paths: Collection[str], overlays: Mapping[str, bytes]) -> Plan:
    """What the store knows of the files at the paths. Raises Unusable.

    `overlays` are buffers that stand in for files, by path: what reaches one is judged again.
    """
    with store.reading():
        return _Planning(store, key, paths, overlays).run()


class _Planning:
    def __init__(self, store: Store, key: str, paths: Collection[str], overlays: Mapping[str, bytes]) -> None:
        self.store = store
        self.key = key
        self.paths = paths
        self.overlays = overlays
        self.plan = Plan()
        self.rows: dict[int, ModuleRow] = {}
        self.links: dict[int, Links] | None = None

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
            touched |= touched_by_names(names, paths, self.links)
            touched = reaching(touched, self.links, paths)
        by_path = {row.path: row for row in self.rows.values() if row.id not in touched}
        asked = (by_path[path] for path in self.paths if path in by_path)
        self.plan.outcomes = self.store.outcomes(self.key, asked)
        return self.plan

    def _follow(self, paths: Iterable[str]) -> None:
        """Takes in the files at the paths and all that can be reached from them."""
        self.links = {}
        pending = [row for row in map(self.store.module, paths) if row is not None]
        pending += self.store.settings_files()
        while pending:
            row = pending.pop()
            if row.id in self.rows:
                continue
            self.rows[row.id] = row
            links = self.links[row.id] = self.store.links(row.id)
            for number in links.targets:
                if number not in self.rows:
                    target = self.store.numbered(number)
                    # One that is missing is found missing when it is asked who reaches what.
                    if target is not None:
                        pending.append(target)

    def _holds(self, row: ModuleRow) -> bool:
        """Whether a file still has the content that the store knows."""
        if row.path in self.overlays:
            return disk.digest(self.overlays[row.path]) == row.state.content
        signature = disk.signature_of(row.path)
        if signature is None:
            self.plan.gone.add(row.path)
            return False
        if disk.is_unchanged(row.state, signature):
            self.plan.states[row.path] = row.state
            return True
        state, _ = disk.read(row.path)
        self.plan.renewed[row.path] = state
        if state.content:
            self.plan.states[row.path] = state
        return state.content == row.state.content

    def _changed_names(self) -> set[tuple[str, str]]:
        """Folder and name of entries that came or went."""
        found: set[tuple[str, str]] = set()
        for path, known in self.store.folders():
            signature = disk.signature_of(path)
            if signature is not None and disk.is_unchanged(known, signature):
                continue
            if signature is None and not known.names and known.signature == disk.NO_SIGNATURE:
                continue  # it was missing then, too
            folder = self.plan.folders[path] = disk.look_into(path)
            found |= {(path, name) for name in known.names ^ folder.names}
        return found

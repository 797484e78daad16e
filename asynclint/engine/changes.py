"""What a run leaves in the store, and the one transaction that writes it.

Whatever may no longer be true after it is taken away by the same transaction.
"""

from __future__ import annotations

import os
import sqlite3
import zlib
from collections.abc import Collection, Iterable, Mapping

from asynclint.engine.disk import Folder, Read, is_settings_file
from asynclint.engine.stale import Links, encoded, reaching, settings_among, touched_by_names
from asynclint.tuples import NamedTuple

#: Outcomes are kept for this many ways of being called, facts that no file has for this many runs.
_KEPT_KEYS = 8
_KEPT_RUNS = 20


class Sparing(NamedTuple):
    """What certain edits cannot have changed, as long as the store is as it was when that was found out."""

    runs: int
    """How many runs the store had seen."""
    edits: Mapping[str, tuple[bytes, bytes]]
    """By path, the contents before and after."""
    spared: Collection[str]
    """The paths of files that can reach an edited one, and whose results are the same all the same."""


class Changes:
    """What a run has found, to be written at once. Everything is by path."""

    __slots__ = ("asked", "facts", "folders", "gone", "moves", "outcomes", "reads", "sparing", "texts")

    def __init__(self) -> None:
        self.reads: dict[str, Read] = {}
        self.gone: set[str] = set()
        self.folders: dict[str, Folder] = {}
        self.moves: Mapping[str, Collection[str]] = {}
        self.asked: Mapping[str, Collection[str]] = {}
        self.outcomes: dict[str, bytes] = {}
        self.facts: dict[bytes, bytes] = {}
        self.texts: dict[bytes, bytes] = {}
        """Packed texts by content."""
        self.sparing: Sparing | None = None

    @property
    def is_empty(self) -> bool:
        return not (self.reads or self.gone or self.folders or self.outcomes or self.facts)


class Writing:
    """Writes changes under a key; to be made and run within one transaction."""

    def __init__(self, connection: sqlite3.Connection, key: str, changes: Changes) -> None:
        self.connection = connection
        self.key = key
        self.changes = changes
        self.numbers: dict[str, int] = {}
        self.contents: dict[str, bytes] = {}
        for number, path, content in connection.execute("SELECT id, path, content FROM modules"):
            self.numbers[path] = number
            self.contents[path] = content

    def run(self) -> None:
        changed = {
            path
            for path, state in self.changes.reads.items()
            if path in self.numbers and self.contents[path] != state.content
        }
        gone = {path for path in self.changes.gone if path in self.numbers and path not in self.changes.reads}
        names = self._changed_names() | settings_among(changed | gone)
        links = {number: Links.decode(*data) for number, *data in self.connection.execute("SELECT * FROM links")}
        if changed or gone or names:
            paths = {number: path for path, number in self.numbers.items()}
            touched = {self.numbers[path] for path in changed | gone}
            touched |= touched_by_names(names, paths, links)
            stale = reaching(touched, links, paths)
            spared = {self.numbers[path] for path in self._spared(changed) if not gone and not names} & stale
            self._delete_outcomes(self._keys(), stale - spared)
            if spared:
                self._delete_mentioning(changed, spared)
            else:
                self._delete("links WHERE module = ?", {self.numbers[path] for path in changed | gone})
                for path in changed:
                    links.pop(self.numbers[path], None)
            self._delete("modules WHERE id = ?", {self.numbers.pop(path) for path in gone})
        self._write_modules()
        self._write_folders()
        self._write_links(links)
        self._write_outcomes()
        self._write_facts()

    def _delete(self, what: str, numbers: Iterable[int]) -> None:
        self.connection.executemany(f"DELETE FROM {what}", [(number,) for number in numbers])

    def _spared(self, changed: Collection[str]) -> Collection[str]:
        """The paths of files whose results hold although they can reach what has changed."""
        sparing = self.changes.sparing
        if sparing is None or sparing.runs != self._runs() or any(path not in sparing.edits for path in changed):
            return ()
        for path in changed:
            if sparing.edits[path] != (self.contents[path], self.changes.reads[path].content):
                return ()
        return sparing.spared

    def _delete_mentioning(self, changed: Collection[str], spared: Collection[int]) -> None:
        """Removes outcomes of spared files that show a place in a changed one, and those of other settings.

        The spared files may still take the ways that they took through the changed files, so the
        links of those stay.
        """
        own = [number for number, key in self.connection.execute("SELECT id, key FROM keys") if key == self.key]
        self._delete_outcomes([number for number in self._keys() if number not in own], spared)
        for mark in {shown_as(path) for path in changed}:
            self.connection.executemany(
                "DELETE FROM outcomes WHERE key = ? AND module = ? AND instr(data, ?)",
                [(key, number, mark) for key in own for number in spared],
            )

    def _keys(self) -> list[int]:
        return [number for (number,) in self.connection.execute("SELECT id FROM keys")]

    def _delete_outcomes(self, keys: Iterable[int], modules: Collection[int]) -> None:
        # With the key in front each is found at once; by their module alone, the whole table is searched for each.
        self.connection.executemany(
            "DELETE FROM outcomes WHERE key = ? AND module = ?", [(key, number) for key in keys for number in modules]
        )

    def _changed_names(self) -> set[tuple[str, str]]:
        """Folder and name of entries that the store does not have, or has and are gone."""
        found: set[tuple[str, str]] = set()
        for path, folder in self.changes.folders.items():
            row = self.connection.execute("SELECT names FROM folders WHERE path = ?", (path,)).fetchone()
            if row is not None:
                found |= {(path, name) for name in names_in(row[0]) ^ folder.names}
        return found

    def _write_modules(self) -> None:
        self.connection.executemany(
            "INSERT INTO modules (path, mtime, ctime, size, inode, seen, content, settings) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (path) DO UPDATE SET mtime = excluded.mtime, ctime = excluded.ctime, size = excluded.size, "
            "inode = excluded.inode, seen = excluded.seen, content = excluded.content",
            [
                (path, *_integers(state), state.content, int(is_settings_file(os.path.basename(path))))
                for path, state in sorted(self.changes.reads.items())
            ],
        )
        if any(path not in self.numbers for path in self.changes.reads):
            self.numbers = {path: number for number, path in self.connection.execute("SELECT id, path FROM modules")}

    def _write_folders(self) -> None:
        self.connection.executemany(
            "INSERT OR REPLACE INTO folders VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                (path, *_integers(folder), "/".join(sorted(folder.names)))
                for path, folder in self.changes.folders.items()
            ],
        )

    def _write_links(self, links: Mapping[int, Links]) -> None:
        alive = frozenset(self.numbers.values())
        rows = []
        for path in {*self.changes.reads, *self.changes.moves, *self.changes.asked}:
            number = self.numbers.get(path)
            if number is None:
                continue
            before = links.get(number, Links())
            targets = {self.numbers[target] for target in self.changes.moves.get(path, ()) if target in self.numbers}
            # Analysis asks for more of a module now and for less then: what was asked before still counts.
            targets |= alive.intersection(before.targets)
            words = {*before.words, *self.changes.asked.get(path, ())}
            if number not in links or targets != set(before.targets) or words != set(before.words):
                rows.append((number, *encoded(targets, words)))
        self.connection.executemany("INSERT OR REPLACE INTO links VALUES (?, ?, ?)", rows)

    def _write_outcomes(self) -> None:
        runs = self._count_run()
        self.connection.execute(
            "INSERT INTO keys (key, used) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET used = excluded.used",
            (self.key, runs),
        )
        (number,) = self.connection.execute("SELECT id FROM keys WHERE key = ?", (self.key,)).fetchone()
        self.connection.executemany(
            "INSERT OR REPLACE INTO outcomes VALUES (?, ?, ?)",
            [
                (number, self.numbers[path], mark(self.key, path, self.changes.reads[path].content, data) + data)
                for path, data in self.changes.outcomes.items()
            ],
        )
        old = "SELECT id FROM keys ORDER BY used DESC, id DESC LIMIT -1 OFFSET ?"
        self.connection.execute(f"DELETE FROM outcomes WHERE key IN ({old})", (_KEPT_KEYS,))
        self.connection.execute(f"DELETE FROM keys WHERE id IN ({old})", (_KEPT_KEYS,))

    def _count_run(self) -> int:
        runs = self._runs() + 1
        self.connection.execute("UPDATE meta SET value = ? WHERE name = 'runs'", (str(runs),))
        return runs

    def _runs(self) -> int:
        return int(self.connection.execute("SELECT value FROM meta WHERE name = 'runs'").fetchone()[0])

    def _write_facts(self) -> None:
        runs = self._runs()
        for table, rows in (("facts", self.changes.facts), ("texts", self.changes.texts)):
            self.connection.executemany(
                f"INSERT OR REPLACE INTO {table} VALUES (?, ?, ?)",
                [(content, runs, data) for content, data in rows.items()],
            )
            if runs % _KEPT_RUNS == 0:
                current = "SELECT content FROM modules"
                self.connection.execute(f"UPDATE {table} SET used = ? WHERE content IN ({current})", (runs,))
                self.connection.execute(f"DELETE FROM {table} WHERE used <= ?", (runs - _KEPT_RUNS,))
        if runs % _KEPT_RUNS == 0:
            self.connection.execute("PRAGMA incremental_vacuum").fetchall()


def names_in(text: str) -> frozenset[str]:
    """The names of a folder from the form in which the store has them."""
    return frozenset(text.split("/")) if text else frozenset()


def shown_as(path: str) -> bytes:
    """What an outcome holds that shows a place in the file, however the path is shown."""
    return os.path.basename(path).encode("utf-8", "surrogatepass")


def mark(key: str, path: str, content: bytes, data: bytes) -> bytes:
    """Ties an outcome to what it is the outcome of, so that a damaged file does not mix them up."""
    told = b"\0".join((key.encode(), path.encode(), content, data))
    return zlib.crc32(told).to_bytes(4, "little")


def _integers(state: Read | Folder) -> tuple[int, ...]:
    return *state.signature, state.seen

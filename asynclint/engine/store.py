"""The store: what earlier runs found, in one SQLite file in the project's cache folder.

It holds, for every file that an analysis has looked at, the content that was used (`modules`) and
where analysis went from there (`links`); the folders that were listed; the facts of files by
content; what walks through the project found (`listings`); and outcomes by file and by key, the
digest of all settings. One promise holds at every moment between transactions:

    an outcome in the store is what analysis gives when every file that can be reached from its
    file along the links has the content, and every folder the names, that the store says.

So a reader who finds that contents and names are still those can use the outcome, and a writer who
changes what the store says of a file or folder takes away the outcomes of all that can reach it,
in the same transaction. Nothing else has to be agreed between processes.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Collection, Iterable, Iterator

from asynclint.engine.changes import Changes, Writing, mark, names_in
from asynclint.engine.disk import Read, Signature
from asynclint.engine.stale import Links
from asynclint.tuples import NamedTuple

NAME = "cache.db"
_LAYOUT = "4"
_TABLES = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value TEXT);
CREATE TABLE IF NOT EXISTS modules (
    id INTEGER PRIMARY KEY AUTOINCREMENT, path TEXT UNIQUE NOT NULL,
    mtime INTEGER, ctime INTEGER, size INTEGER, inode INTEGER, seen INTEGER, content BLOB, settings INTEGER);
CREATE INDEX IF NOT EXISTS settings_files ON modules (settings) WHERE settings = 1;
CREATE TABLE IF NOT EXISTS links (module INTEGER PRIMARY KEY, targets BLOB, words BLOB);
CREATE TABLE IF NOT EXISTS folders (
    path TEXT PRIMARY KEY, mtime INTEGER, ctime INTEGER, size INTEGER, inode INTEGER, seen INTEGER, names TEXT);
CREATE TABLE IF NOT EXISTS keys (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE, used INTEGER);
CREATE TABLE IF NOT EXISTS outcomes (key INTEGER, module INTEGER, data BLOB, PRIMARY KEY (key, module)) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS facts (content BLOB PRIMARY KEY, used INTEGER, data BLOB);
CREATE TABLE IF NOT EXISTS texts (content BLOB PRIMARY KEY, used INTEGER, data BLOB);
CREATE TABLE IF NOT EXISTS listings (id INTEGER PRIMARY KEY AUTOINCREMENT, key TEXT UNIQUE, data BLOB);
"""
#: Listings are kept for this many ways of being called.
_KEPT_LISTINGS = 8
#: From this many on, outcomes are read all together.
_SINGLY = 300
#: Milliseconds to wait for another process that writes; what is not written is found again.
_PATIENCE = 3000


class Unusable(Exception):
    """The store cannot be used; the message says why."""


class Busy(Unusable):
    """Another process writes, and goes on writing."""


class Damaged(Unusable):
    """The file is no store, or a broken one; it may be removed and made again."""


class ModuleRow(NamedTuple):
    """A file as the store knows it, see `Read`."""

    id: int
    path: str
    mtime: int
    ctime: int
    size: int
    inode: int
    seen: int
    content: bytes
    settings: int
    """1 for a file that sets up how tests are run, else 0."""

    @property
    def signature(self) -> Signature:
        return self[2:6]

    @property
    def state(self) -> Read:
        return Read(self.signature, self.seen, self.content)


class Store:
    """An open store. Every method may raise Unusable."""

    def __init__(self, folder: str, stamp: str) -> None:
        """Opens or makes the store in a folder. `stamp` tells apart what must not share a store."""
        self.path = os.path.join(folder, NAME)
        self._stamp = f"{_LAYOUT}:{stamp}"
        with _as_unusable():
            _prepare(folder)
            self._connection = _connect(self.path)
            self._set_up()

    def close(self) -> None:
        with contextlib.suppress(sqlite3.Error):
            self._connection.close()

    def _set_up(self) -> None:
        connection = self._connection
        try:
            told = connection.execute("SELECT value FROM meta WHERE name = 'stamp'").fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            told = None
        if told == (self._stamp,):
            return
        connection.execute("PRAGMA journal_mode = WAL")
        with _writing(connection):
            known = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for (name,) in known:
                if not name.startswith("sqlite_"):
                    connection.execute(f'DROP TABLE "{name}"')
            for statement in _TABLES.split(";\n"):
                if statement.strip():
                    connection.execute(statement)
            connection.execute("INSERT INTO meta VALUES ('stamp', ?), ('runs', '0')", (self._stamp,))

    # -- reading ---------------------------------------------------------------------------------

    @contextlib.contextmanager
    def reading(self) -> Iterator[None]:
        """Everything read within is from one moment."""
        with _as_unusable():
            self._connection.execute("BEGIN")
            try:
                yield
            finally:
                self._connection.rollback()

    def size(self) -> int:
        """How many files the store knows."""
        return int(self._connection.execute("SELECT count(*) FROM modules").fetchone()[0])

    def modules(self) -> Iterator[ModuleRow]:
        """All files."""
        return map(ModuleRow._make, self._connection.execute("SELECT * FROM modules"))

    def module(self, path: str) -> ModuleRow | None:
        found = self._connection.execute("SELECT * FROM modules WHERE path = ?", (path,)).fetchone()
        return None if found is None else ModuleRow._make(found)

    def numbered(self, numbers: Iterable[int]) -> list[tuple[ModuleRow, Links]]:
        """The files of these numbers that there are, with their links. Raises Unusable when some are damaged."""
        # The numbers are our own, and there may be more of them than a statement may have parameters.
        query = "SELECT modules.*, targets, words FROM modules LEFT JOIN links ON id = module WHERE id IN (%s)"
        rows = self._connection.execute(query % ",".join(map(str, numbers)))
        return [
            (ModuleRow._make(row), Links() if targets is None else Links.decode(targets, words))
            for *row, targets, words in rows
        ]

    def settings_files(self) -> Iterator[ModuleRow]:
        """The files that set up how tests are run."""
        return map(ModuleRow._make, self._connection.execute("SELECT * FROM modules WHERE settings = 1"))

    def folders(self) -> Iterator[tuple[str, Signature, int]]:
        """Path, signature and time of seeing of all folders that were listed."""
        query = "SELECT path, seen, mtime, ctime, size, inode FROM folders"
        for path, seen, mtime, ctime, size, inode in self._connection.execute(query).fetchall():
            yield path, (mtime, ctime, size, inode), seen

    def names(self, folder: str) -> frozenset[str]:
        """The names that were in a folder that was listed."""
        found = self._connection.execute("SELECT names FROM folders WHERE path = ?", (folder,)).fetchone()
        return names_in(found[0])

    def all_links(self) -> dict[int, Links]:
        """The links of every module, by number. Raises Unusable when some are damaged."""
        return {number: Links.decode(*data) for number, *data in self._connection.execute("SELECT * FROM links")}

    def outcomes(self, key: str, modules: Iterable[ModuleRow]) -> dict[str, bytes]:
        """The outcomes of modules under a key, by path. Raises Unusable when some are damaged."""
        found = self._connection.execute("SELECT id FROM keys WHERE key = ?", (key,)).fetchone()
        if found is None:
            return {}
        modules = list(modules)
        if len(modules) > _SINGLY:
            query = "SELECT module, data FROM outcomes WHERE key = ?"
            rows = dict(self._connection.execute(query, found))
        else:
            query = "SELECT module, data FROM outcomes WHERE key = ? AND module = ?"
            rows = {}
            for module in modules:
                rows.update(self._connection.execute(query, (*found, module.id)))
        found_data = {}
        for each in modules:
            data = rows.get(each.id)
            if data is not None:
                if data[:4] != mark(key, each.path, each.content, data[4:]):
                    raise ValueError("an outcome is damaged")
                found_data[each.path] = data[4:]
        return found_data

    def runs(self) -> int:
        """How many runs have left something here."""
        return int(self._connection.execute("SELECT value FROM meta WHERE name = 'runs'").fetchone()[0])

    def text(self, content: bytes) -> bytes | None:
        """The text that a content stands for, packed; None when the store does not have it."""
        found = self._connection.execute("SELECT data FROM texts WHERE content = ?", (content,)).fetchone()
        return None if found is None else found[0]

    def known_facts(self, contents: Collection[bytes]) -> frozenset[bytes]:
        """Those of the contents of which there are facts, and perhaps others."""
        if len(contents) > _SINGLY:
            return frozenset([content for (content,) in self._connection.execute("SELECT content FROM facts")])
        query = "SELECT 1 FROM facts WHERE content = ?"
        return frozenset([each for each in contents if self._connection.execute(query, (each,)).fetchone()])

    def listing(self, key: str) -> bytes | None:
        """A listing that was written; None when there is none."""
        with _as_unusable():
            found = self._connection.execute("SELECT data FROM listings WHERE key = ?", (key,)).fetchone()
        return None if found is None else found[0]

    # -- writing ---------------------------------------------------------------------------------

    def write(self, key: str, changes: Changes) -> None:
        """Writes what a run has found, and takes away what is no longer true."""
        with _as_unusable(), _writing(self._connection):
            told = self._connection.execute("SELECT value FROM meta WHERE name = 'stamp'").fetchone()
            if told == (self._stamp,):  # else it belongs to another version by now
                Writing(self._connection, key, changes).run()

    def write_listing(self, key: str, data: bytes) -> None:
        """Writes a listing in place of an older one, and drops what nobody has asked for lately."""
        # It is not worth waiting for.
        self._connection.execute("PRAGMA busy_timeout = 50")
        with _as_unusable(), _writing(self._connection):
            told = self._connection.execute("SELECT value FROM meta WHERE name = 'stamp'").fetchone()
            if told == (self._stamp,):
                self._connection.execute("INSERT OR REPLACE INTO listings (key, data) VALUES (?, ?)", (key, data))
                old = "SELECT id FROM listings ORDER BY id DESC LIMIT -1 OFFSET ?"
                self._connection.execute(f"DELETE FROM listings WHERE id IN ({old})", (_KEPT_LISTINGS,))


def open_facts(folder: str) -> sqlite3.Connection | None:
    """A connection for reading facts, for each process its own; None when there is none to be had."""
    try:
        return sqlite3.connect(
            f"file:{_quoted(os.path.join(folder, NAME))}?mode=ro", uri=True, timeout=1, check_same_thread=False
        )
    except sqlite3.Error:
        return None


def facts_of(connection: sqlite3.Connection, content: bytes) -> bytes | None:
    """The packed facts of a content; None when the store has none, or cannot tell."""
    try:
        found = connection.execute("SELECT data FROM facts WHERE content = ?", (content,)).fetchone()
    except sqlite3.Error:
        return None
    return None if found is None else found[0]


def remove(folder: str) -> bool:
    """Removes what the store has put into a folder, and the folder if nothing else is in it.

    False when there was nothing. Raises OSError.
    """
    removed = False
    for name in (NAME, f"{NAME}-wal", f"{NAME}-shm", f"{NAME}-journal", *_MARKS):
        with contextlib.suppress(FileNotFoundError, NotADirectoryError):
            os.unlink(os.path.join(folder, name))
            removed = True
    with contextlib.suppress(OSError):
        os.rmdir(folder)
    return removed


#: So that version control, and tools that make backups, leave the folder alone.
_MARKS = {
    ".gitignore": "# Made by asynclint.\n*\n",
    "CACHEDIR.TAG": "Signature: 8a477f597d28d172789f06886806bc55\n"
    "# This folder is a cache of asynclint; see https://bford.info/cachedir/\n",
}


def _prepare(folder: str) -> None:
    os.makedirs(folder, exist_ok=True)
    for name, text in _MARKS.items():
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            with open(path, "w", encoding="utf-8") as file:
                file.write(text)


def _connect(path: str) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=_PATIENCE / 1000, isolation_level=None)
    if os.path.getsize(path) == 0:
        connection.execute("PRAGMA auto_vacuum = INCREMENTAL")
    connection.execute("PRAGMA synchronous = NORMAL")
    return connection


@contextlib.contextmanager
def _writing(connection: sqlite3.Connection) -> Iterator[None]:
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
    except BaseException:
        connection.rollback()
        raise
    connection.execute("COMMIT")


@contextlib.contextmanager
def _as_unusable() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        kind = Busy if "locked" in str(error) else Unusable
        raise kind(str(error)) from error
    except UnicodeEncodeError as error:
        raise Unusable("a path is not valid UTF-8") from error
    except (sqlite3.Error, ValueError, TypeError, OverflowError) as error:
        raise Damaged(str(error)) from error
    except OSError as error:
        raise Unusable(error.strerror or str(error)) from error


def _quoted(path: str) -> str:
    from urllib.parse import quote

    return quote(path)

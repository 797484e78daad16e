"""What an edit cannot have changed: files that have no way to name what was edited.

Analysis gets from one piece of code to another by names alone: a call, an attribute, an import, a
base class, a definition of the same name. So the result of a file can have changed only if there is
a chain of pieces, each of which names a handle of the next, from the file to a piece that was
changed. Names are compared as words of the text, wherever they stand, so that the chains found
here are at least those that analysis can take.

Some names are asked for without being written by anybody, such as `__enter__`, or methods that the
catalogue says a framework calls. A method of such a name also has its class for a handle: who asks
it has an object of the class, which somebody has named.
"""

from __future__ import annotations

import contextlib
import os
import re
from collections.abc import Callable, Collection, Iterable
from functools import cache

from asynclint.engine.pieces import WORD, Handles, Pieces, changed, normalised, pieces_of
from asynclint.facts.extract import NestedTooDeeply, extract

#: Beyond this many names, or this share of the files, judging is cheaper than knowing.
_MANY_NAMES = 400
_FEW_FILES = 40
_MOST = 0.15
#: Up to this many names are looked for one by one.
_FEW_NAMES = 6
#: Where analysis, and what it knows, is written down.
_ROOMS = ("facts", "program", "rules", "advice", "catalogue")
_NAMES = re.compile(rb"\"([A-Za-z0-9_.]+)\"")


def changed_handles(before: bytes, after: bytes, modules: Collection[str] = ()) -> Handles:
    """The handles of what an edit changed; None when anything may depend on it.

    `modules` are the names of modules and packages that the project has itself.
    """
    # What a comment says to asynclint counts for the code around it.
    if b"asynclint" in before or b"asynclint" in after:
        return None
    try:
        for data in (before, after):
            with contextlib.suppress(SyntaxError):
                extract(data)
        own = modules.__contains__
        return changed(pieces_of(before, implied_names(), own), pieces_of(after, implied_names(), own))
    except (ValueError, RecursionError):
        return None  # nothing can be said of code that analysis does not see although it is no mistake


@cache
def implied_names() -> frozenset[str]:
    """The names that are written down in the analysis and the catalogue: what it may ask for of its own accord."""
    found: set[bytes] = set()
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    for room in _ROOMS:
        for folder, _, names in os.walk(os.path.join(package, room)):
            for name in names:
                if name.endswith((".py", ".json")):
                    with open(os.path.join(folder, name), "rb") as file:
                        for dotted in _NAMES.findall(file.read()):
                            found.update(dotted.split(b"."))
    return frozenset([word.decode() for word in found])


def concerned(handles: Collection[str], candidates: Iterable[str], text_of: Callable[[str], bytes | None]) -> set[str]:
    """Of the candidates, by path, all that may have another result now that the handles have changed."""
    return _Search(list(candidates), text_of).run(handles) if handles else set()


class _Search:
    def __init__(self, candidates: list[str], text_of: Callable[[str], bytes | None]) -> None:
        self.candidates = candidates
        self.found: set[str] = set()
        self.is_lost = False
        """Something was met that anything may depend on."""
        self.texts: dict[str, bytes] = {}
        self.open: dict[str, tuple[Pieces, set[int]]] = {}
        """By path, the pieces of a file, and which of them are not yet known to be concerned."""
        self.words: dict[str, frozenset[bytes]] = {}
        """The words of each text, from when they are many that are looked for."""
        for path in candidates:
            text = text_of(path)
            try:
                self.texts[path] = normalised(text or b"")
            except UnicodeDecodeError:
                text = None
            self.is_lost |= text is None

    def run(self, handles: Collection[str]) -> set[str]:
        known: set[str] = set()
        pending = set(handles)
        limit = max(_FEW_FILES, len(self.candidates) * _MOST)
        while pending:
            known |= pending
            if self.is_lost or not all(name.isascii() for name in pending):
                return {*self.candidates}
            if len(known) > _MANY_NAMES or len(self.found) > limit:
                return {*self.candidates}
            named = self._naming(pending)
            if len(self.found) > limit:
                return {*self.candidates}
            pending = {handle for path in named for handle in self._handles(path, pending)} - known
        return {*self.candidates} if self.is_lost else self.found

    def _naming(self, names: set[str]) -> list[str]:
        """The files with one of the names in their text."""
        sought = sorted(name.encode() for name in names)
        if len(sought) <= _FEW_NAMES and not self.words:
            whole = [re.compile(rb"\b%s\b" % name) for name in sought]
            # Looking for a piece of text is several times as fast as looking for a word.
            named = [
                path
                for path, text in self.texts.items()
                if any(name in text and word.search(text) for name, word in zip(sought, whole, strict=True))
            ]
        else:
            if not self.words:
                self.words = {path: frozenset(WORD.findall(text)) for path, text in self.texts.items()}
            named = [path for path, words in self.words.items() if not words.isdisjoint(sought)]
        self.found.update(named)
        return named

    def _handles(self, path: str, names: set[str]) -> set[str]:
        """The handles of those pieces of a file that have one of the names in their text."""
        if path not in self.open:
            try:
                pieces = pieces_of(self.texts[path], implied_names())
            except (NestedTooDeeply, RecursionError):
                self.is_lost = True
                return set()
            self.open[path] = pieces, set(range(len(pieces.pieces)))
        pieces, rest = self.open[path]
        found: set[str] = set()
        for index in sorted(rest):
            piece = pieces.pieces[index]
            if not names.isdisjoint(pieces.words(piece)):
                rest.discard(index)
                self.is_lost |= piece.handles is None
                found |= piece.handles or frozenset()
        return found

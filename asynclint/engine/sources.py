"""The files of a run as the engine reads them: bytes, text and facts, each once.

An editor's unsaved buffer overlays the file on disk, for every module that asks for it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping

from asynclint.facts.extract import extract
from asynclint.facts.model import ModuleFacts
from asynclint.source import Source, UndecodableSource

_KEPT_TEXTS = 64


class Unreadable(Exception):
    """A file that cannot be read; the message names the remedy."""


class Sources:
    """Reads files by absolute path. `overlays` holds bytes that stand in for those on disk."""

    def __init__(self, overlays: Mapping[str, bytes] | None = None) -> None:
        self._overlays = dict(overlays or {})
        self._facts: dict[str, ModuleFacts | Exception] = {}
        self._texts: OrderedDict[str, Source | None] = OrderedDict()

    def data(self, path: str) -> bytes:
        """The bytes of a file. Raises Unreadable."""
        found = self._overlays.get(path)
        if found is not None:
            return found
        try:
            with open(path, "rb") as file:
                return file.read()
        except OSError as error:
            raise Unreadable(f"{error.strerror or error}; make it readable or exclude it") from None

    def facts(self, path: str) -> ModuleFacts | None:
        """The facts of a file; None when it cannot be read or parsed. `problem` tells why."""
        found = self._facts.get(path)
        if found is None:
            try:
                found = extract(self.data(path))
            except (SyntaxError, ValueError, Unreadable) as error:
                found = error
            self._facts[path] = found
        return found if isinstance(found, ModuleFacts) else None

    def problem(self, path: str) -> Exception | None:
        """Why a file has no facts: SyntaxError, ValueError, NestedTooDeeply or Unreadable."""
        self.facts(path)
        found = self._facts[path]
        return found if isinstance(found, Exception) else None

    def text(self, path: str) -> Source | None:
        """The text of a file; None when it cannot be read or decoded. The latest few are kept."""
        if path in self._texts:
            self._texts.move_to_end(path)
            return self._texts[path]
        try:
            found: Source | None = Source(self.data(path))
        except (Unreadable, UndecodableSource):
            found = None
        self._texts[path] = found
        if len(self._texts) > _KEPT_TEXTS:
            self._texts.popitem(last=False)
        return found

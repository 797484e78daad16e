"""The files of a run as the engine reads them: bytes, text and facts, each once.

An editor's unsaved buffer overlays the file on disk, for every module that asks for it. Facts that
are known by a file's content, from the store or from other processes, are not extracted again.
"""

from __future__ import annotations

import marshal
from collections import OrderedDict
from collections.abc import Callable, Mapping
from zlib import compress, crc32, decompress
from zlib import error as ZlibError

from asynclint.engine import disk
from asynclint.facts.extract import extract
from asynclint.facts.model import ModuleFacts
from asynclint.source import Source, UndecodableSource

_KEPT_TEXTS = 64
#: Bytes of the checksum in front of packed facts.
_CHECKSUM = 4


class Unreadable(Exception):
    """A file that cannot be read; the message names the remedy."""


def packed(facts: ModuleFacts) -> bytes:
    """Facts as bytes, for the store and for other processes.

    Not compressed, since that takes longer than all the rest of it. The checksum in front keeps
    damaged bytes from `marshal`, which trusts what it reads.
    """
    data = marshal.dumps(facts.encode())
    return crc32(data).to_bytes(_CHECKSUM, "little") + data


def unpacked(data: bytes) -> ModuleFacts:
    """The inverse of `packed`. Raises ValueError when the bytes are damaged."""
    body = memoryview(data)[_CHECKSUM:]
    if crc32(body) != int.from_bytes(data[:_CHECKSUM], "little"):
        raise ValueError("damaged facts")
    try:
        return ModuleFacts.decode(marshal.loads(body))
    except (EOFError, TypeError) as error:
        raise ValueError("damaged facts") from error


def packed_text(data: bytes) -> bytes:
    """The bytes of a file, for the store."""
    return compress(data, 1)


def unpacked_text(data: bytes) -> bytes:
    """The inverse of `packed_text`. Raises ValueError when the bytes are damaged."""
    try:
        return decompress(data)
    except ZlibError as error:
        raise ValueError("a damaged text") from error


class Sources:
    """Reads files by absolute path. `overlays` holds bytes that stand in for those on disk.

    `states` are files whose content is known without reading them; `known_facts` gives packed
    facts by content, None when there are none. With `keeps_texts`, those of files that had to be
    parsed are kept, packed.
    """

    def __init__(
        self,
        overlays: Mapping[str, bytes] | None = None,
        states: Mapping[str, disk.Read] | None = None,
        known_facts: Callable[[bytes], bytes | None] | None = None,
        *,
        keeps_texts: bool = False,
    ) -> None:
        self._overlays = dict(overlays or {})
        self._states = dict(states or {})
        self._known_facts = known_facts
        self._facts: dict[str, ModuleFacts | Exception] = {}
        self._texts: OrderedDict[str, Source | None] = OrderedDict()
        self.prepared: dict[bytes, bytes] = {}
        """Packed facts by content, as other processes have extracted them."""
        self.extracted: dict[bytes, ModuleFacts] = {}
        """By content, the facts that were extracted here."""
        self._keeps_texts = keeps_texts
        self.texts: dict[bytes, bytes] = {}
        """By content, the packed texts of files that were parsed."""
        self._seen: dict[str, disk.Read] = {}
        self._reads: dict[str, disk.Read] = {}
        self.changed_meanwhile = False
        """A file had another content when it was read again: what was found may not fit together."""

    def data(self, path: str) -> bytes:
        """The bytes of a file. Raises Unreadable."""
        found = self._overlays.get(path)
        if found is not None:
            return found
        state, data = disk.read(path)
        self._note(path, state)
        if isinstance(data, OSError):
            raise Unreadable(f"{data.strerror or data}; make it readable or exclude it") from None
        return data

    def take_reads(self) -> dict[str, disk.Read]:
        """The state in which each file was first used, for those used since the last time."""
        taken, self._reads = self._reads, {}
        return taken

    def facts(self, path: str) -> ModuleFacts | None:
        """The facts of a file; None when it cannot be read or parsed. `problem` tells why."""
        found = self._facts.get(path)
        if found is None:
            found = self._facts[path] = self._known(path) or self._extracted(path)
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

    def _known(self, path: str) -> ModuleFacts | None:
        """Facts that need no parsing; None when there are none."""
        state = None if path in self._overlays else self._states.get(path)
        if state is None or not state.content:
            return None
        data = self.prepared.get(state.content)
        if data is None and self._known_facts is not None:
            data = self._known_facts(state.content)
        if data is None:
            return None
        try:
            found = unpacked(data)
        except ValueError:
            return None
        self._note(path, state)
        return found

    def _note(self, path: str, state: disk.Read) -> None:
        before = self._seen.get(path)
        if before is None:
            self._seen[path] = self._reads[path] = state
        elif before.content != state.content:
            self.changed_meanwhile = True

    def _extracted(self, path: str) -> ModuleFacts | Exception:
        try:
            data = self.data(path)
            content = self._seen[path].content if path not in self._overlays else b""
            known = self._known_facts(content) if self._known_facts is not None and content else None
            if known is not None:
                try:
                    return unpacked(known)
                except ValueError:
                    pass
            found = extract(data)
        except (SyntaxError, ValueError, Unreadable) as error:
            return error
        if content:
            self.extracted[content] = found
            if self._keeps_texts:
                self.texts[content] = packed_text(data)
        return found

    def add_prepared(self, path: str, state: disk.Read, facts: bytes, text: bytes) -> None:
        """Takes over what another process has read and extracted; the text is packed, or empty."""
        self._states[path] = state
        self.prepared[state.content] = facts
        if text:
            self.texts[state.content] = text

"""Exit statuses, and the error that ends a run with a message."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum


class Status(IntEnum):
    """What the process says to its caller."""

    CLEAN = 0
    FOUND = 1
    BROKEN = 2  # the run cannot be trusted
    INTERRUPTED = 130


class Stop(Exception):
    """The run cannot go on. Each message is one line that says what is wrong and what to do."""

    def __init__(self, *messages: str, notes: Iterable[str] = ()) -> None:
        self.messages = messages
        self.notes = tuple(notes)
        super().__init__("\n".join(messages))

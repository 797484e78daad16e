"""A bar on the terminal for runs that take a while."""

from __future__ import annotations

import os
import time
from types import TracebackType
from typing import TextIO

_AFTER = 1.0
_EVERY = 0.1
_WIDTH = 30


class Bar:
    """Shows progress on a terminal once a run takes more than a second; never in CI or pipes."""

    def __init__(self, stream: TextIO, *, quiet: bool = False) -> None:
        self._stream = stream
        self._on = not quiet and stream.isatty() and not os.environ.get("CI") and os.environ.get("TERM") != "dumb"
        self._next = time.monotonic() + _AFTER
        self._shown = False

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._shown:
            self._stream.write("\r\033[K")
            self._stream.flush()

    def show(self, done: int, total: int) -> None:
        """Draws the bar when it is time to."""
        if not self._on or (now := time.monotonic()) < self._next:
            return
        self._next = now + _EVERY
        self._shown = True
        full = _WIDTH * done // max(total, 1)
        self._stream.write(f"\r\033[K[{'#' * full}{'.' * (_WIDTH - full)}] {done}/{total} files")
        self._stream.flush()

"""Lines to the terminal."""

from __future__ import annotations

import sys


def echo(text: str, *, err: bool = False) -> None:
    """Writes a line to standard output or standard error, at once."""
    stream = sys.stderr if err else sys.stdout
    stream.write(text + "\n")
    stream.flush()

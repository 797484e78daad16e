"""What the terminal can show: colours and columns."""

from __future__ import annotations

import os
import sys
from typing import TextIO

from asynclint.reporters.result import Paint

_COLUMNS = 120


def colours(when: str, stream: TextIO) -> bool:
    """Whether to colour what goes to `stream`.

    `when` is "always", "never" or "auto"; auto asks NO_COLOR, FORCE_COLOR, CLICOLOR_FORCE and TERM,
    in that order, and then whether the stream is a terminal.
    """
    if when != "auto":
        return when == "always"
    environment = os.environ
    if environment.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if environment.get(name, "") not in ("", "0"):
            return True
    return environment.get("TERM") != "dumb" and stream.isatty()


def paint_for_stdout(when: str) -> Paint:
    return Paint(colours(when, sys.stdout))


def columns() -> int:
    """Columns of the terminal, or what COLUMNS says; 120 where there is none."""
    # As `shutil.get_terminal_size`, which brings the modules of three kinds of archives with it.
    told = os.environ.get("COLUMNS", "")
    if told.isdecimal() and int(told):
        return int(told)
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or _COLUMNS  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):
        return _COLUMNS

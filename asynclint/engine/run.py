"""The pipeline: from files and settings to a report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from asynclint.config import Settings
from asynclint.diagnostics import Diagnostic
from asynclint.engine.discover import FileToCheck

Progress: TypeAlias = Callable[[int, int], None]
"""Called with the number of files done and the number of files in all."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something about the run that is not a finding, such as an unreadable file.

    `level` is "warning" or "error"; an error makes the exit status 2. `text` is one line that names
    the file and the remedy.
    """

    level: str
    text: str


@dataclass(frozen=True, slots=True)
class Report:
    """What a run found. Diagnostics are sorted; `suppressed` ones were silenced by comments."""

    diagnostics: tuple[Diagnostic, ...]
    suppressed: tuple[Diagnostic, ...]
    notices: tuple[Notice, ...]
    files_checked: int


def check(files: Sequence[FileToCheck], settings: Settings, progress: Progress | None = None) -> Report:
    """Checks the files with the knowledge of the project around them."""
    return Report((), (), (), len(files))

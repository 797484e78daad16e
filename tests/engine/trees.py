"""Trees of files that are edited between runs, and the runs over them."""

from __future__ import annotations

import itertools
import os
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from pathlib import Path

from asynclint.config import Configurations, command_line_layers
from asynclint.diagnostics import Diagnostic
from asynclint.engine.discover import FileToCheck, discover
from asynclint.engine.house import known_rules
from asynclint.engine.run import Report, check
from tests.harness.projects import working_in

#: Every edit is later than the one before, and long ago.
_MOMENTS = itertools.count(1_000_000_000_000_000_000, 1_000_000_000)


class Tree:
    """A folder with files, in the state that the last edit left it in."""

    def __init__(self, root: Path, files: Mapping[str, str] | None = None) -> None:
        self.root = root
        (root / ".git").mkdir(parents=True)
        for path, text in (files or {}).items():
            self.write(path, text)

    def write(self, path: str, text: str) -> None:
        target = self.root / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text, encoding="utf-8")
        self._stamp(target)

    def remove(self, path: str) -> None:
        target = self.root / path
        target.unlink()
        self._stamp(target.parent)

    def become(self, files: Mapping[str, str]) -> None:
        """Writes and removes what it takes to have just these files."""
        for path in self.files():
            if path not in files:
                self.remove(path)
        for path, text in files.items():
            if not (self.root / path).is_file() or (self.root / path).read_text(encoding="utf-8") != text:
                self.write(path, text)

    def files(self) -> list[str]:
        """The paths of all files, sorted."""
        found = [each.relative_to(self.root) for each in self.root.rglob("*") if each.is_file()]
        return sorted(each.as_posix() for each in found if each.parts[0] not in (".git", ".asynclint_cache"))

    def _stamp(self, *paths: Path) -> None:
        """Gives the files, and the folders around them, a time of their own, however coarse the clock is."""
        for path in paths:
            moment = next(_MOMENTS)
            for each in (path, *path.parents):
                if each.is_relative_to(self.root) and each.exists():
                    os.utime(each, ns=(moment, moment))

    def run(
        self,
        paths: Sequence[str] = (".",),
        *,
        cache: bool = True,
        jobs: int = 1,
        buffers: Mapping[str, str] | None = None,
        executor: Executor | None = None,
    ) -> Report:
        """Checks the paths. `buffers` stand in for files, by path; those files are checked alone."""
        with working_in(self.root):
            layers = command_line_layers({"cache": cache, "jobs": jobs, "environment": False}, [], self.root)
            [project] = discover(list(buffers) if buffers else paths, Configurations(known_rules(), layers))
            files = [_with_buffer(file, buffers or {}) for file in project.files]
            return check(files, project.settings, executor=executor)

    @property
    def cache(self) -> Path:
        return self.root / ".asynclint_cache" / "cache.db"


def _with_buffer(file: FileToCheck, buffers: Mapping[str, str]) -> FileToCheck:
    text = buffers.get(file.display)
    return file if text is None else file._replace(data=text.encode())


def said(report: Report) -> tuple[tuple[Diagnostic, ...], tuple[Diagnostic, ...], tuple[str, ...]]:
    """All that a report says, to be compared with another."""
    return report.diagnostics, report.suppressed, tuple(notice.text for notice in report.notices)


def rules_by_path(report: Report) -> dict[str, list[str]]:
    """The rules that were reported, by path."""
    found: dict[str, list[str]] = {}
    for each in report.diagnostics:
        found.setdefault(each.path, []).append(each.rule)
    return found

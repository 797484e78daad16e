"""Small projects on disk, checked as a user would: through discovery, configuration and the engine."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from asynclint.config import Configurations, command_line_layers
from asynclint.diagnostics import Applicability, Diagnostic, Fix
from asynclint.edits import apply, compatible
from asynclint.engine.discover import Project as Discovered
from asynclint.engine.discover import discover
from asynclint.engine.house import known_rules
from asynclint.engine.run import Report, check
from asynclint.source import Source


@dataclass(frozen=True)
class Result:
    """What a check said of a whole tree, over all configurations in it."""

    diagnostics: tuple[Diagnostic, ...]
    notices: tuple[str, ...]


class Project:
    """A folder with files. Nothing outside of it is looked at, but the standard library."""

    def __init__(self, root: Path, files: Mapping[str, str | bytes]) -> None:
        self.root = root
        self.files = files
        # A repository of its own: the project's root is here whatever lies above.
        (root / ".git").mkdir(parents=True, exist_ok=True)
        for path, text in files.items():
            target = root / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text if isinstance(text, bytes) else text.encode())

    def check(
        self,
        paths: Sequence[str] = (".",),
        *,
        extend_select: Sequence[str] = (),
        screen: bool = True,
        backwards: bool = False,
        force_exclude: bool = False,
    ) -> Result:
        """What `asynclint check PATHS` finds; paths are relative to the project.

        `backwards` hands the files to the engine in the opposite order.
        """
        options = {"extend-select": list(extend_select), "environment": False, "cache": False, "jobs": 1}
        if force_exclude:
            options["force-exclude"] = True
        with working_in(self.root):
            layers = command_line_layers(options, [], self.root)
            found = discover(paths, Configurations(known_rules(), layers, screen=screen))
            reports = [_checked(each, backwards) for each in found]
        return Result(
            tuple(sorted((each for report in reports for each in report.diagnostics), key=lambda each: each.sort_key)),
            tuple(notice.text for report in reports for notice in report.notices),
        )

    def fixed(self, diagnostics: Sequence[Diagnostic]) -> dict[str, str]:
        """The texts after those fixes that can be applied, as many as go together; nothing is written."""
        found = {}
        for path in self.files:
            fixes = [each.fix for each in diagnostics if each.path == path and each.fix and can_be_applied(each.fix)]
            text = Source((self.root / path).read_bytes()).text
            found[path] = apply(text, [edit for fix in compatible(fixes) for edit in fix.edits])
        return found


def can_be_applied(fix: Fix | None) -> bool:
    return fix is not None and fix.applicability is not Applicability.DISPLAY


def _checked(project: Discovered, backwards: bool) -> Report:
    return check(project.files[::-1] if backwards else project.files, project.settings)


@contextmanager
def working_in(folder: Path) -> Iterator[None]:
    """Within, `folder` is the current one: paths in messages are relative to it."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)

"""`--scope`: what besides the named files is reported on.

A change can break files that were not passed: a helper becomes a coroutine, and its callers await
nothing. With `affected`, the rest of each project is checked too, and what is new in it since the
last commit is reported with the named files' findings.
"""

from __future__ import annotations

from collections.abc import Sequence

from asynclint.cli.session import Session
from asynclint.engine.discover import Project, discover


def widened(session: Session, projects: Sequence[Project]) -> tuple[list[Project], frozenset[str]]:
    """The projects with all of their files, and the display paths of those that were named.

    Named files keep their buffers. The paths are empty with `project`: every file counts alike.
    """
    scope = session.options.get("scope") or "named"
    named = frozenset(file.display for project in projects for file in project.files)
    if scope == "named":
        return list(projects), frozenset()
    roots = sorted({str(project.settings.root) for project in projects})
    given = {file.path: file for project in projects for file in project.files}
    made = []
    for project in discover(roots, session.configurations):
        if all(project.settings.config_file != each.settings.config_file for each in projects):
            continue
        files = {file.path: given.get(file.path, file) for file in project.files}
        for each in projects:
            if each.settings.config_file == project.settings.config_file:
                files.update({file.path: file for file in each.files})
        made.append(Project(project.settings, sorted(files.values(), key=lambda file: file.path)))
    return made, named if scope == "affected" else frozenset()

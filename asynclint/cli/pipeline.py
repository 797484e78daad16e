"""One run of `check`: from the files to reports and an exit status."""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from asynclint.cli.echo import echo
from asynclint.cli.progress import Bar
from asynclint.cli.session import Session
from asynclint.cli.status import Status, Stop
from asynclint.cli.terminal import colours, columns
from asynclint.config import Settings
from asynclint.diagnostics import Diagnostic
from asynclint.engine import run as engine
from asynclint.engine.discover import FileToCheck, Project
from asynclint.reporters import FOR_PEOPLE, reporter
from asynclint.reporters.result import Paint, Result, Sources
from asynclint.reporters.summary import counted, withheld
from asynclint.source import NOTEBOOK, file_and_cell

if TYPE_CHECKING:
    from asynclint.engine.fingerprints import Fingerprint
    from asynclint.engine.notebooks import Notebook
    from asynclint.fixing import Change


class Examined:
    """What was found in all projects together, and what fixing changed."""

    def __init__(self) -> None:
        self.diagnostics: list[Diagnostic] = []
        self.suppressed: list[Diagnostic] = []
        self.notices: list[engine.Notice] = []
        self.files = 0
        self.judged = 0
        """Files about which the cache knew nothing."""
        self.kept = 0
        self.fixed: Counter[str] = Counter()
        self.changes: list[Change] = []
        self.overlays: dict[str, bytes] = {}
        """What stands in for files on disk, by display path."""


def run_check(options: dict[str, Any]) -> int:
    """The exit status of `asynclint check`."""
    session = Session(options)
    settings = session.settings()
    if options["show_settings"]:
        from asynclint.cli.show import show_settings

        return show_settings(session)
    projects = session.projects()
    if options["show_files"]:
        from asynclint.cli.show import show_files

        return show_files(projects)
    if not projects and session.reads_stdin:
        return _excluded_stdin(options)
    run = Pipeline(session, settings)
    projects = run.widen(projects)
    began = time.perf_counter()
    examined = run.examine(projects)
    took = time.perf_counter() - began
    session.tell(f"checked {counted(examined.files, 'file')} in {took:.2f} s, {examined.judged} judged anew")
    if options["add_ignore"] is not None:
        from asynclint.cli.ignoring import add_ignores

        return add_ignores(session, projects, examined, options["add_ignore"])
    return run.finish(examined)


def _excluded_stdin(options: Mapping[str, Any]) -> int:
    if options["fix"] or options["fix_only"]:
        sys.stdout.buffer.write(sys.stdin.buffer.read())
    return Status.CLEAN


class Pipeline:
    def __init__(self, session: Session, settings: Settings) -> None:
        self.session = session
        self.settings = settings
        options = session.options
        self.cells: dict[str, bytes] = {}
        """The text of each cell of a notebook, by the path that findings in it have."""
        self.unusable = False
        self.named: frozenset[str] = frozenset()
        """With `--scope affected`, the files that were named; in others only what is new is reported."""
        self.fixes = bool(options.get("fix") or options.get("fix_only") or options.get("diff"))

    def widen(self, projects: list[Project]) -> list[Project]:
        """The projects with the files that `--scope` adds."""
        if self.session.options.get("scope", "named") == "named":
            return projects
        from asynclint.cli.scope import widened

        wide, self.named = widened(self.session, projects)
        return wide

    def examine(self, projects: Sequence[Project]) -> Examined:
        """Checks, and fixes in memory, all projects; then takes away what is known of old."""
        made = Examined()
        for project in projects:
            made.overlays.update({file.display: file.data for file in project.files if file.data is not None})
            self.session.tell(
                f"{project.settings.root}: {counted(len(project.files), 'file')}, {_configured(project.settings)}"
            )
            if self.fixes:
                report = self._fix(project, made)
            else:
                report = self._check(project.files, project.settings)
            found = self._unknown(project, report, made)
            made.diagnostics += found
            made.suppressed += report.suppressed
            made.notices += report.notices
            made.files += report.files_checked
            made.judged += report.files_judged
        made.diagnostics.sort(key=_order)
        return made

    def _check(self, files: Sequence[FileToCheck], settings: Settings) -> engine.Report:
        notebooks, files = self._opened(files)
        with Bar(sys.stderr, quiet=self.session.quiet) as bar:
            report = engine.check(files, settings, bar.show)
        if not notebooks:
            return report
        from asynclint.engine.notebooks import by_cell

        return report._replace(
            diagnostics=tuple(by_cell(report.diagnostics, notebooks)),
            suppressed=tuple(by_cell(report.suppressed, notebooks)),
        )

    def _opened(self, files: Sequence[FileToCheck]) -> tuple[dict[str, Notebook], Sequence[FileToCheck]]:
        """The notebooks among the files by display path, and the files with their cells as Python."""
        if not any(file.path.endswith(NOTEBOOK) for file in files):
            return {}, files
        from asynclint.engine.notebooks import NotANotebook, Notebook

        found: dict[str, Notebook] = {}
        opened = []
        for file in files:
            if file.path.endswith(NOTEBOOK):
                try:
                    notebook = Notebook.read(Path(file.path).read_bytes() if file.data is None else file.data)
                except OSError:
                    pass  # the engine tells
                except NotANotebook as error:
                    self.session.notify([engine.Notice("error", f"{file.display}: {error}; convert or exclude it")])
                    self.unusable = True
                    continue
                else:
                    found[file.display] = notebook
                    for cell in notebook.cells:
                        self.cells[f"{file.display}:cell {cell.number}"] = cell.text.encode()
                    file = file._replace(data=notebook.text.encode())
            opened.append(file)
        return found, opened

    def _fix(self, project: Project, made: Examined) -> engine.Report:
        from asynclint import fixing

        unsafe = project.settings.unsafe_fixes
        outcome = fixing.fix(project.files, project.settings, self._check, unsafe=unsafe)
        made.fixed += outcome.fixed
        made.changes += outcome.changes
        made.overlays.update({change.display: change.after for change in outcome.changes})
        return outcome.report

    # -- what is known of old ----------------------------------------------------------------------

    def _unknown(self, project: Project, report: engine.Report, made: Examined) -> Sequence[Diagnostic]:
        found: Sequence[Diagnostic] = report.diagnostics
        settings = project.settings
        if settings.baseline is not None and not self.session.options.get("ignore_baseline"):
            from asynclint.cli.baseline import known_to

            known = known_to(self.session, project, report, self.fingerprints(report, project, made.overlays))
            found = self._without(found, known, project, made)
        if self.session.options.get("diff_base"):
            revision = self.session.options["diff_base"]
            found = self._without(found, self._at_revision(project, project.files, revision), project, made)
        if self.named:
            found = self._new_elsewhere(found, project, made)
        return found

    def _new_elsewhere(self, found: Sequence[Diagnostic], project: Project, made: Examined) -> Sequence[Diagnostic]:
        """The findings in named files, and those in others that the last commit did not have."""
        inside = [each for each in found if each.path in self.named]
        outside = [each for each in found if each.path not in self.named]
        if not outside:
            return inside
        paths = {each.path for each in outside}
        files = [file for file in project.files if file.display in paths]
        prints = self.fingerprints(engine.Report(tuple(outside), (), (), 0), project, made.overlays)
        known = self._at_revision(project, files, "HEAD")
        return inside + [each for each, one in zip(outside, prints, strict=True) if one not in known]

    def _without(
        self, found: Sequence[Diagnostic], known: frozenset[Fingerprint], project: Project, made: Examined
    ) -> Sequence[Diagnostic]:
        report = engine.Report(tuple(found), (), (), 0)
        prints = self.fingerprints(report, project, made.overlays)
        new = [each for each, fingerprint in zip(found, prints, strict=True) if fingerprint not in known]
        made.kept += len(found) - len(new)
        return new

    def fingerprints(self, report: engine.Report, project: Project, overlays: Mapping[str, bytes]) -> list[Fingerprint]:
        """The fingerprints of a report's findings, relative to the project."""
        from asynclint.engine.fingerprints import fingerprints

        sources = Sources(self.session.cwd, {**self.cells, **overlays})
        shown = Result(report.diagnostics, sources, project.settings.root, self.session.cwd)
        return fingerprints(report.diagnostics, sources.line, shown.relative)

    def _at_revision(self, project: Project, files: Sequence[FileToCheck], revision: str) -> frozenset[Fingerprint]:
        from asynclint.engine.revision import NoRevision, known_at

        cells_of_now = dict(self.cells)

        def prints(files: Sequence[FileToCheck], settings: Settings, _: Path) -> Sequence[Fingerprint]:
            report = self._check(files, settings)
            paths = {file.display: file.path for file in files}
            texts = {}
            for name in {each.path for each in report.diagnostics}:
                texts[name] = Path(paths[name]).read_bytes() if name in paths else self.cells[name]
            made = self.fingerprints(report, project, texts)
            self.cells = cells_of_now
            return made

        try:
            return known_at(revision, files, project.settings, prints)
        except NoRevision as error:
            raise Stop(str(error)) from None

    # -- output ------------------------------------------------------------------------------------

    def finish(self, examined: Examined) -> int:
        """Writes what was asked for; the exit status."""
        options = self.session.options
        if options["diff"]:
            return self._show_diff(examined)
        stdin = self.fixes and self.session.reads_stdin
        if stdin:
            self._write_fixed_stdin(examined)
        else:
            self._write_changes(examined)
        self.session.notify(examined.notices)
        if not options["fix_only"]:
            self.write(self.result(examined), err=stdin)
        elif not self.session.quiet and not stdin:
            number = sum(examined.fixed.values())
            done = f"Fixed {counted(number, 'finding')} in {counted(len(examined.changes), 'file')}"
            echo(f"{done if number else 'Nothing fixed'}{self._withheld(examined)}.")
        return self._status(examined)

    def _status(self, examined: Examined) -> int:
        options = self.session.options
        if self.unusable or any(notice.level == "error" for notice in examined.notices):
            return Status.BROKEN
        if options["exit_zero"]:
            return Status.CLEAN
        if options["exit_non_zero_on_fix"] and examined.fixed:
            return Status.FOUND
        return Status.FOUND if examined.diagnostics and not options["fix_only"] else Status.CLEAN

    def result(self, examined: Examined) -> Result:
        return Result(
            diagnostics=examined.diagnostics,
            sources=Sources(self.session.cwd, {**self.cells, **examined.overlays}),
            root=repository(self.settings.root),
            base=self.session.cwd,
            suppressed=examined.suppressed,
            notices=examined.notices,
            files_checked=examined.files,
            fixed=sum(examined.fixed.values()),
            kept=examined.kept,
            unsafe_fixes=self.settings.unsafe_fixes,
            fixable=self.settings.fixable,
            summary=not self.session.quiet,
            width=columns(),
        )

    def write(self, result: Result, *, err: bool = False) -> None:
        """Writes every format that was asked for, to its file or to standard output (`err`: error)."""
        for text in self.settings.output_format:
            name, _, file = text.partition("=")
            if self.session.options["statistics"]:
                name = "statistics_json" if name == "json" else "statistics"
            elif self.session.options["group_by"] == "root" and name in FOR_PEOPLE:
                name = "roots"
            if file:
                _write_file(file, name, result)
            elif not self.session.silent:
                stream = sys.stderr if err else sys.stdout
                painted = name in FOR_PEOPLE and colours(self.session.options["color"], stream)
                write_stream(stream, name, result._replace(paint=Paint(painted)))

    def _show_diff(self, examined: Examined) -> int:
        self.session.notify(examined.notices)
        for change in examined.changes:
            if not self.session.silent:
                sys.stdout.writelines(change.diff())
        sys.stdout.flush()
        if not self.session.quiet:
            number = sum(examined.fixed.values())
            done = f"Would fix {counted(number, 'finding')}" if number else "No fixes"
            echo(f"{done}{self._withheld(examined)}.", err=True)
        if any(notice.level == "error" for notice in examined.notices):
            return Status.BROKEN
        return Status.FOUND if examined.changes else Status.CLEAN

    def _withheld(self, examined: Examined) -> str:
        """What `--unsafe-fixes` would add; empty when it would add nothing."""
        number = withheld(self.result(examined))
        return f" ({number} more with `--unsafe-fixes`)" if number else ""

    def _write_fixed_stdin(self, examined: Examined) -> None:
        for data in examined.overlays.values():
            sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()

    def _write_changes(self, examined: Examined) -> None:
        if not examined.changes:
            return
        from asynclint.fixing import write

        for change in examined.changes:
            notice = write(change)
            if notice is not None:
                examined.notices.append(notice)
                # Its findings are those of the text on disk again, which nobody has listed.
                examined.overlays[change.display] = change.before


def _order(each: Diagnostic) -> tuple[object, ...]:
    """By place; the tenth cell of a notebook after the second."""
    file, cell = file_and_cell(each.path)
    return (file, cell or 0, *each.sort_key[1:])


def _configured(settings: Settings) -> str:
    return f"configured by {settings.config_file}" if settings.config_file else "without configuration"


def repository(folder: Path) -> Path:
    """The root of the repository around a folder, which code hosts show paths from; else the folder itself."""
    for each in (folder, *folder.parents):
        if (each / ".git").exists():
            return each
    return folder


def _write_file(file: str, name: str, result: Result) -> None:
    target = Path(file)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("w", encoding="utf-8", errors="backslashreplace", newline="") as stream:
            stream.writelines(reporter(name)(result))
    except OSError as error:
        raise Stop(f"{file}: cannot be written: {error.strerror}") from None


def write_stream(stream: Any, name: str, result: Result) -> None:
    """Writes a format to an open stream; a reader that goes away is no error."""
    try:
        for piece in reporter(name)(result):
            stream.write(piece)
        stream.flush()
    except BrokenPipeError:
        from asynclint.cli.run import close_quietly

        # Whoever read has seen enough; the status still tells what was found.
        close_quietly()

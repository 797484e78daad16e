"""One run of `check`: from the options to reports and an exit status."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from asynclint.cli.status import Status, Stop
from asynclint.cli.terminal import colours, columns
from asynclint.config import ConfigError, Configurations, Settings, command_line_layers
from asynclint.config.files import Layer
from asynclint.diagnostics import Diagnostic
from asynclint.engine import run as engine
from asynclint.engine.discover import NoSuchPath, Project, discover
from asynclint.engine.house import known_rules
from asynclint.reporters import FOR_PEOPLE, reporter
from asynclint.reporters.result import Paint, Result, Sources

#: Options of the command line that are options of the configuration by the same name.
_SHARED = (
    "select",
    "extend-select",
    "ignore",
    "exclude",
    "extend-exclude",
    "force-exclude",
    "respect-gitignore",
    "target-version",
    "environment",
    "python",
    "jobs",
    "cache-dir",
)


def stop_for(error: ConfigError) -> Stop:
    return Stop(*[str(problem) for problem in error.problems])


class Session:
    """`options` are those of the command, by parameter name."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self.cwd = Path.cwd()

    def run(self) -> int:
        try:
            configurations = self.configurations()
            projects = discover(self.options["paths"] or ["."], configurations)
            settings = projects[0].settings if projects else configurations.for_folder(self.cwd)
        except ConfigError as error:
            raise stop_for(error) from None
        except NoSuchPath as error:
            raise Stop(f"{error}{self._meant_command()}") from None
        if not projects:
            self.warn("no Python files found under the given paths")
        return self.check(projects, settings)

    def _meant_command(self) -> str:
        """The command that was probably meant by a path that does not exist; empty when none is close."""
        from asynclint.cli.commands import COMMANDS
        from asynclint.config.problems import nearest

        first = self.options["paths"][0]
        found = None if Path(first).exists() else nearest(first, COMMANDS)
        return f"; did you mean the command `{found}`?" if found else ""

    def configurations(self) -> Configurations:
        """The configuration files and the command line together. Raises ConfigError."""
        files = [text for text in self.options["config"] if not _is_inline(text)]
        inline = [text for text in self.options["config"] if _is_inline(text)]
        if len(files) > 1:
            raise Stop(f"--config names {len(files)} files; name one, and let it `extend` the other")
        if files and self.options["isolated"]:
            raise Stop("--isolated reads no configuration file, but --config names one; leave one of them out")
        return Configurations(
            known_rules(),
            self.layers(inline),
            config_file=self.cwd / files[0] if files else None,
            isolated=self.options["isolated"],
            screen=not self.options["no_screen"],
        )

    def layers(self, inline: Sequence[str]) -> list[Layer]:
        values: dict[str, Any] = {}
        for name in _SHARED:
            value = self.options[name.replace("-", "_")]
            if value is not None:
                values[name] = value
        if self.options["output_format"]:
            values["output-format"] = list(self.options["output_format"])
        if self.options["no_cache"]:
            values["cache"] = False
        return command_line_layers(values, inline, self.cwd)

    def check(self, projects: Sequence[Project], settings: Settings) -> int:
        found: list[Diagnostic] = []
        suppressed: list[Diagnostic] = []
        notices: list[engine.Notice] = []
        files = 0
        for project in projects:
            report = engine.check(project.files, project.settings)
            found += report.diagnostics
            suppressed += report.suppressed
            notices += report.notices
            files += report.files_checked
        result = Result(
            diagnostics=sorted(found, key=lambda each: each.sort_key),
            sources=Sources(self.cwd),
            root=settings.root,
            suppressed=suppressed,
            notices=notices,
            files_checked=files,
            fixable=settings.fixable,
            summary=not self.options["quiet"],
            width=columns(),
        )
        self.notify(notices)
        self.write(result, settings.output_format)
        if any(notice.level == "error" for notice in notices):
            return Status.BROKEN
        return Status.FOUND if result.diagnostics and not self.options["exit_zero"] else Status.CLEAN

    def write(self, result: Result, formats: Sequence[str]) -> None:
        """Writes every format that was asked for, to its file or to standard output."""
        from dataclasses import replace

        for text in formats:
            name, _, file = text.partition("=")
            if file:
                target = Path(file)
                try:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    with target.open("w", encoding="utf-8", newline="") as stream:
                        stream.writelines(reporter(name)(result))
                except OSError as error:
                    raise Stop(f"{file}: cannot be written: {error.strerror}") from None
            elif not self.options["silent"]:
                painted = name in FOR_PEOPLE and colours(self.options["color"], sys.stdout)
                try:
                    for piece in reporter(name)(replace(result, paint=Paint(painted))):
                        sys.stdout.write(piece)
                    sys.stdout.flush()
                except BrokenPipeError:
                    from asynclint.cli.run import close_quietly

                    # Whoever read has seen enough; the status still tells what was found.
                    close_quietly()

    def notify(self, notices: Sequence[engine.Notice]) -> None:
        for notice in notices:
            if notice.level == "error" or not (self.options["quiet"] or self.options["silent"]):
                click.echo(f"asynclint: {notice.level}: {notice.text}", err=True)

    def warn(self, text: str) -> None:
        if not (self.options["quiet"] or self.options["silent"]):
            click.echo(f"asynclint: warning: {text}", err=True)


def _is_inline(text: str) -> bool:
    """Whether a value of `--config` is `key = value` rather than a file."""
    return "=" in text and not Path(text).exists()

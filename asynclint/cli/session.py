"""What every command that looks at a project begins with: its options, configuration and files."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from asynclint.cli.echo import echo
from asynclint.cli.status import Stop
from asynclint.config import ConfigError, Configurations, Settings, command_line_layers
from asynclint.config.files import Layer, display
from asynclint.engine.discover import FileToCheck, NoSuchPath, Project, discover
from asynclint.engine.installation import rule_infos
from asynclint.engine.run import Notice

#: Options of the command line that are options of the configuration by the same name.
_SHARED = (
    "select",
    "extend-select",
    "ignore",
    "fixable",
    "unfixable",
    "exclude",
    "extend-exclude",
    "force-exclude",
    "respect-gitignore",
    "target-version",
    "environment",
    "python",
    "jobs",
    "cache-dir",
    "unsafe-fixes",
    "baseline",
)


class Session:
    """`options` are those of the command, by parameter name; absent ones count as not given."""

    def __init__(self, options: dict[str, Any]) -> None:
        self.options = options
        self.cwd = Path.cwd()
        self.quiet = bool(options.get("quiet") or options.get("silent"))
        self.silent = bool(options.get("silent"))
        try:
            self.configurations = self._configurations()
        except ConfigError as error:
            raise stop_for(error) from None

    @property
    def reads_stdin(self) -> bool:
        return "-" in self.options["paths"] or self.options.get("stdin_filename") is not None

    def settings(self) -> Settings:
        """The settings of the current folder, which decide about output."""
        try:
            return self.configurations.for_folder(self.cwd)
        except ConfigError as error:
            raise stop_for(error) from None

    def projects(self) -> list[Project]:
        """The files that the paths name, by configuration. Warns when there are none."""
        try:
            if self.reads_stdin:
                found = self._stdin()
            else:
                found = discover(self.options["paths"] or ["."], self.configurations)
        except ConfigError as error:
            raise stop_for(error) from None
        except NoSuchPath as error:
            raise Stop(f"{error}{self._meant_command()}") from None
        for project in found:
            _check_catalogue(project.settings)
        if not found and not self.reads_stdin:
            self.warn("no Python files found under the given paths")
        return found

    def _stdin(self) -> list[Project]:
        if [path for path in self.options["paths"] if path != "-"]:
            raise Stop("`-` reads standard input; it cannot be joined with other paths")
        named = self.options.get("stdin_filename")
        path = Path(os.path.normpath(self.cwd / (named or "stdin.py")))
        settings = self.configurations.for_folder(_existing(path.parent))
        if settings.force_exclude and settings.excluded(str(path)):
            return []
        data = sys.stdin.buffer.read()
        return [Project(settings, [FileToCheck(str(path), display(path) if named else "-", data)])]

    def _meant_command(self) -> str:
        """The command that was probably meant by a path that does not exist; empty when none is close."""
        from asynclint.cli.commands import COMMANDS
        from asynclint.config.problems import nearest

        first = self.options["paths"][0]
        found = None if Path(first).exists() else nearest(first, COMMANDS)
        return f"; did you mean the command `{found}`?" if found else ""

    def _configurations(self) -> Configurations:
        files = [text for text in self.options["config"] if not _is_inline(text)]
        inline = [text for text in self.options["config"] if _is_inline(text)]
        if len(files) > 1:
            raise Stop(f"--config names {len(files)} files; name one, and let it `extend` the other")
        if files and self.options["isolated"]:
            raise Stop("--isolated reads no configuration file, but --config names one; leave one of them out")
        return Configurations(
            rule_infos(remember=not self.options["no_cache"]),
            self._layers(inline),
            config_file=self.cwd / files[0] if files else None,
            isolated=self.options["isolated"],
            screen=not self.options["no_screen"],
            remember=not self.options["no_cache"],
        )

    def _layers(self, inline: Sequence[str]) -> list[Layer]:
        values: dict[str, Any] = {}
        for name in _SHARED:
            value = self.options.get(name.replace("-", "_"))
            if value is not None:
                values[name] = value
        if self.options.get("output_format"):
            values["output-format"] = list(self.options["output_format"])
        if self.options["no_cache"]:
            values["cache"] = False
        return command_line_layers(values, inline, self.cwd)

    def notify(self, notices: Sequence[Notice]) -> None:
        """Writes notices to standard error: warnings unless quiet, errors always."""
        for notice in notices:
            if notice.level == "error" or not self.quiet:
                echo(f"asynclint: {notice.level}: {notice.text}", err=True)

    def warn(self, text: str) -> None:
        if not self.quiet:
            echo(f"asynclint: warning: {text}", err=True)

    def tell(self, text: str) -> None:
        """Writes to standard error when --verbose is given."""
        if self.options.get("verbose"):
            echo(f"asynclint: {text}", err=True)


def _check_catalogue(settings: Settings) -> None:
    """Raises Stop when the configuration's additions to the catalogue make no sense."""
    if not settings.catalogue:
        return
    from asynclint import catalogue

    try:
        catalogue.load().with_additions(settings.catalogue)
    except catalogue.CatalogueError as error:
        place = settings.origins.get("catalogue", "catalogue")
        raise Stop(*[f"{place}: catalogue: {problem}" for problem in error.problems]) from None


def stop_for(error: ConfigError) -> Stop:
    return Stop(*[str(problem) for problem in error.problems])


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists: an editor may name a file that is not saved yet."""
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    return folder


def _is_inline(text: str) -> bool:
    """Whether a value of `--config` is `key = value` rather than a file."""
    return "=" in text and not Path(text).exists()

"""Makes the program of a project from its settings."""

from __future__ import annotations

import os
from pathlib import Path

from asynclint import catalogue
from asynclint.config import Settings
from asynclint.config.environment import environment_of
from asynclint.config.files import display
from asynclint.engine.sources import Sources
from asynclint.program import Program
from asynclint.program.modules import Finder


def make_program(settings: Settings, sources: Sources) -> Program:
    """A program that reads the files of the project through `sources`, on demand."""
    finder = Finder(roots_of(settings), sources.facts, environment_of(settings))
    known = catalogue.load().with_additions(settings.catalogue)
    return Program(finder, known, sources.text, lambda path: display(Path(path)), settings.target_version)


def roots_of(settings: Settings) -> list[str]:
    """The folders that hold importable packages, nearest claim first."""
    roots = [str(path) for path in settings.src] or [os.path.join(settings.root, "src")]
    return [*roots, str(settings.root)]

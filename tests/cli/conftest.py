"""A command line in a folder of its own, with an engine that finds what the test says."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from asynclint.cli.run import run
from asynclint.config import Settings
from asynclint.diagnostics import Diagnostic, Severity, Span
from asynclint.engine import run as engine
from asynclint.engine.discover import FileToCheck


@dataclass(frozen=True)
class Ran:
    """What a run of the command line gave."""

    status: int
    out: str
    err: str


@dataclass
class FakeEngine:
    """Stands in for the engine. `finds` makes the findings of a file from its display path and text."""

    finds: Callable[[str, str], Sequence[Diagnostic]] = lambda path, text: ()
    notices: list[engine.Notice] = field(default_factory=list)
    raises: BaseException | None = None
    calls: list[tuple[list[str], Settings]] = field(default_factory=list)

    def check(
        self, files: Sequence[FileToCheck], settings: Settings, progress: engine.Progress | None = None
    ) -> engine.Report:
        self.calls.append(([file.display for file in files], settings))
        if self.raises is not None:
            raise self.raises
        found = []
        for number, file in enumerate(files, 1):
            data = Path(file.path).read_bytes() if file.data is None else file.data
            found += self.finds(file.display, data.decode())
            if progress:
                progress(number, len(files))
        return engine.Report(tuple(found), (), tuple(self.notices), len(files))


def sleeps(path: str, text: str) -> list[Diagnostic]:
    """A finding for every `time.sleep` of a text."""
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        column = line.find("time.sleep")
        if column >= 0:
            span = Span(number, column + 1, number, column + 11)
            found.append(Diagnostic("syntax-error", "AL001", Severity.ERROR, path, span, "`time.sleep` blocks"))
    return found


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".git").mkdir()
    return tmp_path


@pytest.fixture
def fake(folder: Path, monkeypatch: pytest.MonkeyPatch) -> FakeEngine:
    made = FakeEngine(sleeps)
    monkeypatch.setattr(engine, "check", made.check)
    return made


@pytest.fixture
def asynclint(folder: Path, capfd: pytest.CaptureFixture[str]) -> Callable[..., Ran]:
    """Runs the command line in this process."""

    def invoke(*arguments: str) -> Ran:
        capfd.readouterr()
        status = run(arguments)
        return Ran(int(status), *capfd.readouterr())

    return invoke

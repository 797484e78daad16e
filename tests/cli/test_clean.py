"""`asynclint clean`."""

from __future__ import annotations

from pathlib import Path

import pytest

from asynclint.cli.run import run


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".git").mkdir()
    (tmp_path / "app.py").write_text("async def f():\n    pass\n")
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "asynclint.toml").write_text('cache-dir = "remembered"\n')
    (tmp_path / "inner" / "app.py").write_text("async def f():\n    pass\n")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_every_cache_goes_and_nothing_else(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = set(project.rglob("*"))
    assert run(["check", "."]) == 0
    caches = {project / ".asynclint_cache", project / "inner" / "remembered"}
    assert {path.parent for path in project.rglob("cache.db")} == caches
    capsys.readouterr()
    assert run(["clean"]) == 0
    assert capsys.readouterr().out == "Removed .asynclint_cache.\nRemoved inner/remembered.\n"
    assert set(project.rglob("*")) == before
    assert run(["clean"]) == 0
    assert "there is no cache" in capsys.readouterr().out


def test_files_of_others_stay(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", "app.py", "--cache-dir", "shared"]) == 0
    (project / "shared" / "mine.txt").write_text("mine")
    assert run(["clean", "app.py", "--cache-dir", "shared", "--quiet"]) == 0
    assert [path.name for path in (project / "shared").iterdir()] == ["mine.txt"]
    assert capsys.readouterr().err == ""


def test_without_cache_nothing_is_written(project: Path) -> None:
    before = set(project.rglob("*"))
    assert run(["check", ".", "--no-cache"]) == 0
    assert set(project.rglob("*")) == before

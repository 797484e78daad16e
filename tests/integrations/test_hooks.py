"""The pre-commit hooks, run by pre-commit itself on a small repository."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.test_baseline import git

ROOT = Path(__file__).parents[2]
HOOKS = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
PACKAGED = ("asynclint", "pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml")


def test_what_every_hook_promises() -> None:
    assert list(HOOKS) == ["asynclint", "asynclint-fix", "asynclint-project"]
    for hook in HOOKS.values():
        assert hook["types_or"] == ["python", "pyi"]
        assert hook["require_serial"] is True
        assert hook["minimum_pre_commit_version"] == "2.9.2"
        assert "--no-environment" in hook["entry"]
    assert HOOKS["asynclint-project"]["pass_filenames"] is False
    for name in ("asynclint", "asynclint-fix"):
        assert "--force-exclude" in HOOKS[name]["entry"]


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A repository with what a hook needs of this one, as it is on disk."""
    folder = tmp_path_factory.mktemp("asynclint")
    for name in PACKAGED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder / name)
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "all")
    return folder


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "helpers.py").write_text("import time\n\n\ndef warm_up():\n    time.sleep(1)\n")
    (tmp_path / "app.py").write_text("import helpers\n\n\nasync def f():\n    helpers.warm_up()\n")
    (tmp_path / "clean.py").write_text("x = 1  # asynclint: ignore[missing-await]\n")
    (tmp_path / "notes.txt").write_text("text\n")
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", ".")
    return tmp_path


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pre-commit")


def ran(command: list[str], project: Path, home: Path) -> subprocess.CompletedProcess[str]:
    git(project, "add", ".")
    variables = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    variables.update(
        PRE_COMMIT_HOME=str(home), PREK_HOME=str(home / "prek"), PYTHONPATH="", PIP_DISABLE_PIP_VERSION_CHECK="1"
    )
    return subprocess.run(command, cwd=project, env=variables, capture_output=True, text=True, timeout=300)


def hooked(source: Path, project: Path, home: Path, hook: str, *files: str) -> subprocess.CompletedProcess[str]:
    """A run of one hook that the project has configured; it is installed once for all of them."""
    asked = subprocess.run(["git", "rev-parse", "HEAD"], cwd=source, check=True, capture_output=True, text=True)
    hooks = "".join(f"  - id: {each}\n" for each in HOOKS)
    (project / ".pre-commit-config.yaml").write_text(
        f"repos:\n- repo: {source}\n  rev: {asked.stdout.strip()}\n  hooks:\n{hooks}"
    )
    return ran([sys.executable, "-m", "pre_commit", "run", hook, "--verbose", "--files", *files], project, home)


def test_pre_commit_tries_the_hook(source: Path, project: Path, home: Path) -> None:
    tried = ran(
        [sys.executable, "-m", "pre_commit", "try-repo", str(source), "asynclint", "--all-files"], project, home
    )
    assert tried.returncode == 1 and "app.py:5:5: error[AL201]" in tried.stdout, tried.stdout + tried.stderr


def test_a_hook_knows_files_that_it_is_not_passed(source: Path, project: Path, home: Path) -> None:
    found = hooked(source, project, home, "asynclint", "app.py", "notes.txt")
    assert found.returncode == 1, found.stdout + found.stderr
    assert "app.py:5:5: error[AL201]" in found.stdout and "helpers.py:5:5" in found.stdout
    assert "clean.py" not in found.stdout
    assert hooked(source, project, home, "asynclint", "helpers.py").returncode == 0
    assert hooked(source, project, home, "asynclint", "notes.txt").returncode == 0


@pytest.mark.skipif(shutil.which("prek") is None, reason="prek is not installed")
def test_prek_runs_the_same_hooks(source: Path, project: Path, home: Path) -> None:
    tried = ran(["prek", "try-repo", str(source), "asynclint", "--files", "app.py"], project, home)
    assert tried.returncode == 1 and "app.py:5:5: error[AL201]" in tried.stdout, tried.stdout + tried.stderr


def test_the_project_hook_checks_everything(source: Path, project: Path, home: Path) -> None:
    found = hooked(source, project, home, "asynclint-project", "helpers.py")
    assert found.returncode == 1 and "app.py:5:5" in found.stdout and "clean.py:1:8" in found.stdout


def test_the_fix_hook_fixes_and_fails_once(source: Path, project: Path, home: Path) -> None:
    fixed = hooked(source, project, home, "asynclint-fix", "clean.py")
    assert fixed.returncode == 1 and (project / "clean.py").read_text() == "x = 1\n", fixed.stdout
    assert hooked(source, project, home, "asynclint-fix", "clean.py").returncode == 0


def test_excluded_files_are_left_out_although_they_are_passed(source: Path, project: Path, home: Path) -> None:
    (project / "asynclint.toml").write_text("extend-exclude = ['app.py']")
    assert hooked(source, project, home, "asynclint", "app.py").returncode == 0

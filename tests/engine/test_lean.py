"""What a run imports when the store knows all results: start-up time is felt on every save."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.harness.imports import ROOT

#: Slow to import, and of no use where nothing is analysed.
SLOW = {
    "asyncio", "click", "concurrent.futures", "configparser", "dataclasses", "hashlib", "inspect", "json", "libcst",
    "multiprocessing", "pathspec", "shutil", "tempfile", "tomllib", "yaml",
}  # fmt: skip
OURS = ("asynclint.catalogue", "asynclint.facts", "asynclint.program", "asynclint.rule", "asynclint.rules")
FILES = {
    "helper.py": "import time\n\ndef warm_up():\n    time.sleep(1)\n",
    "app.py": "from helper import warm_up\n\nasync def refresh():\n    warm_up()\n",
    "clean.py": "import asyncio\n\nasync def rest():\n    await asyncio.sleep(1)\n",
}
CODE = "import sys; from asynclint.cli.run import run; run(sys.argv[1:]); print(*sys.modules, file=sys.stderr)"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    project = tmp_path / "project"
    (project / ".git").mkdir(parents=True)
    for path, text in FILES.items():
        (project / path).write_text(text)
    return project


def loaded(folder: Path, *arguments: str, text: str = "") -> set[str]:
    """The modules that a run of the command line imports. What it remembers of its rules lies in the folder."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(folder / ".user")}
    ran = subprocess.run(
        [sys.executable, "-c", CODE, *arguments],
        cwd=folder, env=environment, capture_output=True, timeout=120, input=text.encode(),
    )  # fmt: skip
    return set(ran.stderr.decode().split())


def slow(modules: set[str]) -> set[str]:
    assert "asynclint.engine.run" in modules
    return {each for each in modules if each in SLOW or each.startswith(OURS)}


def test_a_first_run_needs_them(folder: Path) -> None:
    assert slow(loaded(folder, "check", ".")) > {"asynclint.program", "libcst"}


@pytest.mark.parametrize(
    "arguments", [["."], ["app.py"], [".", "--output-format", "json"], [".", "--output-format", "github"]], ids=" ".join
)
def test_a_warm_run_needs_none(folder: Path, arguments: list[str]) -> None:
    loaded(folder, "check", ".")
    own = {"json"} if "json" in arguments else set()
    assert slow(loaded(folder, "check", *arguments)) == own


def test_a_configuration_is_parsed_once(folder: Path) -> None:
    text = '[project]\nrequires-python = ">=3.9"\n[tool.asynclint]\nextend-exclude = ["vendor"]\n'
    (folder / "pyproject.toml").write_text(text)
    assert "tomllib" in loaded(folder, "check", ".")
    assert slow(loaded(folder, "check", ".")) == set()
    (folder / "pyproject.toml").write_text(text + 'ignore = ["AL9"]\n')
    assert "tomllib" in loaded(folder, "check", ".")
    assert "tomllib" in loaded(folder, "check", ".", "--no-cache")


def test_a_saved_buffer_needs_none(folder: Path) -> None:
    loaded(folder, "check", ".")
    arguments = ["check", "-", "--stdin-filename", "app.py"]
    assert slow(loaded(folder, *arguments, text=FILES["app.py"])) == set()


def test_a_buffer_without_findings_needs_no_syntax_trees(folder: Path) -> None:
    loaded(folder, "check", ".")
    modules = loaded(folder, "check", "-", "--stdin-filename", "clean.py", text=FILES["clean.py"] + "\nx = 1\n")
    assert "asynclint.program" in modules
    assert slow(modules) & SLOW == {"json"}  # the catalogue is read


def test_a_buffer_imports_the_rules_that_are_asked(folder: Path) -> None:
    loaded(folder, "check", ".")
    arguments = ("check", "-", "--stdin-filename", "clean.py")
    none, few = (
        {each for each in loaded(folder, *arguments, text=text) if each.count(".") == 3 and each.startswith(OURS[-1])}
        for text in ("x = 1\n", FILES["clean.py"] + "\nx = 1\n")
    )
    assert none == set()
    assert 0 < len(few) < 30

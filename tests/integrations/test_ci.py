"""The files for CI services say what the command line understands."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from asynclint.cli.check import command
from asynclint.config.options import FORMATS

ROOT = Path(__file__).parents[2]
ACTION: dict[str, Any] = yaml.safe_load((ROOT / "action.yml").read_text())
GITLAB: dict[str, Any] = yaml.safe_load((ROOT / "templates" / "gitlab-ci.yml").read_text())
FILES = ["action.yml", "templates/gitlab-ci.yml", ".pre-commit-hooks.yaml", "Dockerfile", "docs/integrations.md"]


@pytest.mark.parametrize("name", FILES)
def test_every_option_exists(name: str) -> None:
    known = {option for parameter in command.params for option in (*parameter.opts, *parameter.secondary_opts)}
    text = (ROOT / name).read_text(encoding="utf-8")
    for line in re.findall(r"asynclint\"? check.*", text):
        for option in re.findall(r"(?<![\w-])--[a-z-]+", line):
            assert option in known, line
    for given in re.findall(r"--output-format[ =]\"?([a-z-]+)", text):
        assert given in FORMATS


def test_the_action_is_complete() -> None:
    assert ACTION["runs"]["using"] == "composite"
    inputs = set(re.findall(r"inputs\.([a-z-]+)", (ROOT / "action.yml").read_text()))
    assert inputs == set(ACTION["inputs"])
    for step in ACTION["runs"]["steps"]:
        assert "run" not in step or step["shell"] == "bash"
        # What a user writes reaches the shell through variables, never through the script's own text.
        assert "${{" not in step.get("run", "")


@pytest.mark.parametrize(
    ("code", "status", "extra"), [("x = 1\n", 0, {}), ("x = = 1\n", 1, {"UPLOAD": "true"})], ids=["clean", "findings"]
)
def test_the_script_of_the_action(tmp_path: Path, code: str, status: int, extra: dict[str, str]) -> None:
    tools = tmp_path / "runner" / "asynclint" / "bin"
    tools.mkdir(parents=True)
    (tools / "asynclint").write_text(f'#!/bin/sh\nexec "{sys.executable}" -m asynclint "$@"\n')
    (tools / "asynclint").chmod(0o755)
    (tmp_path / "app.py").write_text(code)
    [script] = [step["run"] for step in ACTION["runs"]["steps"] if step.get("id") == "check"]
    variables = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "RUNNER_TEMP": str(tmp_path / "runner"),
        "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        "GITHUB_OUTPUT": str(tmp_path / "output"),
        "PATHS": "app.py",
        "ARGS": "--no-environment --quiet",
        "SARIF": "",
        "UPLOAD": "false",
        **extra,
    }
    ran = subprocess.run(
        ["bash", "-e", "-c", script], cwd=tmp_path, env=variables, capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    assert f"status={status}\n" in (tmp_path / "output").read_text()
    assert "**asynclint**" in (tmp_path / "summary.md").read_text()
    assert (tmp_path / "asynclint.sarif").exists() is bool(extra)
    assert ran.stdout.startswith("::error title=asynclint (AL001") is bool(status)


def test_gitlab_reads_the_report_that_is_written() -> None:
    job = GITLAB["asynclint"]
    [line] = job["script"]
    assert f"gitlab={job['artifacts']['reports']['codequality']}" in line
    assert job["artifacts"]["when"] == "always"


def test_the_image_holds_what_it_copies() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert ignored[0] == "*"
    for name in ignored[1:]:
        if name.startswith("!"):
            assert (ROOT / name[1:]).exists()
    text = (ROOT / "Dockerfile").read_text()
    assert "USER asynclint" in text and "compileall" in text

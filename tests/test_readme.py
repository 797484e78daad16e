"""The README's example: what it shows is what the command prints."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.harness import literate
from tests.harness.imports import ROOT
from tests.harness.projects import Project

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_example_prints_what_is_shown(tmp_path: Path) -> None:
    [example] = [each for each in literate.sections(README, "README.md") if each.heading == "An example"]
    [shown] = re.findall(r"```console\n\$ asynclint check\n(.*?)```", README, re.DOTALL)
    Project(tmp_path, example.files)
    command = [sys.executable, "-m", "asynclint", "check"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout == shown, f"the README shows something else; it prints now:\n{done.stdout}"

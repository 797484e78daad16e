"""The command lines of `docs/editors.md`, as the editors run them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.cli.test_process import process

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "editors.md").read_text(encoding="utf-8")
CODE = "import helpers\n\n\nasync def f():\n    helpers.warm_up()\n"
FOUND = "src/app.py:5:5: AL201 `helpers.warm_up(...)` blocks the event loop: it ends in `time.sleep` [blocking-call]\n"


def block(language: str, holding: str) -> str:
    """The code block of a language that holds a text."""
    blocks = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    [found] = [each for each in blocks if holding in each]
    return str(found)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "src").mkdir()
    (tmp_path / ".git").mkdir()
    (tmp_path / "src" / "helpers.py").write_text("import time\n\n\ndef warm_up():\n    time.sleep(1)\n")
    (tmp_path / "src" / "app.py").write_text("nothing of this counts(\n")
    return tmp_path


def typed(project: Path, arguments: list[str], code: str = CODE) -> subprocess.CompletedProcess[str]:
    """What the command answers to a buffer."""
    program = "import sys; from asynclint.cli import main; main(sys.argv[1:])"
    return subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=project,
        env={"PYTHONPATH": str(ROOT), "PATH": ""},
        input=code,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_the_plain_command(project: Path) -> None:
    [line, answer, *_] = block("console", "--output-format").splitlines()
    command = line.removeprefix("$ asynclint ").partition(" < ")[0].split()
    ran = typed(project, command)
    assert ran.stdout == FOUND == answer + "\n" and ran.returncode == 1 and ran.stderr == ""


def test_fixing_the_buffer(project: Path) -> None:
    line = block("console", "--fix-only").strip()
    command = line.removeprefix("$ asynclint ").partition(" < ")[0].split()
    ran = typed(project, command, "x = 1  # asynclint: ignore[missing-await]\n")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "x = 1\n", "")


def test_vs_code(project: Path) -> None:
    [task] = json.loads(block("json", '"tasks"'))["tasks"]
    (project / "src" / "app.py").write_text(CODE)
    arguments = [argument.replace("${file}", str(project / "src" / "app.py")) for argument in task["args"]]
    ran = process("-m", "asynclint", *arguments, cwd=project).stdout.decode()
    pattern = task["problemMatcher"]["pattern"]
    found = re.match(pattern["regexp"], ran.strip())
    assert found is not None
    assert [found[pattern[name]] for name in ("file", "line", "column", "code")] == ["src/app.py", "5", "5", "AL201"]
    assert "tasks.runTask" in block("json", "runonsave")


def test_nvim_lint(project: Path) -> None:
    page = block("lua", "asynclint")
    [listed] = re.findall(r"args = \{(.*?)\n  \}", page, re.DOTALL)
    name = str(project / "src" / "app.py")
    arguments = re.findall(r'"([^"]*)"', re.sub(r"function\(\).*?end", f'"{name}"', listed))
    ran = typed(project, arguments)
    assert ran.stdout == FOUND
    [pattern] = re.findall(r'"(\^.*?\$)"', page)
    found = re.match(pattern.replace("%d", "[0-9]"), ran.stdout.strip())
    assert found is not None and found.groups()[:3] == ("5", "5", "AL201")


def test_efm(project: Path) -> None:
    [linter] = yaml.safe_load(block("yaml", "lint-command"))["languages"]["python"]
    command = linter["lint-command"].replace('"${INPUT}"', str(project / "src" / "app.py")).split()
    assert command[0] == "asynclint"
    assert typed(project, command[1:]).stdout == FOUND
    assert linter["lint-formats"] == ["%f:%l:%c: %m"]


def test_flymake(project: Path) -> None:
    [listed] = re.findall(r":command \(list (.*?)\)\n", block("elisp", "flymake"), re.DOTALL)
    arguments = re.findall(r'"([^"]*)"', listed.replace('(or buffer-file-name "stdin.py")', '"src/app.py"'))
    assert arguments[0] == "asynclint"
    assert typed(project, arguments[1:]).stdout == FOUND


def test_helix(project: Path) -> None:
    [listed] = re.findall(r"args = \[(.*?)\]", block("toml", "formatter"))
    arguments = [argument.replace("%{buffer_name}", "src/app.py") for argument in re.findall(r'"([^"]*)"', listed)]
    ran = typed(project, arguments, "x = 1  # asynclint: ignore[missing-await]\n")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "x = 1\n", "")

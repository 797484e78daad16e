"""The smaller commands: settings and files, ignores, init, completion, merging reports; the progress bar."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from asynclint.cli import progress
from tests.cli.conftest import FakeEngine, Ran
from tests.cli.findings import both, replacing
from tests.cli.test_process import process

Invoke = Callable[..., Ran]
BAD = replacing("bad", "good")
WORSE = replacing("worse", "better", rule="missing-await", code="AL101")


# -- what would be done ----------------------------------------------------------------------------


def test_show_files(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    for name in ("b.py", "a.py", "venv/x.py", "deep/c.pyi"):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).touch()
    assert asynclint("check", "--show-files") == Ran(0, "a.py\nb.py\ndeep/c.pyi\n", "")
    assert not fake.calls


def test_show_settings_says_where_each_value_comes_from(asynclint: Invoke, folder: Path) -> None:
    (folder / "app.py").touch()
    (folder / "base.toml").write_text("library = 'trio'")
    (folder / "pyproject.toml").write_text(
        "[project]\nrequires-python = '>=3.12'\n[tool.asynclint]\nextend = 'base.toml'\nselect = ['AL001', 'AL002']\n"
        "[tool.asynclint.per-file-ignores]\n'app.py' = ['AL002']\n"
    )
    ran = asynclint("check", "--show-settings", "--config", "require-reason = true", "--jobs", "4")
    assert ran.status == 0
    lines = {line.partition(" = ")[0]: " ".join(line.split()) for line in ran.out.splitlines() if " = " in line}
    assert lines["library"] == 'library = "trio" # base.toml:1'
    assert lines["target-version"] == 'target-version = "py312" # pyproject.toml (requires-python)'
    assert lines["require-reason"] == "require-reason = true # --config"
    assert lines["jobs"] == "jobs = 4 # command line"
    assert lines["cache"] == "cache = true # default"
    assert "# configuration: pyproject.toml\n" in ran.out
    assert ran.out.endswith("# the 2 rules that run\n#   syntax-error (error)\n#   unused-suppression (warning)\n")
    assert "# the 1 rules that run\n#   syntax-error" in asynclint("check", "--show-settings", "app.py").out
    assert asynclint("check", "--show-settings", "gone.py").status == 2


def test_statistics(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    fake.finds = both(BAD, WORSE)
    (folder / "app.py").write_text("bad, worse, bad\n")
    ran = asynclint(".", "--statistics")
    assert ran.status == 1 and ran.out.startswith("2  AL201  [*] blocking-call\n1  AL101  [*] missing-await\n")
    assert json.loads(asynclint(".", "--statistics", "--output-format=json").out)[0]["count"] == 2


def test_findings_by_root(asynclint: Invoke, folder: Path) -> None:
    (folder / "app.py").write_text(
        "import time\ndef h():\n    time.sleep(1)\nasync def f():\n    h()\nasync def g():\n    h()\n"
    )
    ran = asynclint("check", ".", "--group-by", "root", "-q")
    assert ran.status == 1
    assert ran.out.startswith(
        "app.py:3:5: error[AL201] `h` calls `time.sleep`, reached from 2 places [blocking-call]\n"
    )


def test_verbose_says_what_is_done(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    (folder / "app.py").touch()
    err = asynclint(".", "--verbose").err
    assert err.startswith(f"asynclint: {folder}: 1 file, without configuration\nasynclint: checked 1 file in 0.")
    assert err.endswith(" judged anew\n")


# -- ignores ---------------------------------------------------------------------------------------


def test_add_ignore_writes_comments(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    fake.finds = both(BAD, WORSE)
    (folder / "app.py").write_bytes(b"bad\r\nx, worse\r\n")
    assert asynclint("check", "--add-ignore", "--", ".") == Ran(0, "Added comments for 2 findings.\n", "")
    assert (folder / "app.py").read_bytes() == (
        b"bad  # asynclint: ignore[blocking-call]\r\nx, worse  # asynclint: ignore[missing-await]\r\n"
    )
    (folder / "app.py").write_text("bad\n")
    asynclint("check", ".", "--add-ignore=until 2.0")
    assert (folder / "app.py").read_text() == "bad  # asynclint: ignore[blocking-call] -- until 2.0\n"


def test_add_ignore_and_the_real_engine_agree(asynclint: Invoke, folder: Path) -> None:
    text = "import asyncio\n\n\nasync def f():\n    asyncio.sleep(1)\n    asyncio.sleep(\n        2)\n"
    (folder / "app.py").write_text(text)
    assert asynclint(".").status == 1
    assert asynclint("check", ".", "--add-ignore").status == 0
    assert asynclint(".") == Ran(0, "All checks passed!\n", "")
    assert (folder / "app.py").read_text().count("# asynclint: ignore[") == 2


# -- init ------------------------------------------------------------------------------------------


def test_init_in_an_empty_folder(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    ran = asynclint("init")
    assert ran.status == 0 and ran.out.startswith("Wrote asynclint.toml.\n")
    assert 'target-version = "py310"' in (folder / "asynclint.toml").read_text()
    (folder / "app.py").touch()
    assert asynclint(".").status == 0
    ran = asynclint("init")
    assert ran == Ran(
        2, "", "asynclint: error: asynclint.toml: configures asynclint already; edit it, or delete it first\n"
    )


def test_init_looks_at_the_project(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    for name in ("tests/test_app.py", "lib/pkg/__init__.py", "lib/pkg/migrations/one.py", "app/migrations/x.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    (folder / "pyproject.toml").write_text("[project]\nname = 'x'\nrequires-python = '>=3.11'")
    hooks = "repos:\n- repo: https://example.org\n  rev: v1\n  hooks:\n  - id: x\n"
    (folder / ".pre-commit-config.yaml").write_text(hooks)
    before = (folder / "pyproject.toml").read_text()
    dry = asynclint("init", "--dry-run").out
    assert "# added to pyproject.toml" in dry and (folder / "pyproject.toml").read_text() == before
    ran = asynclint("init")
    assert ran.out.startswith("Added to pyproject.toml.\nAdded to .pre-commit-config.yaml.\n")
    text = (folder / "pyproject.toml").read_text()
    assert text.startswith(before + "\n\n[tool.asynclint]\n")
    for line in ('src = [".", "lib"]', 'extend-exclude = ["migrations"]', '"tests/*" = ["blocking"]'):
        assert line in text
    assert "target-version" not in text
    [_, hook] = yaml.safe_load((folder / ".pre-commit-config.yaml").read_text())["repos"]
    assert hook["hooks"] == [{"id": "asynclint"}]
    assert asynclint(".").status == 0
    settings = fake.calls[-1][1]
    assert settings.target_version == (3, 11) and settings.src == (folder, folder / "lib")
    assert "blocking-call" not in settings.for_file(folder / "tests" / "test_app.py").rules


def test_init_leaves_a_hook_file_alone_that_it_cannot_extend(asynclint: Invoke, folder: Path) -> None:
    text = "repos:\n- repo: local\n  hooks: []\nci:\n  skip: []\n"
    (folder / ".pre-commit-config.yaml").write_text(text)
    asynclint("init")
    assert (folder / ".pre-commit-config.yaml").read_text() == text


# -- completion ------------------------------------------------------------------------------------


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(asynclint: Invoke, shell: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from click.shell_completion import BashComplete

    monkeypatch.setattr(BashComplete, "_check_version", staticmethod(lambda: None))
    ran = asynclint("completion", shell)
    assert ran.status == 0 and "_ASYNCLINT_COMPLETE" in ran.out


def test_completion_answers(tmp_path: Path) -> None:
    told = process(
        "-m",
        "asynclint",
        cwd=tmp_path,
        _ASYNCLINT_COMPLETE="bash_complete",
        COMP_WORDS="asynclint check --out",
        COMP_CWORD="2",
    )
    assert told.stdout == b"plain,--output-format\n"


# -- merging reports -------------------------------------------------------------------------------


def shards(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    fake.finds = both(BAD, WORSE)
    (folder / "a.py").write_text("worse\nbad\n")
    (folder / "b.py").write_text("bad\n")
    asynclint("b.py", "--output-format=sarif=two.sarif")
    asynclint("a.py", "--output-format=sarif=one.sarif")
    asynclint(".", "--output-format=sarif=whole.sarif")


def test_merged_shards_are_the_whole(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    shards(asynclint, fake, folder)

    def read(name: str) -> dict[str, Any]:
        run: dict[str, Any] = json.loads((folder / name).read_text())["runs"][0]
        return {"results": run["results"], "rules": run["tool"]["driver"]["rules"]}

    assert asynclint("report", "merge", "two.sarif", "one.sarif", "two.sarif", "-o", "merged.sarif").status == 1
    assert read("merged.sarif") == read("whole.sarif")
    assert json.loads(asynclint("report", "merge", "one.sarif").out)["version"] == "2.1.0"


def test_merging_clean_and_broken_runs(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    from asynclint.engine.run import Notice

    (folder / "a.py").write_text("x\n")
    asynclint(".", "--output-format=sarif=clean.sarif")
    assert asynclint("report", "merge", "clean.sarif").status == 0
    fake.notices = [Notice("error", "b.py: unreadable")]
    asynclint(".", "--output-format=sarif=broken.sarif")
    assert asynclint("report", "merge", "clean.sarif", "broken.sarif").status == 2


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, "x.sarif: cannot be read: No such file or directory"),
        ("{", "x.sarif: not a SARIF report; write it with `--output-format sarif`"),
        ("[]", "x.sarif: not a SARIF report; write it with `--output-format sarif`"),
        ('{"version": "1.0.0"}', "x.sarif: SARIF 1.0.0; only reports of version 2.1.0 can be joined"),
        (
            '{"version": "2.1.0", "runs": [{"tool": {"driver": {"name": "other"}}}]}',
            "x.sarif: a report of other; only those of asynclint can be joined",
        ),
        ('{"version": "2.1.0", "runs": []}', "the reports hold no runs"),
    ],
)
def test_files_that_cannot_be_merged(asynclint: Invoke, folder: Path, content: str | None, message: str) -> None:
    if content is not None:
        (folder / "x.sarif").write_text(content)
    assert asynclint("report", "merge", "x.sarif") == Ran(2, "", f"asynclint: error: {message}\n")


# -- progress --------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [0.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    monkeypatch.setenv("TERM", "xterm")
    return now


def test_the_bar_appears_after_a_second_and_goes_away(clock: list[float]) -> None:
    stream = Terminal()
    with progress.Bar(stream) as bar:
        clock[0] = 0.9
        bar.show(1, 4)
        assert stream.getvalue() == ""
        clock[0] = 1.5
        bar.show(2, 4)
        bar.show(3, 4)
    assert stream.getvalue() == f"\r\033[K[{'#' * 15}{'.' * 15}] 2/4 files\r\033[K"


@pytest.mark.parametrize("why", ["pipe", "CI", "quiet", "dumb"])
def test_there_is_no_bar(clock: list[float], monkeypatch: pytest.MonkeyPatch, why: str) -> None:
    stream = io.StringIO() if why == "pipe" else Terminal()
    if why == "CI":
        monkeypatch.setenv("CI", "1")
    if why == "dumb":
        monkeypatch.setenv("TERM", "dumb")
    with progress.Bar(stream, quiet=why == "quiet") as bar:
        clock[0] = 9.0
        bar.show(1, 4)
    assert stream.getvalue() == ""


def test_an_interrupt_ends_the_process_with_130(tmp_path: Path) -> None:
    (tmp_path / "app.py").touch()
    code = (
        "import os, signal, sys\nfrom asynclint.engine import run as engine\nfrom asynclint.cli import main\n"
        "engine.check = lambda *_: os.kill(os.getpid(), signal.SIGINT)\nmain(['.'])"
    )
    variables = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])}
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, env=variables, capture_output=True, timeout=60)
    assert (ran.returncode, ran.stdout, ran.stderr) == (130, b"", b"asynclint: interrupted\n")

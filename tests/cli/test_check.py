"""`asynclint check`: options, output, and what the exit status says."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

import asynclint as package
from asynclint.engine.run import Notice
from tests.cli.conftest import FakeEngine, Ran

Invoke = Callable[..., Ran]

BAD = "import time\ntime.sleep(1)\n"


def test_nothing_found_is_status_0(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    (folder / "app.py").write_text("x = 1\n")
    for arguments in (["check"], ["check", "."], ["."], ["app.py"], ["--output-format", "concise", "."]):
        assert asynclint(*arguments) == Ran(0, "All checks passed!\n", "")
        assert fake.calls[-1][0] == ["app.py"]


def test_findings_are_status_1(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    (folder / "app.py").write_text(BAD)
    told = "app.py:2:1: AL001 `time.sleep` blocks [syntax-error]\n"
    assert asynclint(".", "--output-format=concise") == Ran(1, told + "Found 1 error.\n", "")
    assert asynclint(".", "--output-format=concise", "-q") == Ran(1, told, "")
    assert asynclint(".", "--output-format=concise", "-s") == Ran(1, "", "")
    assert asynclint(".", "--output-format=concise", "--exit-zero").status == 0
    assert asynclint(".").out.startswith(
        "app.py:2:1: error[AL001] `time.sleep` blocks [syntax-error]\n  |\n1 | import time\n"
    )


def test_several_formats_at_once(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    (folder / "app.py").write_text(BAD)
    ran = asynclint(".", "--output-format=concise", "--output-format", "json=out/report.json")
    assert ran.out.startswith("app.py:2:1: ")
    assert json.loads((folder / "out" / "report.json").read_text())["summary"]["findings"] == 1
    (folder / "asynclint.toml").write_text("output-format = ['concise', 'json=again.json']")
    assert asynclint(".").out == ran.out
    assert (folder / "again.json").exists()


def test_an_output_file_that_cannot_be_written(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    (folder / "app.py").write_text(BAD)
    assert asynclint(".", "--output-format=json=app.py/x") == Ran(
        2, "", "asynclint: error: app.py/x: cannot be written: File exists\n"
    )


def test_a_notice_of_an_error_is_status_2_but_findings_are_still_shown(
    asynclint: Invoke, fake: FakeEngine, folder: Path
) -> None:
    (folder / "app.py").write_text(BAD)
    fake.notices = [
        Notice("error", "secret.py: permission denied; make it readable or exclude it"),
        Notice("warning", "w"),
    ]
    ran = asynclint(".", "--output-format=concise")
    assert ran.status == 2 and "app.py:2:1" in ran.out
    assert ran.err == (
        "asynclint: error: secret.py: permission denied; make it readable or exclude it\nasynclint: warning: w\n"
    )
    assert (
        asynclint(".", "-q").err == "asynclint: error: secret.py: permission denied; make it readable or exclude it\n"
    )


def test_the_command_line_reaches_the_settings(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    (folder / "app.py").touch()
    (folder / "lib").mkdir()
    (folder / "asynclint.toml").write_text("jobs = 3\ntarget-version = 'py39'\nenvironment = true")
    given = "--select AL001,AL002 --ignore AL002 --jobs 2 --no-environment --no-screen --no-cache --cache-dir c"
    inline = ["--config", "library = 'trio'", "--config", "rules = {}"]
    asynclint("check", ".", *given.split(), "--python", "lib", *inline)
    settings = fake.calls[-1][1]
    assert settings.rules == {"syntax-error"}
    assert (settings.jobs, settings.target_version, settings.library) == (2, (3, 9), "trio")
    assert (settings.environment, settings.screen, settings.cache) == (False, False, False)
    assert (settings.cache_dir, settings.python) == (folder / "c", folder / "lib")
    asynclint("check", ".", "--isolated")
    assert fake.calls[-1][1].jobs == 0 and fake.calls[-1][1].screen
    (folder / "other.toml").write_text("jobs = 7")
    asynclint("check", ".", "--config", "other.toml")
    assert fake.calls[-1][1].jobs == 7 and fake.calls[-1][1].root == folder


def test_excludes_on_the_command_line(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    for name in ("app.py", "gen.py", "old.py"):
        (folder / name).touch()
    asynclint(".", "--extend-exclude", "gen.py,old.py")
    assert fake.calls[-1][0] == ["app.py"]
    asynclint("app.py", "gen.py", "--exclude", "gen.py", "--force-exclude")
    assert fake.calls[-1][0] == ["app.py"]


def test_no_files_is_a_warning(asynclint: Invoke, fake: FakeEngine) -> None:
    assert asynclint(".") == Ran(
        0, "All checks passed!\n", "asynclint: warning: no Python files found under the given paths\n"
    )
    assert asynclint(".", "-q") == Ran(0, "", "")


@pytest.mark.parametrize(
    ("variables", "arguments", "coloured"),
    [
        ({}, [], False),
        ({}, ["--color=always"], True),
        ({"FORCE_COLOR": "1"}, [], True),
        ({"FORCE_COLOR": "0"}, [], False),
        ({"CLICOLOR_FORCE": "1"}, [], True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, [], False),
        ({"NO_COLOR": "1"}, ["--color=always"], True),
        ({"FORCE_COLOR": "1"}, ["--color=never"], False),
        ({"FORCE_COLOR": "1"}, ["--output-format=json"], False),
    ],
)
def test_when_output_is_coloured(
    asynclint: Invoke,
    fake: FakeEngine,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    variables: dict[str, str],
    arguments: list[str],
    coloured: bool,
) -> None:
    (folder / "app.py").write_text(BAD)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert ("\033[" in asynclint(".", *arguments).out) is coloured


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nope"], "nope: no such file or folder"),
        (["chek", "app.py"], "chek: no such file or folder; did you mean the command `check`?"),
        (["ap.py"], "ap.py: no such file or folder; did you mean `app.py`?"),
        (["--select=nope", "."], "command line: unknown rule `nope`"),
        (
            ["--select=unused-supression", "."],
            "command line: unknown rule `unused-supression`; did you mean `unused-suppression`?",
        ),
        (["--output-format=sarf", "."], "command line: unknown output format `sarf`; did you mean `sarif`?"),
        (
            ["--target-version=2.7", "."],
            'command line: `target-version` must be a version from "py38" to "py315", not `2.7`',
        ),
        (["--config=gone.toml", "."], "gone.toml: no such configuration file"),
        (["--config=joobs = 1", "."], "--config: unknown option `joobs`; did you mean `jobs`?"),
        (["--config=a.toml", "--config=b.toml"], "--config names 2 files; name one, and let it `extend` the other"),
        (
            ["--config=a.toml", "--isolated"],
            "--isolated reads no configuration file, but --config names one; leave one of them out",
        ),
        (["--selct=x", "."], "No such option"),
        (["rule", "nope"], "there is no rule `nope`"),
        (["rule", "sintax-error"], "there is no rule `sintax-error`; did you mean `syntax-error`?"),
        (["rule"], "name a rule, or use --all to list them"),
    ],
)
def test_wrong_usage_is_status_2_with_a_message(
    asynclint: Invoke, fake: FakeEngine, folder: Path, arguments: list[str], message: str
) -> None:
    (folder / "app.py").touch()
    ran = asynclint(*arguments)
    assert ran.status == 2 and ran.out == ""
    assert ran.err.startswith(f"asynclint: error: {message}")
    assert "Traceback" not in ran.err


def test_every_mistake_in_the_configuration_is_told(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    (folder / "pyproject.toml").write_text("[tool.asynclint]\nselct = []\njobs = 'x'\n")
    assert asynclint(".") == Ran(
        2,
        "",
        "asynclint: error: pyproject.toml:2: unknown option `selct`; did you mean `select`?\n"
        "asynclint: error: pyproject.toml:3: `jobs` must be a whole number, not a string\n",
    )


def test_an_internal_error_asks_for_a_report(
    asynclint: Invoke, fake: FakeEngine, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (folder / "app.py").touch()
    fake.raises = ZeroDivisionError("division by zero")
    ran = asynclint(".")
    assert ran.status == 2 and "Traceback" not in ran.err
    assert ran.err.startswith("asynclint: internal error: ZeroDivisionError: division by zero (at tests.cli.conftest:")
    assert f"asynclint {package.__version__}, Python 3." in ran.err
    assert "Traceback" in asynclint(".", "--traceback").err
    monkeypatch.setenv("ASYNCLINT_DEBUG", "1")
    assert "Traceback" in asynclint(".").err


def test_an_interrupt_is_status_130(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    (folder / "app.py").touch()
    fake.raises = KeyboardInterrupt()
    assert asynclint(".") == Ran(130, "", "asynclint: interrupted\n")


def test_version_and_help(asynclint: Invoke) -> None:
    assert asynclint("--version") == Ran(0, f"asynclint {package.__version__}\n", "")
    assert asynclint("-V").status == 0
    for arguments in (["--help"], ["-h"]):
        ran = asynclint(*arguments)
        assert ran.status == 0 and "check" in ran.out and "rule" in ran.out
    assert "--output-format" in asynclint("check", "--help").out
    ran = asynclint()
    assert ran.status == 2 and ran.out == "" and "Usage: asynclint" in ran.err

"""Known findings: the baseline, and what is new since a git revision."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import FakeEngine, Ran
from tests.cli.findings import both, replacing

Invoke = Callable[..., Ran]
FILE = "asynclint-baseline.json"

BAD = replacing("bad", "good")


@pytest.fixture
def project(fake: FakeEngine, folder: Path) -> Path:
    fake.finds = both(BAD, replacing("worse", "better", rule="missing-await", code="AL101"))
    (folder / "asynclint.toml").write_text(f"baseline = '{FILE}'")
    (folder / "app.py").write_text("def f():\n    bad(1)\n    bad(1)\n\ndef g():\n    bad(1)\n")
    return folder


def entries(folder: Path) -> list[tuple[str, str, int]]:
    found = json.loads((folder / FILE).read_text())["findings"]
    return [(each["scope"], each["line"], each.get("ordinal", 0)) for each in found]


def test_what_is_known_is_not_reported(asynclint: Invoke, project: Path) -> None:
    assert asynclint("baseline", "create") == Ran(0, f"{FILE}: 3 findings.\n", "")
    assert asynclint(".") == Ran(0, "All checks passed! (3 known findings not shown)\n", "")
    assert entries(project) == [("f", "bad(1)", 0), ("f", "bad(1)", 1), ("g", "bad(1)", 0)]
    (project / "app.py").write_text((project / "app.py").read_text() + "    bad(2)\n")
    ran = asynclint(".", "--output-format=concise")
    assert ran.status == 1 and ran.out == (
        "app.py:7:5: AL201 `bad` blocks [blocking-call]\nFound 1 error (3 known findings not shown).\n"
        "1 fixable with `--fix`.\n"
    )


def test_entries_survive_moved_and_reindented_lines(asynclint: Invoke, project: Path) -> None:
    asynclint("baseline", "create")
    text = (project / "app.py").read_text()
    before = (project / FILE).read_text()
    (project / "app.py").write_text("# more\n\n" + text.replace("    bad", "        bad"))
    assert asynclint(".").status == 0
    assert (project / FILE).read_text() == before


def test_another_of_the_same_line_is_new(asynclint: Invoke, project: Path) -> None:
    asynclint("baseline", "create")
    text = (project / "app.py").read_text()
    (project / "app.py").write_text(text.replace("    bad(1)\n\n", "    bad(1)\n    bad(1)\n\n"))
    ran = asynclint(".", "--output-format=concise", "-q")
    assert ran == Ran(1, "app.py:4:5: AL201 `bad` blocks [blocking-call]\n", "")
    assert len(entries(project)) == 3


def test_it_shrinks_by_itself_and_never_grows(asynclint: Invoke, project: Path) -> None:
    asynclint("baseline", "create")
    (project / "app.py").write_text("def f():\n    bad(1)\n    bad(3)\n")
    ran = asynclint(".", "--output-format=concise", "-q")
    assert ran.out == "app.py:3:5: AL201 `bad` blocks [blocking-call]\n"
    assert entries(project) == [("f", "bad(1)", 0)]
    (project / "app.py").write_text("def f():\n    bad(1)\n\ndef g():\n    bad(1)\n")
    assert asynclint(".").status == 1


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["other.py"], "the file was not checked"),
        (["--select=missing-await", "."], "the rule did not run"),
        (["--no-environment", "."], "other knowledge was used"),
        (["--stdin-filename=app.py", "-"], "the buffer is not the file"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_it_does_not_shrink_without_proof(asynclint: Invoke, project: Path, arguments: list[str], why: str) -> None:
    asynclint("baseline", "create")
    (project / "other.py").touch()
    (project / "app.py").write_text("x\n")
    asynclint(*arguments)
    assert len(entries(project)) == 3, why


def test_entries_of_deleted_files_go(asynclint: Invoke, project: Path) -> None:
    asynclint("baseline", "create")
    (project / "app.py").unlink()
    (project / "other.py").touch()
    ran = asynclint(".")
    assert ran.err == f"asynclint: warning: {FILE}: 3 known findings no longer there, dropped from the file\n"
    assert entries(project) == []


def test_in_ci_the_file_is_left_alone(asynclint: Invoke, project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asynclint("baseline", "create")
    (project / "app.py").write_text("def f():\n    bad(1)\n")
    monkeypatch.setenv("CI", "true")
    ran = asynclint(".")
    assert ran.status == 0 and len(entries(project)) == 3
    assert ran.err == (
        f"asynclint: warning: {FILE}: 2 known findings no longer there; "
        "run `asynclint baseline prune` and commit the file\n"
    )
    assert asynclint("baseline", "prune") == Ran(0, f"{FILE}: 1 finding (2 dropped).\n", "")
    assert asynclint(".").err == ""


def test_update_takes_in_what_is_new_and_leaves_other_files_alone(asynclint: Invoke, project: Path) -> None:
    (project / "other.py").write_text("bad()\n")
    asynclint("baseline", "create")
    (project / "app.py").write_text("def f():\n    bad(1)\n    worse(1)\n")
    assert asynclint("baseline", "update", "app.py") == Ran(0, f"{FILE}: 3 findings (1 added, 2 dropped).\n", "")
    assert entries(project) == [("f", "bad(1)", 0), ("f", "worse(1)", 0), ("", "bad()", 0)]
    assert asynclint(".").status == 0


def test_show_counts_by_rule_and_file(asynclint: Invoke, project: Path) -> None:
    (project / "other.py").write_text("worse()\n")
    asynclint("baseline", "create")
    assert asynclint("baseline", "show").out == (
        "by rule:\n  3  blocking-call\n  1  missing-await\nby file:\n  3  app.py\n  1  other.py\n"
        f"4 findings in {FILE}\n"
    )


def test_the_file_merges_line_by_line(asynclint: Invoke, project: Path) -> None:
    asynclint("baseline", "create")
    lines = (project / FILE).read_text().splitlines()
    assert lines[0].endswith('"findings": [') and lines[-1] == "]}" and len(lines) == 5
    assert lines[1] == '{"path": "app.py", "rule": "blocking-call", "scope": "f", "line": "bad(1)"},'
    assert lines[1:-1] == sorted(lines[1:-1], key=lambda line: json.loads(line.rstrip(","))["scope"])


def test_a_baseline_on_the_command_line_only(asynclint: Invoke, project: Path) -> None:
    (project / "asynclint.toml").write_text("")
    ran = asynclint("baseline", "create")
    assert 'Add `baseline = "asynclint-baseline.json"` to the configuration' in ran.out
    assert asynclint(".").status == 1
    assert asynclint(".", "--baseline", FILE).status == 0
    assert asynclint("baseline", "create", "--baseline", "other.json").status == 0
    assert asynclint(".", "--baseline", "other.json").status == 0


def test_a_file_that_cannot_be_parsed_is_never_taken_in(asynclint: Invoke, project: Path, fake: FakeEngine) -> None:
    fake.finds = both(BAD, replacing("broken", "x", rule="syntax-error", code="AL001"))
    (project / "app.py").write_text("broken\n")
    asynclint("baseline", "create")
    assert entries(project) == [] and asynclint(".").status == 1
    (project / "app.py").write_text("bad\n")
    asynclint("baseline", "update")
    (project / "app.py").write_text("broken\n")
    assert asynclint("baseline", "update").out == f"{FILE}: 1 finding (0 added, 0 dropped).\n"
    assert asynclint("baseline", "prune").out == f"{FILE}: 1 finding (0 dropped).\n"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (None, f"{FILE}: no such baseline; make it with `asynclint baseline create`"),
        ("<<<<<<< ours", f"{FILE}:1: not a baseline; mend the merge, or make it anew with `asynclint baseline update`"),
        ("[]", f"{FILE}: not a baseline; mend the merge, or make it anew with `asynclint baseline update`"),
        ('{"version": 9}', f"{FILE}: a baseline of version 9, which this asynclint does not read; update it"),
    ],
)
def test_a_baseline_that_cannot_be_used(asynclint: Invoke, project: Path, content: str | None, message: str) -> None:
    if content is not None:
        (project / FILE).write_text(content)
    assert asynclint(".") == Ran(2, "", f"asynclint: error: {message}\n")


def test_creating_twice_is_an_error(asynclint: Invoke, project: Path) -> None:
    asynclint("baseline", "create")
    ran = asynclint("baseline", "create")
    assert ran == Ran(
        2, "", f"asynclint: error: {FILE}: exists already; use `asynclint baseline update` to take in what is new\n"
    )


def test_each_project_has_a_baseline_of_its_own(asynclint: Invoke, project: Path) -> None:
    (project / "inner").mkdir()
    (project / "inner" / "asynclint.toml").write_text("baseline = 'known.json'")
    (project / "inner" / "app.py").write_text("bad()\n")
    assert asynclint("baseline", "create").out == f"{FILE}: 3 findings.\ninner/known.json: 1 finding.\n"
    assert asynclint(".").status == 0
    [entry] = json.loads((project / "inner" / "known.json").read_text())["findings"]
    assert entry["path"] == "app.py"
    ran = asynclint("baseline", "update", "--baseline", "x.json")
    assert ran.status == 2 and ran.err.startswith("asynclint: error: --baseline names one file, but the paths belong")


# -- git -------------------------------------------------------------------------------------------


def git(folder: Path, *arguments: str) -> None:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    subprocess.run(["git", *who, *arguments], cwd=folder, check=True, capture_output=True, env=environment)


@pytest.fixture
def repository(fake: FakeEngine, folder: Path) -> Path:
    fake.finds = BAD
    (folder / ".git").rmdir()
    (folder / "pkg").mkdir()
    (folder / "pkg" / "app.py").write_text("def f():\n    bad(1)\n")
    (folder / "pkg" / "other.py").write_text("def h():\n    bad(7)\n")
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    return folder


def test_only_what_is_new_since_a_revision(asynclint: Invoke, repository: Path) -> None:
    assert asynclint(".", "--diff-base", "main") == Ran(0, "All checks passed! (2 known findings not shown)\n", "")
    (repository / "pkg" / "app.py").write_text("# moved\ndef f():\n    bad(1)\n    bad(2)\n")
    (repository / "new.py").write_text("bad()\n")
    ran = asynclint(".", "--diff-base", "HEAD", "--output-format=concise", "-q")
    assert ran.status == 1 and ran.out == (
        "new.py:1:1: AL201 `bad` blocks [blocking-call]\npkg/app.py:4:5: AL201 `bad` blocks [blocking-call]\n"
    )


def test_a_renamed_file_keeps_its_findings(asynclint: Invoke, repository: Path) -> None:
    git(repository, "mv", "pkg/other.py", "pkg/renamed.py")
    assert asynclint(".", "--diff-base", "HEAD").status == 0


def test_from_within_a_folder(asynclint: Invoke, repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "pkg")
    (repository / "pkg" / "app.py").write_text("def f():\n    bad(2)\n")
    ran = asynclint(".", "--diff-base", "HEAD", "--output-format=concise", "-q")
    assert ran == Ran(1, "app.py:2:5: AL201 `bad` blocks [blocking-call]\n", "")


def test_the_whole_old_tree_is_known_when_it_is_judged(asynclint: Invoke, repository: Path, fake: FakeEngine) -> None:
    asynclint("pkg/app.py", "--diff-base", "HEAD")
    (_, now), (names, then) = fake.calls[-2:]
    assert names == ["pkg/app.py"] and then.root != now.root and not then.cache and not then.root.exists()


def test_a_revision_that_does_not_exist(asynclint: Invoke, repository: Path) -> None:
    assert asynclint(".", "--diff-base", "nope") == Ran(
        2, "", "asynclint: error: --diff-base: git knows no revision `nope`; fetch it, or name another\n"
    )


def test_no_repository(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    (folder / ".git").rmdir()
    (folder / "app.py").touch()
    ran = asynclint(".", "--diff-base", "main")
    assert ran.status == 2 and ran.err.startswith("asynclint: error: --diff-base: fatal: not a git repository")

"""A rule that raises: its name and place are told, and nothing else is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asynclint import rule
from asynclint.cli.run import run
from asynclint.engine import analysis, workers
from tests.engine.trees import Tree, rules_by_path, said

TWO_MISTAKES = (
    "import asyncio\nimport time\n\nasync def rest():\n    asyncio.sleep(1)\n    time.sleep(1)\n    time.sleep(2)\n"
)
FILES = {"app.py": TWO_MISTAKES, "other.py": TWO_MISTAKES.replace("asyncio.sleep(1)", "pass")}


class Broken(Exception):
    pass


@pytest.fixture(params=["where", "check"])
def broken_rule(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """`missing-await` raises, in one half of it or the other."""

    def fails(*_: Any) -> Any:
        raise Broken("two\nlines")

    broken: dict[str, Any] = {request.param: fails}
    rules = [each._replace(**broken) if each.name == "missing-await" else each for each in rule.all_rules()]
    monkeypatch.setattr(analysis, "all_rules", lambda: rules)
    yield request.param


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "project", FILES)


@pytest.mark.usefixtures("broken_rule")
def test_the_other_findings_stay(tree: Tree) -> None:
    report = tree.run(["app.py"])
    assert rules_by_path(report) == {"app.py": ["blocking-call", "blocking-call"]}
    [notice] = report.notices
    assert notice.level == "error"
    assert notice.text.startswith(f"missing-await failed at {tree.root}/app.py:")
    assert "(Broken: two lines)" in notice.text


@pytest.mark.usefixtures("broken_rule")
def test_each_file_tells_once(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    tree.write("app.py", TWO_MISTAKES + "    asyncio.sleep(2)\n    asyncio.sleep(3)\n")
    report = tree.run()
    assert len(rules_by_path(report)["app.py"]) == len(rules_by_path(report)["other.py"]) == 2
    paths = [notice.text.partition(":")[0].rpartition("/")[2] for notice in report.notices]
    assert len(paths) == len(set(paths)) and "app.py" in paths
    monkeypatch.setattr(workers, "_FEW_FILES", 1)
    assert said(tree.run(jobs=2)) == said(report)


@pytest.mark.usefixtures("broken_rule")
def test_a_comment_for_it_does_not_count_as_unused(tree: Tree) -> None:
    tree.write("app.py", TWO_MISTAKES.replace("asyncio.sleep(1)", "asyncio.sleep(1)  # asynclint: ignore"))
    report = tree.run(["app.py"])
    assert rules_by_path(report) == {"app.py": ["blocking-call", "blocking-call"]}


def test_such_results_are_not_kept(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    rules = rule.all_rules()
    broken = [each._replace(where=lambda *_: 1 / 0) if each.name == "missing-await" else each for each in rules]
    monkeypatch.setattr(analysis, "all_rules", lambda: broken)
    assert tree.run().notices
    monkeypatch.setattr(analysis, "all_rules", lambda: rules)
    assert said(tree.run()) == said(tree.run(cache=False))


@pytest.mark.usefixtures("broken_rule")
def test_the_status_says_that_the_run_cannot_be_trusted(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tree.root)
    assert run(["check", "app.py", "--output-format", "concise", "--isolated"]) == 2
    out, err = capsys.readouterr()
    assert out.count("AL201") == 2
    assert err.startswith("asynclint: error: missing-await failed at ") and err.count("\n") == 1

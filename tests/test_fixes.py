"""A fix leaves Python that parses, removes its own finding and adds none."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from asynclint.diagnostics import Diagnostic
from asynclint.rule import all_rules
from tests.harness import literate, markers
from tests.harness.imports import ROOT
from tests.harness.projects import Project, Result, can_be_applied
from tests.harness.synthetic import program

EVERY_RULE = [each.name for each in all_rules()]


#: A coroutine within a coroutine comes to light when the outer one is awaited, and what swallows a
#: cancellation when there is an await for it to arrive at.
REVEALED_BY_CHANCE = "unawaited-return, swallowed-cancellation"


def projects() -> list[Any]:
    """Files and revealed rules of every case that marks a finding, every Bad example, programs made by chance."""
    found = [pytest.param(program(seed, modules=4), REVEALED_BY_CHANCE, id=f"seed-{seed}") for seed in range(4)]
    for path in sorted((ROOT / "fixtures").rglob("*.md")):
        for case in literate.cases(path.read_text(encoding="utf-8"), path.name):
            if markers.expectations(case.files):
                reveals = case.options.get("reveals", "")
                found.append(pytest.param(case.files, reveals, id=f"{path.stem}:{case.heading}"))
    for rule in all_rules():
        for section in literate.sections(rule.page, rule.name):
            if section.heading == "Bad":
                found += [pytest.param(files, "", id=rule.name) for files in section.projects]
    return found


@pytest.mark.parametrize(("files", "reveals"), projects())
def test_each_fix_by_itself(files: dict[str, str], reveals: str, tmp_path: Path) -> None:
    bare = {path: markers.strip(text) for path, text in files.items()}
    project = Project(tmp_path / "before", bare)
    before = project.check()
    for number, each in enumerate(before.diagnostics):
        if can_be_applied(each.fix):
            after = Project(tmp_path / str(number), fixed(project, [each])).check()
            added = {
                found
                for found in named(after) - named(before)
                if found[:2] == (each.path, each.scope) and found[2] not in reveals.split(", ")
            }
            assert not added, f"the fix of {each} adds a finding"
            name = (each.path, each.scope, each.rule, each.message)
            assert named(after)[name] < named(before)[name], f"the fix of {each} leaves it"


@pytest.mark.parametrize(("files", "reveals"), projects())
def test_fixes_come_to_an_end(files: dict[str, str], reveals: str, tmp_path: Path) -> None:
    """As `--fix` does: rounds of what goes together, until nothing is left that can be applied."""
    bare = {path: markers.strip(text) for path, text in files.items()}
    for number in range(10):
        project = Project(tmp_path / str(number), bare)
        found = project.check(extend_select=EVERY_RULE).diagnostics
        if not any(can_be_applied(each.fix) for each in found):
            return
        bare = fixed(project, found)
    pytest.fail("ten rounds of fixes were not enough")


def fixed(project: Project, diagnostics: Sequence[Diagnostic]) -> dict[str, str]:
    """The texts after the fixes; those that changed are Python."""
    texts = project.fixed(diagnostics)
    for path, text in texts.items():
        if text != project.files[path]:
            ast.parse(text)
    return texts


def named(result: Result) -> Counter[tuple[str, str, str, str]]:
    """Findings by place and words. What a fix brings to light in another function was there before."""
    return Counter((each.path, each.scope, each.rule, each.message) for each in result.diagnostics)

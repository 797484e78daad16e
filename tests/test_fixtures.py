"""The cases of `fixtures/`: what is marked is reported, and nothing else."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from asynclint.engine.house import known_rules
from tests.harness import effects, literate, markers, wording
from tests.harness.imports import ROOT
from tests.harness.projects import Project

FIXTURES = ROOT / "fixtures"


def cases() -> Iterator[Any]:
    """Each case with its page's name; a page that cannot be read is a case that fails."""
    for path in sorted(FIXTURES.rglob("*.md")):
        page = path.relative_to(ROOT).as_posix()
        try:
            for case in literate.cases(path.read_text(encoding="utf-8"), page):
                yield pytest.param(path, case, id=f"{path.stem}:{case.heading}")
        except literate.LiterateError as error:
            yield pytest.param(path, error, id=f"{path.stem}:unreadable")


@pytest.mark.parametrize(("path", "case"), list(cases()))
def test_case(path: Path, case: literate.Section | literate.LiterateError, tmp_path: Path) -> None:
    if isinstance(case, literate.LiterateError):
        raise case
    check_case(case, tmp_path, (path.stem,) if path.parent.name == "rules" else ())


def check_case(case: literate.Section, root: Path, extend_select: tuple[str, ...]) -> None:
    """Runs a case with the default rules and those given; raises AssertionError for what differs."""
    needed = tuple(int(part) for part in case.options.get("python", "3.10").split("."))
    if sys.version_info < needed:
        pytest.skip(f"the case is written in the syntax of Python {case.options['python']}")
    project = Project(root, {path: markers.strip(text) for path, text in case.files.items()})
    result = project.check(case.options.get("check", ".").split(), extend_select=extend_select)
    expected = markers.expectations(case.files)
    unknown = {each.rule for each in expected} - {each.name for each in known_rules()}
    assert not unknown, f"{case.page}: `{case.heading}`: no rule is named {', '.join(sorted(unknown))}"
    problems = markers.compare(expected, result.diagnostics) + list(result.notices)
    if marked := markers.effects(case.files):
        problems += effects.problems(root, marked, Path(case.page).stem)
    assert problems == [], "\n".join([f"{case.page}:{case.line}: `{case.heading}`", *problems])
    assert wording.problems(result.diagnostics) == []

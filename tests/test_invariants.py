"""What is found depends on the code alone: not on screening, nor on which files are named, nor on order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from asynclint.rule import all_rules
from tests.harness import literate, markers
from tests.harness.imports import ROOT
from tests.harness.projects import Project, Result
from tests.harness.synthetic import program

PAGES = sorted((ROOT / "fixtures").rglob("*.md"))
SEEDS = range(12)
#: Rules that are off by default are held to the same.
EVERY_RULE = [each.name for each in all_rules()]


@pytest.fixture(params=[*PAGES, *SEEDS], ids=lambda param: param.stem if isinstance(param, Path) else f"seed-{param}")
def projects(request: pytest.FixtureRequest, tmp_path: Path) -> list[Project]:
    """The cases of one page, or one program made by chance."""
    if isinstance(request.param, int):
        return [Project(tmp_path, program(request.param))]
    cases = literate.cases(request.param.read_text(encoding="utf-8"), request.param.name)
    return [Project(tmp_path / str(number), bare(case.files)) for number, case in enumerate(cases)]


def bare(files: Mapping[str, str]) -> dict[str, str]:
    return {path: markers.strip(text) for path, text in files.items()}


def found(result: Result) -> Iterator[str]:
    """Everything that is said, traces and fixes included."""
    yield from map(repr, result.diagnostics)
    yield from result.notices


def test_screening_changes_nothing(projects: list[Project]) -> None:
    for project in projects:
        screened = project.check(extend_select=EVERY_RULE)
        assert list(found(project.check(extend_select=EVERY_RULE, screen=False))) == list(found(screened))


def test_a_file_alone_is_judged_as_within_its_project(projects: list[Project]) -> None:
    for project in projects:
        together = project.check(extend_select=EVERY_RULE)
        alone = [
            text
            for path in sorted(project.files)
            if path.endswith((".py", ".pyi"))
            for text in map(repr, project.check([path], extend_select=EVERY_RULE, force_exclude=True).diagnostics)
        ]
        assert Counter(alone) == Counter(map(repr, together.diagnostics))


def test_the_order_of_files_does_not_matter(projects: list[Project]) -> None:
    for project in projects:
        forwards = project.check(extend_select=EVERY_RULE)
        assert list(found(project.check(extend_select=EVERY_RULE, backwards=True))) == list(found(forwards))


def test_programs_made_by_chance_have_findings_across_files(tmp_path: Path) -> None:
    """Else the tests above would compare nothing with nothing."""
    results = [Project(tmp_path / str(seed), program(seed)).check() for seed in SEEDS]
    rules = Counter(each.rule for result in results for each in result.diagnostics)
    traced = [each for result in results for each in result.diagnostics if any(s.path != each.path for s in each.trace)]
    assert len(rules) >= 3
    assert len(traced) >= len(SEEDS)

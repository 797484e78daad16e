"""The examples on the rules' pages: Bad is reported where marked, Fixed and Good are silent."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from asynclint.rule import Rule, all_rules
from tests.harness import literate, markers, variants, wording
from tests.harness.projects import Project, can_be_applied

RUN = ("Bad", "Fixed", "Good")


def examples() -> Iterator[tuple[Rule, str, int, dict[str, str]]]:
    """Rule, section, number within it, and files of every example."""
    for rule in all_rules():
        for section in literate.sections(rule.page, rule.name):
            if section.heading in RUN:
                for number, files in enumerate(section.projects, start=1):
                    yield rule, section.heading, number, files


def parameters(*changes: Callable[[Mapping[str, str]], dict[str, str] | None]) -> Iterator[Any]:
    """Every example, after each of the changes that apply to it."""
    for rule, section, number, files in examples():
        for change in changes:
            changed = change(files)
            if changed is not None:
                name = "" if change is dict else f":{change.__name__}"
                yield pytest.param(rule, section, changed, id=f"{rule.name}:{section}-{number}{name}")


@pytest.mark.parametrize(("rule", "section", "files"), list(parameters(dict)))
def test_example(rule: Rule, section: str, files: dict[str, str], tmp_path: Path) -> None:
    check_example(rule, section, files, tmp_path)


@pytest.mark.parametrize(("rule", "section", "files"), list(parameters(*variants.ALL)))
def test_example_written_otherwise(rule: Rule, section: str, files: dict[str, str], tmp_path: Path) -> None:
    check_example(rule, section, files, tmp_path)


def check_example(rule: Rule, section: str, files: dict[str, str], root: Path) -> None:
    project = Project(root, {path: markers.strip(text) for path, text in files.items()})
    result = project.check(extend_select=[rule.name])
    marked = markers.codes(files)
    assert markers.compare(marked, result.diagnostics) + list(result.notices) == []
    assert wording.problems(result.diagnostics) == []
    if section == "Bad":
        assert rule.code in {each.rule for each in marked}, f"no line is marked `# {rule.code}`"


@pytest.mark.parametrize("rule", all_rules(), ids=lambda rule: rule.name)
def test_a_page_with_a_fix_shows_what_it_makes(rule: Rule, tmp_path: Path) -> None:
    bad, fixed = (
        [files for each, section, _, files in examples() if (each, section) == (rule, name)] for name in RUN[:2]
    )
    for number, files in enumerate(bad):
        project = Project(tmp_path / str(number), {path: markers.strip(text) for path, text in files.items()})
        found = project.check(extend_select=[rule.name]).diagnostics
        if any(can_be_applied(each.fix) for each in found if each.rule == rule.name):
            assert fixed, "after `## Bad` comes `## Fixed`, which is what the fix makes of it"


def pairs() -> Iterator[Any]:
    """Each Bad example with the Fixed one of the same number, where the page has both."""
    found: dict[tuple[str, int], dict[str, tuple[Rule, dict[str, str]]]] = {}
    for rule, section, number, files in examples():
        found.setdefault((rule.name, number), {})[section] = (rule, files)
    for (name, number), sections in found.items():
        if {"Bad", "Fixed"} <= set(sections):
            rule, bad = sections["Bad"]
            yield pytest.param(rule, bad, sections["Fixed"][1], id=f"{name}-{number}")


@pytest.mark.parametrize(("rule", "bad", "fixed"), list(pairs()))
def test_fixing_bad_gives_fixed(rule: Rule, bad: dict[str, str], fixed: dict[str, str], tmp_path: Path) -> None:
    project = Project(tmp_path, {path: markers.strip(text) for path, text in bad.items()})
    found = [each for each in project.check(extend_select=[rule.name]).diagnostics if each.rule == rule.name]
    # Where the rule has no fix to apply, Fixed is the author's advice; that it is silent is tested above.
    if any(can_be_applied(each.fix) for each in found):
        assert project.fixed(found) == fixed

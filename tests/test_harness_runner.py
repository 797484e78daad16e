"""The runner of fixtures and examples, with an engine that finds every `sleep` and nothing else."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from asynclint.config import Settings
from asynclint.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity, Span
from asynclint.engine.discover import FileToCheck
from asynclint.engine.run import Report
from asynclint.source import Source
from tests.harness import literate, projects, variants
from tests.test_fixtures import check_case

FILES = {"a.py": "sleep()\n", "pkg/b.py": "pass\nsleep()\n"}


def find_sleeps(files: Sequence[FileToCheck], settings: Settings) -> Report:
    found = []
    for file in files:
        source = Source(Path(file.path).read_bytes())
        for number in range(1, source.line_count + 1):
            call = re.search(r"\bsleep\(\)", source.line(number))
            if call:
                span = Span(number, call.start() + 1, number, call.end() + 1)
                start = source.offset(number, span.column)
                fix = Fix("wait otherwise", Applicability.SAFE, (Edit(start, start + 5, "wait"),))
                found.append(
                    Diagnostic("syntax-error", "AL001", Severity.ERROR, file.display, span, "it sleeps", fix=fix)
                )
    return Report(tuple(found), (), (), len(files))


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projects, "check", find_sleeps)


def case(text: str) -> literate.Section:
    [found] = literate.cases(f"## Case\n{text}", "page.md")
    return found


def test_a_project_is_checked_where_it_lies(tmp_path: Path) -> None:
    before = Path.cwd()
    project = projects.Project(tmp_path, FILES)
    assert [(each.path, each.span.line) for each in project.check().diagnostics] == [("a.py", 1), ("pkg/b.py", 2)]
    assert [each.path for each in project.check(["pkg"], backwards=True).diagnostics] == ["pkg/b.py"]
    assert project.fixed(project.check().diagnostics) == {"a.py": "wait()\n", "pkg/b.py": "pass\nwait()\n"}
    assert Path.cwd() == before


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("```python\nsleep()  # error: syntax-error\n```\n", None),
        ("```python\nwait()\n```\n", None),
        ("```python\nsleep()\n```\n", "unexpected error: syntax-error"),
        ("```python\nwait()  # error: syntax-error\n```\n", "not reported"),
        ("```python\nsleep()  # error: no-such-rule\n```\n", "no rule is named no-such-rule"),
        ("<!-- case\ncheck: b.py\n-->\n`a.py`:\n```python\nsleep()\n```\n`b.py`:\n```python\nwait()\n```\n", None),
        ("```python\nimport time\ndef f(): time.sleep(1)  # effect: Blocks(time.sleep)\n```\n", None),
        ("```python\nimport time\ndef f(): time.sleep(1)  # effect: none\n```\n", "effects are Blocks.*, marked none"),
        ("```python\ndef f(): pass  # effect: Blocks(x)\n```\n", "effects are none, marked Blocks"),
        ("```python\nf()  # effect: none\n```\n", "where no function is defined"),
        ("```toml\n[tool.asynclint]\nexclude = ['example.py']\n```\n```python\nsleep()\n```\n", None),
    ],
)
def test_a_case_fails_unless_all_is_as_marked(text: str, problem: str | None, tmp_path: Path) -> None:
    if problem is None:
        check_case(case(text), tmp_path, ())
    else:
        with pytest.raises(AssertionError, match=problem):
            check_case(case(text), tmp_path, ())


def test_byte_order_marks_and_line_ends_reach_the_file(tmp_path: Path) -> None:
    changed = variants.windows({"a.py": "wait()\nsleep()\n"})
    assert changed is not None
    project = projects.Project(tmp_path, changed)
    assert (tmp_path / "a.py").read_bytes() == b"\xef\xbb\xbfwait()\r\nsleep()\r\n"
    assert [each.span.line for each in project.check().diagnostics] == [2]

"""`asynclint rule`: pages in the terminal."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from asynclint.cli.rule import listing, markdown, page
from asynclint.engine.house import HOUSE_RULES, known_rules
from asynclint.reporters.result import Paint
from tests.cli.conftest import Ran

ROOT = Path(__file__).parents[2]
Invoke = Callable[..., Ran]


def test_a_page_says_what_it_is_about(asynclint: Invoke) -> None:
    for name in ("unused-suppression", "AL002", "al002", "RUF100"):
        ran = asynclint("rule", name)
        assert ran.status == 0
        assert ran.out.startswith("unused-suppression (AL002)\nSuppression comment that silences nothing.\n")
        for line in ("severity    warning", "default     on", "fix         offered", "also known  RUF100"):
            assert f"  {line}\n" in ran.out


def test_several_rules_and_all_of_them(asynclint: Invoke) -> None:
    both = asynclint("rule", "AL002", "AL001").out
    assert both.index("syntax-error (AL001)") < both.index("unused-suppression (AL002)")
    listed = asynclint("rule", "--all").out
    for rule in known_rules():
        assert f"  {rule.code}  {rule.name} " in listed
    shown = json.loads(asynclint("rule", "--all", "--output-format=json").out)
    assert [each["name"] for each in shown] == [rule.name for rule in known_rules()]
    assert {"code", "severity", "default", "fixable", "aliases", "summary", "page"} <= shown[0].keys()


def test_the_list_in_markdown_is_the_page_on_rules(asynclint: Invoke) -> None:
    listed = asynclint("rule", "--all", "--output-format=markdown").out
    told = "run `asynclint rule --all --output-format markdown > docs/rules.md`"
    assert listed == (ROOT / "docs" / "rules.md").read_text(encoding="utf-8"), told
    assert asynclint("rule", "AL001", "--output-format=markdown").out.startswith("# syntax-error\n\nFile that is not")


def test_every_page_fits_the_terminal() -> None:
    for rule in known_rules():
        lines = list(page(rule, 60, Paint()))
        assert lines[0] == f"{rule.name} ({rule.code})"
        for line in lines[8:]:
            if not line.startswith("    ") and " " in line.strip():
                assert len(line) <= 60, (rule.name, line)


def test_markdown_is_readable_without_its_marks() -> None:
    text = "One two\nthree.\n\n## Bad\n\n```python\nx  =  1\n```\n\n- an item that\n  goes on\n- another\n"
    assert list(markdown(text, 14, Paint())) == [
        "One two three.",
        "",
        "Bad",
        "",
        "    x  =  1",
        "",
        "- an item that",
        "  goes on",
        "- another",
    ]


def test_the_list_marks_what_is_off_by_default() -> None:
    off = HOUSE_RULES[0]._replace(default=False)
    assert list(listing([off], Paint()))[1].endswith("File that is not Python (off by default)")

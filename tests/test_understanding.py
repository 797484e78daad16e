"""Each row of `docs/understanding.md` links to what pins it: cases by their headings, or tests by their names."""

from __future__ import annotations

import re

from tests.harness import literate
from tests.harness.imports import ROOT

PAGE = ROOT / "docs" / "understanding.md"
_LINK = re.compile(r"\[((?:[^\]`]|`[^`]*`)+)\]\((\.\./fixtures/[^)#]+)#([^)]+)\)")
_TEST = re.compile(r"\[`(test_\w+)`\]\((\.\./tests/[^)]+)\)")


def rows() -> list[str]:
    """The lines of the page's tables, without their heads."""
    lines = [line for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("|")]
    return [line for line in lines if not line.startswith(("| what |", "|---"))]


def anchor(heading: str) -> str:
    """The fragment that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def headings(target: str) -> list[str]:
    """The headings of the cases of the page that a link leads to; none when there is no such page."""
    path = (PAGE.parent / target).resolve()
    return [case.heading for case in literate.cases(path.read_text(encoding="utf-8"), target)] if path.exists() else []


def test_every_row_names_what_it_is_about_and_what_pins_it() -> None:
    assert len(rows()) > 30
    loose = [
        row for row in rows() if not (_LINK.search(row) or _TEST.search(row)) or len(re.split(r"(?<!\\)\|", row)) != 6
    ]
    assert loose == [], "a row is `| what | example | [heading](../fixtures/page.md#heading) | limits |`"


def test_every_link_leads_to_a_case() -> None:
    broken = []
    for row in rows():
        for heading, target, fragment in _LINK.findall(row):
            if headings(target).count(heading) != 1 or fragment != anchor(heading):
                broken.append(f"{target}: {heading}: #{anchor(heading)}")
    assert broken == [], "a link is the heading of one case of the page, word by word"


def test_every_test_that_is_named_exists() -> None:
    named = [link for row in rows() for link in _TEST.findall(row)]
    assert named != []
    missing = [link for link in named if f"def {link[0]}(" not in (PAGE.parent / link[1]).read_text(encoding="utf-8")]
    assert missing == []


def test_no_link_is_overlooked() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert text.count("](../fixtures/") == sum(len(_LINK.findall(row)) for row in rows())
    assert text.count("](../tests/") == sum(len(_TEST.findall(row)) for row in rows())

"""The format for people, and the frame that it draws."""

from __future__ import annotations

from pathlib import Path

import pytest

from asynclint.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity, Span
from asynclint.engine.run import Notice
from asynclint.reporters.frame import frame, visible
from asynclint.reporters.result import Paint, Sources
from tests.reporters.samples import BLOCKING, PLAIN, result, written


def test_a_finding_shows_place_code_reason_and_cure(tmp_path: Path) -> None:
    shown = written("full", result(tmp_path))
    assert shown == (
        """\
app.py:5:5: error[AL201] `helpers.warm_up` blocks the event loop [blocking-call]
  |
4 | async def refresh():
5 |     helpers.warm_up()
  |     ^^^^^^^^^^^^^^^^^
6 |     helpers.log()
  1. app.py:5:5: `refresh` calls `warm_up`
  2. helpers.py:3:2: `warm_up` calls `time.sleep`
  |
3 |     time.sleep(1)
  |     ^^^^^^^^^^^^^
help: make the helper a coroutine
fix: run it in a worker thread (`--fix --unsafe-fixes` does it)
1 + import asyncio
5 -     helpers.warm_up()
5 +     await asyncio.to_thread(helpers.warm_up)

app.py:6:5: warning[AL401] a "task" <& 'more'> that nobody keeps, 100% [lost-task]
  |
4 | async def refresh():
5 |     helpers.warm_up()
6 |     helpers.log()
  |     ^^^^^^^^^^^^^

Found 1 error and 1 warning.
1 fixable with `--fix --unsafe-fixes`.
"""
    )


def test_a_clean_run_says_so_unless_something_went_wrong(tmp_path: Path) -> None:
    assert written("full", result(tmp_path, diagnostics=())) == "All checks passed!\n"
    broken = result(tmp_path, diagnostics=(), notices=(Notice("error", "app.py: unreadable"),))
    assert written("full", broken) == ""
    assert written("full", result(tmp_path, diagnostics=(), summary=False)) == ""


def test_counts_are_told_by_severity(tmp_path: Path) -> None:
    several = (BLOCKING, BLOCKING._replace(severity=Severity.HINT), PLAIN, PLAIN)
    assert "Found 1 error, 2 warnings and 1 hint.\n" in written("concise", result(tmp_path, diagnostics=several))


def test_safe_fixes_are_offered_first(tmp_path: Path) -> None:
    safe = PLAIN._replace(fix=Fix("drop it", Applicability.SAFE, (Edit(0, 1, ""),)))
    shown = written("concise", result(tmp_path, diagnostics=(safe, BLOCKING)))
    assert shown.endswith("1 fixable with `--fix` (1 more with `--unsafe-fixes`).\n")
    shown = written("concise", result(tmp_path, diagnostics=(safe, BLOCKING), unsafe_fixes=True))
    assert shown.endswith("2 fixable with `--fix`.\n")
    shown = written("concise", result(tmp_path, diagnostics=(safe,), fixable=frozenset()))
    assert shown.endswith("Found 1 warning.\n")


def test_colour_marks_the_severity_and_changes_no_word(tmp_path: Path) -> None:
    import re

    painted = written("full", result(tmp_path, paint=Paint(True)))
    assert "\033[1;31merror[AL201]\033[0m" in painted
    assert re.sub("\033" + r"\[[0-9;]*m", "", painted) == written("full", result(tmp_path))


def framed(tmp_path: Path, text: str, span: Span, width: int = 120) -> list[str]:
    (tmp_path / "file.py").write_bytes(text.encode("utf-8", "surrogatepass"))
    return list(frame(Sources(tmp_path), "file.py", span, Paint(), "red", context=0, width=width))


@pytest.mark.parametrize(
    ("line", "column", "end", "shown", "carets"),
    [
        ("日本 = f()", 6, 9, "1 | 日本 = f()", "  |        ^^^"),
        ("e\u0301 = f()", 6, 9, "1 | e\u0301 = f()", "  |     ^^^"),
        ("\tf()", 2, 5, "1 |     f()", "  |     ^^^"),
        ("a\tf()", 3, 6, "1 | a   f()", "  |     ^^^"),
        ("'\x1b[31m'; f()", 10, 13, "1 | '\ufffd[31m'; f()", "  |          ^^^"),
        ("'\u202e'; f()", 6, 9, "1 | '\ufffd'; f()", "  |      ^^^"),
        ("f()", 4, 4, "1 | f()", "  |    ^"),
        ("f()", 90, 95, "1 | f()", "  |    ^"),
    ],
    ids=["wide", "combining", "tab", "inner tab", "escape", "bidirectional", "empty span", "beyond the line"],
)
def test_carets_stand_below_what_they_mean(
    tmp_path: Path, line: str, column: int, end: int, shown: str, carets: str
) -> None:
    assert framed(tmp_path, line + "\n", Span(1, column, 1, end)) == ["  |", shown, carets]


def test_every_line_of_a_short_span_is_underlined(tmp_path: Path) -> None:
    assert framed(tmp_path, "f(\n    1,\n)\n", Span(1, 1, 3, 2)) == [
        "  |",
        "1 | f(",
        "  | ^^",
        "2 |     1,",
        "  |     ^^",
        "3 | )",
        "  | ^",
    ]


def test_a_long_span_is_cut_in_the_middle(tmp_path: Path) -> None:
    lines = framed(tmp_path, "f(\n" + "    1,\n" * 20 + ")\n", Span(1, 1, 22, 2))
    assert lines[0] == "   |" and lines[5] == "..." and lines[6] == "22 | )"
    assert len(lines) == 8


def test_a_long_line_is_cut_around_the_span(tmp_path: Path) -> None:
    lines = framed(tmp_path, "x = [" + "1, " * 1000 + "f(), " + "2, " * 1000 + "]\n", Span(1, 3006, 1, 3009), width=80)
    assert len(lines[1]) <= 84
    start = lines[2].index("^")
    assert lines[1][start : start + 3] == "f()" and lines[2].count("^") == 3
    assert lines[1].startswith("1 | …") and lines[1].endswith("…")


def test_a_file_that_cannot_be_read_has_no_frame(tmp_path: Path) -> None:
    missing = Diagnostic("r", "AL201", Severity.ERROR, "gone.py", Span(1, 1, 1, 2), "message")
    assert list(frame(Sources(tmp_path), "gone.py", missing.span, Paint(), "red")) == []
    assert written("full", result(tmp_path, diagnostics=(missing,), summary=False)) == (
        "gone.py:1:1: error[AL201] message [r]\n\n"
    )


def test_printable_ascii_is_shown_as_it_is() -> None:
    assert visible("abc") == ("abc", [0, 1, 2, 3])

"""Files that are not Python, and files that are Python of a later version."""

from __future__ import annotations

import sys

import pytest

from asynclint.engine.syntax import syntax_diagnostic
from asynclint.facts.extract import extract

LATER = [
    ("type X = int\n", (3, 12)),
    ("def f[T](x: T): pass\n", (3, 12)),
    ("x = f'{a['b']}'\n", (3, 12)),
    ("class C[T = int]: pass\n", (3, 13)),
    ("try:\n    pass\nexcept A, B:\n    pass\n", (3, 14)),
    ("x = t'a{b}'\n", (3, 14)),
]


def problem_of(code: str) -> Exception:
    with pytest.raises((SyntaxError, ValueError)) as caught:
        extract(code.encode())
    return caught.value


@pytest.mark.parametrize(
    ("code", "version"), [case for case in LATER if sys.version_info[:2] < case[1]], ids=lambda value: repr(value)
)
def test_syntax_of_a_later_python_names_the_python_to_run_with(code: str, version: tuple[int, int]) -> None:
    found = syntax_diagnostic("a.py", code.encode(), problem_of(code))
    assert found.message.startswith(f"syntax of Python {version[0]}.{version[1]} or later (")
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    assert (
        found.help == f"asynclint runs on Python {running} here; run it with Python {version[0]}.{version[1]} or later"
    )


def test_a_mistake_is_told_in_the_words_of_the_parser_with_its_place() -> None:
    code = "x = 1\ndef f(:\n    pass\n"
    found = syntax_diagnostic("a.py", code.encode(), problem_of(code))
    assert (found.rule, found.code, found.path) == ("syntax-error", "AL001", "a.py")
    assert (found.span.line, found.span.column) == (2, 7)
    assert found.message == str(problem_of(code)).partition(" (")[0]
    assert found.help == ""


def test_null_bytes_have_a_place_and_a_remedy() -> None:
    code = "x = 1\ny = '\0'\n"
    found = syntax_diagnostic("a.py", code.encode(), problem_of(code))
    assert found.span.line == 2
    assert found.message == "contains null bytes"
    assert "exclude it" in found.help

"""Our translation of patterns says what `pathspec` says."""

from __future__ import annotations

from pathlib import Path

import pathspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from asynclint.config.patterns import Patterns, _translated

SEGMENTS = st.sampled_from(["a", "b.py", "*", "*.py", "**", "a*", "?", "[ab]c", "test_*", ".x"])
PATTERN = st.builds(
    lambda no, root, segments, folder: ("!" if no else "") + ("/" if root else "") + "/".join(segments) + "/" * folder,
    st.booleans(),
    st.booleans(),
    st.lists(SEGMENTS, min_size=1, max_size=3),
    st.booleans(),
)
PATH = st.lists(st.sampled_from(["a", "b.py", "c", "ac", "bc", "ab", "test_a", ".x", "x.py"]), min_size=1, max_size=4)


@given(st.lists(PATTERN, min_size=1, max_size=4), PATH, st.booleans())
@settings(max_examples=400, deadline=None)
def test_agrees_with_pathspec(patterns: list[str], parts: list[str], folder: bool) -> None:
    path = "/".join(parts)
    found = None
    for pattern in patterns:
        one = pathspec.GitIgnoreSpec.from_lines([pattern]).check_file(path + "/" * folder).include
        found = found if one is None else one
    assert Patterns(patterns, Path("/root")).verdict(f"/root/{path}", folder=folder) is found


@pytest.mark.parametrize(
    "pattern", ["venv", "*.py[cod]", "build/", "/dist", "docs/_build/", "**/gen", "a/**/b", ".tox"]
)
def test_the_usual_patterns_need_no_pathspec(pattern: str) -> None:
    assert _translated(pattern) is not None


@pytest.mark.parametrize(
    ("pattern", "path"), [(r"\#x", "#x"), (r"a\ ", "a "), ("[!a]b", "cb"), ("[a-c]", "b"), ("a/**", "a/x")]
)
def test_the_others_are_left_to_it(pattern: str, path: str) -> None:
    assert Patterns([pattern], Path("/root")).match(f"/root/{path}")


def test_comments_blank_lines_and_foreign_paths() -> None:
    patterns = Patterns(["# venv", "", "   ", "venv  "], Path("/root"))
    assert patterns.match("/root/venv") and not patterns.match("/other/venv") and not patterns.match("/rooted/venv")
    assert not Patterns(["#"], Path("/root"))

"""Ways through a function: what is said of all of them holds for every way that running it takes."""

from __future__ import annotations

import ast
import textwrap
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclint.facts.extract import extract
from asynclint.facts.ways import FunctionWays, Places
from asynclint.source import Source


def passes_always(text: str, *, each_step: bool = False) -> bool:
    """Whether all ways through the last function of the text go through an `await p()`."""
    data = text.encode()
    places = {
        (node.lineno, node.col_offset)
        for node in ast.walk(ast.parse(data))
        if isinstance(node, ast.Await) and ast.unparse(node.value) == "p()"
    }
    swallowing = {
        (node.lineno, node.col_offset)
        for node in ast.walk(ast.parse(data))
        if isinstance(node, ast.With) and ast.unparse(node.items[0].context_expr) == "s()"
    }

    def never(line: int, column: int) -> bool:
        return False

    asked = Places(lambda *at: at in places, never, never, lambda *at: at in swallowing)
    facts = extract(data)
    return FunctionWays(Source(data), facts).always(len(facts.functions) - 1, asked, each_step=each_step)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("await p()", True),
        ("await q()", False),
        ("x = [await p(), c()]", True),
        ("x = c() and await p()", False),
        ("x = (await p()) and c()", True),
        ("x = await p() if c() else await p()", True),
        ("x = c() < 1 < await p()", False),
        ("x = lambda: p()\nassert await p(), 'text'", True),
        ("assert c(), await p()", False),
        ("try:\n    return c()\nfinally:\n    await p()", True),
        ("try:\n    await p()\nexcept E:\n    pass", False),
        ("for x in c():\n    await p()", False),
        ("while True:\n    if c():\n        break\n    await p()", False),
        ("while True:\n    await p()\n    if c():\n        break", True),
        ("while True:\n    c()", False),
        ("while True:\n    await p()", True),
        ("raise ValueError", True),
    ],
)
def test_every_way_is_looked_at(body: str, expected: bool) -> None:
    assert passes_always("async def f():\n" + textwrap.indent(body, "    ") + "\n") is expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("await p()\nyield 1\nawait p()", True),
        ("await p()\nyield 1", False),
        ("yield await p()\nawait p()", True),
        ("while True:\n    await p()\n    yield 1", True),
        ("while True:\n    yield 1\n    await p()", False),
        ("try:\n    await p()\n    yield 1\nfinally:\n    await p()", True),
    ],
)
def test_each_step_of_a_generator_is_looked_at(body: str, expected: bool) -> None:
    text = "class C:\n    async def f(self):\n" + textwrap.indent(body, "        ") + "\n"
    assert passes_always(text, each_step=True) is expected


def test_a_function_that_shares_its_line_says_nothing() -> None:
    assert passes_always("if 1: x = 1; f = 2\nasync def f(): await p()\n")
    assert not passes_always("class C: f = 1\nclass D: pass; x = lambda: 1\nif c():\n  async def f(): pass\n")


_SIMPLE = st.sampled_from(
    ["await p()", "await q()", "c()", "r()", "return", "break", "continue", "raise E", "x = c() or await p()"]
)


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    suite = st.lists(inner, min_size=1, max_size=3).map(lambda parts: textwrap.indent("\n".join(parts), "    "))
    return st.one_of(
        st.tuples(suite, suite).map(lambda both: f"if c():\n{both[0]}\nelse:\n{both[1]}"),
        suite.map(lambda body: f"if c():\n{body}"),
        suite.map(lambda body: f"while c():\n{body}"),
        suite.map(lambda body: f"while True:\n    c()\n{body}"),  # a round without a choice would never end
        st.tuples(suite, suite).map(lambda both: f"for x in (1, 2)[:c()]:\n{both[0]}\nelse:\n{both[1]}"),
        suite.map(lambda body: f"with s():\n{body}"),
        st.tuples(suite, suite).map(lambda both: f"try:\n{both[0]}\nexcept E:\n{both[1]}"),
        # A jump out of `finally` would discard what ends the run.
        suite.map(lambda body: f"try:\n{body}\nfinally:\n    if c():\n        await p()"),
        suite.map(lambda body: f"try:\n{body}\nfinally:\n    await p()"),
        st.tuples(suite, suite, suite).map(
            lambda all_: f"try:\n{all_[0]}\nexcept E:\n{all_[1]}\nelse:\n{all_[2]}\nfinally:\n    c()"
        ),
    )


_BODIES = st.lists(st.recursive(_SIMPLE, _compound, max_leaves=8), min_size=1, max_size=4)


class _Error(Exception):
    pass


class _TooLong(BaseException):
    pass


class _Swallows:
    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: Any, error: Any, trace: Any) -> bool:
        return kind is _Error


def _passed(text: str, choices: list[bool]) -> bool | None:
    """Whether a run of the function with these choices went through `await p()`; None when it had no end."""
    left, seen = list(choices), []

    def choose() -> bool:
        if not left:
            raise _TooLong
        return left.pop()

    def may_raise() -> None:
        if choose():
            raise _Error

    async def note() -> int:
        may_raise()
        seen.append(True)
        return 0

    async def nothing() -> int:
        may_raise()
        return 0

    names: dict[str, Callable[..., Any]] = {
        "c": choose, "r": may_raise, "p": note, "q": nothing, "E": _Error, "s": _Swallows,
    }  # fmt: skip
    exec(text, names)
    try:
        names["f"]().send(None)
    except StopIteration:
        return bool(seen)
    except (_Error, _TooLong):
        return None
    return None


@given(_BODIES, st.lists(st.lists(st.booleans(), max_size=12), min_size=4, max_size=12))
def test_no_run_that_ends_has_taken_another_way(body: list[str], runs: list[list[bool]]) -> None:
    text = "async def f():\n" + textwrap.indent("\n".join(body), "    ") + "\n"
    try:
        compile(text, "f", "exec")
    except SyntaxError:
        return  # a jump outside of a loop
    if passes_always(text):
        assert all(_passed(text, choices) is not False for choices in runs), text

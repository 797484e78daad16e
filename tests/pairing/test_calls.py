"""Calls in other words: what stands between the parentheses stays as it was written."""

from __future__ import annotations

import pytest

from asynclint.diagnostics import Applicability
from asynclint.facts.model import SiteKind
from tests.pairing.test_context import context, fixed, node


@pytest.mark.parametrize(
    ("call", "written"),
    [
        ("f(1,2)", "t(f, 1,2)"),
        ("f()", "t(f)"),
        ("f( )", "t(f)"),
        ("f(  # why\n)", "t(f  # why\n)"),
        ("f (*a, k = b , **c, )", "t(f, *a, k = b , **c, )"),
        ("f( a )", "t( f, a )"),
        ("f(\n    1,  # one\n    2,  # two\n)", "t(\n    f,\n    1,  # one\n    2,  # two\n)"),
        ("f(\r\n  1\r\n)", "t(\r\n  f,\r\n  1\r\n)"),
        ("f(  # all\n    1,\n)", "t(  # all\n    f,\n    1,\n)"),
        ("f(1,\n  2)", "t(f, 1,\n  2)"),
        ("f(x for x in y)", "t(f, (x for x in y))"),
        ("f((x for x in y))", "t(f, (x for x in y))"),
        ("(f)((1))", "t((f), (1))"),
        ("((f( 1 )))", "((t( f, 1 )))"),
        ("(f # (\n (1))", "(t(f, 1))"),
    ],
)
def test_a_call_is_handed_over_as_it_is_written(call: str, written: str) -> None:
    ctx = context(call + "\n", kind=SiteKind.CALL)
    fix = ctx.replace(node(ctx), ctx.handed_over(node(ctx), "t"), title="t", applicability=Applicability.UNSAFE)
    assert fixed(ctx, fix) == written + "\n"


@pytest.mark.parametrize(
    ("call", "written"),
    [
        ("f( 1, )", "g( 1, )"),
        ("f(\n    1,  # one\n)", "g(\n    1,  # one\n)"),
        ("(f)(x for x in y)", "g(x for x in y)"),
    ],
)
def test_another_function_is_called_in_the_same_words(call: str, written: str) -> None:
    ctx = context(call + "\n", kind=SiteKind.CALL)
    assert ctx.called_instead(node(ctx), "g") == written

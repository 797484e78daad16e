"""Comments written for findings silence those findings and change no code."""

from __future__ import annotations

import ast
import textwrap

import pytest

from asynclint import edits
from asynclint.diagnostics import Diagnostic, Severity, Span
from asynclint.engine.ignoring import ignore_edits
from asynclint.engine.suppress import Suppressions
from asynclint.source import Source


def at(line: int, rule: str = "blocking-call") -> Diagnostic:
    return Diagnostic(rule, "AL201", Severity.ERROR, "app.py", Span(line, 1, line, 2), "message")


def ignored(text: str, *findings: Diagnostic, reason: str = "") -> str:
    source = Source(textwrap.dedent(text).lstrip("\n").encode())
    after = edits.apply(source.text, ignore_edits(source, findings, reason))
    assert ast.dump(ast.parse(after)) == ast.dump(ast.parse(source.text))
    return after


def test_the_comment_follows_the_code() -> None:
    assert ignored("a()\nb()   \n", at(2)) == "a()\nb()  # asynclint: ignore[blocking-call]\n"
    assert ignored("a()  # why\n", at(1)) == "a()  # why  # asynclint: ignore[blocking-call]\n"
    assert ignored("a()", at(1), reason="later") == "a()  # asynclint: ignore[blocking-call] -- later"


def test_several_rules_share_a_comment() -> None:
    found = (at(1), at(1, "missing-await"), at(1))
    assert ignored("a()\n", *found) == "a()  # asynclint: ignore[blocking-call, missing-await]\n"


def test_a_comment_that_is_there_is_extended() -> None:
    text = "a()  # asynclint: ignore[missing-await] -- reason\n"
    assert ignored(text, at(1)) == "a()  # asynclint: ignore[missing-await, blocking-call] -- reason\n"


def test_where_the_line_goes_on_the_comment_stands_above() -> None:
    text = '''
    def f():
        a("""
        text""", b())
        x = 1 + \\
            b()
    '''
    assert ignored(text, at(2), at(4, "missing-await")) == textwrap.dedent(
        '''\
        def f():
            # asynclint: ignore[blocking-call]
            a("""
            text""", b())
            # asynclint: ignore[missing-await]
            x = 1 + \\
                b()
        '''
    )


@pytest.mark.parametrize(
    "text",
    [
        "f(\n    a(),\n)\n",
        "with a() as b:\n    c()\n",
        "x = f'''\n{a()}\n'''; b()\n",
        "if x:\n    pass\nelif a(): pass\n",
        "@a()\ndef f(): pass\n",
        "x = (a() and\n  b())\n",
        "a(); b(); c()\n",
        "x = '''\n''' + a() + '''\n'''\n",
    ],
)
def test_every_finding_is_silenced_wherever_it_is(text: str) -> None:
    for line in range(1, text.count("\n") + 1):
        after = ignored(text, at(line))
        shift = after.count("\n") - text.count("\n")
        assert Suppressions.from_source(Source(after.encode())).covers(at(line + shift)), after

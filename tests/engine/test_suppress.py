"""Comments that silence findings."""

from __future__ import annotations

import textwrap

import pytest

from asynclint import edits
from asynclint.config import RuleIndex
from asynclint.diagnostics import Diagnostic, Severity, Span
from asynclint.engine.house import HOUSE_RULES
from asynclint.engine.suppress import Suppressions
from asynclint.source import Source
from tests.config.rules import RULES

INDEX = RuleIndex((*HOUSE_RULES, *RULES))
ALL = frozenset(INDEX.by_name)


def read(text: str) -> Suppressions:
    return Suppressions.from_source(Source(textwrap.dedent(text).lstrip("\n").encode()), index=INDEX)


def at(line: int, rule: str = "blocking-call", end_line: int | None = None) -> Diagnostic:
    code = INDEX.by_name[rule].code
    return Diagnostic(rule, code, Severity.ERROR, "app.py", Span(line, 1, end_line or line, 2), "message")


def silenced(text: str, rule: str = "blocking-call") -> list[int]:
    """The lines on which a finding of the rule is silenced."""
    suppressions = read(text)
    count = textwrap.dedent(text).lstrip("\n").count("\n") + 1
    return [line for line in range(1, count + 1) if suppressions.covers(at(line, rule))]


@pytest.mark.parametrize(
    "comment",
    [
        "# asynclint: ignore",
        "# asynclint: ignore[blocking-call]",
        "# asynclint: ignore[AL201] -- it is fast",
        "# asynclint: ignore[missing-await, blocking-call]",
        "# asynclint:ignore[ blocking-call ]",
        "#asynclint: ignore[al201]",
        "# asynclint: ignore[ASYNC251]",
        "# asynclint: ignore[AL2]",
        "# asynclint: ignore[blocking]",
        "# type: ignore  # asynclint: ignore[blocking-call]",
        "# noqa",
        "# NOQA",
        "# noqa: AL201",
        "# noqa:al201",
        "# noqa: E501, ASYNC251",
        "# noqa: E501 ASYNC251 -- reason",
        "# noqa: blocking-call",
        "# type: ignore # noqa: AL201",
    ],
)
def test_a_comment_silences_its_line(comment: str) -> None:
    assert silenced(f"a()\nb()  {comment}\nc()\n") == [2]


@pytest.mark.parametrize(
    "comment",
    [
        "# asynclint: ignore[missing-await]",
        "# asynclint: ignore[blocking-cal]",
        "# asynclint: ignore[blocking-call",
        "# asynclint: ignored",
        "# asynclint ignore",
        "# noqa: E501",
        "# noqa: this is fine",
        "# noqa:",
        "# noqa-like",
        "# nonblocking",
    ],
)
def test_other_comments_do_not(comment: str) -> None:
    assert silenced(f"a()\nb()  {comment}\nc()\n") == []


def test_a_hash_in_a_string_is_no_comment() -> None:
    assert silenced("a('# asynclint: ignore')\nb('''\n# noqa\n''')\n") == []


def test_on_the_first_line_it_silences_the_statement_and_elsewhere_the_line() -> None:
    text = """
    f(  # asynclint: ignore
        a(),
        b(),
    )
    g(
        a(),  # asynclint: ignore
        b(),
    )
    """
    assert silenced(text) == [1, 2, 3, 4, 6]


def test_on_the_last_line_it_silences_what_ends_there() -> None:
    suppressions = read("f(\n    a,\n)  # asynclint: ignore\n")
    assert suppressions.covers(at(1, end_line=3))
    assert not suppressions.covers(at(1, end_line=1))


def test_a_header_is_not_its_block() -> None:
    text = """
    def f():  # asynclint: ignore
        a()
    with x(
        a(),
    ):  # asynclint: ignore
        b()
    """
    assert silenced(text) == [1, 5]


def test_alone_on_a_line_it_silences_the_next_statement() -> None:
    text = """
    # asynclint: ignore[missing-await]
    # asynclint: ignore[blocking-call]

    # another comment
    f(
        a(),
    )
    b()
    """
    assert silenced(text) == [5, 6, 7]
    assert silenced(text, "missing-await") == [5, 6, 7]


def test_the_engine_says_where_statements_begin() -> None:
    text = "# asynclint: ignore\n@decorated\n@again(\n)\nasync def f():\n    a()\n"
    firsts = {3: 2, 4: 2, 5: 2}
    suppressions = Suppressions.from_source(Source(text.encode()), lambda line: firsts.get(line, line), INDEX)
    assert [line for line in range(1, 7) if suppressions.covers(at(line))] == [2, 3, 4, 5]


def test_disable_holds_to_the_end_of_its_block_or_until_enabled() -> None:
    text = """
    a()
    def f():
        a()
        # asynclint: disable[blocking-call]
        b()
        if c:
            d()
        # asynclint: enable[blocking-call]
        e()
    def g():
        # asynclint: disable
        b()

    # comment
    h()
    """
    assert silenced(text) == [4, 5, 6, 7, 11, 12, 13, 14]


def test_disable_on_a_header_holds_for_its_block() -> None:
    text = """
    def f():  # asynclint: disable[AL201, AL1]
        a()

        def inner():
            b()
    c()
    try:
        d()
    except E:  # asynclint: disable
        e()
    finally:
        f()
    """
    assert silenced(text) == [1, 2, 3, 4, 5, 9, 10]
    assert silenced(text, "missing-await") == [1, 2, 3, 4, 5, 9, 10]


def test_enable_ends_only_what_it_names() -> None:
    text = "# asynclint: disable[AL201, AL101]\na()\n# asynclint: enable[AL101]\nb()\n# asynclint: enable\nc()\n"
    assert silenced(text) == [1, 2, 3, 4]
    assert silenced(text, "missing-await") == [1, 2]


def test_the_whole_file() -> None:
    text = "a()\nb()\n# asynclint: file-ignore[blocking]\n"
    assert silenced(text) == [1, 2, 3, 4]
    assert silenced(text, "missing-await") == []
    assert silenced("a()  # asynclint: file-ignore\n", "missing-await") == [1, 2]
    assert read("# asynclint: skip-file\n").skips_file
    assert not read("x = '# asynclint: skip-file'\n").skips_file


@pytest.mark.parametrize(
    "text", ["def f(:\n  a(  # asynclint: ignore\n", "  a()\n b()\n", "a = '''\n", "\x00", "if x:\n\ta()\n        b()"]
)
def test_text_that_cannot_be_tokenized_is_no_reason_to_fail(text: str) -> None:
    read("b()  # asynclint: ignore\n" + text).covers(at(3))


def test_line_ends_and_marks() -> None:
    for text in ("a()\r\nb()  # noqa\r\nc()\r\n", "a()\rb()  # noqa\rc()\r", "a()\n\fb()  # noqa\nc()"):
        suppressions = Suppressions.from_source(Source(b"\xef\xbb\xbf" + text.encode()), index=INDEX)
        assert [line for line in (1, 2, 3) if suppressions.covers(at(line))] == [2]


def problems(
    text: str, *findings: Diagnostic, selected: frozenset[str] = ALL, require_reason: bool = False
) -> list[str]:
    """What is said about comments once the findings have been judged, and the text with all fixes made."""
    source = Source(textwrap.dedent(text).lstrip("\n").encode())
    suppressions = Suppressions.from_source(source, index=INDEX)
    for finding in findings:
        suppressions.covers(finding)
    found = suppressions.problems("app.py", selected, require_reason=require_reason)
    told = [f"{each.span.line}:{each.span.column}: {each.message}" for each in found]
    fixes = [edit for each in found if each.fix for edit in each.fix.edits]
    return [*told, edits.apply(source.text, fixes)] if fixes else told


def test_used_comments_are_fine() -> None:
    assert problems("a()  # asynclint: ignore[AL201] -- why\n", at(1)) == []
    assert problems("a()  # noqa: AL201\nb()  # noqa\n") == []


def test_unused_comments_are_reported_and_removed() -> None:
    text = """
    a()  # asynclint: ignore[blocking-call] -- once it was slow
    # asynclint: ignore
    b()
    c()  # type: ignore  # asynclint: ignore
    d()  # asynclint: ignore[missing-await, blocking-call]
    e()  # asynclint: ignore[AL101]  # noqa
    """
    assert problems(text, at(5)) == [
        "1:6: `ignore` of `blocking-call` silences nothing",
        "2:1: `ignore` silences nothing",
        "4:22: `ignore` silences nothing",
        "5:6: `ignore` of `missing-await` silences nothing",
        "6:6: `ignore` of `AL101` silences nothing",
        "a()\nb()\nc()  # type: ignore\nd()  # asynclint: ignore[blocking-call]\ne()    # noqa\n",
    ]


def test_comments_that_the_program_heeds_are_used() -> None:
    text = "a()  # asynclint: ignore[AL201, AL101]\n# asynclint: ignore\nb()\nc()  # asynclint: ignore[blocking]\n"
    suppressions = read(text)
    suppressions.honour(1, ["blocking-call"])
    suppressions.honour(3, ["blocking-call"])
    found = [(directive.line, selector) for directive, selector in suppressions.unused()]
    assert found == [(1, "AL101"), (4, "blocking")]


def test_only_rules_that_ran_are_judged() -> None:
    text = "a()  # asynclint: ignore[blocking-call]\n"
    assert problems(text, selected=ALL - {"blocking-call"}) == []
    assert problems(text, selected=ALL - {"unused-suppression"}) == []


def test_unknown_words_are_reported_with_the_nearest_one() -> None:
    text = """
    a()  # asynclint: ignore[bloking-call]
    b()  # asynclint: ignroe
    c()  # asynclint: ignore[
    d()  # asynclint: ignore[]
    e()  # asynclint: nonblocking
    f()  # asynclint:
    # asynclint: skip-file[AL201]
    """
    assert problems(text) == [
        "1:26: there is no rule `bloking-call`",
        "2:6: unknown word `ignroe` after `asynclint:`",
        "3:6: `ignore[` is not closed",
        "4:6: `ignore[]` names no rule",
        "6:6: nothing after `asynclint:`",
        "7:1: `skip-file` takes no rules; `file-ignore[...]` does",
        textwrap.dedent(text).lstrip("\n").replace("bloking", "blocking"),
    ]


def test_reasons_can_be_required() -> None:
    text = "a()  # asynclint: ignore[AL201]\nb()  # asynclint: ignore[AL201] -- fast\nc()  # noqa\n"
    found = problems(text, at(1), at(2), require_reason=True)
    assert found == ["1:6: `ignore` gives no reason"]


def test_a_finding_about_a_comment_can_be_silenced_by_name() -> None:
    assert problems("a()  # asynclint: ignore[AL201, unused-suppression]\n") == []

"""The harness itself: what it reads from a page, and that it tells right from wrong."""

from __future__ import annotations

import textwrap

import pytest

from asynclint.diagnostics import Diagnostic, Severity, Span
from tests.harness import literate, markers, variants
from tests.harness.imports import PACKAGE, imports


def page(text: str) -> str:
    return textwrap.dedent(text).lstrip().replace("~~~", "```")


def diagnostic(line: int, rule: str = "blocking-call", severity: Severity = Severity.ERROR) -> Diagnostic:
    span = Span(line, 1, line, 2)
    return Diagnostic(rule, "AL201", severity, "example.py", span, "`time.sleep` blocks the event loop")


def test_a_case_is_a_project_of_named_files() -> None:
    [first, second] = literate.cases(
        page("""
            # blocking-call
            ## Across files
            Prose with `code` in it.
            `helpers.py`:
            ~~~python
            ## not a heading
            import time
            ~~~
            `app.py`:

            ~~~python
            import helpers
            ~~~
            ~~~toml
            [tool.asynclint]
            ~~~
            ~~~text
            shown to the reader only
            ~~~
            <!-- case
            check: app.py
            -->
            ## Alone
            ~~~python
            pass
            ~~~
        """),
        "page.md",
    )
    assert first.heading == "Across files"
    assert first.files == {
        "helpers.py": "## not a heading\nimport time\n",
        "app.py": "import helpers\n",
        "pyproject.toml": "[tool.asynclint]\n",
    }
    assert first.options == {"check": "app.py"}
    assert second.files == {"example.py": "pass\n"}
    assert second.options == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Only prose.\n", "page.md: no case"),
        ("## Empty\nProse.\n", "page.md:1: `Empty` holds no python block"),
        ("```python\npass\n```\n", "page.md:1: code before the first `##` heading"),
        ("## Open\n```python\npass\n", "page.md:2: this fence is never closed"),
        ("## A\n```python\na\n```\n## A\n```python\na\n```\n", "page.md:5: a second case `A`"),
        ("## A\n```python\na\n```\n```python\nb\n```\n", "page.md:6: a second `example.py`"),
        ("## A\n<!-- case\nchek: x\n-->\n```python\na\n```\n", "page.md:1: `chek: x` is no option of a case"),
    ],
)
def test_a_broken_page_names_the_place(text: str, message: str) -> None:
    with pytest.raises(literate.LiterateError) as error:
        literate.cases(text, "page.md")
    assert str(error.value).startswith(message)


def test_blocks_without_a_name_are_projects_of_their_own() -> None:
    [section] = literate.sections("## Bad\n```python\na\n```\n`b.py`:\n```python\nb\n```\n```python\nc\n```\n", "page")
    assert section.projects == [{"b.py": "b\n"}, {"example.py": "a\n"}, {"example.py": "c\n"}]


def test_markers_are_read_and_removed() -> None:
    code = 'a()  # error: one "x, y", two # missed: three\nb()  # plain\ndef f(): ...  # effect: Blocks(a, b), Spawns\n'
    assert [str(each) for each in markers.expectations({"m.py": code})] == [
        'm.py:1: error: one "x, y"',
        "m.py:1: error: two",
        "m.py:1: missed: three",
    ]
    assert markers.effects({"m.py": code}) == [("m.py", 3, ("Blocks(a, b)", "Spawns"))]
    assert markers.strip(code) == "a()\nb()  # plain\ndef f(): ...\n"


def test_codes_are_read_and_removed() -> None:
    code = "a()  # AL201\nb()  # AL201, AL101\nc()  # see AL201 for this\n"
    assert [(each.line, each.rule) for each in markers.codes({"m.py": code})] == [
        (1, "AL201"),
        (2, "AL201"),
        (2, "AL101"),
    ]
    assert markers.strip(code) == "a()\nb()\nc()  # see AL201 for this\n"


@pytest.mark.parametrize("tail", ["", "Blocking Call", "one two"])
def test_a_marker_that_names_no_rule_is_a_mistake(tail: str) -> None:
    with pytest.raises(markers.MarkerError, match=r"^m\.py:2: "):
        markers.expectations({"m.py": f"\nf()  # error: {tail}\n"})


@pytest.mark.parametrize(
    ("code", "reported", "problem"),
    [
        ("f()  # error: blocking-call", [diagnostic(1)], None),
        ('f()  # error: blocking-call "time.sleep"', [diagnostic(1)], None),
        ("f()  # missed: blocking-call", [], None),
        ("f()  # false alarm: blocking-call", [diagnostic(1)], None),
        ("f()", [], None),
        ("f()  # error: blocking-call", [], "not reported"),
        ('f()  # error: blocking-call "urlopen"', [diagnostic(1)], "not reported (there is error"),
        ("f()  # warning: blocking-call", [diagnostic(1)], "not reported (there is error"),
        ("f()  # error: blocking-call, blocking-call", [diagnostic(1)], "not reported"),
        ("f()  # error: blocking-call", [diagnostic(1), diagnostic(1)], "unexpected error: blocking-call"),
        ("f()  # error: blocking-call", [diagnostic(1), diagnostic(2)], "example.py:2: unexpected error"),
        ("f()  # error: blocking-call", [diagnostic(1), diagnostic(1, "other-rule")], "unexpected error: other-rule"),
        ("f()", [diagnostic(1, severity=Severity.HINT)], "unexpected hint"),
        ("f()  # missed: blocking-call", [diagnostic(1)], "rename the marker `missed` to `error`"),
        ("f()  # false alarm: blocking-call", [], "remove the marker `false alarm`"),
    ],
)
def test_only_what_is_marked_may_be_reported(code: str, reported: list[Diagnostic], problem: str | None) -> None:
    problems = markers.compare(markers.expectations({"example.py": code}), reported)
    if problem is None:
        assert problems == []
    else:
        assert any(problem in each for each in problems), problems


BAD = """\
import asyncio
import time


def warm_up():
    # Two seconds are a lot.
    time.sleep(2)


async def refresh():
    if True: pass
    await asyncio.sleep(1); time.sleep(1)  # AL201
    warm_up()  # AL201
"""

VARIANTS = {
    variants.spaced: """\

# Eine Bemerkung für Leser.
import asyncio

# Eine Bemerkung für Leser.
import time



# Eine Bemerkung für Leser.
def warm_up():
    # Two seconds are a lot.

    # Eine Bemerkung für Leser.
    time.sleep(2)



# Eine Bemerkung für Leser.
async def refresh():

    # Eine Bemerkung für Leser.
    if True: pass

    # Eine Bemerkung für Leser.
    await asyncio.sleep(1); time.sleep(1)  # AL201

    # Eine Bemerkung für Leser.
    warm_up()  # AL201
""",
    variants.windows: "\ufeff" + BAD.replace("\n", "\r\n"),
    variants.aliased: BAD.replace("import asyncio", "import asyncio as asyncio_")
    .replace("import time", "import time as time_")
    .replace("asyncio.", "asyncio_.")
    .replace("time.", "time_."),
    # `sleep` is taken by then, so `time.sleep` stays.
    variants.from_imports: BAD.replace("import asyncio", "from asyncio import sleep").replace("asyncio.", ""),
    variants.on_trio: BAD.replace("asyncio", "trio"),
    variants.on_anyio: BAD.replace("asyncio", "anyio"),
}


@pytest.mark.parametrize("variant", VARIANTS, ids=lambda variant: variant.__name__)
def test_a_variant_keeps_marks_on_their_statements(variant: variants.Variant) -> None:
    changed = variant({"example.py": BAD})
    assert changed == {"example.py": VARIANTS[variant]}


def test_names_are_imported_where_they_do_not_clash() -> None:
    assert variants.from_imports({"example.py": "import time\nimport os\nsleep = time.sleep(os.getpid())\n"}) == {
        "example.py": "import time\nfrom os import getpid\nsleep = time.sleep(getpid())\n"
    }


def test_helpers_move_and_lines_stay() -> None:
    changed = variants.helpers_apart({"example.py": BAD})
    assert changed is not None
    assert changed["moved_helpers.py"] == (
        "import asyncio\n\n\nimport time\n\n\ndef warm_up():\n    # Two seconds are a lot.\n    time.sleep(2)\n"
    )
    assert changed["example.py"].splitlines()[4:8] == ["from moved_helpers import warm_up", "", "", ""]
    assert [each.line for each in markers.codes(changed)] == [each.line for each in markers.codes({"": BAD})]


@pytest.mark.parametrize(
    "code",
    [
        "state = []\ndef f(): state.append(1)\nasync def g(): f()  # AL201\n",
        "def f(): g()\nasync def g(): f()  # AL201\n",
        "def f(): pass  # AL201\nasync def g(): f()\n",
        "def f(): pass\ndef f(): pass\nasync def g(): f()  # AL201\n",
        "class A: pass\ndef f(x: 'A') -> A: pass\nA = 1\nasync def g(): f()  # AL201\n",
    ],
)
def test_tied_helpers_stay(code: str) -> None:
    assert variants.helpers_apart({"example.py": code}) is None


def test_imports_are_seen_wherever_they_stand() -> None:
    rule = {each.module: each for each in imports(PACKAGE / "rule.py")}
    assert rule["asynclint.program"].typing and not rule["asynclint.program"].lazy
    assert not rule["asynclint.facts.model"].typing
    extract = {each.module: each for each in imports(PACKAGE / "facts" / "extract.py")}
    assert extract["tokenize"].lazy
    assert "asynclint.facts.expressions" in extract

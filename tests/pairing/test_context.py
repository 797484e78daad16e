"""What a check can say and change: spans, names, and fixes that leave a file which parses."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import libcst as cst
import pytest

from asynclint.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity, Span, Step
from asynclint.edits import apply
from asynclint.facts.extract import extract
from asynclint.facts.model import SiteKind
from asynclint.pairing.context import Context
from asynclint.pairing.pair import Pairing
from asynclint.rule import Rule
from asynclint.source import Source

SAFE, UNSAFE = Applicability.SAFE, Applicability.UNSAFE


def check(node: cst.Call, find: object, ctx: Context) -> Iterator[Diagnostic]:
    yield ctx.report(node, "said")


RULE = Rule(
    name="some-rule",
    code="AL299",
    severity=Severity.WARNING,
    since="0.1",
    default=True,
    aliases=(),
    kinds=frozenset({SiteKind.CALL}),
    where=lambda site, program: None,
    check=check,
    module=__name__,
    when={},
    options={},
)


def context(code: str | bytes, text: str = "", kind: SiteKind | None = None, **settings: Any) -> Context:
    """The context of the first site whose own text starts so, and is of the kind."""
    data = code if isinstance(code, bytes) else code.encode()
    source, facts = Source(data), extract(data)
    pairing = Pairing(source, facts)
    number = next(
        number
        for number, row in enumerate(facts.sites)
        if kind in (None, row[0]) and source.slice(pairing.site_span(number)).startswith(text)
    )
    return Context(
        RULE, pairing, number, "src/app.py", facts, source, "asyncio", (3, 10), settings.pop("options", {}), **settings
    )


def node(ctx: Context) -> Any:
    return ctx.node(ctx.site)


def fixed(ctx: Context, fix: Fix | None) -> str:
    assert fix is not None
    text = apply(ctx.source.text, fix.edits)
    ast.parse(text)
    return text


# -- saying ------------------------------------------------------------------------------------


def test_a_report_carries_all_that_is_known() -> None:
    ctx = context("class A:\n    async def f(self):\n        sleep(1)\n", "sleep", options={"names": ["x"]})
    step = ctx.step(node(ctx).func, "`f` calls\n  `sleep`")
    assert step == Step("src/app.py", Span(3, 9, 3, 14), "`f` calls `sleep`")
    fix = ctx.wrap_await(node(ctx))
    assert ctx.report(node(ctx), "two\nlines", because=[step], help="so", fix=fix, root="sleep") == Diagnostic(
        rule="some-rule",
        code="AL299",
        severity=Severity.WARNING,
        path="src/app.py",
        span=Span(3, 9, 3, 17),
        message="two lines",
        trace=(step,),
        help="so",
        fix=fix,
        scope="A.f",
        root="sleep",
    )
    assert (ctx.library, ctx.target_version, ctx.options) == ("asyncio", (3, 10), {"names": ["x"]})


def test_a_case_may_be_worse_but_the_user_decides() -> None:
    ctx = context("f()")
    assert ctx.report(0, "m", severity=Severity.ERROR).severity is Severity.ERROR
    assert ctx.report(0, "m").severity is Severity.WARNING
    told = context("f()", severity=Severity.HINT)
    assert told.report(0, "m", severity=Severity.ERROR).severity is Severity.HINT


@pytest.mark.parametrize(
    ("code", "kind", "underlined"),
    [
        ("@d(\n)\nasync  def  name(a): pass", SiteKind.FUNCTION, "name"),
        ("def \\\n  name(): pass", SiteKind.FUNCTION, "name"),
        ("class Größe(B): pass", SiteKind.CLASS, "Größe"),
        ("with a(':') as b, c[1:2]:\n  pass", SiteKind.WITH, "with a(':') as b, c[1:2]"),
        ("with (a, # one: two\n  b,  # :\n  ) :\n  pass", SiteKind.WITH, "with (a, # one: two\n  b,  # :\n  ) "),
        ("async def f():\n  async with a : pass", SiteKind.WITH, "async with a "),
        ("for é in {1: lambda: 2}: pass", SiteKind.FOR, "for é in {1: lambda: 2}"),
        ("while (lambda x: x) and (lambda: 1): f()", SiteKind.WHILE, "while (lambda x: x) and (lambda: 1)"),
        ("while lambda x=lambda: 1: x: pass", SiteKind.WHILE, "while lambda x=lambda: 1: x"),
        ("while f'{a:>{b}}': pass", SiteKind.WHILE, "while f'{a:>{b}}'"),
        ("try:\n  f()\nfinally: pass", SiteKind.TRY, "try"),
        ("try:\n  f()\nexcept (A, B) as e: pass", SiteKind.HANDLER, "except (A, B) as e"),
        ("try:\n  f()\nexcept: pass", SiteKind.HANDLER, "except"),
        ("x = [\n a for a in b]", SiteKind.COMPREHENSION, "[\n a for a in b]"),
        ("x = (await_(\n  1))", SiteKind.CALL, "await_(\n  1)"),
    ],
)
def test_the_smallest_telling_piece_is_underlined(code: str, kind: SiteKind, underlined: str) -> None:
    for ending in ("\n", "\r\n"):
        ctx = context(code.replace("\n", ending), kind=kind)
        assert ctx.source.slice(ctx.span(ctx.site)) == underlined.replace("\n", ending)
        assert ctx.span(node(ctx)) == ctx.span(ctx.site)
        assert ctx.span(Span(1, 1, 1, 2)) == Span(1, 1, 1, 2)


def test_parts_of_a_site_are_underlined_whole() -> None:
    ctx = context("def f():\n    try:\n        g()\n    except (A, B):\n        pass\n", kind=SiteKind.TRY)
    handler = node(ctx).handlers[0]
    assert ctx.source.slice(ctx.span(handler)) == "except (A, B)"
    assert ctx.source.slice(ctx.span(handler.type)) == "(A, B)"
    assert ctx.site_of(handler) == ctx.site + 2


@pytest.mark.parametrize(
    ("text", "scope"),
    [("one", ""), ("two", "C"), ("three", "C.m"), ("four", "C.m.inner"), ("five", "C.m"), ("class C", "C")],
)
def test_the_scope_is_the_definition_around(text: str, scope: str) -> None:
    code = "one()\nclass C:\n    x = two()\n    def m(self):\n        if three():\n            lambda: five()\n"
    code += "        def inner(): [four() for y in z]\n"
    assert context(code, text).scope == scope


def test_a_site_without_node_is_reported_all_the_same() -> None:
    ctx = context("class A(key=1, *two()): pass\n", "two")
    assert ctx.node(ctx.site) is None
    assert ctx.report_without_node("no node").span == Span(1, 17, 1, 22)
    assert ctx.prefix(ctx.site, "x.", title="t", applicability=UNSAFE) == Fix("t", UNSAFE, (Edit(16, 16, "x."),))


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("time.sleep(1)", "time.sleep"),
        ("requests.Session(a, b).get(url)", "requests.Session(...).get"),
        ("f()()", "f()"),
        ("a[b].c()", "a[...].c"),
        ("x" + ".get" * 900 + "()", "..." + (".get" * 900)[-57:]),
        ("(a\n .b)()", "a.b"),
        ("(lambda: (\n  1))()", "(lambda: ( 1))"),
        ("self." + "long_name." * 10 + "get()", "..." + ("long_name." * 10 + "get")[-57:]),
    ],
)
def test_names_are_short_and_on_one_line(code: str, name: str) -> None:
    ctx = context(code, kind=SiteKind.CALL)
    assert ctx.name(node(ctx)) == name
    assert len(name) <= 60


def test_definitions_decorators_and_awaits_have_names() -> None:
    ctx = context("@a.b(1)\nasync def f(): await g.h(2)\n", "async def")
    assert ctx.name(node(ctx)) == "f"
    assert ctx.name(node(ctx).decorators[0]) == "a.b"
    assert ctx.name(node(ctx).body.body[0].value) == "g.h"


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        ("f(1,2)", "f, 1,2"),
        ("f( *a, k = b , **c, )", "f, *a, k = b , **c"),
        ("f(\n    1,  # one\n    2,  # two\n)", "f, 1,  # one\n    2"),
        ("f(x for x in y)", "f, (x for x in y)"),
        ("f((x for x in y))", "f, (x for x in y)"),
        ("(f)((1))", "(f), (1)"),
        ("f()", "f"),
    ],
)
def test_arguments_stay_as_written(call: str, arguments: str) -> None:
    ctx = context(call + "\n", kind=SiteKind.CALL)
    assert ctx.arguments(node(ctx).func, *node(ctx).args) == arguments
    fix = ctx.replace(node(ctx), f"to_thread({arguments})", title="t", applicability=UNSAFE)
    assert fixed(ctx, fix) == f"to_thread({arguments})\n"


# -- replacing ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f()", "await f()"),
        ("x = f()", "x = await f()"),
        ("f().x", "(await f()).x"),
        ("f()()", "await f()()"),
        ("f()[0]", "(await f())[0]"),
        ("(f()).x", "(await f()).x"),
        ("( f() )", "( await f() )"),
        ("-f()", "-await f()"),
        ("f() ** 2", "await f() ** 2"),
        ("1 + f() * 2", "1 + await f() * 2"),
        ("not f()", "not await f()"),
        ("await f()", "await (await f())"),
        ("g(f(), *f)", "g(await f(), *f)"),
        ("g(*f())", "g(*await f())"),
        ("print(f'{f()}')", "print(f'{await f()}')"),
        ("x = [f() for y in z]", "x = [await f() for y in z]"),
        ("lambda: f()", "lambda: await f()"),
        ("x = 'é', f().é", "x = 'é', (await f()).é"),
        ("if (f(\n  1)\n  .x): pass", "if ((await f(\n  1))\n  .x): pass"),
    ],
)
def test_await_is_parenthesised_where_it_must_be(before: str, after: str) -> None:
    for head, tail in (("", ""), ("async def c():\n    ", "\n"), ("class C:\r\n\tasync def m(self):\r\n\t\t", "")):
        ctx = context(head + before + tail, "f(")
        assert fixed(ctx, ctx.wrap_await(node(ctx))) == head + after + tail


def test_what_is_awaited_keeps_to_itself() -> None:
    ctx = context("async def c():\n    x = (a or b(), d)\n", "async")
    value = node(ctx).body.body[0].body[0].value
    assert fixed(ctx, ctx.wrap_await(value.elements[0].value)) == (
        "async def c():\n    x = (await (a or b()), d)\n"
    )  # fmt: skip


@pytest.mark.parametrize(
    ("before", "new", "after"),
    [
        ("x = f() * 2", "a + b", "x = (a + b) * 2"),
        ("x = 2 + f()", "a + b", "x = 2 + (a + b)"),
        ("x = f() + 2", "a + b", "x = a + b + 2"),
        ("x = f()", "a if b else c", "x = a if b else c"),
        ("x = y or f()", "a if b else c", "x = y or (a if b else c)"),
        ("x = f() == 1", "a < b", "x = (a < b) == 1"),
        ("x = f().y", "(await g())", "x = (await g()).y"),
        ("g(f())", "y := 1", "g(y := 1)"),
        ("x = f()", "y := 1", "x = (y := 1)"),
        ("x = f()", "g(\n  1)", "x = g(\n  1)"),
        ("x = f()", "a\n.b", "x = (a\n.b)"),
        ("f()", "raise X", "raise X"),
    ],
)
def test_new_expressions_are_parenthesised_where_they_must_be(before: str, new: str, after: str) -> None:
    ctx = context(before, "f(")
    fix = ctx.replace(node(ctx), f" {new}\n", title="t", applicability=SAFE)
    assert fixed(ctx, fix) == after
    assert fix == Fix("t", SAFE, (Edit(before.index("f("), before.index("f(") + 3, fix.edits[0].replacement),))


def test_a_generator_is_replaced_within_the_parentheses_of_its_call() -> None:
    ctx = context("any(await f(x) for x in y)", "(await")
    fix = ctx.replace(node(ctx), f"[{ctx.code(node(ctx))}]", title="t", applicability=SAFE)
    assert fixed(ctx, fix) == "any([await f(x) for x in y])"


def test_what_cannot_parse_is_no_fix() -> None:
    ctx = context("x = f() + 1\n", "f(")
    assert ctx.replace(node(ctx), "return", title="t", applicability=SAFE) is None
    assert ctx.replace(node(ctx), "g(", title="t", applicability=SAFE) is None
    assert ctx.prefix(node(ctx), "def ", title="t", applicability=SAFE) is None
    assert ctx.insert_before(ctx.site, "else: pass", title="t", applicability=SAFE) is None
    assert ctx.replace(cst.Name("elsewhere"), "g", title="t", applicability=SAFE) is None
    assert ctx.replace(node(ctx), "g()", title="t", applicability=SAFE, also=None) is None


def test_a_safe_fix_keeps_comments() -> None:
    ctx = context("f(  # why\n  '#')\n", "f(")
    new = {text: ctx.replace(node(ctx), text, title="t", applicability=SAFE) for text in ("g('#')", "g(  # why\n)")}
    assert [fix and fix.applicability for fix in new.values()] == [UNSAFE, SAFE]
    quiet = context("f('# none')\n", "f(")
    assert quiet.replace(quiet.site, "g()", title="t", applicability=SAFE).applicability is SAFE


def test_async_is_put_before_keywords() -> None:
    code = "class A:\n    @d\n    def f(self):\n        with a: pass\n"
    for kind, after in (
        (SiteKind.FUNCTION, code.replace("def", "async def")),
        (SiteKind.WITH, code.replace("with", "async with")),
    ):
        ctx = context(code, kind=kind)
        assert fixed(ctx, ctx.prefix(ctx.site, "async ", title="t", applicability=UNSAFE)) == after


# -- statements --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "before", "after", "removed"),
    [
        (
            "def g():\n    one()\n    f()  # why\n    two()\n",
            "def g():\n    one()\n    new()\n    f()  # why\n    two()\n",
            "def g():\n    one()\n    f()  # why\n    new()\n    two()\n",
            "def g():\n    one()\n    two()\n",
        ),
        (
            "if x:\r\n\ty = f(\r\n  1)",
            "if x:\r\n\tnew()\r\n\ty = f(\r\n  1)",
            "if x:\r\n\ty = f(\r\n  1)\r\n\tnew()",
            "if x:\r\n\tpass",
        ),
        (
            "one(); f(); two()\n",
            "one(); new(); f(); two()\n",
            "one(); f(); new(); two()\n",
            "one(); two()\n",
        ),
        ("one(); f()  # why\n", "one(); new(); f()  # why\n", "one(); f(); new()  # why\n", "one()  # why\n"),
        ("if x: f()\n", "if x: new(); f()\n", "if x: f(); new()\n", "if x: pass\n"),
        (
            "match x:\n  case 1 if y: z()\n  case _:\n    f()\n",
            "match x:\n  case 1 if y: z()\n  case _:\n    new()\n    f()\n",
            "match x:\n  case 1 if y: z()\n  case _:\n    f()\n    new()\n",
            "match x:\n  case 1 if y: z()\n  case _:\n    pass\n",
        ),
        (
            "try: a\nexcept A:\n    # kept\n    f()\n",
            "try: a\nexcept A:\n    # kept\n    new()\n    f()\n",
            "try: a\nexcept A:\n    # kept\n    f()\n    new()\n",
            "try: a\nexcept A:\n    # kept\n    pass\n",
        ),
        (
            "class A:\n    x = 1\n    @ f()\n    def m(self): pass\n",
            "class A:\n    x = 1\n    new()\n    @ f()\n    def m(self): pass\n",
            "class A:\n    x = 1\n    @ f()\n    def m(self): pass\n    new()\n",
            "class A:\n    x = 1\n",
        ),
        (
            "if x:\n    one()\nelif f():\n    two()\nlast()\n",
            "new()\nif x:\n    one()\nelif f():\n    two()\nlast()\n",
            "if x:\n    one()\nelif f():\n    two()\nnew()\nlast()\n",
            "last()\n",
        ),
        ("# é\nf('é')\n", "# é\nnew()\nf('é')\n", "# é\nf('é')\nnew()\n", "# é\n"),
    ],
)
def test_statements_are_added_and_removed(code: str, before: str, after: str, removed: str) -> None:
    ctx = context(code, "f(")
    how: dict[str, Any] = {"title": "t", "applicability": UNSAFE}
    assert fixed(ctx, ctx.insert_before(node(ctx), "new()", **how)) == before
    assert fixed(ctx, ctx.insert_after(node(ctx), "new()\n", **how)) == after
    assert fixed(ctx, ctx.remove(node(ctx), **how)) == removed


def test_several_lines_are_indented_as_the_statement() -> None:
    ctx = context("class A:\n  def m(self):\n    f()\n", "f(")
    fix = ctx.insert_before(
        ctx.site, "\n        try:\n            x\n\n        finally: y\n", title="t", applicability=SAFE
    )
    assert fixed(ctx, fix) == "class A:\n  def m(self):\n    try:\n        x\n\n    finally: y\n    f()\n"
    inline = context("if x: f()\n", "f(")
    assert inline.insert_after(inline.site, "for x in y: z", title="t", applicability=SAFE) is None


def test_a_handler_can_get_a_last_statement_and_a_neighbour() -> None:
    code = "def g():\n    try:\n        f()\n    except Exception as e:\n        log(e)\n        # then\n    return 1\n"
    ctx = context(code, "except")
    last = node(ctx).body.body[-1]
    assert fixed(ctx, ctx.insert_after(last, "raise", title="t", applicability=UNSAFE)) == code.replace(
        "log(e)\n", "log(e)\n        raise\n"
    )
    other = "except CancelledError:\n    raise"
    assert fixed(ctx, ctx.insert_before(ctx.site, other, title="t", applicability=UNSAFE)) == code.replace(
        "    except E", "    except CancelledError:\n        raise\n    except E"
    )
    assert ctx.remove(ctx.site, title="t", applicability=UNSAFE) is None, "a try without handler is none"


def test_removing_a_comment_is_not_safe() -> None:
    ctx = context("one()\nf()  # why\n", "f(")
    fix = ctx.remove(ctx.site, title="t", applicability=SAFE)
    assert fix is not None and fix.applicability is UNSAFE


# -- imports -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("f()\n", "import asyncio\n\nf()\n"),
        ('"""Doc."""\n\nf()\n', '"""Doc."""\n\nimport asyncio\n\nf()\n'),
        ('"""Doc."""', '"""Doc."""\n\nimport asyncio'),
        ("from __future__ import x\nf()\n", "from __future__ import x\n\nimport asyncio\nf()\n"),
        ("import a\n\nfrom b import (\n  c)\nf()\n", "import a\n\nfrom b import (\n  c)\nimport asyncio\nf()\n"),
        ("import a; f(\n)\n", "import asyncio\nimport a; f(\n)\n"),
        ('"""Doc."""; import a\nf()\n', '"""Doc."""; import a\nimport asyncio\nf()\n'),
        ('"""Doc."""; x = 1; y = [\n]\nf()\n', '"""Doc."""; x = 1; y = [\n]\n\nimport asyncio\nf()\n'),
        ("import a\r\nf()", "import a\r\nimport asyncio\r\nf()"),
        (
            "#!/bin/python\n# coding: utf-8\n\n# about g\n@f\ndef g(): pass\n",
            "#!/bin/python\n# coding: utf-8\n\nimport asyncio\n\n# about g\n@f\ndef g(): pass\n",
        ),
        ("import abc\nimport time\nf()\n", "import abc\nimport asyncio\nimport time\nf()\n"),
        ("from abc import x\n\nf()\n", "import asyncio\nfrom abc import x\n\nf()\n"),
        ("import time\n\nimport attrs\n\nf()\n", "import asyncio\nimport time\n\nimport attrs\n\nf()\n"),
        ("import abc\n\nimport attrs\n\nf()\n", "import abc\nimport asyncio\n\nimport attrs\n\nf()\n"),
        ("# about\nimport time\n\nf()\n", "# about\nimport time\nimport asyncio\n\nf()\n"),
        ("import time\nimport abc\nf()\n", "import time\nimport abc\nimport asyncio\nf()\n"),
        ("import abc; f(\n)\n", "import asyncio\nimport abc; f(\n)\n"),
        ("# licence\nf()\n", "# licence\nimport asyncio\n\nf()\n"),
        ("\n# coding: utf-8\nf()\n", "\n# coding: utf-8\nimport asyncio\n\nf()\n"),
        ("if X:\n    import asyncio\nf()\n", "import asyncio\n\nif X:\n    import asyncio\nf()\n"),
        (
            "class C:\n    import asyncio\n    def m(self): f()\n",
            "import asyncio\n\nclass C:\n    import asyncio\n    def m(self): f()\n",
        ),
    ],
)
def test_an_import_goes_where_imports_are(before: str, after: str) -> None:
    code = before if "f()" in before or "f(\n" in before else before + "\nf()"
    if code != before:
        after += "\nf()"
    ctx = context(code, kind=SiteKind.FUNCTION if "@f" in before else SiteKind.CALL)
    edits = ctx.add_import("import asyncio")
    assert edits is not None
    assert apply(code, edits) == after
    ast.parse(after)
    again = context(after, kind=SiteKind.FUNCTION if "@f" in before else SiteKind.CALL)
    assert again.add_import("import asyncio") == (), "it is there now"


@pytest.mark.parametrize(
    ("code", "statement"),
    [
        ("import asyncio\nf()", "import asyncio"),
        ("import asyncio.subprocess\nf()", "import asyncio"),
        ("import os.path\nf()", "import os.path"),
        ("from asyncio import sleep as nap\nf()", "from asyncio import sleep as nap"),
        ("from . import x\nf()", "from . import x"),
        ("def g():\n    import asyncio\n    if x: f()", "import asyncio"),
        ("import asyncio as a\ndef g():\n    global a\n    f()", "import asyncio as a"),
        ("def g():\n    f()\nimport asyncio", "import asyncio"),
    ],
)
def test_what_is_imported_is_not_imported_again(code: str, statement: str) -> None:
    assert context(code, "f(").add_import(statement) == ()


@pytest.mark.parametrize(
    "code",
    [
        "asyncio = None\nf()",
        "try:\n    import asyncio\nexcept ImportError:\n    asyncio = None\nf()",
        "import other as asyncio\nf()",
        "def g(asyncio): f()",
        "import asyncio\ndef g(asyncio): f()",
        "def g():\n    f()\n    import asyncio",
        "def g():\n    if x:\n        import asyncio\n    f()",
    ],
)
def test_a_name_that_is_taken_is_no_import(code: str) -> None:
    assert context(code, "f(").add_import("import asyncio") is None
    assert context(code, "f(").reference("asyncio.sleep") is None


def test_an_import_names_one_thing() -> None:
    for statement in ("import a, b", "x = 1"):
        with pytest.raises(ValueError, match="no import of one name"):
            context("f()").add_import(statement)


@pytest.mark.parametrize(
    ("code", "qualified", "text"),
    [
        ("import asyncio\nf()", "asyncio.to_thread", "asyncio.to_thread"),
        ("import asyncio as aio\nf()", "asyncio.to_thread", "aio.to_thread"),
        ("from asyncio import to_thread as run\nf()", "asyncio.to_thread", "run"),
        ("from anyio import to_thread\nf()", "anyio.to_thread.run_sync", "to_thread.run_sync"),
        ("def g():\n    import asyncio as a\n    f()", "asyncio.sleep", "a.sleep"),
    ],
)
def test_references_go_through_the_imports_of_the_file(code: str, qualified: str, text: str) -> None:
    assert context(code, "f(").reference(qualified) == (text, ())


def test_a_reference_brings_its_import_along() -> None:
    ctx = context("import anyio_mailbox, asynciox\nx = sleep(1).y\n", "sleep")
    named = ctx.reference("asyncio.sleep")
    assert named is not None
    text, edits = named
    fix = ctx.replace(node(ctx), f"await {text}(1)", title="t", applicability=UNSAFE, also=edits)
    assert fixed(ctx, fix) == "import anyio_mailbox, asynciox\nimport asyncio\nx = (await asyncio.sleep(1)).y\n"

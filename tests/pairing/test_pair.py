"""Each site gets its own node: by order as by position, in units as in the whole file."""

from __future__ import annotations

import sys
from typing import Any

import libcst as cst
import pytest
from libcst.metadata import MetadataWrapper, PositionProvider

from asynclint.diagnostics import Span
from asynclint.facts.extract import extract
from asynclint.facts.model import SiteKind
from asynclint.pairing import order
from asynclint.pairing.pair import Pairing
from asynclint.rule import KIND_OF_NODE
from asynclint.source import Source
from tests.harness.samples import real_files

EXPRESSIONS = (SiteKind.CALL, SiteKind.AWAIT, SiteKind.YIELD, SiteKind.LAMBDA, SiteKind.COMPREHENSION)

#: Every kind of site, in every place where LibCST and `ast` order things differently.
EVERYTHING = '''
"""Docstring."""
from __future__ import annotations
import a.b as c, d; from . import (e,
    f)

@first(x)
@second(lambda y=third(): fourth(y))
class K(one(), *two(), key=three(), **four()):
    field: five() = six()
    other: "not.visited()"
    total = 0; total += seven()

    @eight()
    async def method(self, a: nine() = ten(), /, b: eleven() = twelve(), *c: thirteen(),
                     d: fourteen() = fifteen(), **e: sixteen()) -> seventeen():
        """Says nothing."""
        x = one() if two() else three()
        call(key=first(), *second(), other=third(), **fourth())
        async with one() as two().three, four() as (five[six()], *seven): pass
        with (one() as x, two()):
            await one()(two())[three():four():five()].six(await seven())
        async for one().x, y[two()] in three():
            continue
        else:
            break_up(); del one()[two()], three().x
        for i in [await j() async for k in l() for m in n(k) if o() if p(m)]: break
        {a(): b() for c in d() if e()}; {f(g) for g in h()}; {i(): j(), **k(), l(): m()}
        any(n() for o in p()); any((q() for r in s()), t())
        while one(): two()
        else: three()
        try: one()
        except two() as e: raise three() from four()
        except (five(), six()): raise
        else: seven()
        finally: eight()
        a[one()], b.c = d.e[two()] = three(), [four(), *five()], {six(), *seven()}
        assert one(), two()
        f"{one()!r:>{two()}} {three():{four()}.{five()}}" "plain" f"{six()}"
        if (y := one()) and two() or not three() < four() < five() is six(): return seven(), *eight()
        elif nine(): yield
        else: yield ten()
        match one(), two():
            case {"key": Point(x=0), **rest} if three(): four()
            case [1, *_] | None: five()
        return (yield one()), -two() ** three() @ four()

def generator(*, a=one(), b): global g; yield from two(); nonlocal_ = lambda *a, b=three(), **c: (yield)
value: one() = two() if three() else (lambda: four())()
if one(): import g
else: from h import *
'''

if sys.version_info >= (3, 11):
    EVERYTHING += "try: one()\nexcept* two(): three()\nfour()[*five()]\n"
if sys.version_info >= (3, 12):
    EVERYTHING += "def f[T: one()](x: two() = three()) -> four(): five()\nclass C[T: one()](two()): three()\n"
    EVERYTHING += "type X[T] = one()\nf'{one(f\"{two()}\")}'\n"


def pairing_of(code: str | bytes, *, whole: bool = False) -> Pairing:
    data = code if isinstance(code, bytes) else code.encode()
    return Pairing(Source(data), extract(data), whole=whole)


def written(node: cst.CSTNode | None) -> str:
    assert node is not None
    return cst.Module([]).code_for_node(node)


def assert_units_equal_whole_file(code: str | bytes) -> None:
    units, whole = pairing_of(code), pairing_of(code, whole=True)
    for number in range(len(units.facts.sites)):
        alone, within = units.node(number), whole.node(number)
        assert alone is not None and within is not None
        assert units.code(number, alone) == whole.code(number, within)
        assert units.span_of(number, alone) == whole.span_of(number, within)


def calls(pairing: Pairing) -> dict[str, int]:
    """Sites of the calls of plain names."""
    return {row[6]: number for number, row in enumerate(pairing.facts.sites) if row[0] == SiteKind.CALL}


def assert_nodes_stand_at_their_sites(pairing: Pairing) -> int:
    """Compares with the positions that LibCST computes by itself; gives the number of sites."""
    wrapper = MetadataWrapper(cst.parse_module(pairing.source.text), unsafe_skip_copy=True)
    positions = wrapper.resolve(PositionProvider)
    expected: dict[tuple[Any, ...], list[str]] = {}
    for node, place in positions.items():
        kind = KIND_OF_NODE.get(node.__class__.__name__)
        if kind is not None:
            key = (kind, place.start.line, place.start.column + 1)
            expected.setdefault(key, []).append(written(node).lstrip())
    for number, row in enumerate(pairing.facts.sites):
        span = pairing.source.span(*row[1:5])
        node = pairing.node(number)
        if isinstance(node, cst.GeneratorExp):
            # `ast` starts at the parenthesis, which may be the call's; LibCST within it.
            span = pairing.span_of(number, node.elt)
        assert written(node).lstrip() in expected[row[0], span.line, span.column], (span, number)
        if row[0] in EXPRESSIONS and not isinstance(node, cst.GeneratorExp):
            assert pairing.source.slice(span) == pairing.source.slice(pairing.span_of(number, node))
    return len(pairing.facts.sites)


def test_every_construct() -> None:
    pairing = pairing_of(EVERYTHING)
    assert {row[0] for row in pairing.facts.sites} == set(map(int, SiteKind))
    assert assert_nodes_stand_at_their_sites(pairing) > 150
    assert_units_equal_whole_file(EVERYTHING)


def test_real_files() -> None:
    sites = 0
    for path in real_files(300):
        data = path.read_bytes()
        try:
            pairing = pairing_of(data, whole=True)
        except (SyntaxError, ValueError):
            continue
        try:
            cst.parse_module(pairing.source.text)
        except cst.ParserSyntaxError:
            continue
        sites += assert_nodes_stand_at_their_sites(pairing)
        assert_units_equal_whole_file(data)
    assert sites > 1000


# -- units -------------------------------------------------------------------------------------

TWO_FUNCTIONS = "import a\ndef f():\n    one()\nclass C:\n    x = y\n    @d\n    def g(self):\n        two()\n"


def test_a_site_costs_the_function_around_it_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = cst.parse_module
    monkeypatch.setattr(cst, "parse_module", lambda text: parsed.append(text) or parse(text))
    pairing = pairing_of(TWO_FUNCTIONS)
    number = calls(pairing)["two"]
    assert written(pairing.node(number)) == "two()"
    assert pairing.span_of(number, pairing.node(number).func) == Span(8, 9, 8, 12)
    pairing.node(number)
    assert parsed == ["class _:\n    @d\n    def g(self):\n        two()\n"]


def test_many_sites_are_parsed_with_the_whole_file(monkeypatch: pytest.MonkeyPatch) -> None:
    parsed: list[str] = []
    parse = cst.parse_module
    monkeypatch.setattr(cst, "parse_module", lambda text: parsed.append(text) or parse(text))
    pairing = pairing_of(TWO_FUNCTIONS)
    sites = range(len(pairing.facts.sites))
    pairing.expect(sites)
    assert all(pairing.node(number) is not None for number in sites)
    assert parsed == [TWO_FUNCTIONS]


@pytest.mark.parametrize(
    "code",
    [
        "class C:\r\n    def f(self):\r\n        await_(1,\r\n            2)\r\n        return g()\r\n",
        "class C:\r\tdef f(self):\r\t\treturn g()\r",
        "if x:\n\tdef f():\n\t\tone()\n\t\t# less\n    # indented\n\t\ttwo()",
        "one(); import b; two()\n",
        'x = """\nstill the string: f(\n"""; one(); two()\nthree()\n',
        "class C:\n    def f(self):\n        one()\n\f\n    def g(self):\n        two()\n",
        "if x:\n    def f(): one()\nelse:\n    def f():\n        three()\n        '''\nat the margin'''; four()\n",
        "x = 'é'; é = f('ü', g('日本'))\n",
        b"\xef\xbb\xbfone()\ndef f(): two()\n",
        "# coding: latin-1\nx = one('é')\ndef f(): two('é')\n".encode("latin-1"),
        "def f():\n    return one() # the end",
        "@one\ndef f(): pass\n@(\n  two()\n)\nclass C: three()\n",
    ],
)
def test_units_equal_the_whole_file(code: str | bytes) -> None:
    assert_units_equal_whole_file(code)
    assert assert_nodes_stand_at_their_sites(pairing_of(code))


def test_names_are_compared_as_ast_normalises_them() -> None:
    pairing = pairing_of("def ﬁnd(): ﬁnd().ﬂow()\n")
    assert [written(pairing.node(number)) for number in (1, 2)] == ["ﬁnd().ﬂow()", "ﬁnd()"]


# -- when the two disagree ----------------------------------------------------------------------


def test_what_libcst_cannot_read_has_no_node() -> None:
    code = "class A(key=one(), *two()): three()\ndef f(): four()\n"
    assert len(compile(code, "a.py", "exec").co_code) > 0, "Python itself reads it"
    for whole in (False, True):
        pairing = pairing_of(code, whole=whole)
        site = calls(pairing)["three"]
        assert pairing.node(site) is None
        assert pairing.site_span(site) == Span(1, 29, 1, 36)
        assert pairing.span_of(site, cst.Name("x")) == Span(1, 29, 1, 36)
        assert pairing.offsets_of(site, cst.Name("x")) is None
        assert pairing.code(site, cst.Name("x")) == "x"
        assert written(pairing.node(calls(pairing)["four"])) == "four()"


def test_another_order_is_noticed_and_positions_decide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(order.CHILDREN, cst.IfExp, lambda node: (node.body, node.test, node.orelse))
    pairing = pairing_of("x = one() if two(k for k in l) else three()(lambda: 1)\ndef f():\n    four()\n")
    for number, row in enumerate(pairing.facts.sites):
        node = pairing.node(number)
        assert node is not None
        assert pairing.span_of(number, node) == pairing.source.span(*row[1:5])
    assert written(pairing.node(calls(pairing)["one"])) == "one()"


def test_another_number_of_sites_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(order.CHILDREN, cst.Return, lambda node: ())
    pairing = pairing_of("def f():\n    one()\n    return two()\n")
    assert written(pairing.node(calls(pairing)["one"])) == "one()"
    assert pairing.node(calls(pairing)["two"]) is None


@pytest.mark.parametrize("value", [" + ".join(["one()"] * 900), "one()" + ".x" * 900, "- " * 900 + "one()"])
def test_depth_is_no_danger(value: str) -> None:
    pairing = pairing_of(f"def f():\n    return {value}\n")
    for number in range(2, len(pairing.facts.sites)):
        assert written(pairing.node(number)) == "one()"
        assert pairing.source.slice(pairing.span_of(number, pairing.node(number))) == "one()"
    assert pairing.code(1, pairing.node(1).value) == value


# -- places -------------------------------------------------------------------------------------


def test_spans_are_those_of_ast() -> None:
    code = "def f():\n    x = ((1, one((2)), (yield)))\n    any(  # first\n        z for z in w)\n"
    pairing = pairing_of(code)
    slices = [pairing.source.slice(pairing.span_of(0, node)) for node in walk(pairing.node(0))]
    assert "(1, one((2)), (yield))" in slices
    assert "yield" in slices
    assert "2" in slices
    assert "(  # first\n        z for z in w)" in slices


def walk(node: cst.CSTNode) -> list[cst.CSTNode]:
    return [node, *[each for child in node.children for each in walk(child)]]


def test_offsets_leave_parentheses_out_or_take_them_in() -> None:
    pairing = pairing_of("def f():\n    x = ((1, ( one() )))\n")
    value = pairing.node(0).body.body[0].body[0].value
    text = pairing.source.text

    def piece(node: cst.CSTNode, **how: bool) -> str:
        offsets = pairing.offsets_of(0, node, **how)
        assert offsets is not None
        return text[slice(*offsets)]

    assert piece(value) == "1, ( one() )"
    assert piece(value, parentheses=True) == "((1, ( one() )))"
    assert piece(value.elements[1].value) == "one()"
    assert piece(value.elements[1].value, parentheses=True) == "( one() )"


def test_positions_within_formatted_strings_are_real() -> None:
    code = 'def f():\n    x = f"""\n        {  one(  2 )!r:>{two()}} {three[four()]}\n  {await five()}"""\n'
    pairing = pairing_of(code)
    slices = [pairing.source.slice(pairing.site_span(number)) for number in range(1, len(pairing.facts.sites))]
    assert slices == ["one(  2 )", "two()", "four()", "await five()", "five()"]


def test_nodes_lead_back_to_their_sites() -> None:
    pairing = pairing_of(TWO_FUNCTIONS)
    site = calls(pairing)["two"]
    node = pairing.node(site)
    assert pairing.site_of(site, node) == site
    assert pairing.site_of(site, node.func) is None


def test_code_is_as_written() -> None:
    code = "class C:\n    def f(self):\n        g(\n            h(  1 ,  # why\n              2), k = (3) , )\n"
    pairing = pairing_of(code)
    site = calls(pairing)["g"]
    args = pairing.node(site).args
    assert pairing.code(site, args[0]) == "h(  1 ,  # why\n              2)"
    assert pairing.code(site, args[1]) == "k = (3)"
    statement = pairing.node(0).body.body[0].body.body[0]
    assert pairing.code(0, statement) == code[code.index("g(") :].strip()

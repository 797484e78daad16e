"""Facts are a pure function of a file's bytes, in every encoding and with every line end."""

from __future__ import annotations

import marshal
import sys

import pytest

from asynclint.diagnostics import Span
from asynclint.facts.extract import expression, extract
from asynclint.facts.model import BindingKind, Completion, ModuleFacts, SiteKind, Use
from asynclint.source import Source, UndecodableSource

CODE = "import asyncio\n\n\nasync def main():\n    läuft = asyncio.sleep(1)\n    await läuft\n"


def sites(facts: ModuleFacts, kind: SiteKind) -> list[tuple[object, ...]]:
    return [row for row in facts.sites if row[0] == kind]


@pytest.mark.parametrize(
    "data",
    [
        CODE.encode(),
        CODE.encode("utf-8-sig"),
        ("# -*- coding: latin-1 -*-\n" + CODE).encode("latin-1"),
        CODE.replace("\n", "\r\n").encode(),
        CODE.rstrip("\n").encode(),
        CODE.replace("\n\n\n", "\n\n\f\n").encode(),
    ],
    ids=["utf-8", "bom", "cookie", "crlf", "no final newline", "form feed"],
)
def test_every_way_to_write_a_file_gives_the_same_sites(data: bytes) -> None:
    facts, source = extract(data), Source(data)
    assert [row[0] for row in facts.sites] == [SiteKind.IMPORT, SiteKind.FUNCTION, SiteKind.CALL, SiteKind.AWAIT]
    call = facts.sites[2]
    assert source.slice(source.span(*call[1:5])) == "asyncio.sleep(1)"
    assert source.encode(source.text) == data


def test_columns_count_characters_not_bytes() -> None:
    source = Source(b"\xc3\xa4 = f(1)\n")
    row = sites(extract(source.data), SiteKind.CALL)[0]
    assert row[2] == 5
    assert source.span(*row[1:5]) == Span(1, 5, 1, 9)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"# coding: nonsense\n", "unknown encoding `nonsense`"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "byte order mark of UTF-8"),
        (b"x = '\xff'\n", "not valid utf-8"),
    ],
)
def test_bytes_that_are_no_text_say_why(data: bytes, message: str) -> None:
    with pytest.raises(UndecodableSource, match=message):
        Source(data)


def test_facts_survive_being_stored() -> None:
    with open(__file__, "rb") as file:
        facts = extract(file.read())
    again = ModuleFacts.decode(marshal.loads(marshal.dumps(facts.encode())))
    assert again.encode() == facts.encode()
    assert [function.name for function in again.functions] == [function.name for function in facts.functions]
    with pytest.raises(ValueError, match="another version"):
        ModuleFacts.decode((0,))


def test_sites_know_how_their_value_is_used() -> None:
    facts = extract(
        b"async def f(x, y):\n"
        b"    a()\n    b = c()\n    await d()\n    if e(): pass\n    g() == 1\n    h().i\n    j()[0]\n    k(l())\n"
        b"    [m() for n in o()]\n    p, q = r()\n    f'{s()}'\n    t() + 1\n    return u() if v() else w()\n"
    )
    uses = {}
    for row, use in zip(facts.sites, facts.uses, strict=True):
        if row[0] == SiteKind.CALL:
            uses[row[6]] = Use(use[0] if isinstance(use, tuple) else use)
    assert uses["a"] is Use.DISCARDED
    assert uses["c"] is Use.ASSIGNED
    assert uses["d"] is Use.AWAITED
    assert uses["e"] is uses["v"] is Use.CONDITION
    assert uses["g"] is Use.COMPARED
    assert uses["h"] is Use.ATTRIBUTE
    assert uses["j"] is Use.SUBSCRIPTED
    assert uses["l"] is Use.ARGUMENT
    assert uses["m"] is Use.PRODUCED
    assert uses["o"] is Use.ITERATED
    assert uses["r"] is Use.UNPACKED
    assert uses["s"] is Use.FORMATTED
    assert uses["t"] is Use.OPERAND
    assert uses["u"] is uses["w"] is Use.RETURNED


def test_sites_of_a_function_are_one_range() -> None:
    facts = extract(b"def f():\n    a()\n    def g():\n        b()\n    c()\nd()\n")
    outer = next(function for function in facts.functions if function.name == "f")
    inside = [row[6] for row in facts.sites[outer.first_site : outer.end_site] if row[0] == SiteKind.CALL]
    assert inside == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("body", "flags"),
    [
        ("raise", Completion.RERAISES),
        ("raise e", Completion.RERAISES),
        ("raise ValueError from e", Completion.CHAINS),
        ("raise ValueError", Completion.RAISES_OTHER),
        ("pass", Completion.FALLS_THROUGH),
        ("return", Completion.RETURNS),
        ("if x: raise", Completion.RERAISES | Completion.FALLS_THROUGH),
        ("if x: raise\n        else: raise e", Completion.RERAISES),
        ("while True:\n            pass", 0),
        ("while True:\n            break", Completion.FALLS_THROUGH),
        ("try: g()\n        finally: raise", Completion.RERAISES),
        ("try: raise\n        except: pass", Completion.FALLS_THROUGH),
        ("with x: raise", Completion.RERAISES),
        ("for a in b: return", Completion.RETURNS | Completion.FALLS_THROUGH),
    ],
)
def test_handlers_know_how_they_can_be_left(body: str, flags: int) -> None:
    facts = extract(f"def f():\n    try:\n        g()\n    except E as e:\n        {body}\n".encode())
    assert sites(facts, SiteKind.HANDLER)[0][10] == flags


def test_bindings_tell_how_a_name_gets_its_value() -> None:
    facts = extract(
        b"import a.b, c as d\nfrom .e import f as g\nfrom h import *\ni: int = 1\nj: str\nfor k in l: pass\n"
        b"with m() as n: pass\n(o := 1)\np += 1\ndef q(r): pass\nclass s: pass\n"
    )
    scope = facts.scopes[0]
    kinds = {name: BindingKind(rows[0].kind) for name, rows in scope.bindings.items()}
    assert kinds == {
        "a": BindingKind.IMPORT, "d": BindingKind.IMPORT, "g": BindingKind.FROM, "i": BindingKind.VALUE,
        "j": BindingKind.DECLARED, "k": BindingKind.ITEM, "n": BindingKind.ENTERED, "o": BindingKind.VALUE,
        "p": BindingKind.OTHER, "q": BindingKind.FUNCTION, "s": BindingKind.CLASS,
    }  # fmt: skip
    assert [module for module, _ in scope.stars] == ["h"]


def test_bindings_of_one_name_keep_the_order_of_the_source() -> None:
    facts = extract(
        b"from a import x, y as x\nx = 1\nfrom b import x\nfrom c import *\n"
        b"def f(x, y):\n    y = 2\n    z = 3\n    def g(n):\n        nonlocal y\n        from d import y\n"
    )
    top = facts.scopes[0].bindings["x"]
    assert [(row.kind, row.a, row.b, row.line) for row in top] == [
        (BindingKind.FROM, "a", "x", 1), (BindingKind.FROM, "a", "y", 1), (BindingKind.VALUE, ("const", 1), None, 2),
        (BindingKind.FROM, "b", "x", 3),
    ]  # fmt: skip
    assert facts.scopes[0].stars == [("c", 0)]
    inner, nested = (facts.scopes[function.scope] for function in facts.functions)
    assert list(inner.bindings) == ["x", "y", "z", "g"]
    assert [row.kind for row in inner.bindings["y"]] == [BindingKind.PARAMETER, BindingKind.VALUE, BindingKind.FROM]
    assert (list(nested.bindings), nested.outer) == (["n"], {"y": "nonlocal"})
    parameter = inner.bindings["y"][0]
    assert (parameter.a, parameter.b) == (0, 1)


def test_annotations_written_as_text_become_expressions() -> None:
    assert expression("Optional[a.B]") == ("[]", "Optional", (".", "a", "B"))
    assert expression("f(") is None
    assert expression("f()") is None


@pytest.mark.skipif(sys.version_info < (3, 12), reason="PEP 695 is syntax of Python 3.12")
def test_type_parameters_and_aliases_are_bindings() -> None:
    facts = extract(b"type A = int\ndef f[T: int](x: T): pass\nclass C[U]: pass\n")
    assert facts.scopes[0].bindings["A"][0].kind == BindingKind.ALIAS
    assert list(facts.scopes[facts.functions[0].scope].bindings) == ["T", "x"]

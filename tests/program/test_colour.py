"""Where `await` is legal is decided as CPython's compiler decides it."""

from __future__ import annotations

import random
import sys
import warnings
from pathlib import Path

import pytest

from asynclint.catalogue import load
from asynclint.facts.extract import extract
from asynclint.facts.model import SiteKind
from asynclint.program import Program, Site
from asynclint.program.cancellation import suspends
from asynclint.program.colour import refused_at
from asynclint.program.modules import Finder

_EXPRESSIONS = (
    "await x",
    "x",
    "[{0} for q in {1}]",
    "[{0} async for q in {1}]",
    "{{{0} for q in {1}}}",
    "{{{0}: {1} for q in x}}",
    "({0} for q in {1})",
    "({0} async for q in {1})",
    "({0} for q in x for p in {1})",
    "[q for q in {0} if {1}]",
    "(q for q in x if {0})",
    "(lambda: {0})",
    "(lambda a={0}: {1})",
    "f({0}, {1})",
    "({0} if {1} else x)",
)
_STATEMENTS = (
    "y = {0}",
    "async with x:\n    z = {0}",
    "async for q in {0}:\n    pass",
    "def g(a={0}):\n    return {1}",
    "async def g(a={0}):\n    return {1}",
    "@({0})\ndef g():\n    pass",
    "class G({0}):\n    z = {1}",
    "def g():\n{body}",
    "async def g():\n{body}",
    "class G:\n{body}",
    "if {0}:\n{body}",
)


def _expression(chance: random.Random, depth: int) -> str:
    form = chance.choice(_EXPRESSIONS if depth else _EXPRESSIONS[:2])
    return form.format(_expression(chance, depth - 1), _expression(chance, depth - 1)) if depth else form


def _code(chance: random.Random, depth: int) -> str:
    form = chance.choice(_STATEMENTS)
    body = ""
    if "{body}" in form:
        inner = _code(chance, depth - 1) if depth else f"y = {_expression(chance, 2)}"
        body = "\n".join("    " + line for line in inner.split("\n"))
    return form.format(_expression(chance, 2), _expression(chance, 1), body=body)


def _compiles(code: str) -> bool:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            compile(code, "code", "exec")
        except SyntaxError:
            return False
    return True


def _refused(code: str, folder: Path) -> bool:
    facts = extract(code.encode())
    program = Program(Finder([str(folder)], lambda path: facts), load())
    module = program.finder.module_at(str(folder / "code.py"))
    # An `async for` of a generator expression is legal anywhere, and no site of its own.
    sites = (Site(module, number) for number in range(len(facts.sites)))
    return any(refused_at(site, sys.version_info[:2]) for site in sites if suspends(site))


@pytest.mark.parametrize("seed", range(6))
def test_every_program_is_refused_just_when_the_compiler_refuses_it(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    refused = 0
    for _ in range(200):
        code = _code(chance, 2)
        legal = _compiles(code)
        refused += not legal
        assert _refused(code, tmp_path) is not legal, code
    assert 20 < refused < 195


def test_what_counts_as_a_suspension_is_what_the_rule_asks_about() -> None:
    kinds = {SiteKind.AWAIT, SiteKind.FOR, SiteKind.WITH, SiteKind.COMPREHENSION}
    facts = extract(
        b"async def f(x):\n    await x\n    async for a in x: pass\n    async with x: pass\n    [a async for a in x]\n"
    )
    program = Program(Finder([], lambda path: facts), load())
    module = program.finder.module_at("/code.py")
    found = {facts.sites[number][0] for number in range(len(facts.sites)) if suspends(Site(module, number))}
    assert found == {int(kind) for kind in kinds}

"""No input makes it crash or hang: real code of all kinds, and code that is broken in all ways."""

from __future__ import annotations

import ast
import marshal
import tempfile
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from asynclint.config import default_settings
from asynclint.engine.discover import FileToCheck
from asynclint.engine.house import known_rules
from asynclint.engine.run import check
from asynclint.facts.extract import extract
from asynclint.facts.model import ModuleFacts
from tests.harness import wording
from tests.harness.projects import Project
from tests.harness.samples import by_library, real_files

#: What `extract` may raise: the file is no Python, or not for this interpreter.
UNREADABLE = (SyntaxError, ValueError)
#: Seconds for one file, on a machine that is busy with other tests: a guard against quadratic work.
PATIENCE = 30
SHARDS = 4


@pytest.mark.parametrize("shard", range(SHARDS))
def test_facts_of_real_files(shard: int) -> None:
    files = real_files(4, shard, SHARDS)
    assert files
    for path in files:
        data = path.read_bytes()
        started = time.perf_counter()
        try:
            facts = extract(data)
        except UNREADABLE:
            with pytest.raises(UNREADABLE):
                ast.parse(data)
            continue
        assert time.perf_counter() - started < PATIENCE, path
        hold_together(facts, path)


def hold_together(facts: ModuleFacts, path: Path) -> None:
    """What every reader of facts relies on."""
    encoded = facts.encode()
    assert ModuleFacts.decode(marshal.loads(marshal.dumps(encoded))).encode() == encoded, path
    assert len(facts.uses) == len(facts.sites), path
    for number, block in enumerate(facts.blocks):
        assert block[1] < number or number == 0, (path, number, "a block comes after the one around it")
    for function in facts.functions:
        assert function.site < function.first_site <= function.end_site <= len(facts.sites), (path, function.qualname)
        assert 1 <= function.line <= function.end_line <= facts.line_count, (path, function.qualname)
    for first, last, start, end in facts.tops:
        assert first <= last, path
        assert start < end <= len(facts.sites), path


@pytest.mark.parametrize("shard", range(SHARDS))
def test_findings_in_real_files(shard: int) -> None:
    for root, files in by_library(real_files(30, shard, SHARDS)):
        settings = default_settings(root, known_rules(), environment=False, cache=False, jobs=1)
        started = time.perf_counter()
        report = check([FileToCheck(str(path), path.relative_to(root).as_posix()) for path in files], settings)
        assert time.perf_counter() - started < PATIENCE * len(files)
        assert [notice.text for notice in report.notices if notice.level == "error"] == []
        assert wording.problems(report.diagnostics) == []
        for each in report.diagnostics:
            assert 1 <= each.span.line <= each.span.end_line, each


SEEDS = [
    Path(__file__).read_bytes(),
    (
        "# -*- coding: latin-1 -*-\r\nimport asyncio\r\n\r\n"
        "async def f(x, /, *a: int, k=lambda: (yield), **kw) -> 'é':\r\n"
        "    async with a() as (b, *c), d: pass\r\n"
        "    try:\r\n        await g(*[await h async for h in i if j], **k)\r\n"
        "    except (A, B) as e: raise X from e\r\n    finally: return f'{x!r:>{width}}'\r\n"
        "    match x:\r\n        case {'a': [1, *rest], **others} if (y := x): del rest[0]\r\n"
        "    \f\r\n    global z\r\n"
    ).encode("latin-1"),
]


def test_the_seeds_are_whole() -> None:
    for seed in SEEDS:
        hold_together(extract(seed), Path("seed.py"))


_cut = st.tuples(st.integers(0, 6000), st.integers(0, 60))
_junk = st.one_of(
    st.binary(max_size=6),
    st.sampled_from([b"\0", b"\xef\xbb\xbf", b"\x0c", b"\r", b"\\\n", b"'''", b"(" * 300, b"await ", b"\xff", b"\n\t"]),
)


@st.composite
def mutilated(draw: st.DrawFn) -> bytes:
    """A file with a few pieces cut out, doubled or replaced, perhaps cut short."""
    data = draw(st.sampled_from(SEEDS))
    for position, length in draw(st.lists(_cut, min_size=1, max_size=4)):
        position %= len(data) + 1
        piece = data[position : position + length]
        data = data[:position] + draw(st.one_of(_junk, st.just(piece * 2))) + data[position + length :]
    return data[: draw(st.integers(0, len(data)))] if draw(st.booleans()) else data


@given(mutilated())
@settings(max_examples=300, deadline=None)
@example(b"\0")
@example(b"(" * 2000 + b")" * 2000)
@example(b"x = " + b"-" * 50_000 + b"1")
@example(b"x" + b".y" * 50_000)
@example(b"x = " + b" + ".join([b"y"] * 50_000))
@example(b"# coding: no-such-codec\n")
@example(b"async def f():\n" + b"".join(b" " * depth + b"if x:\n" for depth in range(1, 110)))
def test_facts_of_mutilated_files(data: bytes) -> None:
    try:
        facts = extract(data)
    except UNREADABLE:
        return
    hold_together(facts, Path("mutilated.py"))


#: Leans on the broken file in every way there is.
LEANING = b"""\
import time

import broken
from broken import *
from broken import Base, f

class Derived(Base, broken.Mixin):
    async def method(self):
        super().method()
        for each in f(): self.attribute(each)
        async with broken.g() as entered: entered()

async def main(x: broken.Type):
    f(); x.y(); Derived().z(); await broken.h()
    time.sleep(1)
"""


@given(mutilated())
@settings(max_examples=60, deadline=None)
@example(b"def f(:\n")
@example(b"\0")
@example(b"# coding: no-such-codec\n")
def test_findings_in_and_around_mutilated_files(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        result = Project(Path(folder), {"whole.py": LEANING, "broken.py": data}).check()
    assert result.notices == ()
    sleeps = [each for each in result.diagnostics if each.path == "whole.py" and "time.sleep" in each.message]
    assert [each.rule for each in sleeps] == ["blocking-call"]
    assert wording.problems(result.diagnostics) == []
    try:
        ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        assert [each.rule for each in result.diagnostics if each.path == "broken.py"] == ["syntax-error"]

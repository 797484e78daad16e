"""Input that is broken: the exact words, and never another file's findings lost."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran
from tests.cli.test_process import process

Invoke = Callable[..., Ran]
GOOD = "import asyncio\n\n\nasync def f():\n    asyncio.sleep(1)\n"
FOUND = "z.py:5:5: AL101 coroutine `asyncio.sleep(...)` never runs: nothing awaits it [missing-await]\n"


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"# coding: nonsense\n", "bad.py:1:1: AL001 unknown encoding: nonsense"),
        (b"\xef\xbb\xbf# coding: latin-1\n", "bad.py:1:1: AL001 encoding problem: iso-8859-1 with BOM"),
        (b"x = '\xe9'\n", "bad.py:1:1: AL001 (unicode error) 'utf-8' codec can't decode byte 0xe9 in position 0"),
        (b"x = 1\x00\n", "bad.py:1:1: AL001 contains null bytes"),
        (b"x = = 1\n", "bad.py:1:5: AL001 invalid syntax"),
        (b"x = '''\n", "bad.py:1:5: AL001 unterminated triple-quoted string literal"),
        (b"x = a" + b".b" * 5000, "bad.py:1:1: AL001 nested too deeply to be read"),
    ],
    ids=["unknown encoding", "contradictory marks", "broken encoding", "NUL", "syntax", "open string", "too deep"],
)
@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the parser's words differ between versions")
def test_a_file_that_is_no_python(asynclint: Invoke, folder: Path, data: bytes, message: str) -> None:
    (folder / "bad.py").write_bytes(data)
    (folder / "z.py").write_text(GOOD)
    ran = asynclint(".", "-q", "--output-format=concise")
    assert ran.status == 1 and ran.err == ""
    first, second = ran.out.splitlines(keepends=True)
    assert first.startswith(message) and first.endswith(" [syntax-error]\n")
    assert second == FOUND


@pytest.mark.parametrize(
    "data",
    [
        b"x = " + b"(" * 2000 + b")" * 2000 + b"\n",
        b"(" * 2000,
        b"x = " + b"[" * 90 + b"]" * 90 + b"\n",
        b"x = " + b"-" * 3000 + b"1\n",
        b"x = " + b"1 + " * 20000 + b"1\n",
        b"".join(b" " * depth + b"if x:\n" for depth in range(99)) + b" " * 99 + b"pass\n",
    ],
    ids=["parentheses", "open parentheses", "lists", "signs", "sum", "blocks"],
)
def test_nesting_is_no_reason_to_crash(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "bad.py").write_bytes(data)
    (tmp_path / "z.py").write_text(GOOD)
    ran = process("-m", "asynclint", ".", "-q", "--output-format=concise", cwd=tmp_path)
    assert ran.returncode == 1 and ran.stderr == b""
    assert ran.stdout.decode().endswith(FOUND)


def test_a_long_file(tmp_path: Path) -> None:
    (tmp_path / "long.py").write_text("x = 1\n" * 200_000 + GOOD)
    ran = process("-m", "asynclint", ".", "-q", "--output-format=concise", cwd=tmp_path)
    assert ran.returncode == 1 and ran.stdout.startswith(b"long.py:200005:5: AL101 ")


def test_a_long_line_and_a_file_without_anything(asynclint: Invoke, folder: Path) -> None:
    (folder / "empty.py").touch()
    (folder / "wide.py").write_text(f"x = {'1, ' * 50_000}1\n{GOOD}")
    assert asynclint(".", "-q", "--output-format=concise").out.startswith("wide.py:6:5: AL101 ")


def test_a_file_that_cannot_be_read(asynclint: Invoke, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import builtins

    (folder / "secret.py").write_text(GOOD)
    (folder / "z.py").write_text(GOOD)
    real = builtins.open

    def refusing(path: object, *arguments: object, **named: object) -> object:
        if str(path).endswith("secret.py"):
            raise PermissionError(13, "Permission denied", str(path))
        return real(path, *arguments, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(builtins, "open", refusing)
    ran = asynclint(".", "-q", "--output-format=concise")
    assert ran == Ran(2, FOUND, "asynclint: error: secret.py: Permission denied; make it readable or exclude it\n")


def test_folders_that_go_round_in_circles(asynclint: Invoke, folder: Path) -> None:
    (folder / "a").mkdir()
    (folder / "z.py").write_text(GOOD)
    os.symlink("..", folder / "a" / "up")
    os.symlink("self", folder / "self")
    assert asynclint(".", "-q", "--output-format=concise") == Ran(1, FOUND, "")


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("pyproject.toml", "[tool.asynclint\n", "pyproject.toml:1: not valid TOML: expected ']' at the end of a table"),
        (".asynclint.yaml", "select: [AL1\njobs: 1\n", ".asynclint.yaml:2: not valid YAML: "),
        ("asynclint.toml", "\n[catalogue]\nnonsense = 1\n", "asynclint.toml:2: catalogue: unknown section `nonsense`"),
        ("asynclint.toml", "catalogue = 3\n", "asynclint.toml:1: `catalogue` must be a table, not a number"),
    ],
    ids=["TOML", "YAML", "catalogue", "catalogue type"],
)
def test_a_configuration_that_cannot_be_used(
    asynclint: Invoke, folder: Path, name: str, text: str, message: str
) -> None:
    (folder / name).write_text(text)
    (folder / "z.py").write_text(GOOD)
    ran = asynclint(".")
    assert ran.status == 2 and ran.out == ""
    assert ran.err.startswith(f"asynclint: error: {message}") and "Traceback" not in ran.err

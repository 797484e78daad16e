"""An editor's buffer on standard input."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import FakeEngine, Ran
from tests.cli.findings import replacing

Invoke = Callable[..., Ran]


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[bytes], None]:
    """Puts bytes on standard input."""

    def put(data: bytes) -> None:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data)))

    return put


def test_the_buffer_stands_in_for_the_file(
    asynclint: Invoke, fake: FakeEngine, folder: Path, typed: Callable[[bytes], None]
) -> None:
    (folder / "pkg").mkdir()
    (folder / "pkg" / "app.py").write_text("x\n")
    (folder / "pkg" / "asynclint.toml").write_text("jobs = 5")
    for arguments in (["--stdin-filename", "pkg/app.py", "-"], ["--stdin-filename=pkg/app.py"]):
        typed(b"import time\ntime.sleep(1)\n")
        ran = asynclint("check", *arguments, "--output-format=concise", "--quiet")
        assert ran == Ran(1, "pkg/app.py:2:1: AL001 `time.sleep` blocks [syntax-error]\n", "")
        assert fake.calls[-1][1].jobs == 5
    typed(b"time.sleep(1)\n")
    assert "1 | time.sleep(1)\n" in asynclint("check", "--stdin-filename=pkg/app.py", "-").out


def test_without_a_name(asynclint: Invoke, fake: FakeEngine, typed: Callable[[bytes], None]) -> None:
    typed(b"time.sleep(1)\n")
    assert asynclint("-", "--output-format=concise").out.startswith("-:1:1: AL001 ")


def test_a_file_that_is_not_saved_yet(asynclint: Invoke, fake: FakeEngine, typed: Callable[[bytes], None]) -> None:
    typed(b"time.sleep(1)\n")
    assert asynclint("--stdin-filename", "new/folder/app.py", "-").out.startswith("new/folder/app.py:1:1: ")


def test_an_excluded_file(asynclint: Invoke, fake: FakeEngine, typed: Callable[[bytes], None]) -> None:
    typed(b"time.sleep(1)\n")
    assert asynclint("--stdin-filename", "venv/app.py", "-").status == 1
    typed(b"time.sleep(1)\n")
    assert asynclint("--stdin-filename", "venv/app.py", "--force-exclude", "-") == Ran(0, "", "")
    typed(b"time.sleep(1)\n")
    ran = asynclint("--stdin-filename", "venv/app.py", "--force-exclude", "--fix", "-")
    assert ran == Ran(0, "time.sleep(1)\n", "")


def test_fixing_writes_the_fixed_text_and_reports_beside_it(
    asynclint: Invoke, fake: FakeEngine, folder: Path, typed: Callable[[bytes], None]
) -> None:
    fake.finds = replacing("old", "new")
    (folder / "app.py").write_text("on disk\n")
    typed(b"old\r\n")
    ran = asynclint("--fix", "--stdin-filename", "app.py", "-")
    assert (ran.status, ran.err) == (0, "Found 1 error (1 fixed, 0 remaining).\n")
    assert (folder / "app.py").read_text() == "on disk\n"
    typed(b"old\r\n")
    assert asynclint("--fix-only", "--stdin-filename", "app.py", "-") == Ran(0, "new\r\n", "")
    typed(b"clean\n")
    assert asynclint("--fix", "-q", "--stdin-filename", "app.py", "-") == Ran(0, "clean\n", "")
    typed(b"old\n")
    assert (
        asynclint("--diff", "--stdin-filename", "app.py", "-").out
        == "--- app.py\n+++ app.py\n@@ -1 +1 @@\n-old\n+new\n"
    )


def test_it_cannot_be_joined_with_files(asynclint: Invoke, fake: FakeEngine, typed: Callable[[bytes], None]) -> None:
    typed(b"")
    ran = asynclint("-", "app.py")
    assert ran == Ran(2, "", "asynclint: error: `-` reads standard input; it cannot be joined with other paths\n")
    assert asynclint("-", "--add-ignore").status == 2


@pytest.mark.parametrize("data", [b"\x00\x01", b"\xff\xfe", b"this is no Python", b"(" * 50])
def test_standard_input_that_is_not_python(
    asynclint: Invoke, folder: Path, typed: Callable[[bytes], None], data: bytes
) -> None:
    typed(data)
    ran = asynclint("--output-format=concise", "-")
    assert ran.status == 1 and ran.out.startswith("-:1:") and "[syntax-error]" in ran.out
    typed(data)
    assert asynclint("--fix", "-").status == 1

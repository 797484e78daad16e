"""Fixing: what is written, what is left alone, and what is said about it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from asynclint.diagnostics import Applicability, Diagnostic, Edit, Fix
from asynclint.engine.discover import FileToCheck
from tests.cli.conftest import FakeEngine, Ran
from tests.cli.findings import both, finding, replacing

Invoke = Callable[..., Ran]

SAFE = replacing("old", "new")
UNSAFE = replacing("risky", "risked", Applicability.UNSAFE)


def test_safe_fixes_are_applied_and_the_rest_is_reported(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    fake.finds = both(SAFE, UNSAFE)
    (folder / "app.py").write_text("old = risky\nold\n")
    ran = asynclint(".", "--fix", "--output-format=concise")
    assert (folder / "app.py").read_text() == "new = risky\nnew\n"
    assert ran == Ran(
        1,
        "app.py:1:7: AL201 `risky` blocks [blocking-call]\n"
        "Found 3 errors (2 fixed, 1 remaining).\n1 fixable with `--fix --unsafe-fixes`.\n",
        "",
    )
    ran = asynclint(".", "--fix", "--unsafe-fixes")
    assert (folder / "app.py").read_text() == "new = risked\nnew\n"
    assert ran == Ran(0, "Found 1 error (1 fixed, 0 remaining).\n", "")
    assert asynclint(".", "--fix") == Ran(0, "All checks passed!\n", "")


def test_statuses_of_fixing(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    fake.finds = both(SAFE, UNSAFE)

    def status(*arguments: str) -> int:
        (folder / "app.py").write_text("old = risky\n")
        return asynclint(".", *arguments).status

    assert status("--fix") == 1
    assert status("--fix", "--unsafe-fixes") == 0
    assert status("--fix", "--unsafe-fixes", "--exit-non-zero-on-fix") == 1
    assert status("--fix-only") == 0
    assert status("--fix-only", "--exit-non-zero-on-fix") == 1
    assert status("--fix", "--exit-zero") == 0
    (folder / "app.py").write_text("x\n")
    assert asynclint(".", "--fix-only", "--exit-non-zero-on-fix").status == 0


def test_fix_only_says_how_much(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    fake.finds = both(SAFE, UNSAFE)
    (folder / "app.py").write_text("old = risky\n")
    assert asynclint(".", "--fix-only") == Ran(0, "Fixed 1 finding in 1 file (1 more with `--unsafe-fixes`).\n", "")
    assert asynclint(".", "--fix-only") == Ran(0, "Nothing fixed (1 more with `--unsafe-fixes`).\n", "")
    assert asynclint(".", "--fix-only", "--unsafe-fixes").out == "Fixed 1 finding in 1 file.\n"


def test_a_diff_tells_of_fixes_that_it_does_not_show(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    fake.finds = both(SAFE, UNSAFE)
    (folder / "app.py").write_text("risky\n")
    assert asynclint(".", "--diff") == Ran(0, "", "No fixes (1 more with `--unsafe-fixes`).\n")
    assert asynclint(".", "--diff", "--unsafe-fixes").err == "Would fix 1 finding.\n"
    assert asynclint(".", "--diff", "--unfixable", "blocking-call").err == "No fixes.\n"
    (folder / "app.py").write_text("old, risky\n")
    assert asynclint(".", "--diff").err == "Would fix 1 finding (1 more with `--unsafe-fixes`).\n"


def test_a_diff_changes_nothing(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    fake.finds = SAFE
    (folder / "app.py").write_text("a\nold\nb")
    assert asynclint(".", "--diff") == Ran(
        1,
        "--- app.py\n+++ app.py\n@@ -1,3 +1,3 @@\n a\n-old\n+new\n b\n\\ No newline at end of file\n",
        "Would fix 1 finding.\n",
    )
    assert (folder / "app.py").read_text() == "a\nold\nb"
    (folder / "app.py").write_text("a\n")
    assert asynclint(".", "--diff") == Ran(0, "", "No fixes.\n")


def test_rules_can_be_kept_from_fixing(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    fake.finds = both(SAFE, replacing("was", "were", rule="missing-await", code="AL101"))

    def fixed(*arguments: str) -> str:
        (folder / "app.py").write_text("old = was\n")
        asynclint(".", "--fix", *arguments)
        return (folder / "app.py").read_text()

    assert fixed() == "new = were\n"
    assert fixed("--fixable", "missing-await") == "old = were\n"
    assert fixed("--unfixable", "missing-await") == "new = was\n"


def test_fixes_that_make_way_for_others_follow_in_rounds(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    fake.finds = both(replacing("a1", "a2"), replacing("a2", "a3"), replacing("a3", "a4"))
    (folder / "app.py").write_text("a1, a2\n")
    assert asynclint(".", "--fix").out == "Found 5 errors (5 fixed, 0 remaining).\n"
    assert (folder / "app.py").read_text() == "a4, a4\n"


def test_fixes_that_never_settle_are_stopped(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    fake.finds = both(replacing(r"\bon\b", "off"), replacing(r"\boff\b", "on"))
    (folder / "app.py").write_text("on\n")
    ran = asynclint(".", "--fix")
    assert ran.err == "asynclint: warning: fixes did not settle in 10 rounds; please report this with the file\n"
    assert (folder / "app.py").read_text() == "on\n" and ran.status == 1


def test_overlapping_fixes_take_turns(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    fake.finds = both(replacing(r"f\(g\(\)\)", "f(h())"), replacing(r"g\(\)", "h()"))
    (folder / "app.py").write_text("f(g())\n")
    asynclint(".", "--fix")
    assert (folder / "app.py").read_text() == "f(h())\n"


def test_two_fixes_that_add_the_same_import_add_it_once(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    def finds(path: str, text: str) -> list[Diagnostic]:
        made = []
        for start in (text.find("one"), text.find("two")):
            if start >= 0:
                edits = [Edit(start, start + 3, "asyncio.x")]
                if "import asyncio" not in text:
                    edits.append(Edit(0, 0, "import asyncio\n"))
                fix = Fix("replace", Applicability.SAFE, tuple(edits))
                made.append(finding(path, text, start, start + 3, fix=fix))
        return made

    fake.finds = finds
    (folder / "app.py").write_text("a\none, b, two\n")
    asynclint(".", "--fix")
    assert (folder / "app.py").read_text() == "import asyncio\na\nasyncio.x, b, asyncio.x\n"


def test_a_fix_that_would_break_the_file_is_left_out(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    fake.finds = both(SAFE, replacing("bad", "1 +", rule="missing-await", code="AL101"))
    (folder / "app.py").write_text("old\nbad\n")
    ran = asynclint(".", "--fix", "--output-format=concise")
    assert (folder / "app.py").read_text() == "new\nbad\n"
    assert ran.err == (
        "asynclint: warning: app.py:2: the fix of `missing-await` would break the file, so it was left alone; "
        "please report this\n"
    )
    assert ran.status == 1


def test_a_file_with_a_syntax_error_is_never_written(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    broken = lambda path, text: [finding(path, text, 0, 1, rule="syntax-error", code="AL001")]  # noqa: E731
    fake.finds = both(broken, SAFE)
    (folder / "app.py").write_text("old = = 1\n")
    assert asynclint(".", "--fix").status == 1
    assert (folder / "app.py").read_text() == "old = = 1\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"old\r\nb\r\n", b"new\r\nline\r\nb\r\n"),
        (b"a\rold\r", b"a\rnew\rline\r"),
        (b"\xef\xbb\xbfold\n", b"\xef\xbb\xbfnew\nline\n"),
        (b"# coding: latin-1\nold # \xe9\n", b"# coding: latin-1\nnew\nline # \xe9\n"),
        (b"old", b"new\nline"),
        (b"x\n\x0c\nold\n", b"x\n\x0c\nnew\nline\n"),
        ("'日本'; old\n".encode(), "'日本'; new\nline\n".encode()),
    ],
    ids=["CRLF", "CR", "mark", "cookie", "no newline", "form feed", "wide"],
)
def test_everything_else_stays_byte_for_byte(
    asynclint: Invoke, folder: Path, monkeypatch: pytest.MonkeyPatch, before: bytes, after: bytes
) -> None:
    from asynclint.engine import run as engine
    from asynclint.source import Source

    finds = replacing("old", "new\nline")

    def check(files: list[FileToCheck], settings: object, progress: object = None) -> engine.Report:
        found = []
        for file in files:
            text = Source(file.data or Path(file.path).read_bytes()).text
            found += finds(file.display, text)
        return engine.Report(tuple(found), (), (), 1)

    monkeypatch.setattr(engine, "check", check)
    (folder / "app.py").write_bytes(before)
    asynclint(".", "--fix")
    assert (folder / "app.py").read_bytes() == after


def test_a_text_that_the_encoding_cannot_hold_is_not_written(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    fake.finds = replacing("old", "'日本'")
    (folder / "app.py").write_bytes(b"# coding: latin-1\nold\n")
    assert "would break the file" in asynclint(".", "--fix").err
    assert (folder / "app.py").read_bytes() == b"# coding: latin-1\nold\n"


def test_modes_and_links_are_kept(asynclint: Invoke, fake: FakeEngine, folder: Path) -> None:
    fake.finds = SAFE
    (folder / "real").mkdir()
    target = folder / "real" / "tool"
    target.write_text("old\n")
    target.chmod(0o754)
    os.symlink("real/tool", folder / "app.py")
    asynclint(".", "--fix")
    assert (folder / "app.py").is_symlink() and target.read_text() == "new\n"
    assert stat.S_IMODE(target.stat().st_mode) == 0o754
    assert sorted(each.name for each in (folder / "real").iterdir()) == ["tool"]


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(28, "No space left on device"), "No space left on device"),
        (OSError(30, "Read-only file system"), "Read-only file system"),
    ],
)
def test_a_disk_that_refuses_leaves_the_file_as_it_was(
    asynclint: Invoke, fake: FakeEngine, folder: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, words: str
) -> None:
    fake.finds = SAFE
    (folder / "app.py").write_text("old\n")

    def refuse(descriptor: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", refuse)
    ran = asynclint(".", "--fix")
    assert ran.status == 2
    assert ran.err == f"asynclint: error: app.py: cannot be written: {words}; the file is as it was\n"
    assert (folder / "app.py").read_text() == "old\n"
    assert sorted(each.name for each in folder.iterdir()) == [".git", "app.py"]


def test_a_file_that_somebody_else_changes_meanwhile_is_left_alone(
    asynclint: Invoke, fake: FakeEngine, folder: Path
) -> None:
    def finds(path: str, text: str) -> list[Diagnostic]:
        if text == "new\n":
            (folder / "app.py").write_text("somebody else's\n")
        return list(SAFE(path, text))

    fake.finds = finds
    (folder / "app.py").write_text("old\n")
    ran = asynclint(".", "--fix")
    assert ran.status == 2
    assert ran.err == "asynclint: error: app.py: changed while it was being fixed, so it was left alone; run again\n"
    assert (folder / "app.py").read_text() == "somebody else's\n"

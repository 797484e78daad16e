"""A cache that may be read and not written, as on a shared machine or in a container's image.

Root may write where permissions say otherwise. So that the tests mean something for root, too, the
process that is watched gives up that privilege; then permissions bind it as they do everybody.
"""

from __future__ import annotations

import ctypes
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.test_store import HELPED
from tests.engine.trees import Tree
from tests.harness.imports import ROOT

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="folders are not protected by permissions")

_PR_CAPBSET_DROP = 24
_CAP_DAC_OVERRIDE = 1


def _bound_by_permissions() -> None:
    if sys.platform == "linux" and os.geteuid() == 0:
        ctypes.CDLL(None).prctl(_PR_CAPBSET_DROP, _CAP_DAC_OVERRIDE, 0, 0, 0)


def process(tree: Tree, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Runs Python in the tree, as somebody for whom permissions count."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "XDG_CACHE_HOME": str(tree.root.parent / "user")}
    command = [sys.executable, *arguments]
    return subprocess.run(
        command, cwd=tree.root, env=environment, capture_output=True, text=True, timeout=120,
        preexec_fn=_bound_by_permissions,
    )  # fmt: skip


def ran(tree: Tree, *arguments: str) -> tuple[int, str, str]:
    """Status, findings and notices of a check."""
    done = process(tree, "-m", "asynclint", "check", ".", "--output-format", "concise", *arguments)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def protected(tmp_path: Path) -> Iterator[list[Path]]:
    """Files and folders that are listed here and made read-only are made writable again at the end."""
    found: list[Path] = []
    yield found
    for path in found:
        path.chmod(0o755 if path.is_dir() else 0o644)


def protect(protected: list[Path], *paths: Path) -> None:
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
        protected.append(path)


def skip_unless_it_binds(tree: Tree, folder: Path) -> None:
    if process(tree, "-c", f"open({str(folder / 'probe')!r}, 'w')").returncode == 0:
        pytest.skip("permissions do not bind this user")


@pytest.mark.parametrize("edit", [False, True], ids=["nothing changed", "a helper was edited"])
@pytest.mark.parametrize("files_too", [False, True], ids=["folder", "folder and files"])
def test_a_cache_that_cannot_be_written(tmp_path: Path, protected: list[Path], files_too: bool, edit: bool) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    folder = tree.cache.parent
    first = ran(tree)
    assert first[0] == 1 and first[2] == ""
    protect(protected, *(folder.iterdir() if files_too else ()), folder)
    skip_unless_it_binds(tree, folder)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    if edit:
        tree.write("helper.py", "def warm_up():\n    pass\n")
    for _ in range(2):
        status, findings, notices = ran(tree)
        assert (status, findings) == ran(tree, "--no-cache")[:2]
        assert notices.count("warning:") <= 1 and notices.count("\n") <= 1 and "Traceback" not in notices
        assert not notices or ("the cache cannot be used" in notices and "--no-cache" in notices)
    assert ("blocking-call" in findings) is not edit
    assert {path.name: path.read_bytes() for path in folder.iterdir()}.keys() >= before.keys()


def test_a_project_that_cannot_be_written(tmp_path: Path, protected: list[Path]) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    protect(protected, tree.root)
    skip_unless_it_binds(tree, tree.root)
    status, findings, notices = ran(tree)
    assert (status, findings) == ran(tree, "--no-cache")[:2]
    assert "the cache cannot be used" in notices and notices.count("\n") == 1
    assert not tree.cache.parent.exists()


def test_a_user_cache_that_cannot_be_written(tmp_path: Path, protected: list[Path]) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    user = tmp_path / "user"
    user.mkdir()
    protect(protected, user)
    skip_unless_it_binds(tree, user)
    first = ran(tree)
    assert first[0] == 1 and first[2] == ""
    assert ran(tree) == first
    assert list(user.iterdir()) == []

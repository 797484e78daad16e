"""A walk that is remembered finds what a new one would."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from asynclint.config import Configurations, command_line_layers
from asynclint.engine import discover as room
from asynclint.engine import disk, listing
from asynclint.engine.house import known_rules
from asynclint.engine.store import NAME, Store, Unusable
from tests.engine.trees import Tree
from tests.harness.projects import working_in

FILES = {
    "pyproject.toml": "[tool.asynclint]\n",
    "src/.gitignore": "made_*.py\n",
    "src/app.py": "",
    "src/made_here.py": "",
    "src/one/__init__.py": "",
    "src/one/deep/a.py": "",
    "src/one/deep/note.txt": "",
    "src/two/pyproject.toml": "[project]\nname = 'two'\n",
    "src/two/b.py": "",
    "docs/conf.py": "",
}


@pytest.fixture(params=[True, False], ids=["signatures prove it", "all is new"], autouse=True)
def _clock(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Signatures are trusted, or nothing is old enough for that and every folder is listed again."""
    monkeypatch.setattr(disk, "_COARSE", -(10**20) if request.param else 10**20)
    monkeypatch.setattr(listing, "_FEW", 1)


@pytest.fixture
def walks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The folders below which somebody walked."""
    found: list[str] = []
    walk = room._Discovery._walk

    def recorded(self: Any, top: str, kept: Any) -> list[str]:
        found.append(os.path.basename(top))
        return walk(self, top, kept)

    monkeypatch.setattr(room._Discovery, "_walk", recorded)
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = Tree(tmp_path / "project", FILES)
    made.run()  # makes the store
    return made


def found(tree: Tree, *paths: str, cached: bool = True, isolated: bool = False, **options: Any) -> list[Any]:
    with working_in(tree.root):
        layers = command_line_layers({"cache": cached, **options}, (), tree.root)
        configurations = Configurations(known_rules(), layers, isolated=isolated)
        projects = room.discover(paths or ["."], configurations)
    return [(each.settings.config_file, [(file.path, file.display) for file in each.files]) for each in projects]


def test_nobody_walks_where_nothing_changed(tree: Tree, walks: list[str]) -> None:
    first = found(tree)
    assert found(tree) == first == found(tree, cached=False)
    assert walks == ["project", "project"]  # the first, and the one without a cache


def test_nothing_is_written_before_there_is_a_store(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "new", FILES)
    found(tree)
    assert not (tree.root / ".asynclint_cache").exists()


EDITS: dict[str, Callable[[Tree], None]] = {
    "a new file": lambda tree: tree.write("src/one/new.py", ""),
    "a file is gone": lambda tree: tree.remove("src/one/deep/a.py"),
    "a new folder": lambda tree: tree.write("src/one/more/c.py", ""),
    "the only file of another kind": lambda tree: tree.write("docs/readme.txt", ""),
    "an ignored file": lambda tree: tree.write("src/one/made_too.py", ""),
    "other things to ignore": lambda tree: tree.write("src/.gitignore", "b.py\n"),
    "things to ignore where there were none": lambda tree: tree.write("src/one/.gitignore", "a.py\n"),
    "things to ignore for git alone": lambda tree: tree.write(".git/info/exclude", "docs/\n"),
    "a configuration in a folder": lambda tree: tree.write("src/two/asynclint.toml", ""),
    "a configuration in a file that was there": lambda tree: tree.write(
        "src/two/pyproject.toml", "[tool.asynclint]\nignore = ['AL2']\n"
    ),
    "other excludes": lambda tree: tree.write("pyproject.toml", "[tool.asynclint]\nextend-exclude = ['deep']\n"),
    "a repository within": lambda tree: tree.write("src/one/.git/HEAD", ""),
    "an edited file": lambda tree: tree.write("src/app.py", "x = 1\n"),
}


@pytest.mark.parametrize("top", [".", "src"])
@pytest.mark.parametrize("edit", EDITS.values(), ids=EDITS)
def test_what_changed_is_seen(tree: Tree, edit: Callable[[Tree], None], top: str) -> None:
    found(tree, top)
    edit(tree)
    expected = found(tree, top, cached=False)
    assert found(tree, top) == expected
    assert found(tree, top) == expected


@pytest.mark.parametrize("name", [".gitignore", ".git/info/exclude"])
def test_what_a_folder_above_ignores_counts(tree: Tree, name: str) -> None:
    for text in ("app.py\n", "deep/\n"):
        found(tree, "src")
        tree.write(name, text)
        assert (
            found(tree, "src") == found(tree, "src", cached=False) != found(tree, "src", **{"respect-gitignore": False})
        )


def test_a_file_that_becomes_a_link(tree: Tree) -> None:
    found(tree)
    tree.remove("docs/conf.py")
    (tree.root / "docs/conf.py").symlink_to(tree.root / "src/app.py")
    tree._stamp(tree.root / "docs")
    assert found(tree) == found(tree, cached=False)
    assert "docs/conf.py" not in str(found(tree))


def test_each_way_of_being_called_has_a_walk_of_its_own(tree: Tree) -> None:
    tree.write("src/two/asynclint.toml", "ignore = ['AL2']\n")
    ways: list[tuple[tuple[str, ...], dict[str, Any]]] = [
        ((".",), {"isolated": True}),
        ((".",), {}),
        (("src",), {}),
        (("src", "."), {}),
        ((".",), {"extend-exclude": ["deep"]}),
        ((".",), {"respect-gitignore": False, "isolated": True}),
    ]
    for _ in range(2):
        for paths, options in ways:
            assert found(tree, *paths, **options) == found(tree, *paths, cached=False, **options)


def test_damage_is_seen(tree: Tree, walks: list[str]) -> None:
    first = found(tree)
    with sqlite3.connect(tree.root / ".asynclint_cache" / NAME) as connection:
        (data,) = connection.execute("SELECT data FROM listings").fetchone()
        connection.execute("UPDATE listings SET data = ?", (data[:40] + b"x" + data[41:],))
    connection.close()
    walks.clear()
    assert found(tree) == first
    assert walks == ["project"]


@pytest.mark.parametrize("problem", [Unusable("database or disk is full"), OSError(28, "No space left on device")])
def test_a_store_that_cannot_be_written_is_done_without(
    tree: Tree, monkeypatch: pytest.MonkeyPatch, problem: Exception
) -> None:
    def full(*_: object) -> None:
        raise problem

    monkeypatch.setattr(Store, "write_listing", full)
    assert found(tree) == found(tree) == found(tree, cached=False)
    monkeypatch.setattr(Store, "listing", full)
    assert found(tree) == found(tree, cached=False)

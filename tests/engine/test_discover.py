"""Which files a run is about."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from asynclint.config import Configurations
from asynclint.engine.discover import NoSuchPath, discover
from tests.config.rules import RULES


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def tree(*names: str) -> None:
    for name in names:
        path = Path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()


def found(*paths: str, config: str = "") -> list[str]:
    if config:
        Path("asynclint.toml").write_text(config)
    return [file.display for project in discover(paths or ["."], Configurations(RULES)) for file in project.files]


def test_python_files_and_stubs_below_a_folder_in_stable_order() -> None:
    tree("b.py", "a/z.py", "a/b/c.pyi", "readme.md", "script", "a.py")
    assert found() == ["a/b/c.pyi", "a/z.py", "a.py", "b.py"]
    assert found("a/", "b.py", "./a/z.py", "b.py") == ["a/b/c.pyi", "a/z.py", "b.py"]


def test_a_file_that_is_named_is_taken_whatever_its_suffix_and_wherever_it_lies() -> None:
    tree("script", "venv/x.py", ".gitignore")
    Path(".gitignore").write_text("script\n")
    assert found("script", "venv/x.py") == ["script", "venv/x.py"]
    assert found("script", "venv/x.py", config="force-exclude = true") == []
    assert found("venv", config="force-exclude = true") == []


def test_the_usual_folders_are_left_out() -> None:
    tree("app.py", "venv/x.py", "deep/.venv/x.py", "deep/node_modules/x.py", "__pycache__/x.py", ".tox/x.py")
    assert found() == ["app.py"]
    assert found(config="exclude = []") == [
        ".tox/x.py",
        "__pycache__/x.py",
        "app.py",
        "deep/.venv/x.py",
        "deep/node_modules/x.py",
        "venv/x.py",
    ]


def test_excludes_of_the_configuration() -> None:
    tree("app.py", "gen/x.py", "deep/gen/x.py", "app_pb2.py", "venv/x.py")
    assert found(config="extend-exclude = ['*_pb2.py', '/gen']") == ["app.py", "deep/gen/x.py"]
    assert found(config="exclude = ['gen']") == ["app.py", "app_pb2.py", "venv/x.py"]


def test_gitignore_of_every_level_counts() -> None:
    tree("app.py", "a/x.py", "a/keep/y.py", "a/b/z.py", "local.py", "a/local.py")
    Path(".git").mkdir()
    Path(".git/info").mkdir()
    Path(".git/info/exclude").write_text("/local.py\n")
    Path(".gitignore").write_text("x.py\nb/\n")
    Path("a/.gitignore").write_text("!x.py\nlocal.py\n")
    assert found() == ["a/keep/y.py", "a/x.py", "app.py"]
    assert found("a") == ["a/keep/y.py", "a/x.py"]
    assert "a/b/z.py" in found(config="respect-gitignore = false")


def test_gitignore_above_the_repository_does_not_count() -> None:
    tree("repo/app.py", "repo/.git/HEAD")
    Path(".gitignore").write_text("repo\n*.py\n")
    assert found("repo") == ["repo/app.py"]


def test_a_named_file_in_an_ignored_folder_is_excluded_by_force() -> None:
    tree("out/deep/x.py", ".git/HEAD")
    Path(".gitignore").write_text("out/\n")
    assert found("out/deep/x.py", config="force-exclude = true") == []
    assert found("out/deep/x.py", config="force-exclude = false") == ["out/deep/x.py"]


def test_links_do_not_lead_in_circles_or_to_the_same_file_twice() -> None:
    tree("a/x.py", "elsewhere.txt")
    os.symlink("..", "a/loop")
    os.symlink("x.py", "a/again.py")
    os.symlink("../elsewhere.txt", "a/linked.py")
    os.symlink("gone", "a/dangling.py")
    assert found() == ["a/linked.py", "a/x.py"]
    assert found("a/loop/a") == ["a/loop/a/linked.py", "a/loop/a/x.py"]


def test_the_nearest_configuration_judges_each_file() -> None:
    tree("app.py", "inner/app.py", "inner/deep/x.py")
    Path("inner/asynclint.toml").write_text("select = ['AL1']\nextend-exclude = ['deep']")
    Path("asynclint.toml").write_text("select = ['AL2']")
    whole = {
        file.display: project.settings for project in discover(["."], Configurations(RULES)) for file in project.files
    }
    assert sorted(whole) == ["app.py", "inner/app.py"]
    for name, settings in whole.items():
        [alone] = discover([name], Configurations(RULES))
        assert alone.settings.rules == settings.rules and alone.settings.root == settings.root


def test_what_lies_outside_the_current_folder_is_shown_by_its_absolute_path(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree("a/x.py", "b/y.py")
    monkeypatch.chdir("a")
    assert sorted(found("../b", ".")) == [f"{tmp_path.as_posix()}/b/y.py", "x.py"]


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("ap.py", "ap.py: no such file or folder; did you mean `app.py`?"),
        ("src/ap.py", "src/ap.py: no such file or folder"),
        ("dangling.py", "dangling.py: a symbolic link to nothing"),
    ],
)
def test_a_path_that_does_not_exist(path: str, message: str) -> None:
    tree("app.py")
    os.symlink("nowhere", "dangling.py")
    with pytest.raises(NoSuchPath) as caught:
        found("app.py", path)
    assert str(caught.value) == message


def test_a_folder_that_cannot_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    tree("closed/x.py")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if path.endswith("closed"):
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)
    with pytest.raises(NoSuchPath, match=r"^closed: permission denied; exclude it or make it readable$"):
        found()

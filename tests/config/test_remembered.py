"""TOML that an earlier run has parsed is not parsed again, and nothing else is different."""

from __future__ import annotations

from pathlib import Path

import pytest

from asynclint.config import ConfigError, document
from asynclint.config.document import read_toml
from asynclint.config.remembered import keep, recall

TEXT = """
[tool.asynclint]
select = [
    "ALL",
    "AL2",
]
[[tool.asynclint.overrides]]
files = ["a", "b"]
[tool.asynclint.rules.blocking-call]
"at most" = 1.5
"""


@pytest.fixture(autouse=True)
def user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "user"))
    monkeypatch.setattr("sys.platform", "linux")
    return tmp_path / "user"


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that were parsed."""
    found: list[str] = []
    read_whole = document._read_whole

    def recorded(text: str, name: str, directory: Path) -> object:
        found.append(text)
        return read_whole(text, name, directory)

    monkeypatch.setattr(document, "_read_whole", recorded)
    return found


def read(text: str, table: tuple[str, ...] = (), *, remember: bool = True) -> tuple[object, ...]:
    found = read_toml(text, "pyproject.toml", Path("/project"), table, remember=remember)
    return found.name, found.directory, found.values, found.lines, found.problems


@pytest.mark.parametrize("table", [(), ("tool", "asynclint"), ("tool", "nothing")])
def test_it_is_as_if_it_were_parsed(parsed: list[str], table: tuple[str, ...]) -> None:
    expected = read(TEXT, table, remember=False)
    assert read(TEXT, table) == expected == read(TEXT, table)
    assert parsed == [TEXT] * 2


def test_another_text_is_parsed(parsed: list[str]) -> None:
    for text in (TEXT, TEXT + "# more\n", TEXT):
        assert read(text) == read(text) == read(text, remember=False)
    assert len(parsed) == 6


@pytest.mark.parametrize("text", ["[tool", "when = 2024-01-01\n"], ids=["broken", "with a date"])
def test_what_cannot_be_kept(user: Path, text: str) -> None:
    for _ in range(2):
        try:
            assert read(text) == read(text, remember=False)
        except ConfigError as error:
            assert text == "[tool" and "not valid TOML" in str(error)
    assert not user.exists()


def test_damage_is_seen(user: Path, parsed: list[str]) -> None:
    expected = read(TEXT)
    [path] = (user / "asynclint").iterdir()
    data = path.read_bytes()
    for damaged in (b"", data[:-1], data[:50] + b"?" + data[51:]):
        path.write_bytes(damaged)
        assert read(TEXT) == expected
    for other in (1, (), ("a", {}, {})):
        keep(path.stem, other)
        assert recall(path.stem) == other
        assert read(TEXT) == expected
    assert len(parsed) == 7


def test_without_a_folder_nothing_is_kept(monkeypatch: pytest.MonkeyPatch, parsed: list[str]) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", "relative")
    assert read(TEXT) == read(TEXT)
    assert len(parsed) == 2

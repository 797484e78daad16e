"""What is read without click is what click would read."""

from __future__ import annotations

import os

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclint.cli.check import command
from asynclint.cli.options import CHECK, PROJECT, Option
from asynclint.cli.plain import read

USUAL = (
    ["."],
    ["check", "."],
    ["src", "tests/app.py"],
    ["check"],
    ["-"],
    ["check", "-", "--stdin-filename", "app.py"],
    ["--stdin-filename=app.py", "-"],
    [".", "--output-format", "json", "--output-format=sarif=out.sarif", "-q"],
    ["--select", "missing-await,AL2", "--ignore", "AL9", "."],
    ["--fix", "--no-fix", "--unsafe-fixes", "src"],
    ["-j", "4", "--jobs=0", "."],
    ["--color", "never", "--scope=affected", "a=b.py"],
    ["--config", "select = ['ALL']", "--no-cache", "--cache-dir", "x", "."],
    ["--select=", "."],
)
LEFT_TO_CLICK = (
    [],
    ["--help"],
    ["-h"],
    ["check", "--help"],
    ["--version"],
    ["rule", "missing-await"],
    ["--", "-x.py"],
    ["--selekt", "E", "."],
    ["--sel", "E", "."],
    [".", "--select"],
    ["--exclude", "-x", "."],
    ["-j4", "."],
    ["-qv", "."],
    ["--jobs", "many", "."],
    ["--jobs", "-1", "."],
    ["--color", "sometimes", "."],
    ["--quiet=yes", "."],
    ["-q=yes", "."],
    ["-j=4", "."],
    ["--add-ignore", "."],
    ["--add-ignore=why", "."],
)
NAMES = sorted(
    {
        name
        for option in (*PROJECT, *CHECK)
        for name in (option.name, option.opposite, option.short, f"{option.name}=", f"{option.name}=py310")
    }
)
WORDS = st.sampled_from(
    [*NAMES, *NAMES, "check", "rule", ".", "-", "--", "a,b", "4", "-j3", "always", "root", "--nope"]
)


@pytest.fixture(autouse=True)
def _no_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [each for each in os.environ if each.startswith("ASYNCLINT_")]:
        monkeypatch.delenv(name)


def by_click(arguments: list[str]) -> dict[str, object] | None:
    """What click reads; None where it does something else."""
    try:
        with command.make_context("check", arguments[1:] if arguments[:1] == ["check"] else arguments) as context:
            return context.params
    except (click.exceptions.Exit, click.ClickException):
        return None


@pytest.mark.parametrize("arguments", USUAL, ids=" ".join)
def test_usual_command_lines_need_no_click(arguments: list[str]) -> None:
    assert by_click(list(arguments)) is not None
    assert read(arguments) == by_click(list(arguments))


@pytest.mark.parametrize("arguments", LEFT_TO_CLICK, ids=" ".join)
def test_what_only_click_can_tell(arguments: list[str]) -> None:
    assert read(arguments) is None


@pytest.mark.parametrize("option", [*PROJECT, *CHECK], ids=lambda option: option.name)
def test_every_option_alone(option: Option) -> None:
    name = option.name
    for arguments in ([name], [name, "3"], [f"{name}=3"], [option.opposite]):
        found = read(arguments)
        assert found is None or found == by_click(arguments)


@given(st.lists(WORDS, max_size=6))
def test_both_read_the_same(arguments: list[str]) -> None:
    found = read(arguments)
    assert found is None or found == by_click(arguments)


@pytest.mark.parametrize("option", [each for each in (*PROJECT, *CHECK) if each.variable], ids=lambda each: each.name)
def test_variables_are_left_to_click(option: Option, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(option.variable, "1")
    assert read(["."]) is None

"""Options of rules: from a declaration over the configuration to the check."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from asynclint import rule
from asynclint.config import ConfigError
from tests.engine import rule_with_options
from tests.harness.projects import Project

CODE = "ten_letters()\ntwenty_letters_or_so()\nshort()\n"


@pytest.fixture(autouse=True)
def only_the_rule_with_options(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(rule, "_modules", lambda package: iter([rule_with_options.__name__]))
    rule.all_rules.cache_clear()
    yield
    rule.all_rules.cache_clear()


def lines(tmp_path: Path, configuration: str, files: tuple[str, ...] = ("app.py",)) -> list[tuple[str, int]]:
    found = Project(tmp_path, {"asynclint.toml": configuration, **dict.fromkeys(files, CODE)}).check().diagnostics
    return [(each.path, each.span.line) for each in found]


def test_without_a_word_in_the_configuration_the_defaults_hold(tmp_path: Path) -> None:
    (long_name,) = [each for each in rule.all_rules() if each.name == "long-name"]
    assert long_name.options == {"at-most": 9, "except": []}
    assert lines(tmp_path, "") == [("app.py", 1), ("app.py", 2)]


def test_what_is_set_reaches_the_check_and_the_rest_keeps_its_default(tmp_path: Path) -> None:
    assert lines(tmp_path, "[rules.long-name]\nat-most = 12\n") == [("app.py", 2)]
    assert lines(tmp_path, "[rules.AL998]\nexcept = ['twenty_letters_or_so']\n") == [("app.py", 1)]


def test_files_can_have_options_of_their_own(tmp_path: Path) -> None:
    configuration = "[[overrides]]\nfiles = ['lib/*']\n[overrides.rules.long-name]\nat-most = 99\n"
    assert lines(tmp_path, configuration, ("app.py", "lib/a.py")) == [("app.py", 1), ("app.py", 2)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("at_mst = 1", "rule `long-name` has no option `at_mst`; did you mean `at-most`?"),
        ("at-most = '9'", "option `at-most` of rule `long-name` must be a whole number"),
        ("at-most = true", "option `at-most` of rule `long-name` must be a whole number"),
        ("except = 'name'", "option `except` of rule `long-name` must be a list"),
    ],
)
def test_mistakes_are_told(line: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        lines(tmp_path, f"[rules.long-name]\n{line}\n")
    assert str(raised.value) == f"asynclint.toml:2: {message}"


def test_the_command_line_shows_the_options(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import json

    from asynclint.cli.run import run

    assert run(["rule", "long-name", "--output-format=json"]) == 0
    assert json.loads(capsys.readouterr().out)[0]["options"] == {"at-most": 9, "except": []}
    assert run(["rule", "long-name"]) == 0
    assert "- `at-most` (default 9): how long a name may be." in capsys.readouterr().out

"""Which rules run: selectors, layers, severities, parts for some files."""

from __future__ import annotations

from pathlib import Path

import pytest

from asynclint.config import command_line_layers
from asynclint.diagnostics import Severity
from tests.config.rules import ON, settings_of


def test_without_configuration_the_default_rules_run(tmp_path: Path) -> None:
    assert settings_of(tmp_path).rules == ON


@pytest.mark.parametrize(
    ("text", "rules"),
    [
        ("select = ['missing-await']", {"missing-await"}),
        ("select = ['al201']", {"blocking-call"}),
        ("select = ['AL2']", {"blocking-call", "blocking-file"}),
        ("select = ['blocking']", {"blocking-call", "blocking-file"}),
        ("select = ['ALL']", ON | {"long-function"}),
        ("select = ['AL']", ON | {"long-function"}),
        ("select = ['ASYNC251']", {"blocking-call"}),
        ("select = ['ASYNC2']", {"blocking-call", "blocking-file"}),
        ("select = ['ASYNC']", ON),
        ("select = ['RUF006']", {"missing-await"}),
        ("select = []", set()),
        ("extend-select = ['long-function']", ON | {"long-function"}),
        ("ignore = ['blocking']", {"missing-await"}),
        ("select = ['AL2']\nignore = ['AL201']", {"blocking-file"}),
        ("select = ['AL201']\nignore = ['AL2']", {"blocking-call"}),
        ("select = ['ALL']\nignore = ['AL2']\nextend-select = ['AL20']", ON | {"long-function"}),
        ("select = ['blocking-call']\nignore = ['AL201']", set()),
        ("[severity]\nblocking-call = 'off'", ON - {"blocking-call"}),
    ],
)
def test_the_narrowest_selector_decides(tmp_path: Path, text: str, rules: set[str]) -> None:
    assert settings_of(tmp_path, text).rules == rules


def test_the_command_line_starts_afresh_with_select_and_else_changes_what_the_file_says(tmp_path: Path) -> None:
    text = "select = ['AL2']\nignore = ['AL202']"

    def with_options(**values: list[str]) -> frozenset[str]:
        layers = command_line_layers({name.replace("_", "-"): each for name, each in values.items()}, (), tmp_path)
        return settings_of(tmp_path, text, command_line=layers).rules

    assert with_options() == {"blocking-call"}
    assert with_options(select=["AL202"]) == {"blocking-file"}
    assert with_options(ignore=["AL201"]) == set()
    assert with_options(extend_select=["AL1"]) == {"blocking-call", "missing-await"}


def test_inline_configuration_wins_over_files(tmp_path: Path) -> None:
    layers = command_line_layers({}, ["ignore = ['AL1']", "severity.blocking-call = 'hint'"], tmp_path)
    made = settings_of(tmp_path, "[severity]\nblocking-call = 'warning'", command_line=layers)
    assert made.rules == ON - {"missing-await"}
    assert made.severities["blocking-call"] is Severity.HINT


def test_severities_of_narrow_selectors_win(tmp_path: Path) -> None:
    made = settings_of(tmp_path, "[severity]\nblocking-call = 'hint'\nblocking = 'warning'\nALL = 'error'")
    assert made.severities == {
        "missing-await": Severity.ERROR,
        "blocking-call": Severity.HINT,
        "blocking-file": Severity.WARNING,
        "long-function": Severity.ERROR,
    }


def test_per_file_ignores_have_the_last_word(tmp_path: Path) -> None:
    made = settings_of(
        tmp_path,
        """
        [per-file-ignores]
        "tests/*" = ["blocking"]
        "!src/**" = ["AL101"]
        [[overrides]]
        files = "tests/**/conftest.py"
        select = ["ALL"]
        [overrides.severity]
        missing-await = "hint"
        blocking-file = "off"
        """,
    )
    for name, rules in {
        "src/app.py": ON,
        "app.py": ON - {"missing-await"},
        "tests/test_app.py": set(),
        "tests/deep/test_app.py": set(),
        "tests/deep/conftest.py": {"long-function"},
        "other/tests/x.py": ON - {"missing-await"},
    }.items():
        assert made.for_file(tmp_path / name).rules == rules, name
    assert made.for_file(tmp_path / "tests/conftest.py").severities["missing-await"] is Severity.HINT
    assert made.for_file(tmp_path / "app.py").severities["missing-await"] is Severity.ERROR


def test_options_of_rules_can_differ_between_files(tmp_path: Path) -> None:
    made = settings_of(
        tmp_path,
        """
        [rules.blocking-call]
        costs = ["heavy", "light"]
        depth = 1
        [[overrides]]
        files = ["slow.py"]
        [overrides.rules.AL201]
        depth = 9
        """,
    )
    assert made.for_file(tmp_path / "app.py").options == {"blocking-call": {"costs": ["heavy", "light"], "depth": 1}}
    assert made.for_file(tmp_path / "slow.py").options == {"blocking-call": {"costs": ["heavy", "light"], "depth": 9}}


def test_fixable_and_unfixable(tmp_path: Path) -> None:
    assert len(settings_of(tmp_path).fixable) == 4
    assert settings_of(tmp_path, "fixable = ['AL2']\nunfixable = ['AL202']").fixable == {"blocking-call"}


def test_the_fingerprint_follows_whatever_findings_depend_on(tmp_path: Path) -> None:
    prints = [
        settings_of(tmp_path, text).fingerprint()
        for text in (
            "jobs = 1",
            "ignore = ['AL1']",
            "[severity]\nAL1 = 'hint'",
            "[per-file-ignores]\n'a.py' = ['AL1']",
            "[per-file-ignores]\n'b.py' = ['AL1']",
            "[rules.blocking-call]\ndepth = 1",
            "target-version = '3.12'",
            "library = 'trio'",
            "environment = false",
            "[catalogue.functions]\n'a.b' = {blocks = 'network'}",
        )
    ]
    assert len(set(prints)) == len(prints)
    assert settings_of(tmp_path, "jobs = 7").fingerprint() == prints[0]

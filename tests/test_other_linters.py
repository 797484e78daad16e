"""`docs/other-linters.md` names every async code of flake8-async and ruff, and agrees with the rules' aliases."""

from __future__ import annotations

import re
from collections import defaultdict

import pytest

from asynclint.rule import all_rules
from tests.harness.imports import ROOT

PAGE = ROOT / "docs" / "other-linters.md"
#: flake8-async 26.8.
FLAKE8_ASYNC = (
    100, 101, 102, 103, 104, 105, 106, 109, 110, 111, 112, 113, 114, 115, 116, 118, 119, 120, 121, 122, 123, 124, 125,
    126, 127, 128, 200, 210, 211, 212, 220, 221, 222, 230, 231, 232, 240, 250, 251, 300, 400, 401, 900, 910, 911, 912,
    913,
)  # fmt: skip
#: ruff 0.17.
RUFF = (
    *(f"ASYNC{n}" for n in (100, 105, 109, 110, 115, 116, 119, 210, 212, 220, 221, 222, 230, 240, 250, 251, 401)),
    "RUF006", "RUF029", "PLE1142", "F704", "PLE1700", "B012", "B019", "B023", "BLE001", "E722", "UP041", "S113",
    "PT024", "SIM117", "SIM105", "FAST001", "FAST002", "FAST003",
)  # fmt: skip
INVENTORIES = {"flake8-async": {f"ASYNC{number}" for number in FLAKE8_ASYNC}, "ruff": set(RUFF)}


def rows(tool: str) -> dict[str, tuple[str, str, str]]:
    """By code: what it flags, what answers it, and the remark, from the tool's table."""
    section = PAGE.read_text(encoding="utf-8").split(f"\n## {tool}\n")[1].split("\n## ")[0]
    found: dict[str, tuple[str, str, str]] = {}
    for line in section.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"[A-Z]+\d+", cells[0]):
            assert len(cells) == 4, f"a row has four cells: {line}"
            assert cells[0] not in found, f"{cells[0]} comes twice"
            found[cells[0]] = (cells[1], cells[2], cells[3])
    return found


def answers() -> dict[str, set[str]]:
    """By code of another tool: the names of the rules that have it as an alias."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for rule in all_rules():
        for alias in rule.aliases:
            found[alias].add(rule.name)
    return found


@pytest.mark.parametrize("tool", INVENTORIES)
def test_every_code_has_its_row(tool: str) -> None:
    assert set(rows(tool)) == INVENTORIES[tool]


@pytest.mark.parametrize("tool", INVENTORIES)
def test_the_page_agrees_with_the_aliases(tool: str) -> None:
    known = answers()
    for code, (flags, answer, remark) in rows(tool).items():
        assert flags
        named = set(re.findall(r"`([a-z-]+)`", answer))
        assert named == known[code], f"{code}: the page names {sorted(named)}, the aliases {sorted(known[code])}"
        assert named or answer in ("planned", "no"), f"{code}: a rule, `planned` or `no`, not `{answer}`"
        if answer == "no" and tool == "flake8-async":
            assert remark, f"{code}: say why not"


def test_every_alias_is_on_the_page() -> None:
    assert set(answers()) <= set().union(*INVENTORIES.values())


def test_rules_named_in_remarks_exist() -> None:
    names = {rule.name for rule in all_rules()}
    for tool in INVENTORIES:
        for code, (_, _, remark) in rows(tool).items():
            for word in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", remark):
                assert word in names, f"{code}: there is no rule `{word}`"

"""What the benchmark makes of its figures: medians, exponents, goals and tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from benchmarks import table
from benchmarks.contenders import Contender
from benchmarks.measure import Figures, Turn
from benchmarks.results import BODY, COLD, GROWTH, MEBIBYTE, SAVE, WARM, Claim, Entry, Row, claims, exponent, growth
from tests.harness.imports import ROOT


def entry(name: str, seconds: float, lines: int = 0, memory: int = 100 * MEBIBYTE) -> Entry:
    return Entry(name, seconds, seconds * 2, memory, 3, lines)


def test_time_is_the_median_and_memory_the_most() -> None:
    turns = [Turn(seconds, seconds + 1, memory, b"", b"") for seconds, memory in ((9.0, 10), (1.0, 30), (2.0, 20))]
    assert Figures(Contender("one", (), Path(), lines=7), turns).entry == Entry("one", 2.0, 3.0, 30, 3, 7)


@pytest.mark.parametrize(("power", "factor"), [(1.0, 3.0), (1.05, 0.001), (2.0, 10.0), (0.0, 5.0)])
def test_the_exponent_of_a_power_is_found(power: float, factor: float) -> None:
    points = [(x, factor * x**power) for x in (1000.0, 2000.0, 4000.0, 8000.0)]
    assert exponent(points) == pytest.approx(power)


def test_noise_on_both_sides_leaves_the_exponent() -> None:
    points = [(1000.0, 1.1), (2000.0, 1.8), (4000.0, 3.6), (8000.0, 8.8)]
    assert exponent(points) == pytest.approx(1.0)


def test_growth_tells_time_and_memory_apart() -> None:
    sizes = [entry("asynclint, cold", float(lines), lines, MEBIBYTE * lines**2) for lines in (10, 20, 40)]
    grown = growth(Row(5, GROWTH, sizes))
    assert (grown.time, grown.work, grown.memory) == pytest.approx((1, 1, 2))


def by_name(*rows: Row) -> dict[str, Claim]:
    return {claim.what: claim for claim in claims(rows)}


def test_a_cold_run_is_compared_with_the_floor_and_with_others() -> None:
    row = Row(1, COLD, [entry("asynclint, cold", 4, 1000), entry("`ast.parse`, 2 processes", 2.5, 1000),
                        entry("ty, cold", 6, 1000), entry("flake8-async, 100 lines", 100, 100)])  # fmt: skip
    found = by_name(row)
    floor = found["cold, whole program, against bare `ast.parse`"]
    assert (floor.value, floor.is_met) == (1.6, True)
    assert (found["cold, faster than ty, per line"].value, found["cold, faster than ty, per line"].is_met) == (
        1.5,
        False,
    )
    # It reads a tenth of the lines in 25 times the time.
    assert found["cold, faster than flake8-async, per line"].value == pytest.approx(250)
    assert found["cold, memory of the largest process"].value == 100
    assert "cold, faster than pyrefly, per line" not in found


def test_other_projects_have_no_goals() -> None:
    entries = [entry("asynclint, cold", 100, 1000), entry("`ast.parse`, 2 processes", 1, 1000)]
    assert claims([Row(1, "aiohttp: whole project", entries)]) == []


def test_warm_runs_are_compared_with_an_import() -> None:
    click = entry('`python -c "import click"`', 0.1)
    found = by_name(
        Row(2, WARM, [entry("asynclint, warm", 0.4), click], {"bytes unlike cold": 3}),
        Row(3, BODY, [entry("asynclint, warm", 0.4), click], {"files judged": 1}),
        Row(4, SAVE, [entry("asynclint, warm", 0.3), click]),
    )
    assert {what: claim.is_met for what, claim in found.items()} == {
        'warm, nothing changed, against `python -c "import click"`': True,
        "warm, bytes unlike the cold run's": False,
        "one body edited, files judged again": True,
        'on save, no findings, against `python -c "import click"`': False,
    }


def test_rows_survive_being_kept() -> None:
    row = Row(2, WARM, [entry("asynclint, warm", 0.25, 10)], {"bytes unlike cold": 0})
    assert Row.read(json.loads(json.dumps(row.plain()))) == row


def test_a_row_as_a_table() -> None:
    row = Row(1, COLD, [entry("asynclint, cold", 2, 1234567), entry("ruff, cold", 0.5, 1234567)])
    assert table.entries(row).splitlines() == [
        "| contender       | seconds | of processors | lines a second | memory  | asynclint takes | turns |",
        "| --------------- | ------- | ------------- | -------------- | ------- | --------------- | ----- |",
        "| asynclint, cold | 2.000   | 4.000         | 617,000        | 100 MiB |                 | 3     |",
        "| ruff, cold      | 0.500   | 1.000         | 2,470,000      | 100 MiB | 4.00 times      | 3     |",
    ]


def test_a_report_has_goals_and_the_sections_that_were_measured() -> None:
    click = entry('`python -c "import click"`', 0.1)
    text = table.report(
        [Row(2, WARM, [entry("asynclint, warm", 0.6), click], {"bytes unlike cold": 0})], {"date": "2030-01-01"}
    )
    assert "| date | 2030-01-01 |" in text
    assert "| at most 5 times | 6.00 times | **no** |" in text
    assert "| at most 0 bytes | 0 bytes    | yes    |" in text
    assert [line for line in text.splitlines() if line.startswith("###")] == [
        "### Goals",
        "### 2. Warm, nothing changed",
    ]


def test_writing_replaces_the_results_only() -> None:
    page = f"# Speed\n\n{table.BEGIN}\nold\n{table.END}\n\nafter\n"
    once = table.replaced(page, "new\n")
    assert once == f"# Speed\n\n{table.BEGIN}\n\nnew\n\n{table.END}\n\nafter\n"
    assert table.replaced(once, "new\n") == once


@pytest.mark.parametrize("page", ["", table.BEGIN, f"{table.END}\n{table.BEGIN}"])
def test_a_page_without_a_place_is_left_alone(page: str) -> None:
    with pytest.raises(table.NoPlace, match="needs the two lines"):
        table.replaced(page, "new")


def test_the_page_has_a_place() -> None:
    page = (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")
    assert "new results" in table.replaced(page, "new results")

"""The JSON object, and the one-line format."""

from __future__ import annotations

import json
from pathlib import Path

import asynclint
from tests.reporters.samples import APP, PLAIN, result, written


def test_concise_is_one_line_for_each_finding(tmp_path: Path) -> None:
    assert written("concise", result(tmp_path, summary=False)) == (
        "app.py:5:5: AL201 `helpers.warm_up` blocks the event loop [blocking-call]\n"
        "app.py:6:5: AL401 a \"task\" <& 'more'> that nobody keeps, 100% [lost-task]\n"
    )


def test_json_says_everything(tmp_path: Path) -> None:
    shown = json.loads(written("json", result(tmp_path, suppressed=(PLAIN,), kept=3)))
    assert shown["version"] == 1
    assert shown["tool"] == {"name": "asynclint", "version": asynclint.__version__}
    assert shown["summary"] == {
        "files": 2,
        "findings": 2,
        "errors": 1,
        "warnings": 1,
        "hints": 0,
        "suppressed": 1,
        "baseline": 3,
        "fixed": 0,
    }
    blocking, plain = shown["findings"]
    assert blocking["location"] == {"line": 5, "column": 5}
    assert blocking["end_location"] == {"line": 5, "column": 22}
    assert blocking["trace"][1] == {
        "path": "helpers.py",
        "location": {"line": 3, "column": 2},
        "end_location": {"line": 3, "column": 15},
        "text": "`warm_up` calls `time.sleep`",
    }
    assert plain["fix"] is None and plain["trace"] == []
    assert plain["severity"] == "warning" and plain["rule"] == "lost-task" and plain["code"] == "AL401"
    assert plain["url"].endswith("/rules/lost-task/")


def test_edits_in_json_give_the_fixed_text(tmp_path: Path) -> None:
    fix = json.loads(written("json", result(tmp_path)))["findings"][0]["fix"]
    assert fix["applicability"] == "unsafe"
    lines = APP.splitlines(keepends=True)
    text = APP
    for edit in reversed(fix["edits"]):
        start, end = (
            sum(map(len, lines[: place["line"] - 1])) + place["column"] - 1
            for place in (edit["location"], edit["end_location"])
        )
        text = text[:start] + edit["content"] + text[end:]
    assert text == "import asyncio\n" + APP.replace("helpers.warm_up()", "await asyncio.to_thread(helpers.warm_up)")

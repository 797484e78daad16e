"""Formats for machines: each is read back by what its readers use, or by a schema of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import jsonschema
import pytest

from asynclint.config.options import FORMATS
from asynclint.diagnostics import Diagnostic, Severity, Span
from asynclint.engine.run import Notice
from tests.reporters import sarif
from tests.reporters.samples import BLOCKING, PLAIN, result, written


@pytest.mark.parametrize("name", FORMATS)
def test_every_format_writes_something_for_nothing_and_for_anything(tmp_path: Path, name: str) -> None:
    strange = PLAIN._replace(path="日 本/a,b;c]%.py", message="\x1b[31m <b>\n|`\u2028\ud800")
    gone = BLOCKING._replace(path="gone.py")
    shown = written(name, result(tmp_path, diagnostics=(BLOCKING, PLAIN, strange, gone), suppressed=(PLAIN,)))
    assert shown.endswith("\n")
    if name.startswith(("json", "sarif", "gitlab", "rdjson")):
        for text in shown.splitlines() if name in ("json-lines", "rdjsonl") else [shown]:
            json.loads(text)
    if name in ("junit", "checkstyle"):
        ElementTree.fromstring(shown.encode("utf-8", "surrogatepass"))
    empty = written(name, result(tmp_path, diagnostics=()))
    assert empty.endswith("\n") or empty == ""


def test_grouped(tmp_path: Path) -> None:
    other = PLAIN._replace(path="helpers.py", span=Span(10, 1, 10, 2))
    assert written("grouped", result(tmp_path, diagnostics=(BLOCKING, PLAIN, other), summary=False)) == (
        "app.py:\n"
        "  5:5 AL201 `helpers.warm_up` blocks the event loop [blocking-call]\n"
        "  6:5 AL401 a \"task\" <& 'more'> that nobody keeps, 100% [lost-task]\n"
        "\n"
        "helpers.py:\n"
        "  10:1 AL401 a \"task\" <& 'more'> that nobody keeps, 100% [lost-task]\n"
        "\n"
    )


def test_json_lines_are_the_findings_of_json(tmp_path: Path) -> None:
    lines = written("json-lines", result(tmp_path)).splitlines()
    assert [json.loads(line) for line in lines] == json.loads(written("json", result(tmp_path)))["findings"]


def test_github_escapes_what_its_commands_are_made_of(tmp_path: Path) -> None:
    (tmp_path / "a,b").mkdir()
    over_lines = PLAIN._replace(path="a,b/c.py", severity=Severity.HINT, span=Span(6, 5, 8, 1))
    lines = written("github", result(tmp_path, diagnostics=(BLOCKING, PLAIN, over_lines))).splitlines()
    assert lines[0] == (
        "::error title=asynclint (AL201 blocking-call),file=app.py,line=5,endLine=5,col=5,endColumn=22::"
        "app.py:5:5: AL201 `helpers.warm_up` blocks the event loop%0Aapp.py:5: `refresh` calls `warm_up`"
        "%0Ahelpers.py:3: `warm_up` calls `time.sleep`%0Ahelp: make the helper a coroutine"
    )
    assert lines[1].startswith("::warning ") and lines[1].endswith("100%25")
    assert lines[2].startswith("::notice ") and ",file=a%2Cb/c.py,line=6,endLine=8::" in lines[2]


def test_paths_for_code_hosts_are_relative_to_the_repository(tmp_path: Path) -> None:
    shown = result(tmp_path, root=tmp_path.parent)
    name = tmp_path.name
    assert f"file={name}/app.py," in written("github", shown)
    assert json.loads(written("gitlab", shown))[0]["location"]["path"] == f"{name}/app.py"
    assert f"sourcepath={name}/app.py;" in written("azure", shown)
    place = json.loads(written("sarif", shown))["runs"][0]["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"] == {"uri": f"{name}/app.py", "uriBaseId": "SRCROOT"}


def test_gitlab(tmp_path: Path) -> None:
    blocking, plain = json.loads(written("gitlab", result(tmp_path)))
    assert blocking["severity"] == "major" and plain["severity"] == "minor"
    assert blocking["check_name"] == "blocking-call"
    assert blocking["location"]["positions"] == {"begin": {"line": 5, "column": 5}, "end": {"line": 5, "column": 22}}
    assert blocking["fingerprint"] != plain["fingerprint"]


def test_fingerprints_stay_when_lines_move_and_differ_between_twins(tmp_path: Path) -> None:
    def prints(*diagnostics: Diagnostic) -> list[str]:
        shown = json.loads(written("gitlab", result(tmp_path, diagnostics=diagnostics)))
        return [each["fingerprint"] for each in shown]

    before = prints(BLOCKING, BLOCKING)
    assert len(set(before)) == 2
    shown = result(tmp_path, diagnostics=(BLOCKING._replace(span=Span(7, 9, 7, 26)),))
    (tmp_path / "app.py").write_text(
        "\n\n" + (tmp_path / "app.py").read_text().replace("    helpers", "        helpers")
    )
    assert json.loads(written("gitlab", shown))[0]["fingerprint"] == before[0]


def test_junit(tmp_path: Path) -> None:
    suites = ElementTree.fromstring(written("junit", result(tmp_path)))
    assert (suites.get("tests"), suites.get("failures"), suites.get("errors")) == ("2", "2", "0")
    first, second = suites.findall("testsuite/testcase")
    assert (first.get("classname"), first.get("line")) == ("app", "5")
    failure = first.find("failure")
    assert failure is not None and failure.text is not None
    assert failure.text.splitlines()[1] == "app.py:5: `refresh` calls `warm_up`"
    other = second.find("failure")
    assert other is not None and other.get("message") == PLAIN.message
    clean = ElementTree.fromstring(written("junit", result(tmp_path, diagnostics=())))
    assert clean.get("failures") == "0" and len(clean.findall("testsuite/testcase")) == 1


def test_checkstyle(tmp_path: Path) -> None:
    [file] = ElementTree.fromstring(written("checkstyle", result(tmp_path))).findall("file")
    assert file.get("name") == "app.py"
    assert [error.attrib for error in file][1] == {
        "line": "6",
        "column": "5",
        "severity": "warning",
        "message": f"AL401 {PLAIN.message}",
        "source": "asynclint.lost-task",
    }


def test_pylint_and_azure(tmp_path: Path) -> None:
    assert written("pylint", result(tmp_path)).splitlines()[0] == (
        "app.py:5: [AL201(blocking-call)] `helpers.warm_up` blocks the event loop"
    )
    assert written("azure", result(tmp_path)).splitlines()[1] == (
        "##vso[task.logissue type=warning;sourcepath=app.py;linenumber=6;columnnumber=5;code=AL401;]"
        "a \"task\" <& 'more'> that nobody keeps, 100%AZP25 [lost-task]"
    )


def test_rdjson_counts_bytes(tmp_path: Path) -> None:
    shown = result(tmp_path, diagnostics=(PLAIN._replace(path="wide.py", span=Span(1, 5, 1, 8)), BLOCKING))
    (tmp_path / "wide.py").write_text("日本; f()\n", encoding="utf-8")
    document = json.loads(written("rdjson", shown))
    assert document["source"]["name"] == "asynclint"
    wide, blocking = document["diagnostics"]
    assert wide["location"] == {
        "path": "wide.py",
        "range": {"start": {"line": 1, "column": 9}, "end": {"line": 1, "column": 12}},
    }
    assert (wide["severity"], blocking["severity"]) == ("WARNING", "ERROR")
    assert len(blocking["relatedLocations"]) == 2
    assert "suggestions" not in blocking, "a fix of two edits is no suggestion of one"
    lines = [json.loads(line) for line in written("rdjsonl", shown).splitlines()]
    assert [{**each, "source": document["source"]} for each in document["diagnostics"]] == lines


def test_rdjson_suggests_a_fix_of_one_edit(tmp_path: Path) -> None:
    assert BLOCKING.fix is not None
    one = BLOCKING._replace(fix=BLOCKING.fix._replace(edits=BLOCKING.fix.edits[1:]))
    [each] = json.loads(written("rdjson", result(tmp_path, diagnostics=(one,))))["diagnostics"]
    assert each["suggestions"] == [
        {
            "range": {"start": {"line": 5, "column": 5}, "end": {"line": 5, "column": 22}},
            "text": "await asyncio.to_thread(helpers.warm_up)",
        }
    ]


def test_markdown(tmp_path: Path) -> None:
    shown = written("markdown", result(tmp_path, diagnostics=(BLOCKING, PLAIN._replace(message="a|b <c>"))))
    assert shown.startswith("**asynclint**: 1 error and 1 warning in 2 files\n")
    assert "| 🟠 | `app.py:6` | [lost-task](" in shown and "| a\\|b &lt;c> |\n" in shown
    assert "  2. `helpers.py:3` `warm_up` calls `time.sleep`\n" in shown
    assert written("markdown", result(tmp_path, diagnostics=())) == "**asynclint**: all checks passed (2 files).\n"


# -- SARIF -----------------------------------------------------------------------------------------


def document(tmp_path: Path, **changes: object) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(written("sarif", result(tmp_path, **changes)))
    jsonschema.validate(made, sarif.SCHEMA)
    assert sarif.broken_references(made) == []
    return made


def test_sarif_fits_the_standard(tmp_path: Path) -> None:
    jsonschema.Draft202012Validator.check_schema(sarif.SCHEMA)
    house = PLAIN._replace(rule="unused-suppression", code="AL002")
    elsewhere = PLAIN._replace(path="/else where/ü.py")
    made = document(tmp_path, diagnostics=(BLOCKING, PLAIN, house, elsewhere), suppressed=(PLAIN,))
    [run] = made["runs"]
    first, second, third, fourth, fifth = run["results"]
    rules = run["tool"]["driver"]["rules"]
    assert third["ruleIndex"] == [rule["id"] for rule in rules].index("unused-suppression")
    assert fourth["locations"][0]["physicalLocation"]["artifactLocation"] == {"uri": "file:///else%20where/%C3%BC.py"}
    assert fifth["suppressions"] == [{"kind": "inSource"}]
    assert len({each["partialFingerprints"]["asynclint/v1"] for each in (first, second, third)}) == 3
    assert (first["level"], second["level"]) == ("error", "warning")


def test_sarif_that_refers_to_nothing_would_be_noticed(tmp_path: Path) -> None:
    made = document(tmp_path)
    first, second = made["runs"][0]["results"]
    first["ruleIndex"] = 7
    place = second["locations"][0]["physicalLocation"]
    place["artifactLocation"] = {"uri": "a b.py", "uriBaseId": "ELSEWHERE"}
    place["region"]["endLine"] = 0
    start = (place["region"]["startLine"], place["region"]["startColumn"])
    assert sarif.broken_references(made) == [
        "result 0: rule 7 is not blocking-call",
        "result 1: `a b.py` is no URI",
        "result 1: there is no base ELSEWHERE",
        f"result 1: a region from {start} to {(0, place['region']['endColumn'])}",
    ]
    place["artifactLocation"] = {"uri": "../a.py", "uriBaseId": "SRCROOT"}
    assert "result 1: `../a.py` is relative to SRCROOT" in sarif.broken_references(made)


def test_sarif_shows_the_chain_and_the_fix(tmp_path: Path) -> None:
    [first, _] = document(tmp_path)["runs"][0]["results"]
    [thread] = first["codeFlows"][0]["threadFlows"]
    assert [step["location"]["message"]["text"] for step in thread["locations"]] == [
        "`refresh` calls `warm_up`",
        "`warm_up` calls `time.sleep`",
    ]
    assert [place["id"] for place in first["relatedLocations"]] == [1, 2]
    [change] = first["fixes"][0]["artifactChanges"]
    assert [each["insertedContent"]["text"] for each in change["replacements"]] == [
        "import asyncio\n",
        "await asyncio.to_thread(helpers.warm_up)",
    ]


def test_sarif_tells_whether_the_run_can_be_trusted(tmp_path: Path) -> None:
    good = document(tmp_path)["runs"][0]["invocations"]
    assert good == [{"executionSuccessful": True, "toolExecutionNotifications": []}]
    bad = document(tmp_path, notices=(Notice("error", "a.py: unreadable"), Notice("warning", "w")))
    [invocation] = bad["runs"][0]["invocations"]
    assert not invocation["executionSuccessful"]
    assert [each["level"] for each in invocation["toolExecutionNotifications"]] == ["error", "warning"]


def test_every_rule_has_a_page_for_sarif(tmp_path: Path) -> None:
    from asynclint.engine.house import known_rules

    named = tuple(PLAIN._replace(rule=rule.name, code=rule.code) for rule in known_rules())
    rules = document(tmp_path, diagnostics=named)["runs"][0]["tool"]["driver"]["rules"]
    assert [rule["id"] for rule in rules] == [rule.name for rule in known_rules()]
    assert all(re.fullmatch(r"[A-Z][A-Za-z0-9]+", rule["name"]) for rule in rules)
    for rule in rules:
        description = rule["fullDescription"]["text"]
        assert re.fullmatch(r"[^#\n]{20,}[.:]", description), (rule["id"], description)
        assert description != rule["shortDescription"]["text"]


# -- counts ----------------------------------------------------------------------------------------


def test_statistics(tmp_path: Path) -> None:
    shown = result(tmp_path, diagnostics=(PLAIN, *[BLOCKING] * 12))
    assert written("statistics", shown) == (
        "12  AL201  [*] blocking-call\n"
        " 1  AL401      lost-task\n"
        "[*] fixable with `--fix`, perhaps with `--unsafe-fixes`\n"
    )
    assert json.loads(written("statistics_json", shown))[1] == {
        "code": "AL401",
        "rule": "lost-task",
        "count": 1,
        "fixable": False,
    }
    assert written("statistics", result(tmp_path, diagnostics=())) == ""


@pytest.mark.parametrize("name", ["full", "concise", "grouped", "pylint"])
def test_names_cannot_command_the_terminal_or_forge_lines(tmp_path: Path, name: str) -> None:
    forged = PLAIN._replace(path="a\nb\x1b[2J.py", message="one\r\ntwo\x07")
    shown = written(name, result(tmp_path, diagnostics=(forged,), summary=False))
    assert not re.search(r"[^\n\x20-\x7e\ufffd]", shown)
    assert "a\ufffdb\ufffd[2J.py" in shown and "one\ufffd\ufffdtwo\ufffd" in shown


def test_findings_by_their_common_cause(tmp_path: Path) -> None:
    one = BLOCKING._replace(root="helpers.py:3")
    two = one._replace(span=Span(6, 5, 6, 18), message="`helpers.log` blocks the event loop")
    shown = written("roots", result(tmp_path, diagnostics=(PLAIN, one, two), summary=False))
    assert shown == (
        "helpers.py:3:2: error[AL201] `warm_up` calls `time.sleep`, reached from 2 places [blocking-call]\n"
        "  |\n"
        "3 |     time.sleep(1)\n"
        "  |     ^^^^^^^^^^^^^\n"
        "  app.py:5:5: `helpers.warm_up` blocks the event loop\n"
        "  app.py:6:5: `helpers.log` blocks the event loop\n"
        "\n"
        "app.py:6:5: warning[AL401] a \"task\" <& 'more'> that nobody keeps, 100% [lost-task]\n"
        "  |\n"
        "6 |     helpers.log()\n"
        "  |     ^^^^^^^^^^^^^\n"
        "\n"
    )

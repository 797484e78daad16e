"""SARIF 2.1.0, which code hosts and editors read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from asynclint import edits
from asynclint.diagnostics import Diagnostic, Severity, Span
from asynclint.reporters.result import HOME, Result

if TYPE_CHECKING:
    from asynclint.engine.house import HouseRule
    from asynclint.rule import Rule

SCHEMA = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json"
_LEVEL = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.HINT: "note"}
_BASE = "SRCROOT"


def render(result: Result) -> Iterator[str]:
    import json

    yield json.dumps(document(result), indent=2, ensure_ascii=False) + "\n"


def document(result: Result) -> dict[str, Any]:
    """The SARIF log: one run with the rules that are mentioned and all results."""
    from asynclint.engine.house import known_rules

    named = {each.rule for each in (*result.diagnostics, *result.suppressed)}
    rules = [rule for rule in known_rules() if rule.name in named]
    index = {rule.name: number for number, rule in enumerate(rules)}
    results = [
        _result(each, result, index, fingerprint)
        for each, fingerprint in zip(result.diagnostics, result.fingerprints(), strict=True)
    ]
    for each in result.suppressed:
        results.append({**_result(each, result, index, None), "suppressions": [{"kind": "inSource"}]})
    run: dict[str, Any] = {
        "tool": {
            "driver": {
                "name": "asynclint",
                "version": result.version,
                "semanticVersion": result.version,
                "informationUri": HOME,
                "rules": [_rule(rule, result) for rule in rules],
            }
        },
        "columnKind": "unicodeCodePoints",
        "originalUriBaseIds": {_BASE: {"uri": result.root.as_uri().rstrip("/") + "/"}},
        "results": results,
        "invocations": [
            {
                "executionSuccessful": not any(notice.level == "error" for notice in result.notices),
                "toolExecutionNotifications": [
                    {"level": notice.level, "message": {"text": notice.text}} for notice in result.notices
                ],
            }
        ],
    }
    return {"$schema": SCHEMA, "version": "2.1.0", "runs": [run]}


def _rule(rule: Rule | HouseRule, result: Result) -> dict[str, Any]:
    return {
        "id": rule.name,
        "name": "".join(part.capitalize() for part in rule.name.split("-")),
        "shortDescription": {"text": f"{rule.summary}."},
        "fullDescription": {"text": _description(rule)},
        "help": {"text": rule.page, "markdown": rule.page},
        "helpUri": result.url(rule.name),
        "defaultConfiguration": {"level": _LEVEL[rule.severity], "enabled": rule.default},
        "properties": {"tags": [rule.theme, rule.code, *rule.aliases]},
    }


def _description(rule: Rule | HouseRule) -> str:
    """The paragraph of a rule's page that says why, on one line; GitHub refuses rules without one."""
    paragraphs = rule.page.split("\n\n")
    return " ".join((paragraphs[1] if len(paragraphs) > 1 else paragraphs[0]).split())


def _result(each: Diagnostic, result: Result, index: dict[str, int], fingerprint: str | None) -> dict[str, Any]:
    text = f"{each.message}. {each.help[:1].upper()}{each.help[1:]}." if each.help else f"{each.message}."
    made: dict[str, Any] = {
        "ruleId": each.rule,
        "level": _LEVEL[each.severity],
        "message": {"text": text},
        "locations": [_location(each.path, each.span, result)],
    }
    if each.rule in index:
        made["ruleIndex"] = index[each.rule]
    if fingerprint is not None:
        made["partialFingerprints"] = {"asynclint/v1": fingerprint}
    if each.trace:
        steps = [_location(step.path, step.span, result, step.text) for step in each.trace]
        made["codeFlows"] = [{"threadFlows": [{"locations": [{"location": step} for step in steps]}]}]
        made["relatedLocations"] = [{**step, "id": number} for number, step in enumerate(steps, 1)]
    fix = _fix(each, result)
    if fix:
        made["fixes"] = [fix]
    return made


def _location(path: str, span: Span, result: Result, text: str = "") -> dict[str, Any]:
    made: dict[str, Any] = {"physicalLocation": {"artifactLocation": _artifact(path, result), "region": _region(span)}}
    if text:
        made["message"] = {"text": text}
    return made


def _artifact(path: str, result: Result) -> dict[str, Any]:
    from pathlib import PurePosixPath
    from urllib.parse import quote

    relative = result.relative(path)
    if PurePosixPath(relative).is_absolute() or ":" in relative[:3]:
        return {"uri": "file://" + quote("/" + relative.lstrip("/"))}
    return {"uri": quote(relative), "uriBaseId": _BASE}


def _region(span: Span) -> dict[str, int]:
    return {
        "startLine": span.line,
        "startColumn": span.column,
        "endLine": span.end_line,
        "endColumn": span.end_column,
    }


def _fix(each: Diagnostic, result: Result) -> dict[str, Any] | None:
    source = result.sources.source(each.path)
    if each.fix is None or source is None or result.applies(each) is None:
        return None
    replacements: Sequence[dict[str, Any]] = [
        {
            "deletedRegion": _region(edits.span_of(source, edit.start, edit.end)),
            "insertedContent": {"text": edit.replacement},
        }
        for edit in sorted(each.fix.edits)
    ]
    return {
        "description": {"text": each.fix.title},
        "artifactChanges": [{"artifactLocation": _artifact(each.path, result), "replacements": replacements}],
    }

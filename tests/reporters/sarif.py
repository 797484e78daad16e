"""The part of SARIF 2.1.0 that we write, as a JSON schema that allows nothing else.

Names, types and limits are those of the standard (OASIS, sections 3.13 to 3.58). To hold a file
against the official schema and GitHub's demands:

    npx @microsoft/sarif-multitool validate out.sarif --rule-kind "Sarif;Gh" --level "Error"
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

NATURAL = {"type": "integer", "minimum": 1}
TEXT = {"type": "string", "minLength": 1}


def record(required: tuple[str, ...], **properties: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "additionalProperties": False,
        "required": list(required),
        "properties": properties,
    }


def many(items: dict[str, Any], **limits: Any) -> dict[str, Any]:
    return {"type": "array", "items": items, **limits}


LEVEL = {"enum": ["none", "note", "warning", "error"]}
MESSAGE = record(("text",), text=TEXT)
ARTIFACT = record(("uri",), uri={"type": "string", "format": "uri-reference"}, uriBaseId=TEXT)
REGION = record(
    ("startLine", "startColumn", "endLine", "endColumn"),
    startLine=NATURAL,
    startColumn=NATURAL,
    endLine=NATURAL,
    endColumn=NATURAL,
)
PHYSICAL = record(("artifactLocation", "region"), artifactLocation=ARTIFACT, region=REGION)
LOCATION = record(
    ("physicalLocation",), physicalLocation=PHYSICAL, message=MESSAGE, id={"type": "integer", "minimum": 0}
)
FLOW = record(
    ("threadFlows",),
    threadFlows=many(
        record(("locations",), locations=many(record(("location",), location=LOCATION), minItems=1)), minItems=1
    ),
)
REPLACEMENT = record(
    ("deletedRegion",), deletedRegion=REGION, insertedContent=record(("text",), text={"type": "string"})
)
FIX = record(
    ("artifactChanges",),
    description=MESSAGE,
    artifactChanges=many(
        record(
            ("artifactLocation", "replacements"),
            artifactLocation=ARTIFACT,
            replacements=many(REPLACEMENT, minItems=1),
        ),
        minItems=1,
    ),
)
RESULT = record(
    ("message", "ruleId", "level", "locations"),
    ruleId=TEXT,
    ruleIndex={"type": "integer", "minimum": 0},
    level=LEVEL,
    message=MESSAGE,
    locations=many(LOCATION, minItems=1, maxItems=1),
    partialFingerprints={"type": "object", "additionalProperties": TEXT},
    codeFlows=many(FLOW),
    relatedLocations=many(LOCATION, uniqueItems=True),
    fixes=many(FIX),
    suppressions=many(record(("kind",), kind={"enum": ["inSource", "external"]})),
)
#: The standard asks for the identifier alone; the others are what GitHub's code scanning asks for.
RULE = record(
    ("id", "shortDescription", "fullDescription", "help", "defaultConfiguration"),
    id=TEXT,
    name=TEXT,
    shortDescription=MESSAGE,
    fullDescription=MESSAGE,
    help=record(("text",), text=TEXT, markdown=TEXT),
    helpUri={"type": "string", "format": "uri"},
    defaultConfiguration=record((), level=LEVEL, enabled={"type": "boolean"}),
    properties=record((), tags=many(TEXT, uniqueItems=True)),
)
DRIVER = record(
    ("name",),
    name={"const": "asynclint"},
    version=TEXT,
    semanticVersion=TEXT,
    informationUri={"type": "string", "format": "uri"},
    rules=many(RULE, uniqueItems=True),
)
RUN = record(
    ("tool", "results"),
    tool=record(("driver",), driver=DRIVER),
    columnKind={"enum": ["utf16CodeUnits", "unicodeCodePoints"]},
    originalUriBaseIds={
        "type": "object",
        "additionalProperties": record((), uri={"type": "string", "pattern": "^file://.*/$"}),
    },
    results=many(RESULT),
    invocations=many(
        record(
            ("executionSuccessful",),
            executionSuccessful={"type": "boolean"},
            toolExecutionNotifications=many(record(("message",), level=LEVEL, message=MESSAGE)),
        )
    ),
)
SCHEMA = record(
    ("version", "runs"),
    **{"$schema": {"type": "string", "format": "uri"}},
    version={"const": "2.1.0"},
    runs=many(RUN, minItems=1),
)


def broken_references(log: dict[str, Any]) -> list[str]:
    """What a schema cannot say: indexes that point elsewhere, bases that are not there, URIs that are
    not what RFC 3986 calls one, regions that end before they start."""
    broken = []
    for run in log["runs"]:
        rules = run["tool"]["driver"].get("rules", [])
        for number, result in enumerate(run["results"]):
            index = result.get("ruleIndex")
            if index is not None and (index >= len(rules) or rules[index]["id"] != result["ruleId"]):
                broken.append(f"result {number}: rule {index} is not {result['ruleId']}")
            broken += [f"result {number}: {each}" for each in _in_places(result, run.get("originalUriBaseIds", {}))]
    return broken


def _in_places(node: Any, bases: dict[str, Any]) -> Iterator[str]:
    if isinstance(node, list):
        for each in node:
            yield from _in_places(each, bases)
    elif isinstance(node, dict):
        if "startLine" in node:
            start, end = (node["startLine"], node["startColumn"]), (node["endLine"], node["endColumn"])
            if end < start:
                yield f"a region from {start} to {end}"
        if "uri" in node:
            uri = node["uri"]
            if not re.fullmatch(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/-]|%[0-9A-F]{2})+", uri) or "\\" in unquote(uri):
                yield f"`{uri}` is no URI"
            is_relative = not re.match(r"[A-Za-z][A-Za-z0-9+.-]*:|/", uri) and ".." not in uri.split("/")
            if is_relative is not ("uriBaseId" in node):
                yield f"`{uri}` is relative to {node.get('uriBaseId', 'nothing')}"
            if node.get("uriBaseId", next(iter(bases), "")) not in bases:
                yield f"there is no base {node['uriBaseId']}"
        for value in node.values():
            yield from _in_places(value, bases)

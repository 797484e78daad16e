"""The part of SARIF 2.1.0 that we write, as a JSON schema that allows nothing else.

Names, types and limits are those of the standard (OASIS, sections 3.13 to 3.58).
"""

from __future__ import annotations

from typing import Any

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
RULE = record(
    ("id",),
    id=TEXT,
    name=TEXT,
    shortDescription=MESSAGE,
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

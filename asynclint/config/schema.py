"""The JSON schema of the configuration, for editors: `python -m asynclint.config.schema` writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from asynclint.config.options import ROOT

#: Shipped beside this module, and kept equal to what `schema` says by a test.
SHIPPED = Path(__file__).with_name("schema.json")


def schema() -> dict[str, Any]:
    """The schema of an `asynclint.toml`, or of `[tool.asynclint]`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": "https://asynclint.readthedocs.io/schema.json",
        "title": "Configuration of asynclint",
        **ROOT.schema(),
    }


def text() -> str:
    """The file as it is shipped."""
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":
    SHIPPED.write_text(text(), encoding="utf-8")

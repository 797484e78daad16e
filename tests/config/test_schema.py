"""The shipped schema and the parser agree on what a configuration may say."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclint.config import schema as schemas
from asynclint.config.document import Document
from asynclint.config.files import read_layer
from asynclint.config.options import ROOT

VALIDATOR = jsonschema.Draft202012Validator(schemas.schema())


def test_the_shipped_file_is_up_to_date() -> None:
    told = "run `python -m asynclint.config.schema`"
    assert schemas.SHIPPED.read_text(encoding="utf-8") == schemas.text(), told
    jsonschema.Draft202012Validator.check_schema(schemas.schema())


def fits_parser(values: dict[str, Any]) -> bool:
    document = Document("asynclint.toml", Path("/"), values)
    read_layer(document)
    return not document.problems


def fits_schema(values: dict[str, Any]) -> bool:
    return bool(VALIDATOR.is_valid(values))


WORDS = st.sampled_from(["AL201", "py311", "3.9", "trio", "error", "off", "full", "", "x.py", "2.7"])
LEAVES = WORDS | st.booleans() | st.integers(-2, 5) | st.none() | st.floats(allow_nan=False)
VALUES = st.recursive(
    LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=6
)
NAMES = st.sampled_from([*ROOT.by_name, "selct", ""])
OVERRIDE_KEYS = st.sampled_from(["files", "select", "ignore", "severity", "rules", "jobs"])
OVERRIDES = st.lists(st.dictionaries(OVERRIDE_KEYS, VALUES, max_size=3), max_size=2)


@given(st.dictionaries(NAMES, VALUES, max_size=3), OVERRIDES)
def test_whatever_is_written_both_say_the_same(values: dict[str, Any], overrides: list[Any]) -> None:
    values = {**values, "overrides": overrides} if overrides else values
    assert fits_parser(values) is fits_schema(values)


@pytest.mark.parametrize("option", ROOT.options, ids=lambda option: option.name)
def test_every_option_has_a_description_and_a_valid_default(option: Any) -> None:
    assert option.doc.endswith(".")
    if option.default is not None:
        assert fits_parser({option.name: option.default}) and fits_schema({option.name: option.default})

"""The page about the catalogue says what the schema says, and its example works."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from asynclint.catalogue import load
from asynclint.catalogue.validate import schema

PAGE = (Path(__file__).parents[2] / "docs" / "catalogue.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("definition", ["row", "type", "decorator", "deprecation", "condition", "run"])
def test_every_field_is_explained(definition: str) -> None:
    for field in schema()["$defs"][definition]["properties"]:
        assert re.search(rf"`{field}`|\b{field}:", PAGE), f"`{field}` of a {definition} is not explained"


@pytest.mark.parametrize("field", ["colour", "blocks", "cost", "consumes", "task", "suspends", "scope"])
def test_every_word_is_explained(field: str) -> None:
    for word in schema()["$defs"]["row"]["properties"][field]["enum"]:
        assert f"`{word}`" in PAGE, f"`{word}` of `{field}` is not explained"


def test_every_section_is_explained() -> None:
    explained = [section for section in schema()["properties"] if f"`{section}" in PAGE or f"{section}:" in PAGE]
    assert set(schema()["properties"]) - set(explained) <= {"special_methods", "exceptions", "test_runners"}


@pytest.mark.skipif(sys.version_info < (3, 11), reason="tomllib is new in 3.11")
def test_the_example_of_a_configuration_works() -> None:
    import tomllib

    block = PAGE.partition("```toml\n")[2].partition("```")[0]
    catalogue = load().with_additions(tomllib.loads(block)["tool"]["asynclint"]["catalogue"])
    fetch, save = catalogue.callable("legacy.fetch"), catalogue.callable("legacy.Store.save")
    assert fetch is not None and fetch.advice() == "`await modern.fetch(...)`"
    assert save is not None and save.blocks == "database"

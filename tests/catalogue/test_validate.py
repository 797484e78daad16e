"""Our reader of the schema agrees with the one that the schema was written for."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from asynclint.catalogue.validate import nearest, problems, schema

_WORDS = ["colour", "coroutine", "sync", "blocks", "network", "cost", "heavy", "returns", "unless", "when", "argument"]
_WORDS += [
    "is",
    "given",
    "receiver",
    "finished",
    "runs",
    "how",
    "called",
    "takes",
    "function",
    "lazy",
    "instead",
    "int",
]
_WORDS += ["-> int", "coroutine -> int", "any", "trio", "methods", "bases", "construct", "nonsense"]

_values = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.sampled_from(_WORDS) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(_WORDS), inner, max_size=4),
    max_leaves=8,
)


_DEFINITIONS = ["row", "short_row", "condition", "run", "type", "place", "decorator", "deprecation"]
_JUDGES = {name: Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schema()["$defs"]}) for name in _DEFINITIONS}


@settings(max_examples=200)
@given(st.sampled_from(_DEFINITIONS), _values)
def test_agreement(definition: str, value: Any) -> None:
    assert (problems(value, definition, "here") == []) == _JUDGES[definition].is_valid(value)


def test_every_problem_begins_with_its_place() -> None:
    found = problems({"library": 1, "functions": {"x.f": {"colour": "blue"}}})
    assert [each.partition(": ")[0] for each in found] == ["library", "functions.x.f.colour", "file"]


def test_nearest_words() -> None:
    assert nearest("blok", ["blocks", "cost"]) == "; did you mean `blocks`?"
    assert nearest("qqq", ["b", "a"]) == "; known are a, b"
    assert nearest("qqq", []) == ""

"""The YAML files: they fit the schema, say where they come from, and are compiled as they stand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from asynclint.catalogue import COMPILED, Catalogue, load
from asynclint.catalogue.compile import FOLDER, Files, compile_folder, main, read_yaml
from asynclint.catalogue.model import CatalogueError
from asynclint.catalogue.validate import problems, schema

FILES = sorted(FOLDER.glob("**/*.yaml"))


@pytest.fixture(scope="module")
def files() -> Files:
    """All files, taken in."""
    read = Files()
    for path in [*sorted(FOLDER.glob("derived/*.yaml")), *sorted(FOLDER.glob("*.yaml"))]:
        read.add(path.relative_to(FOLDER).as_posix(), read_yaml(path))
    read.check()
    return read


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_file_fits_the_schema(path: Path) -> None:
    data = read_yaml(path)
    Draft202012Validator(schema()).validate(data)
    assert problems(data) == []


def test_the_schema_is_one() -> None:
    Draft202012Validator.check_schema(schema())


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(FOLDER).as_posix())
def test_a_file_names_its_source_with_a_version(path: Path) -> None:
    source = read_yaml(path)["source"]
    assert any(letter.isdigit() for letter in source), f"{path.name}: the source tells no version"


def test_the_compiled_catalogue_is_fresh() -> None:
    assert COMPILED.read_text(encoding="utf-8") == compile_folder(), "run `python -m asynclint.catalogue.compile`"
    assert main(["--check"]) == 0


def test_the_compiled_catalogue_is_json_with_a_line_for_each_package() -> None:
    text = COMPILED.read_text(encoding="utf-8")
    whole = json.loads(text)
    lines = text.splitlines()[1:-1]
    assert len(lines) == len(whole) > 100
    assert list(whole) == sorted(whole)


def test_what_blocks_says_what_to_write_instead(files: Files) -> None:
    silent = [name for name, row in files.rows() if row.get("blocks") and not row.get("instead")]
    rows = dict(files.rows())
    assert [name for name in silent if rows[name]["cost"] != "trivial"] == []


def test_advice_for_every_library_comes_out_whole() -> None:
    """No placeholder is left and no library is without a word, for every function that blocks."""
    catalogue = load()
    for package in catalogue.packages():
        for name in catalogue.shard(package).functions:
            row = catalogue.callable(name)
            if row is None or not row.blocks or row.cost == "trivial":
                continue
            for library in ("asyncio", "trio", "anyio"):
                advice = row.advice(library)
                assert advice and "{" not in advice, f"{name}: {advice!r} for {library}"


def test_trio_and_asyncio_users_are_not_sent_to_each_others_libraries() -> None:
    """The advice for one library never names a function of another."""
    catalogue = load()
    for package in catalogue.packages():
        shard = catalogue.shard(package)
        for name in shard.functions:
            row = catalogue.callable(name)
            if row is None or not isinstance(row.instead, dict):
                continue
            for library, others in {
                "asyncio": ("trio.",),
                "trio": ("asyncio.", "anyio."),
                "anyio": ("asyncio.",),
            }.items():
                assert not [each for each in others if each in row.advice(library)], f"{name}: {row.advice(library)}"


def broken(tmp_path: Path, text: str, *more: str) -> list[str]:
    """What compiling a folder with these files complains of."""
    for number, each in enumerate((text, *more)):
        (tmp_path / f"{'abc'[number]}.yaml").write_text(each)
    with pytest.raises(CatalogueError) as caught:
        compile_folder(tmp_path)
    return caught.value.problems


HEAD = 'library: x\nsource: "x 1.0"\n'
BUILTINS = 'library: b\nsource: "3.13"\ntypes:\n  builtins.int: {}\n  builtins.str: {}\n'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            HEAD + "functions:\n  x.f: {bloks: network}\n",
            "a.yaml: functions.x.f.bloks: unknown field `bloks`; did you mean `blocks`?",
        ),
        (
            HEAD + "functions:\n  x.f: {blocks: netwrk, cost: heavy}\n",
            "a.yaml: functions.x.f.blocks: `netwrk` is not one of the known words; did you mean `network`?",
        ),
        (HEAD + "functions:\n  x.f: {blocks: network}\n", "a.yaml: functions.x.f: `blocks` needs `cost` beside it"),
        (
            HEAD + "functions:\n  x.f: {blocks: network, cost: heavy}\n",
            "a.yaml: x.f: blocks, but does not say what to write `instead`",
        ),
        (
            HEAD + "functions:\n  x.f: {colour: coroutine, blocks: network, cost: heavy, instead: thread}\n",
            "a.yaml: x.f: cannot block and be of colour `coroutine`",
        ),
        (
            HEAD + "functions:\n  x.f: cortoutine\n",
            "a.yaml: functions.x.f: `cortoutine` does not have the form `colour -> type`",
        ),
        (HEAD + "functions:\n  x.f: -> y.Nothing\n", "a.yaml: x.f: type `y.Nothing` is not in the catalogue"),
        (
            HEAD + "functions:\n  x.f: -> x.Respnse\ntypes:\n  x.Response: {}\n",
            "a.yaml: x.f: type `x.Respnse` is not in the catalogue; did you mean `x.Response`?",
        ),
        (HEAD + 'functions:\n  x.f: "-> int["\n', "a.yaml: x.f: `int[` is not a type expression"),
        (HEAD + "types:\n  x.C: {bases: [y.B]}\n", "a.yaml: x.C: base `y.B` is not in the catalogue"),
        (
            HEAD + "types:\n  x.C: {methods: {__enter__: {}}}\n",
            "a.yaml: x.C: has a row for `__enter__` but no `enter`, the type that `with` gives",
        ),
        (HEAD + "types:\n  x.C: {methods: {a: {}, 'a, b': {}}}\n", "a.yaml: x.C.a: listed twice"),
        (HEAD + "aliases: {x.g: x.f}\n", "catalogue: x.g: alias `x.f` is not in the catalogue"),
        (
            HEAD + "functions: {x.f: {unless: [{argument: 0}]}}\n",
            "a.yaml: functions.x.f.unless[0]: needs `receiver` or `argument` and `is` or `argument` and `given` "
            "or `argument` and `has` or `argument` and `type` or `argument` and `starts`",
        ),
        (HEAD + "functions: {x.f: {runs: 1}}\n", "a.yaml: functions.x.f.runs: expected a list, found `1`"),
        (
            HEAD + "types: {x.T: {methods: {on: {}}}}\n",
            "a.yaml: types.x.T.methods.True: the key `True` is not text; put it in quotes",
        ),
        (HEAD + "functions: {x.f: {}, x.f: {}}\n", "a.yaml:3: the key `x.f` comes twice in one mapping"),
        ("library: x\n", "a.yaml: file: the field `source` is missing"),
    ],
)
def test_mistakes_are_named_with_file_entry_and_nearest_word(tmp_path: Path, text: str, message: str) -> None:
    assert message in broken(tmp_path, text)


def test_broken_yaml_is_told_with_its_place(tmp_path: Path) -> None:
    assert any(each.startswith("a.yaml: not valid YAML:") for each in broken(tmp_path, "library: [x\n"))


def test_all_mistakes_of_all_files_come_at_once(tmp_path: Path) -> None:
    found = broken(tmp_path, HEAD + "functions: {x.f: {colur: sync}}\n", HEAD + "modules: x\n")
    assert [each.partition(":")[0] for each in found] == ["a.yaml", "b.yaml"]


def test_a_name_in_two_files_is_a_mistake(tmp_path: Path) -> None:
    again = HEAD + "functions: {x.f: {}}\n"
    assert broken(tmp_path, again, again) == ["b.yaml: x.f: already listed in a.yaml"]


def compiled(tmp_path: Path, written: str, derived: str) -> Catalogue:
    """The catalogue of one written and one derived file."""
    (tmp_path / "derived").mkdir()
    (tmp_path / "derived" / "x.yaml").write_text(HEAD + derived)
    (tmp_path / "x.yaml").write_text(HEAD + written)
    (tmp_path / "b.yaml").write_text(BUILTINS)
    data: dict[str, Any] = json.loads(compile_folder(tmp_path))
    return Catalogue(data.pop(""), {package: json.dumps(shard) for package, shard in data.items()}, {})


def test_a_written_row_wins_over_a_derived_one(tmp_path: Path) -> None:
    catalogue = compiled(
        tmp_path,
        "types: {x.C: {methods: {get: {blocks: network, cost: heavy, instead: thread}}}}\n",
        'types: {x.C: {methods: {get: "-> int", post: "-> int"}, attributes: {name: str}}}\n',
    )
    got, posted = catalogue.method("x.C", "get"), catalogue.method("x.C", "post")
    assert got is not None and got[1].blocks == "network"
    assert posted is not None and posted[1].returns == "int"
    assert catalogue.attribute("x.C", "name") == "str"


def test_every_method_fills_derived_rows_in_which_nothing_was_seen(tmp_path: Path) -> None:
    catalogue = compiled(
        tmp_path,
        "types: {x.C: {methods: {close: {}}, every_method: {blocks: network, cost: heavy, instead: thread}}}\n",
        'types: {x.C: {methods: {get: "-> int", aget: "coroutine -> int", close: {}}}}\n',
    )
    rows = {name: catalogue.method("x.C", name) for name in ("get", "aget", "close", "other", "_private")}
    assert rows["get"] is not None and (rows["get"][1].blocks, rows["get"][1].returns) == ("network", "int")
    assert rows["aget"] is not None and rows["aget"][1].colour == "coroutine"
    assert rows["close"] is not None and rows["close"][1].blocks == ""
    assert rows["other"] is not None and rows["other"][1].blocks == "network"
    assert rows["_private"] is None


def test_advice_is_given_to_derived_rows_of_a_prefix(tmp_path: Path) -> None:
    blocks = "{blocks: network, cost: heavy, instead: thread}"
    catalogue = compiled(tmp_path, "advice: {x.: 'ask `{name}`'}\n", f"functions: {{x.f: {blocks}}}\n")
    row = catalogue.callable("x.f")
    assert row is not None and row.advice() == "ask `f`"


def test_the_owner_of_a_decorator_is_listed(files: Files) -> None:
    """`app = Framework()` has no type that is not listed, so what `@app.route` says would never be heard."""
    types = {*files.types, *files.aliases}
    owners = {name.rpartition(".")[0] for name in files.decorators}
    classes = {each for each in owners if each.rpartition(".")[2][:1].isupper()}
    assert len(classes) > 10
    assert classes <= types

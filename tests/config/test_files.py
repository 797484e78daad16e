"""Where configurations come from, and what is said about broken ones."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from asynclint.config import ConfigError, Configurations, command_line_layers
from asynclint.config.files import FILE_NAMES
from tests.config.rules import ON, RULES, settings_of


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def problems(folder: Path, text: str, name: str = "asynclint.toml") -> list[str]:
    with pytest.raises(ConfigError) as caught:
        settings_of(folder, textwrap.dedent(text).lstrip("\n"), name)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("name", FILE_NAMES)
def test_every_file_name_is_found(tmp_path: Path, name: str) -> None:
    text = "[tool.asynclint]\nselect = ['AL1']" if name == "pyproject.toml" else "select = ['AL1']"
    if name.endswith("yaml"):
        text = "select: [AL1]"
    made = settings_of(tmp_path, text, name)
    assert made.rules == {"missing-await"}
    assert made.config_file == tmp_path / name and made.root == tmp_path


def test_the_nearest_file_wins_and_a_foreign_pyproject_does_not_count(tmp_path: Path) -> None:
    inner = tmp_path / "packages" / "inner"
    inner.mkdir(parents=True)
    (tmp_path / "asynclint.toml").write_text("select = ['AL1']")
    (tmp_path / "packages" / "pyproject.toml").write_text("[tool.other]\nasynclint = 1")
    configurations = Configurations(RULES)
    assert configurations.for_folder(inner).rules == {"missing-await"}
    (inner / "pyproject.toml").write_text("[tool.asynclint]\nselect = ['AL2']")
    assert Configurations(RULES).for_folder(inner).rules == {"blocking-call", "blocking-file"}
    assert Configurations(RULES).for_folder(tmp_path).rules == {"missing-await"}
    assert Configurations(RULES, isolated=True).for_folder(inner).rules == ON
    chosen = Configurations(RULES, config_file=inner / "pyproject.toml").for_folder(tmp_path)
    assert chosen.rules == {"blocking-call", "blocking-file"} and chosen.root == tmp_path


def test_a_project_without_configuration_begins_at_its_repository(tmp_path: Path) -> None:
    inner = tmp_path / "src" / "package"
    inner.mkdir(parents=True)
    (tmp_path / "src" / "setup.py").touch()
    assert Configurations(RULES, cwd=inner).for_folder(inner).root == tmp_path / "src"
    (tmp_path / ".git").mkdir()
    assert Configurations(RULES, cwd=inner).for_folder(inner).root == tmp_path


def test_extend_gives_what_the_nearer_file_leaves_out(tmp_path: Path) -> None:
    (tmp_path / "base.toml").write_text(
        "select = ['AL2']\nextend-exclude = ['a']\njobs = 3\n[per-file-ignores]\n'x.py' = ['AL201']"
    )
    made = settings_of(tmp_path, "extend = 'base.toml'\nextend-select = ['AL1']\njobs = 2\nextend-exclude = ['b']")
    assert made.rules == ON and made.jobs == 2
    assert made.excluded(str(tmp_path / "a")) and made.excluded(str(tmp_path / "b"))
    assert made.for_file(tmp_path / "x.py").rules == ON - {"blocking-call"}
    assert made.origins["jobs"] == "asynclint.toml:3"
    assert made.origins["select"] == "base.toml:1"


def test_extend_that_cannot_be_followed(tmp_path: Path) -> None:
    assert problems(tmp_path, "jobs = 1\nextend = 'gone.toml'") == [
        "asynclint.toml:2: `extend` names gone.toml, which cannot be used",
        "gone.toml: no such configuration file",
    ]
    (tmp_path / "other.toml").write_text("extend = 'asynclint.toml'")
    assert problems(tmp_path, "extend = 'other.toml'") == [
        "other.toml:1: `extend` goes round in a circle: asynclint.toml is extended already",
    ]


def test_all_mistakes_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    text = """
    selct = ["AL1"]
    ignore = [
        "AL101",
        "bloking-call",
    ]
    target-version = 3.11
    library = "curio"
    jobs = -1
    extend_exclude = ["x"]
    force-exclude = "yes"
    src = "lib"

    [severity]
    blocking-call = "fatal"
    nothing-like-it = "error"

    [per-file-ignores]
    "a.py" = [3]

    [rules.blocking-call]
    costs = "heavy"
    deepth = 4

    [rules.missing-await]
    strict = true

    [[overrides]]
    files = ["a.py"]

    [[overrides]]
    select = ["AL7"]
    """
    assert problems(tmp_path, text) == [
        "asynclint.toml:1: unknown option `selct`; did you mean `select`?",
        "asynclint.toml:4: unknown rule `bloking-call`; did you mean `blocking-call`?",
        'asynclint.toml:6: `target-version` must be a string, such as "py311"; put it in quotes',
        "asynclint.toml:7: `library` must be `auto`, `asyncio`, `trio` or `anyio`, not `curio`",
        "asynclint.toml:8: `jobs` must be at least 0, not -1",
        "asynclint.toml:9: unknown option `extend_exclude`; did you mean `extend-exclude`?",
        "asynclint.toml:10: `force-exclude` must be true or false, not a string",
        "asynclint.toml:11: `src` must be a list of strings, not a string",
        "asynclint.toml:14: `severity.blocking-call` must be `error`, `warning`, `hint` or `off`, not `fatal`",
        "asynclint.toml:15: unknown rule `nothing-like-it`",
        "asynclint.toml:18: `per-file-ignores.a.py[0]` must be a string, not a number",
        "asynclint.toml:21: option `costs` of rule `blocking-call` must be a list",
        "asynclint.toml:22: rule `blocking-call` has no option `deepth`; did you mean `depth`?",
        "asynclint.toml:25: rule `missing-await` has no options",
        "asynclint.toml:30: `overrides[1]` needs `files`",
        "asynclint.toml:31: unknown rule `AL7`",
    ]


def test_lines_in_a_table_of_pyproject(tmp_path: Path) -> None:
    text = """
    [project]
    name = "x"  # select = ["AL9"]
    description = '''
    [tool.asynclint]
    select = ["no"]
    '''

    [tool.asynclint]
    select = ["AL1",
        "bloking-call"]
    "ignore" = ["nope"]
    severity = { missing-await = "erorr" }
    """
    assert problems(tmp_path, text, "pyproject.toml") == [
        "pyproject.toml:10: unknown rule `bloking-call`; did you mean `blocking-call`?",
        "pyproject.toml:11: unknown rule `nope`",
        "pyproject.toml:12: `severity.missing-await` must be `error`, `warning`, `hint` or `off`, not `erorr`",
    ]


def test_lines_in_yaml(tmp_path: Path) -> None:
    text = """
    select:
      - AL1
      - bloking-call
    jobs: many
    overrides:
      - files: [a.py]
        selekt: [AL1]
    """
    assert problems(tmp_path, text, ".asynclint.yaml") == [
        ".asynclint.yaml:3: unknown rule `bloking-call`; did you mean `blocking-call`?",
        ".asynclint.yaml:4: `jobs` must be a whole number, not a string",
        ".asynclint.yaml:7: unknown option `overrides[0].selekt`; did you mean `select`?",
    ]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("asynclint.toml", "select = [\n'AL1'\nx", "asynclint.toml:3: not valid TOML: unclosed array"),
        ("asynclint.toml", "a = 1\nb = = 2", "asynclint.toml:2: not valid TOML: invalid value"),
        (
            "pyproject.toml",
            "[tool.asynclint]\nx",
            "pyproject.toml:2: not valid TOML: expected '=' after a key in a key/value pair",
        ),
        (".asynclint.yaml", "a: b: c", ".asynclint.yaml:1: not valid YAML: mapping values are not allowed here"),
        (".asynclint.yaml", "- a", ".asynclint.yaml:1: the file must hold a table of options"),
        ("pyproject.toml", "[tool]\nasynclint = 3", "pyproject.toml: `tool.asynclint` must be a table"),
    ],
)
def test_text_that_cannot_be_parsed(tmp_path: Path, name: str, text: str, message: str) -> None:
    assert problems(tmp_path, text, name) == [message]


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "asynclint.toml").write_bytes(b"select = '\xff'")
    with pytest.raises(ConfigError, match=r"^asynclint.toml: cannot be read: it is not UTF-8$"):
        settings_of(tmp_path)
    with pytest.raises(ConfigError, match=r"^gone.toml: no such configuration file$"):
        Configurations(RULES, config_file=tmp_path / "gone.toml").for_folder(tmp_path)
    with pytest.raises(ConfigError, match=r": is a folder, not a configuration file$"):
        Configurations(RULES, config_file=tmp_path).for_folder(tmp_path)


def test_mistakes_on_the_command_line_name_it(tmp_path: Path) -> None:
    layers = command_line_layers({"select": ["nope"]}, ["jobs = 'x'"], tmp_path)
    with pytest.raises(ConfigError) as caught:
        Configurations(RULES, layers).for_folder(tmp_path)
    assert str(caught.value).splitlines() == [
        "--config: `jobs` must be a whole number, not a string",
        "command line: unknown rule `nope`",
    ]
    with pytest.raises(ConfigError, match=r"^--config:1: not valid TOML: "):
        command_line_layers({}, ["jobs ="], tmp_path)


@pytest.mark.parametrize(
    ("specifier", "version"),
    [
        (">=3.9", (3, 9)),
        (">=3.8,<4", (3, 8)),
        ("~=3.11.2", (3, 11)),
        ("==3.12.*", (3, 12)),
        (">3.8, >=3.10.1", (3, 10)),
        ("^3.9", (3, 9)),
        ("<4", (3, 10)),
    ],
)
def test_the_target_follows_requires_python(tmp_path: Path, specifier: str, version: tuple[int, int]) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[project]\nrequires-python = '{specifier}'\n")
    assert settings_of(tmp_path, "jobs = 1").target_version == version
    assert settings_of(tmp_path, "target-version = 'py313'").target_version == (3, 13)
    (tmp_path / "pyproject.toml").write_text(f"[tool.poetry.dependencies]\npython = '{specifier}'\n")
    assert settings_of(tmp_path, "jobs = 1").target_version == version


def test_paths_are_relative_to_the_file_that_names_them(tmp_path: Path) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "lib").mkdir()
    (tmp_path / "conf" / "base.toml").write_text("src = ['lib']\ncache-dir = 'cache'\nbaseline = 'b.json'")
    made = settings_of(tmp_path, "extend = 'conf/base.toml'\nexclude = ['./build', 'gen/*.py']")
    assert made.src == (tmp_path / "conf" / "lib",)
    assert made.cache_dir == tmp_path / "conf" / "cache"
    assert made.baseline == tmp_path / "conf" / "b.json"
    assert made.excluded(str(tmp_path / "build"), folder=True)
    assert not made.excluded(str(tmp_path / "deep" / "build"), folder=True)
    assert made.excluded(str(tmp_path / "gen" / "x.py")) and not made.excluded(str(tmp_path / "venv"), folder=True)


def test_paths_that_do_not_exist(tmp_path: Path) -> None:
    assert problems(tmp_path, "src = ['lib']\npython = 'gone/python'") == [
        "asynclint.toml:1: `src` names lib, which is not a folder",
        "asynclint.toml:2: `python` names gone/python, which does not exist",
    ]

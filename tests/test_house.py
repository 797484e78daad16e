"""Conventions that check themselves, so that reviews need not. Each failure says what to do."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from asynclint.diagnostics import Severity
from asynclint.rule import THEMES, Rule, all_rules
from tests.harness import literate, markers
from tests.harness.imports import PACKAGE, ROOT, Import, imports, module_name

SOURCES = sorted(PACKAGE.rglob("*.py"))
RULES = all_rules()
SECTIONS = ["Bad", "Fixed", "Good", "Options", "Fix safety", "Known limits", "See also"]
SEVERITIES = {each.value for each in Severity}

#: The floor of each room; a module imports from its own floor and from those below.
FLOORS = {
    "": 0,
    "source": 0,
    "tuples": 0,
    "diagnostics": 0,
    "digest": 0,
    "sealed": 0,
    "edits": 0,
    "config": 0,
    "facts": 1,
    "program": 2,
    "catalogue": 2,
    "pairing": 3,
    "rule": 3,
    "api": 3,
    "advice": 3,
    "rules": 3,
    "engine": 4,
    "reporters": 4,
    "fixing": 4,
    "server": 5,
    "cli": 5,
    "__main__": 5,
}
#: Slow to import or tied to one job: third-party module to the rooms that may know it.
CONFINED = {
    "libcst": (
        "asynclint.pairing",
        "asynclint.rules",
        "asynclint.engine.syntax",
    ),
    "click": ("asynclint.cli",),
}


def room(module: str) -> str:
    return module.split(".")[1] if "." in module else ""


def is_within(module: str, *packages: str) -> bool:
    return any(module == each or module.startswith(f"{each}.") for each in packages)


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def own_imports() -> list[tuple[str, Import]]:
    return [(module_name(path), each) for path in SOURCES for each in imports(path)]


# -- rules ---------------------------------------------------------------------------------------


@pytest.fixture(params=RULES, ids=lambda rule: rule.name)
def rule(request: pytest.FixtureRequest) -> Rule:
    found: Rule = request.param
    return found


def test_there_are_rules_and_their_codes_are_their_own() -> None:
    assert RULES
    for attribute in ("code", "name"):
        counts = Counter(getattr(each, attribute) for each in RULES)
        assert [each for each, count in counts.items() if count > 1] == []


def test_file_function_and_rule_share_one_name(rule: Rule) -> None:
    file = rule.module.rsplit(".", 1)[1]
    assert (file, rule.check.__name__) == (rule.name.replace("-", "_"),) * 2
    assert re.fullmatch(r"[a-z]+(-[a-z]+)*", rule.name), "rule names are kebab-case"
    assert not re.match(r"(no|avoid|check|use|prefer)-", rule.name), "a rule is named for the bad pattern"


def test_the_code_says_the_theme(rule: Rule) -> None:
    assert re.fullmatch(r"AL[1-9]\d\d", rule.code)
    theme = THEMES[rule.code[2]]
    assert rule.module.startswith(f"asynclint.rules.{theme}."), f"{rule.code} belongs into rules/{theme}/"
    assert re.fullmatch(r"\d+\.\d+", rule.since)
    for alias in rule.aliases:
        assert re.fullmatch(r"[A-Z]+\d+", alias), f"{alias}: aliases are codes of other tools"


def test_the_page_has_its_sections_in_order(rule: Rule) -> None:
    found = [section.heading for section in literate.sections(rule.page, rule.name)]
    assert found == [each for each in SECTIONS if each in found], f"sections come in this order: {SECTIONS}"
    assert {"Bad", "Good"} <= set(found)
    first, _, rest = rule.page.partition("\n")
    assert first.endswith(".") and len(first) <= 80, "the page opens with one short sentence"
    assert rest.startswith("\n") and not rest.strip().startswith("#"), "then comes a paragraph on why it hurts"


def test_the_page_tells_the_options(rule: Rule) -> None:
    section = re.search(r"^## Options\n(.*?)(?=^## |\Z)", rule.page, re.MULTILINE | re.DOTALL)
    told = re.findall(r"^- `([a-z-]+)`", section[1], re.MULTILINE) if section else []
    assert told == list(rule.options), "each option is an item of `## Options`, in the order of the code"


def test_every_rule_has_cases_for_and_against(rule: Rule) -> None:
    path = ROOT / "fixtures" / "rules" / f"{rule.name}.md"
    assert path.is_file(), f"{relative(path)} is missing: write at least one case that is reported and one that is not"
    reported = [
        any(each.rule == rule.name and each.kind in SEVERITIES for each in markers.expectations(case.files))
        for case in literate.cases(path.read_text(encoding="utf-8"), relative(path))
    ]
    assert any(reported), f"{relative(path)}: no case in which {rule.name} is reported"
    assert not all(reported), f"{relative(path)}: no look-alike in which {rule.name} is silent"


def test_every_module_of_rules_lies_in_a_theme() -> None:
    for path in (PACKAGE / "rules").rglob("*.py"):
        if path.name != "__init__.py":
            assert path.parent.name in THEMES.values(), f"{relative(path)}: rules live in rules/<theme>/"


# -- floors --------------------------------------------------------------------------------------


def test_every_room_has_a_floor() -> None:
    assert {room(module_name(path)) for path in SOURCES} <= set(FLOORS), "give the new room a floor here"


def test_modules_import_from_floors_below() -> None:
    upwards = [
        f"{module}:{each.line} imports {each.module}"
        for module, each in own_imports()
        if is_within(each.module, "asynclint") and FLOORS[room(each.module)] > FLOORS[room(module)]
    ]
    assert upwards == []


def test_named_tuples_are_those_that_are_fast_to_make() -> None:
    theirs = re.compile(r"^from typing import .*\bNamedTuple\b", re.MULTILINE)
    found = [relative(path) for path in SOURCES if path.name != "tuples.py" and theirs.search(path.read_text())]
    assert found == [], "use `asynclint.tuples.NamedTuple`"


def test_no_rule_imports_another_rule() -> None:
    modules = {each.module for each in RULES}
    found = [f"{module}:{each.line} imports {each.module}" for module, each in own_imports() if each.module in modules]
    assert found == [], "ask the program instead, or give both rules a shared question there"


@pytest.mark.parametrize("library", CONFINED)
def test_libraries_stay_in_their_rooms(library: str) -> None:
    found = [
        f"{module}:{each.line}"
        for module, each in own_imports()
        if is_within(each.module, library) and not each.typing and not is_within(module, *CONFINED[library])
    ]
    assert found == [], f"{library} is imported in {CONFINED[library]} only"


def test_start_up_and_rule_discovery_import_nothing_slow() -> None:
    slow = {"libcst", "yaml", "tomllib", "tomli", "difflib", "jsonschema", "multiprocessing", "sqlite3", "xml.etree"}
    code = (
        "import sys; before = set(sys.modules); import asynclint.cli, asynclint.rule; asynclint.rule.all_rules();"
        "print(*sorted(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert slow & set(done.stdout.split()) == set(), "import it in the function that needs it"


# -- files ---------------------------------------------------------------------------------------


def test_files_are_short_enough_to_be_read() -> None:
    long = {
        relative(path): lines
        for path in [*SOURCES, *(ROOT / "tests").rglob("*.py")]
        if (lines := len(path.read_bytes().splitlines())) > 500
    }
    assert long == {}, "a file of more than 500 lines does more than one job: part it"


def test_modules_and_public_functions_say_what_they_give() -> None:
    silent = []
    for path in SOURCES:
        tree = ast.parse(path.read_bytes())
        if path.stat().st_size and not ast.get_docstring(tree):
            silent.append(relative(path))
        if is_within(module_name(path), "asynclint.rules"):
            continue  # The page says it.
        public = [
            each
            for each in tree.body
            if isinstance(each, (ast.FunctionDef, ast.AsyncFunctionDef)) and not each.name.startswith("_")
        ]
        # The docstring of a module speaks for its only function.
        for function in public if len(public) > 1 else ():
            long = (function.end_lineno or 0) - function.body[0].lineno > 2
            shared = function.name == "render" and room(module_name(path)) == "reporters"
            if long and not shared and not ast.get_docstring(function):
                silent.append(f"{relative(path)}:{function.lineno} {function.name}")
    assert silent == [], "a docstring states the result and what absence means"


def test_nothing_is_left_for_later() -> None:
    word = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")
    found = [
        f"{relative(path)}:{number}"
        for path in [*SOURCES, *(ROOT / "tests").rglob("*.py")]
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        if word.search(line)
    ]
    assert found == [], "a known gap is a `# missed:` case in a fixture"


# -- documents -----------------------------------------------------------------------------------


def test_the_readme_has_two_commands_and_ci_runs_them() -> None:
    commands = re.findall(r"^python3 -m venv .*$", (ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert len(commands) == 2
    main_job, test_job = commands
    assert main_job.endswith(".venv/bin/asynclint check path/to/your/project")
    assert "'.[test]'" in test_job and ".venv/bin/pytest" in test_job
    ci = (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    assert "grep -E '^python3 -m venv ' README.md" in ci, ".ci/run takes the commands from the README"
    assert r"path\/to\/your\/project" in ci
    assert "pytest" not in ci, "a test command of its own would drift from the README's"


def test_links_between_documents_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "changes").glob("*.md")]
    broken = []
    for page in pages:
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        for target in re.findall(r"\]\(([^)#\s]+)", text):
            if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists():
                broken.append(f"{relative(page)}: {target}")
    assert broken == []


def test_the_index_names_every_page() -> None:
    index = (ROOT / "docs" / "README.md").read_text(encoding="utf-8")
    missing = [
        path.relative_to(ROOT / "docs").as_posix()
        for path in (ROOT / "docs").rglob("*.md")
        if path.name != "README.md" and f"]({path.relative_to(ROOT / 'docs').as_posix()})" not in index
    ]
    assert missing == [], "docs/README.md links to every page below docs/"

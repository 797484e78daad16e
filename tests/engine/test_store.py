"""The store: cached equals cold, whatever happens to the files, the store, or the process that writes it."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from asynclint.engine import analysis, disk
from asynclint.engine.discover import FileToCheck
from asynclint.engine.outcome import Outcome
from asynclint.engine.plan import make_plan
from asynclint.engine.store import Store
from tests.engine.edits import Edit, Module, State, edits, modules, projects, texts
from tests.engine.trees import Tree, rules_by_path, said
from tests.harness.imports import ROOT

HELPED = {
    "helper.py": "import time\n\ndef warm_up():\n    time.sleep(1)\n",
    "app.py": "from helper import warm_up\n\nasync def refresh():\n    warm_up()\n",
    "alone.py": "import asyncio\n\nasync def rest():\n    asyncio.sleep(1)\n",
}


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are judged, by name, as they are."""
    found: list[str] = []
    outcome = analysis.Analysis.outcome

    def recorded(self: analysis.Analysis, file: FileToCheck) -> Outcome:
        found.append(file.display)
        return outcome(self, file)

    monkeypatch.setattr(analysis.Analysis, "outcome", recorded)
    return found


@pytest.fixture
def old_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files count as modified long before they are read, so that signatures are trusted."""
    monkeypatch.setattr(disk, "_COARSE", -(10**20))


def taken(judged: list[str]) -> list[str]:
    found = sorted(judged)
    judged.clear()
    return found


# -- what is judged again ------------------------------------------------------------------------


@pytest.mark.usefixtures("old_files")
def test_nothing_is_judged_again_when_nothing_changed(tmp_path: Path, judged: list[str]) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    cold = tree.run()
    assert taken(judged) == ["alone.py", "app.py", "helper.py"]
    assert said(tree.run()) == said(cold)
    assert rules_by_path(cold) == {"alone.py": ["missing-await"], "app.py": ["blocking-call"]}
    assert taken(judged) == []


def test_what_depends_on_an_edit_is_judged_again(tmp_path: Path, judged: list[str]) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    tree.run()
    taken(judged)
    tree.write("helper.py", "import time\n\nasync def warm_up():\n    time.sleep(1)\n")
    report = tree.run()
    assert taken(judged) == ["app.py", "helper.py"]
    assert rules_by_path(report) == {
        "alone.py": ["missing-await"],
        "app.py": ["missing-await"],
        "helper.py": ["blocking-call"],
    }


def test_a_change_of_a_file_that_was_not_named_is_seen(tmp_path: Path, judged: list[str]) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    assert rules_by_path(tree.run(["app.py"])) == {"app.py": ["blocking-call"]}
    tree.write("helper.py", "def warm_up():\n    pass\n")
    assert rules_by_path(tree.run(["app.py"])) == {}
    taken(judged)
    assert rules_by_path(tree.run(["app.py"])) == {}
    assert taken(judged) == []


def test_a_result_from_before_is_not_used_for_a_file_that_was_out_of_sight(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "project", {**HELPED, "other.py": HELPED["app.py"]})
    tree.run()
    tree.write("helper.py", "def warm_up():\n    pass\n")
    # The run on one file writes down the new helper; the other file's result must go with it.
    assert rules_by_path(tree.run(["app.py"])) == {}
    assert rules_by_path(tree.run()) == {"alone.py": ["missing-await"]}


def test_a_module_that_appears_is_found_by_who_imports_it(tmp_path: Path, judged: list[str]) -> None:
    tree = Tree(tmp_path / "project", {name: HELPED[name] for name in ("app.py", "alone.py")})
    assert rules_by_path(tree.run()) == {"alone.py": ["missing-await"]}
    taken(judged)
    tree.write("helper.py", HELPED["helper.py"])
    assert rules_by_path(tree.run()) == {"alone.py": ["missing-await"], "app.py": ["blocking-call"]}
    assert taken(judged) == ["app.py", "helper.py"]
    tree.remove("helper.py")
    assert rules_by_path(tree.run()) == {"alone.py": ["missing-await"]}


def test_a_file_that_becomes_a_package_keeps_its_users_right(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    tree.run()
    tree.become({**HELPED, "helper/__init__.py": HELPED["helper.py"]})
    tree.remove("helper.py")
    assert rules_by_path(tree.run()) == {"alone.py": ["missing-await"], "app.py": ["blocking-call"]}
    tree.write("helper/__init__.py", "")
    assert rules_by_path(tree.run()) == {"alone.py": ["missing-await"]}


def test_settings_of_the_tests_count(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "project", {"pytest.ini": "[pytest]\nasyncio_mode = strict\n"})
    tree.write("tests/test_a.py", "import pytest\n\nasync def test_it():\n    assert True\n")
    before = tree.run()
    assert "async-test-never-run" in str(rules_by_path(before))
    tree.write("pytest.ini", "[pytest]\nasyncio_mode = auto\n")
    assert rules_by_path(tree.run()) == {}
    tree.write("tests/pytest.ini", "[pytest]\nasyncio_mode = strict\n")
    assert rules_by_path(tree.run()) == rules_by_path(before)


@pytest.mark.usefixtures("old_files")
def test_other_settings_have_results_of_their_own(tmp_path: Path, judged: list[str]) -> None:
    tree = Tree(tmp_path / "project", {**HELPED, "asynclint.toml": ""})
    tree.run()
    taken(judged)
    tree.write("asynclint.toml", 'ignore = ["blocking-call"]')
    assert rules_by_path(tree.run()) == {"alone.py": ["missing-await"]}
    assert len(taken(judged)) == 3
    tree.write("asynclint.toml", "")
    assert len(rules_by_path(tree.run())) == 2
    assert taken(judged) == []


def test_buffers_are_judged_and_not_kept(tmp_path: Path, judged: list[str]) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    tree.run()
    edited = "from helper import warm_up\n\ndef refresh():\n    warm_up()\n"
    assert rules_by_path(tree.run(buffers={"app.py": edited})) == {}
    assert rules_by_path(tree.run()) == {"alone.py": ["missing-await"], "app.py": ["blocking-call"]}
    taken(judged)
    assert rules_by_path(tree.run(buffers={"app.py": HELPED["app.py"]})) == {"app.py": ["blocking-call"]}
    assert taken(judged) == [], "a buffer that has been saved is the file itself"


@pytest.mark.usefixtures("old_files")
def test_a_file_that_was_read_as_it_was_written_is_read_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    tree.run()
    path = tree.root / "helper.py"
    before = path.stat()
    quiet = path.read_text().replace("time.sleep(1)", "time.time ( )")
    path.write_text(quiet)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size
    # Such an edit shows in the time of the change, or else in that the file is too young to be trusted.
    monkeypatch.setattr(disk, "_COARSE", 2_000_000_000)
    assert rules_by_path(tree.run()) == {"alone.py": ["missing-await"]}


# -- cached equals cold --------------------------------------------------------------------------


@pytest.mark.usefixtures("old_files")
@settings(max_examples=45, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(state=projects(), steps=st.lists(edits(), min_size=1, max_size=8), buffer=modules, choice=st.randoms())
def test_cached_is_cold(
    tmp_path_factory: pytest.TempPathFactory, state: State, steps: list[Edit], buffer: Module, choice: random.Random
) -> None:
    tree = Tree(tmp_path_factory.mktemp("cached") / "project", texts(state))
    tree.run()
    for step in steps:
        state = step(state)
        tree.become(texts(state))
        checked = [path for path in tree.files() if path.endswith(".py")]
        # Runs on some of the files come between, and runs on a buffer that nobody has saved.
        some = choice.sample(checked, 2)
        if choice.random() < 0.3:
            assert said(tree.run(some)) == said(tree.run(some, cache=False))
        if choice.random() < 0.2:
            buffers = {some[0]: buffer.text}
            assert said(tree.run(buffers=buffers)) == said(tree.run(cache=False, buffers=buffers))
        if choice.random() < 0.7:
            assert said(tree.run()) == said(tree.run(cache=False))
    assert said(tree.run()) == said(tree.run(cache=False))


# -- whatever happens to the store ---------------------------------------------------------------


def test_the_folder_tells_what_it_is(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    tree.run()
    folder = tree.cache.parent
    assert (folder / ".gitignore").read_text().splitlines()[-1] == "*"
    assert (folder / "CACHEDIR.TAG").read_text().startswith("Signature: 8a477f597d28d172789f06886806bc55")


@pytest.mark.parametrize("data", [b"", b"no database", b"SQLite format 3\0" + b"x" * 5000])
def test_a_foreign_file_is_replaced(tmp_path: Path, data: bytes) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    tree.cache.parent.mkdir()
    tree.cache.write_bytes(data)
    first = tree.run()
    assert len(first.diagnostics) == 2
    assert [notice.level for notice in first.notices] == (["warning"] if data else [])
    assert tree.run().notices == ()


def test_a_store_of_other_making_is_emptied(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    tree.cache.parent.mkdir()
    with sqlite3.connect(tree.cache) as connection:
        connection.execute("CREATE TABLE modules (nonsense)")
    connection.close()
    assert said(tree.run()) == said(tree.run(cache=False))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(seed=st.integers(0, 10**9), number=st.sampled_from([1, 3, 30]), cut=st.booleans())
def test_damage_does_not_change_what_is_found(
    tmp_path_factory: pytest.TempPathFactory, seed: int, number: int, cut: bool
) -> None:
    tree = Tree(tmp_path_factory.mktemp("damaged") / "project", HELPED)
    cold = tree.run(cache=False)
    tree.run()
    data = bytearray(tree.cache.read_bytes())
    generator = random.Random(seed)
    for _ in range(number):
        data[generator.randrange(len(data))] = generator.randrange(256)
    tree.cache.write_bytes(data[: generator.randrange(len(data))] if cut else data)
    for _ in range(2):
        report = tree.run()
        assert report.diagnostics == cold.diagnostics
        assert all(notice.level == "warning" for notice in report.notices)
    tree.write("helper.py", "def warm_up():\n    pass\n")
    assert tree.run().diagnostics == tree.run(cache=False).diagnostics


def test_a_cache_that_cannot_be_made_is_done_without(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    tree.cache.parent.write_text("a file")
    report = tree.run()
    assert len(report.diagnostics) == 2
    [notice] = report.notices
    assert notice.level == "warning"
    assert notice.text.startswith(".asynclint_cache: the cache cannot be used")
    assert "--no-cache" in notice.text


def test_a_full_disk_is_no_reason_to_stop(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    tree.run()
    tree.write("helper.py", "def warm_up():\n    pass\n")

    def full(*_: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    monkeypatch.setattr("asynclint.engine.changes.Writing.run", full)
    report = tree.run()
    assert rules_by_path(report) == {"alone.py": ["missing-await"]}
    assert "disk is full" in report.notices[0].text
    monkeypatch.undo()
    assert said(tree.run()) == said(tree.run(cache=False))


def test_a_writer_that_keeps_the_store_busy_is_not_waited_for_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    tree.run()
    tree.write("helper.py", "def warm_up():\n    pass\n")
    monkeypatch.setattr("asynclint.engine.store._PATIENCE", 50)
    other = sqlite3.connect(tree.cache, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        report = tree.run()
    finally:
        other.close()
    assert rules_by_path(report) == {"alone.py": ["missing-await"]}
    assert report.notices == ()


SCRIPT = """
import sys
from pathlib import Path
from asynclint.config import Configurations
from asynclint.engine.discover import discover
from asynclint.engine.house import known_rules
from asynclint.engine.run import check

for turn in range(int(sys.argv[1])):
    for path in Path(".").glob("*.py"):
        if sys.argv[2] == "edit":
            path.write_text(path.read_text() + f"# {turn}\\n")
    [project] = discover(["."], Configurations(known_rules()))
    report = check(project.files, project.settings)
    assert not report.notices, report.notices
print(len(report.diagnostics))
"""


def start(tree: Tree, turns: int, how: str) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", SCRIPT, str(turns), how]
    return subprocess.Popen(
        command, cwd=tree.root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )  # fmt: skip


def test_processes_share_a_store(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    running = [start(tree, 8, "read"), start(tree, 8, "read")]
    for process in running:
        out, err = process.communicate(timeout=120)
        assert (out.strip(), err) == (b"2", b"")
    assert said(tree.run()) == said(tree.run(cache=False))


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that cannot be caught")
@pytest.mark.parametrize("after", [0.0, 0.01, 0.03, 0.06])
def test_a_process_that_is_killed_leaves_a_good_store(tmp_path: Path, after: float) -> None:
    tree = Tree(tmp_path / "project", HELPED)
    process = start(tree, 1000, "edit")
    deadline = time.monotonic() + 60
    while not tree.cache.exists() and time.monotonic() < deadline:
        time.sleep(0.005)
    time.sleep(after)
    process.kill()
    process.communicate()
    for path, text in HELPED.items():
        tree.write(path, text)
    report = tree.run()
    assert said(report) == said(tree.run(cache=False))
    assert len(report.diagnostics) == 2


# -- size ----------------------------------------------------------------------------------------


def test_facts_that_no_file_has_any_more_are_dropped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asynclint.engine.changes._KEPT_RUNS", 3)
    tree = Tree(tmp_path / "project", HELPED)
    for turn in range(20):
        tree.write("alone.py", f"async def rest():\n    return {turn}\n")
        tree.run()
    with sqlite3.connect(tree.cache) as connection:
        (facts,) = connection.execute("SELECT count(*) FROM facts").fetchone()
        (outcomes,) = connection.execute("SELECT count(*) FROM outcomes").fetchone()
    connection.close()
    assert 3 <= facts <= 9
    assert outcomes == 3


def test_a_plan_of_one_file_looks_at_no_more_than_it_can_reach(tmp_path: Path) -> None:
    tree = Tree(tmp_path / "project", {**HELPED, **{f"other_{number}.py": "x = 1\n" for number in range(20)}})
    tree.run()
    store = Store(str(tree.cache.parent), _stamp_of(tree))
    (key,) = store._connection.execute("SELECT key FROM keys").fetchone()
    plan = make_plan(store, key, [str(tree.root / "app.py")], {})
    store.close()
    assert sorted(os.path.basename(path) for path in {*plan.states}) == ["app.py", "helper.py"]


def _stamp_of(tree: Tree) -> str:
    with sqlite3.connect(tree.cache) as connection:
        (told,) = connection.execute("SELECT value FROM meta WHERE name = 'stamp'").fetchone()
    connection.close()
    return str(told).partition(":")[2]

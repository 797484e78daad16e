"""Work spread over processes and threads gives the same as work done here, whoever dies."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings

from asynclint.engine import workers
from asynclint.engine.workers import judge_batch
from tests.engine.edits import State, projects, texts
from tests.engine.trees import Tree, said
from tests.harness.imports import ROOT

COUNT = 24
USUAL = workers._FEW_FILES
forking = pytest.mark.skipif(not workers._forks(), reason="processes are forked on Linux only, and without threads")


def files() -> dict[str, str]:
    """A chain of helpers that sleep at its end, and their users."""
    found = {"step_0.py": "import time\n\ndef run():\n    time.sleep(1)\n", "broken.py": "def (:\n"}
    for number in range(1, COUNT):
        found[f"step_{number}.py"] = f"import step_{number - 1} as before\n\ndef run():\n    before.run()\n"
        found[f"use_{number}.py"] = f"from step_{number} import run\n\nasync def main():\n    run()\n"
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    return Tree(tmp_path / "project", files())


@pytest.fixture(autouse=True)
def no_work_is_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_FEW_FILES", 1)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How the processes of each pool were started."""
    found: list[str] = []
    pool = workers._pool

    def recorded(number: int, method: str) -> Any:
        found.append(method)
        return pool(number, method)

    monkeypatch.setattr(workers, "_pool", recorded)
    return found


def test_there_is_something_to_find(tree: Tree) -> None:
    assert len(tree.run(cache=False).diagnostics) == COUNT


@forking
@pytest.mark.parametrize("jobs", [2, 3, 7])
def test_forks_give_the_same(tree: Tree, jobs: int, started: list[str]) -> None:
    assert said(tree.run(cache=False, jobs=jobs)) == said(tree.run(cache=False))
    assert started == ["fork", "fork"]


def test_started_processes_give_the_same(tree: Tree, started: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_forks", lambda: False)
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    assert said(tree.run(jobs=2)) == said(tree.run(cache=False))
    assert started == ["spawn"]
    assert said(tree.run(jobs=2)) == said(tree.run(cache=False))


@pytest.mark.parametrize("make", [lambda: ThreadPoolExecutor(3), lambda: ProcessPoolExecutor(2, get_context("spawn"))])
def test_any_executor_will_do(tree: Tree, make: Callable[[], Executor], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    with make() as executor:
        report = tree.run(executor=executor)
    assert said(report) == said(tree.run(cache=False))
    tree.write("step_0.py", "def run():\n    pass\n")
    with make() as executor:
        assert said(tree.run(executor=executor)) == said(tree.run(cache=False))


def test_what_workers_find_is_kept(tree: Tree) -> None:
    tree.run(jobs=3)
    tree.write("step_0.py", "async def run():\n    pass\n")
    report = tree.run(jobs=3)
    assert said(report) == said(tree.run(cache=False))
    assert said(tree.run()) == said(report)


class Dying(Executor):
    """Does the first few tasks, then breaks as a pool does whose processes are killed."""

    def __init__(self, after: int, *, at_once: bool) -> None:
        self.left = after
        self.at_once = at_once

    def submit(self, task: Callable[..., Any], /, *arguments: Any, **named: Any) -> Future[Any]:
        future: Future[Any] = Future()
        if self.left == 0:
            if self.at_once:
                raise BrokenProcessPool("killed")
            future.set_exception(BrokenProcessPool("killed"))
        else:
            self.left -= 1
            future.set_result(task(*arguments, **named))
        return future


@pytest.mark.parametrize("after", [0, 1, 5])
@pytest.mark.parametrize("at_once", [True, False])
def test_work_of_the_dead_is_done_here(tree: Tree, after: int, at_once: bool) -> None:
    report = tree.run(executor=Dying(after, at_once=at_once))
    cold = tree.run(cache=False)
    assert report.diagnostics == cold.diagnostics
    assert [(notice.level, "worker process" in notice.text) for notice in report.notices] == [("warning", True)]
    assert said(tree.run()) == said(cold)


@forking
def test_a_killed_process_takes_nothing_with_it(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    here = os.getpid()
    judge = workers.judge_batch

    def fatal(recipe: workers.Recipe, batch: Any) -> Any:
        if os.getpid() != here and any(file.display == "use_9.py" for _, file in batch):
            os.kill(os.getpid(), signal.SIGKILL)
        return judge(recipe, batch)

    # What is run elsewhere is found there by its name.
    monkeypatch.setattr(workers, "judge_batch", fatal)
    fatal.__module__, fatal.__qualname__ = judge_batch.__module__, "judge_batch"
    report = tree.run(cache=False, jobs=2)
    assert report.diagnostics == tree.run(cache=False).diagnostics
    assert [notice.level for notice in report.notices] == ["warning"]


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(state=projects())
def test_any_project_gives_the_same(tmp_path_factory: pytest.TempPathFactory, state: State) -> None:
    tree = Tree(tmp_path_factory.mktemp("spread") / "project", texts(state))
    assert said(tree.run(cache=False, jobs=3)) == said(tree.run(cache=False))


def test_the_seed_of_hashes_does_not_matter(tree: Tree) -> None:
    outputs = set()
    for seed in ("0", "1", "2"):
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONHASHSEED": seed}
        command = [sys.executable, "-m", "asynclint", "check", ".", "--output-format", "json", "--no-cache"]
        ran = subprocess.run(command, cwd=tree.root, env=environment, capture_output=True, timeout=120)
        assert (ran.returncode, ran.stderr) == (1, b"")
        outputs.add(ran.stdout)
    assert len(outputs) == 1


def test_small_work_stays_here(tree: Tree, started: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "_FEW_FILES", USUAL)
    assert said(tree.run(cache=False, jobs=2)) == said(tree.run(cache=False))
    assert started == []

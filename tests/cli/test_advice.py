"""Advice speaks of what the project has: its oldest Python, and the async library of the module."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran

Invoke = Callable[..., Ran]
HELPER = """\
import time


def warm_up():
    time.sleep(1)


async def f():
    warm_up()
"""


def advice(asynclint: Invoke, *arguments: str) -> tuple[str, str | None]:
    """The help of the only finding, and what its fix writes."""
    ran = asynclint("check", ".", "--output-format=json", "--unsafe-fixes", *arguments)
    [found] = json.loads(ran.out)["findings"]
    return found["help"], "".join(edit["content"] for edit in found["fix"]["edits"]) if found["fix"] else None


@pytest.mark.parametrize(
    ("wanted", "call"),
    [
        (">=3.8", "await asyncio.get_running_loop().run_in_executor(None, warm_up, ...)"),
        (">=3.9", "await asyncio.to_thread(warm_up, ...)"),
    ],
)
def test_a_worker_thread_of_the_oldest_python(asynclint: Invoke, folder: Path, wanted: str, call: str) -> None:
    (folder / "pyproject.toml").write_text(f'[project]\nrequires-python = "{wanted}"\n')
    (folder / "app.py").write_text(HELPER)
    told, fix = advice(asynclint)
    assert told == f"run it in a worker thread, `{call}`, or make it async all the way down"
    assert (fix is None) is (wanted == ">=3.8")


def test_task_groups_from_3_11(asynclint: Invoke, folder: Path) -> None:
    (folder / "app.py").write_text("import asyncio\n\n\nasync def f():\n    asyncio.create_task(f())\n")
    assert "asyncio.TaskGroup" not in advice(asynclint, "--target-version=3.10")[0]
    assert "asyncio.TaskGroup" in advice(asynclint, "--target-version=3.11")[0]


@pytest.mark.parametrize(
    ("library", "call"), [("trio", "trio.to_thread.run_sync"), ("anyio", "anyio.to_thread.run_sync")]
)
def test_the_library_is_told_from_the_imports_or_the_configuration(
    asynclint: Invoke, folder: Path, library: str, call: str
) -> None:
    (folder / "app.py").write_text(HELPER)
    told, fix = advice(asynclint, "--config", f'library = "{library}"')
    assert f"`await {call}(warm_up, ...)`" in told
    (folder / "app.py").write_text(f"import {library}\n{HELPER}")
    told, fix = advice(asynclint)
    assert f"`await {call}(warm_up, ...)`" in told
    assert fix == f"await {call}(warm_up)"

"""What besides the named files is reported on."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ran
from tests.cli.test_baseline import git

Invoke = Callable[..., Ran]

HELPERS = "def warm_up():\n    return 1\n"
APP = """\
import asyncio
import helpers


async def f():
    helpers.warm_up()


async def old():
    asyncio.sleep(1)
"""


@pytest.fixture
def repository(folder: Path) -> Path:
    (folder / ".git").rmdir()
    (folder / "helpers.py").write_text(HELPERS)
    (folder / "app.py").write_text(APP)
    git(folder, "init", "-q", "-b", "main")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    (folder / "helpers.py").write_text("async " + HELPERS)
    return folder


def places(ran: Ran) -> list[str]:
    return [line.split(" ")[0] for line in ran.out.splitlines()]


def test_a_changed_helper_breaks_its_callers(asynclint: Invoke, repository: Path) -> None:
    def found(*arguments: str) -> list[str]:
        return places(asynclint("check", "-q", "--output-format=concise", *arguments))

    assert found("helpers.py") == []
    assert found("helpers.py", "--scope=affected") == ["app.py:6:5:"]
    assert found("helpers.py", "--scope=project") == ["app.py:6:5:", "app.py:10:5:"]
    assert found("app.py", "--scope=affected") == ["app.py:6:5:", "app.py:10:5:"]
    git(repository, "commit", "-qam", "second")
    assert found("helpers.py", "--scope=affected") == []

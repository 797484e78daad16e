"""Jupyter notebooks: cells are checked, places are given by cell."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from asynclint.engine.notebooks import NotANotebook, Notebook
from asynclint.source import file_and_cell
from tests.cli.conftest import Ran
from tests.cli.test_baseline import git

Invoke = Callable[..., Ran]


def notebook(*cells: str | list[str], language: str = "python") -> str:
    listed: list[dict[str, Any]] = [{"cell_type": "markdown", "source": ["# title"], "metadata": {}}]
    listed += [{"cell_type": "code", "source": cell, "outputs": [], "metadata": {}} for cell in cells]
    return json.dumps({"cells": listed, "metadata": {"kernelspec": {"language": language}}, "nbformat": 4})


def found(asynclint: Invoke, *arguments: str) -> list[str]:
    ran = asynclint("check", "-q", "--output-format=concise", *arguments)
    assert ran.err == ""
    return [line.split(" AL")[0] + " " + line.split("[")[-1].rstrip("]") for line in ran.out.splitlines()]


CELLS = (
    ["import asyncio\n", "import time\n", "\n", "async def f():\n", "    time.sleep(1)"],
    "%pip install x\nawait f()\nrows = !ls\n",
    "%%bash\nthis is not python\n",
    "f()\nfor x in y:\n    !echo {x}\ndef g():\n    await f()\n",
)


def test_places_are_told_by_cell(asynclint: Invoke, folder: Path) -> None:
    (folder / "nb.ipynb").write_text(notebook(*CELLS))
    assert found(asynclint, ".") == [
        "nb.ipynb:cell 2:5:5: blocking-call",
        "nb.ipynb:cell 5:1:1: missing-await",
        "nb.ipynb:cell 5:5:5: await-outside-async",
    ]
    shown = asynclint("check", ".").out
    assert "5 |     time.sleep(1)\n  |     ^^^^^^^^^^^^^\n" in shown and "fix:" not in shown


def test_machine_formats_name_the_file_and_the_cell(asynclint: Invoke, folder: Path) -> None:
    (folder / "nb.ipynb").write_text(notebook(*CELLS))
    first = json.loads(asynclint("check", ".", "--output-format=json").out)["findings"][0]
    assert (first["path"], first["cell"], first["location"]) == ("nb.ipynb", 2, {"line": 5, "column": 5})
    run = json.loads(asynclint("check", ".", "--output-format=sarif").out)["runs"][0]
    places = {each["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] for each in run["results"]}
    assert places == {"nb.ipynb"}


def test_the_tenth_cell_comes_after_the_second(asynclint: Invoke, folder: Path) -> None:
    (folder / "nb.ipynb").write_text(notebook("import asyncio", *["asyncio.sleep(1)"] * 10))
    numbers = [file_and_cell(line.rsplit(":", 3)[0])[1] for line in found(asynclint, ".")]
    assert numbers == list(range(3, 13))


def test_comments_in_cells_silence(asynclint: Invoke, folder: Path) -> None:
    text = "import asyncio\nasyncio.sleep(1)  # asynclint: ignore[missing-await]\nasyncio.sleep(2)  # noqa: AL101"
    (folder / "nb.ipynb").write_text(notebook(text))
    assert found(asynclint, ".") == []


def test_the_top_of_a_cell_may_await(asynclint: Invoke, folder: Path) -> None:
    cell = "import asyncio\nasync def f(): ...\nf()\nif f(): pass\nloop = asyncio.get_event_loop()\nlambda: f()\n"
    (folder / "nb.ipynb").write_text(notebook(cell))
    (folder / "module.py").write_text(cell)
    shown = {}
    for each in json.loads(asynclint("check", ".", "--output-format=json").out)["findings"]:
        shown.setdefault(each["path"], []).append((each["rule"], each["message"], each["help"]))
    assert shown["nb.ipynb"][0][1:] == (
        "coroutine `f(...)` never runs: nothing awaits it",
        "await it: `await f(...)`, or hand it to a task that is kept",
    )
    assert shown["module.py"][0][1:] == (
        "coroutine `f(...)` never runs: the module is not async and cannot await it",
        "start it with `asyncio.run`",
    )
    assert [each[0] for each in shown["nb.ipynb"]] == ["missing-await", "coroutine-as-condition"]
    assert [each[0] for each in shown["module.py"]] == ["missing-await", "coroutine-as-condition", "get-event-loop"]


def test_nothing_is_written_into_notebooks(asynclint: Invoke, folder: Path) -> None:
    text = notebook("import asyncio\nasync def f():\n    asyncio.sleep(1)\n")
    (folder / "nb.ipynb").write_text(text)
    asynclint("check", ".", "--fix", "--unsafe-fixes")
    asynclint("check", ".", "--add-ignore")
    assert (folder / "nb.ipynb").read_text() == text


def test_a_baseline_and_a_revision_know_cells(asynclint: Invoke, folder: Path) -> None:
    (folder / ".git").rmdir()
    (folder / "nb.ipynb").write_text(notebook("import asyncio", "asyncio.sleep(1)"))
    git(folder, "init", "-q")
    git(folder, "add", ".")
    git(folder, "commit", "-qm", "first")
    assert asynclint("baseline", "create").status == 0
    (folder / "nb.ipynb").write_text(notebook("import asyncio", "x = 1", "asyncio.sleep(1)", "asyncio.sleep(2)"))
    expected = ["nb.ipynb:cell 5:1:1: missing-await"]
    assert found(asynclint, ".", "--baseline=asynclint-baseline.json") == expected
    assert found(asynclint, ".", "--diff-base=HEAD") == expected


@pytest.mark.parametrize("text", ["{}", "[]", "x = 1", '{"cells": [{"cell_type": "code"}]}'])
def test_a_file_that_is_no_notebook(asynclint: Invoke, folder: Path, text: str) -> None:
    (folder / "nb.ipynb").write_text(text)
    ran = asynclint("check", ".")
    assert ran.status == 2
    assert ran.err == "asynclint: error: nb.ipynb: not a Jupyter notebook of format 4; convert or exclude it\n"
    with pytest.raises(NotANotebook):
        Notebook.read(text.encode())


def test_other_languages_are_left_alone(asynclint: Invoke, folder: Path) -> None:
    (folder / "nb.ipynb").write_text(notebook("library(x) <- 3", language="R"))
    assert found(asynclint, ".") == []


def test_every_line_keeps_its_place() -> None:
    text = "%%time\nx = 1\n!ls \\\n  -l\ny = %magic 3\nprint?\nif x:\n    %run it\n'%s' % x\n"
    read = Notebook.read(notebook(text).encode())
    assert read.text == "\nx = 1\n\n\ny = None\n\nif x:\n    pass\n'%s' % x\n\n"

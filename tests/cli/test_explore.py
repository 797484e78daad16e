"""`trace`, `callers` and `graph` answer what a report makes one ask."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from asynclint.cli.group import cli


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "net.py").write_text(
        "import time\n\n\ndef pause():\n    time.sleep(1)\n\n\nclass Client:\n    def get(self):\n        pause()\n",
        encoding="utf-8",
    )
    (tmp_path / "app.py").write_text(
        "import asyncio\n\nfrom net import Client\n\n\n"
        "async def fetch():\n    Client().get()\n\n\n"
        "async def main():\n    await fetch()\n    await asyncio.gather(fetch())\n"
        "    await asyncio.to_thread(Client().get)\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(*arguments: str) -> Result:
    return CliRunner().invoke(cli, [*arguments, "--isolated"], catch_exceptions=False)


@pytest.mark.usefixtures("project")
def test_trace_shows_the_chain_and_what_is_awaitable() -> None:
    lines = run("trace", "app.fetch").output.splitlines()
    assert lines[0] == "app.fetch (app.py:6): coroutine function"
    assert "  line 7: blocks in `time.sleep` (sleep, heavy, bounded)" in lines
    assert "    net.py:5: `pause` calls `time.sleep`" in lines
    assert any(
        "`fetch(...)` gives a coroutine (awaited)" in line for line in run("trace", "app.main").output.splitlines()
    )


@pytest.fixture
def effects(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work.py").write_text(
        "import asyncio\n\nimport requests\n\n\n"
        "async def nap():\n    try:\n        await asyncio.sleep(1)\n"
        "    except asyncio.CancelledError:\n        pass\n\n\n"
        "def start():\n    requests.get('x')\n    return asyncio.create_task(nap())\n\n\n"
        "async def main():\n    await nap()\n    await start()\n\n\n"
        "def run():\n    asyncio.run(main())\n\n\ndef idle():\n    pass\n",
        encoding="utf-8",
    )
    monkeypatch.chdir(tmp_path)


@pytest.mark.usefixtures("effects")
def test_trace_tells_every_effect_with_its_chain() -> None:
    assert run("trace", "main").output.splitlines() == [
        "work.main (work.py:18): coroutine function",
        "  always gives way to other tasks in `asyncio.create_task`",
        "  line 20: blocks in `requests.get` (network, heavy, unbounded)",
        "    work.py:20: `main` calls `start`",
        "    work.py:14: `start` calls `requests.get`",
        "  line 20: starts a task in `asyncio.create_task`",
        "    work.py:20: `main` calls `start`",
        "    work.py:15: `start` calls `asyncio.create_task`",
        "  line 19: absorbs a cancellation in `except asyncio.CancelledError`",
        "    work.py:19: `main` awaits `nap`",
        "    work.py:9: `nap` absorbs it in `except asyncio.CancelledError`",
        "  line 19: `nap(...)` gives a coroutine (awaited)",
    ]
    assert run("trace", "start").output.splitlines() == [
        "work.start (work.py:13): plain function",
        "  calling it gives an `asyncio.Task`, made by `asyncio.create_task`",
        "  line 14: blocks in `requests.get` (network, heavy, unbounded)",
        "  line 15: starts a task in `asyncio.create_task`",
        "  line 15: needs a running event loop for `asyncio.create_task`",
        "  line 15: `nap(...)` gives a coroutine (argument)",
    ]


@pytest.mark.usefixtures("effects")
def test_trace_tells_one_effect_when_asked() -> None:
    assert run("trace", "run", "--effect", "starts-loop").output.splitlines() == [
        "work.run (work.py:23): plain function",
        "  line 24: starts an event loop in `asyncio.run`",
    ]
    nothing = run("trace", "run", "--effect", "spawns-task", "--effect", "blocks").output.splitlines()
    assert nothing[1:] == ["  not known: blocks, spawns-task"]
    assert run("trace", "idle").output.splitlines()[1:] == ["  no effect is known"]
    assert "Invalid value for '--effect'" in CliRunner().invoke(cli, ["trace", "run", "--effect", "x"]).output


@pytest.mark.usefixtures("effects")
def test_trace_as_json_says_the_same() -> None:
    data = json.loads(run("trace", "main", "--format", "json").output)
    assert data["version"] == 1
    assert data["function"] == {"name": "work.main", "kind": "coroutine function", "place": "work.py:18"}
    told = {each["effect"]: each for each in data["effects"]}
    assert told["suspends"]["level"] == "always"
    assert told["suspends"]["line"] is None
    assert [told["blocks"][key] for key in ("kind", "bounded", "root")] == ["network", False, "requests.get"]
    assert told["absorbs-cancellation"]["via"][-1] == {
        "path": "work.py",
        "line": 9,
        "text": "`nap` absorbs it in `except asyncio.CancelledError`",
    }


@pytest.mark.usefixtures("project")
def test_callers_go_up_to_the_coroutines() -> None:
    lines = run("callers", "pause").output.splitlines()
    assert lines == [
        "net.pause (net.py:4)",
        "  called by def net.Client.get (net.py:10)",
        "    called by async def app.fetch (app.py:7)",
        "    offloaded by async def app.main (app.py:13)",
    ]


@pytest.mark.usefixtures("project")
def test_the_graph_tells_the_mode_of_each_call() -> None:
    data = json.loads(run("graph", "--format", "json").output)
    modes = {(call["caller"], call["callee"], call["mode"]) for call in data["calls"]}
    assert ("app.main", "app.fetch", "awaited") in modes
    assert ("app.main", "net.Client.get", "offloaded") in modes
    assert ("app.fetch", "net.Client.get", "called") in modes
    assert '"app.fetch" -> "net.Client.get" [label="called"];' in run("graph").output


def test_code_that_syntax_runs_has_callers(project: Path) -> None:
    (project / "rows.py").write_text(
        "import contextlib\n\nfrom net import pause\n\n\n"
        "class Slow:\n    def __enter__(self):\n        pause()\n\n"
        "    def __exit__(self, *error):\n        pass\n\n"
        "    @property\n    def size(self):\n        pause()\n\n\n"
        "@contextlib.contextmanager\ndef opened():\n    pause()\n    yield\n\n\n"
        "def steps():\n    pause()\n    yield 1\n\n\n"
        "async def take(function):\n    function()\n\n\n"
        "async def main(slow: Slow, given):\n    with slow:\n        pass\n    with opened():\n        pass\n"
        "    made = steps()\n    for step in made:\n        print(step)\n    size = slow.size\n"
        "    with given:\n        print(size)\n    made = map(pause, [1])\n    await take(pause)\n",
        encoding="utf-8",
    )
    data = json.loads(run("graph", "--format", "json").output)
    modes = {(call["callee"], call["mode"]) for call in data["calls"] if call["caller"] == "rows.main"}
    assert modes == {
        ("rows.Slow.__enter__", "entered"),
        ("rows.Slow.__exit__", "entered"),
        ("rows.opened", "entered"),
        ("rows.steps", "called"),
        ("rows.steps", "iterated"),
        ("rows.Slow.size", "called"),
        ("rows.take", "awaited"),
        ("net.pause", "called"),
    }


@pytest.mark.usefixtures("project")
def test_a_name_that_fits_nothing_or_too_much_says_what_to_give() -> None:
    from asynclint.cli.status import Stop

    with pytest.raises(Stop, match="there is no function `nothing`"):
        run("trace", "nothing")
    Path("more.py").write_text("def get():\n    pass\n", encoding="utf-8")
    with pytest.raises(Stop, match="`get` names 2 functions") as stop:
        run("callers", "get")
    assert "  more.get (more.py:1)" in stop.value.notes
    assert run("trace", "more.py:2").output.startswith("more.get (more.py:1): plain function")

"""After an edit, only files that can name what was edited are judged again, and all of those."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from asynclint.engine import analysis, disk
from asynclint.engine.cutoff import changed_handles
from asynclint.engine.discover import FileToCheck
from asynclint.engine.outcome import Outcome
from tests.engine.trees import Tree, said

HELPERS = '''"""Helpers."""
import time

def warm_up():
    return 0

def cool_down():
    return 1

class Client:
    limit = 1

    def fetch_page(self):
        return cool_down()

    def wind_up(self):
        return None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None
'''
FILES = {
    "helpers.py": HELPERS,
    "warm.py": "from helpers import warm_up\n\nasync def start():\n    warm_up()\n",
    "cool.py": "import helpers\n\ndef stop():\n    helpers.cool_down()\n",
    "through.py": "from cool import stop\n\nasync def end():\n    stop()\n",
    "fetch.py": "import helpers\n\nasync def load():\n    helpers.Client().fetch_page()\n",
    "given.py": "import helpers\n\ndef make():\n    return helpers.Client()\n",
    "entered.py": "from given import make\n\nasync def work():\n    with make():\n        pass\n",
    "bystander.py": "import helpers\n\nasync def look_on():\n    print(helpers)\n",
}
Edited = Callable[[str, str], "list[str]"]


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tree:
    # Files count as modified long before they are read, so that signatures are trusted.
    monkeypatch.setattr(disk, "_COARSE", -(10**20))
    # However few the files are, finding out is worth it.
    monkeypatch.setattr("asynclint.engine.cutoff._MOST", 1.0)
    made = Tree(tmp_path / "project", FILES)
    made.run()
    return made


@pytest.fixture
def edited(tree: Tree) -> Edited:
    """Replaces text in `helpers.py`, and gives the files that are judged again besides it."""

    def edit(old: str, new: str, path: str = "helpers.py") -> list[str]:
        text = (tree.root / path).read_text()
        assert text.count(old) == 1
        tree.write(path, text.replace(old, new))
        before = judged(tree)
        assert path in before
        return [each for each in before if each != path]

    return edit


def judged(tree: Tree) -> list[str]:
    """Runs, compares with a cold run, and gives the files that were judged."""
    found: list[str] = []
    outcome = analysis.Analysis.outcome

    def recorded(self: analysis.Analysis, file: FileToCheck) -> Outcome:
        found.append(file.display)
        return outcome(self, file)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(analysis.Analysis, "outcome", recorded)
        report = tree.run()
    assert said(report) == said(tree.run(cache=False))
    return sorted(found)


@pytest.mark.parametrize(
    "old, new, users",
    [
        ("return 0", "return time.sleep(1)", ["warm.py"]),
        ("def warm_up", "async def warm_up", ["warm.py"]),
        ("def warm_up", "def warm_down", ["warm.py"]),
        ("return 1", "return time.sleep(1)", ["cool.py", "fetch.py", "through.py"]),
        ("def fetch_page", "async def fetch_page", ["fetch.py"]),
        ("def wind_up(self):\n        return", "def wind_up(self):\n        time.sleep(1)\n        return", []),
        ("_(self):\n", "_(self):\n        time.sleep(1)\n", ["entered.py", "fetch.py", "given.py"]),
        ("class Client:", "class Client(dict):", ["entered.py", "fetch.py", "given.py"]),
        ("limit = 1", "limit = 2", ["entered.py", "fetch.py", "given.py"]),
        ("def cool_down", "def added():\n    time.sleep(1)\n\ndef cool_down", []),
        ("import time\n", "import os\nimport time\n", []),
        ('"""Helpers."""', '"""Some helpers."""', []),
        ("    return 1\n", "    # One.\n\n    return 1\n", []),
    ],
)  # fmt: skip
def test_who_can_name_it_is_judged_again(edited: Edited, old: str, new: str, users: list[str]) -> None:
    assert edited(old, new) == users


@pytest.mark.parametrize("line", ["__all__ = ['warm_up']", "from os import *", "x = 1  # asynclint: ignore"])
def test_what_anything_may_depend_on_concerns_all(edited: Edited, line: str) -> None:
    users = FILES.keys() - {"helpers.py", "bystander.py"}
    assert edited("import time\n", f"import time\n{line}\n") == sorted(users)


def test_a_place_that_is_shown_moves_with_the_edit(tree: Tree, edited: Edited) -> None:
    edited("return 0", "time.sleep(1)")
    assert edited('"""Helpers."""\n', '"""Helpers."""\n\n\n') == ["warm.py"], "the trace shows a line of the helpers"
    [found] = [each for each in tree.run().diagnostics if each.path == "warm.py"]
    assert [step.span.line for step in found.trace][-1] == 7


def test_ways_through_an_edited_file_are_remembered(tree: Tree) -> None:
    tree.write("cool.py", FILES["cool.py"] + "\ndef other():\n    pass\n")
    assert judged(tree) == ["cool.py"]
    tree.write("helpers.py", HELPERS.replace("return 1", "return time.sleep(1)"))
    assert judged(tree) == ["cool.py", "fetch.py", "helpers.py", "through.py"]


def test_files_that_were_not_asked_about_are_not_forgotten(tree: Tree) -> None:
    tree.write("helpers.py", HELPERS.replace("return 1", "return time.sleep(1)"))
    assert said(tree.run(["warm.py"])) == said(tree.run(["warm.py"], cache=False))
    assert {"cool.py", "fetch.py", "through.py"} <= {*judged(tree)}


def test_fixtures_concern_all() -> None:
    before, after = b"def loop():\n    return 1\n", b"def loop():\n    return 2\n"
    assert changed_handles(before, after) == {"loop"}
    decorated = b"@pytest.fixture(autouse=True)\n"
    assert changed_handles(decorated + before, decorated + after) is None
    assert changed_handles(before, decorated + before) is None


@pytest.mark.parametrize(
    "before, after, handles",
    [
        ("x = 1\n", "x = 1  # why\n", set()),
        ("x = (1,\n 2)\n", "x = (1, 2)\n", {"x"}),
        ("def f():\n  a = 1\n  return a\n", "def f():\n  b = 1\n  return b\n", {"f"}),
        ("def f(s):\n  s.a = 1\n", "def f(s):\n  s.b = 1\n", {"f", "a", "b"}),
        ("def f():\n  def g(): pass\n", "def f():\n  def h(): pass\n", {"f", "g", "h"}),
        ("def f():\n  global a\n  a = 1\n", "def f():\n  global a\n  a = 2\n", {"f", "a"}),
        ("class C:\n  def zero(self): pass\n", "class C:\n  def zero(self): return 1\n", {"zero"}),
        ("class C:\n  def zero(self): pass\n", "class C(D):\n  def zero(self): pass\n", {"C", "D", "zero"}),
        ("class C:\n  a = 1\n", "class C:\n  a = 2\n", {"C", "a"}),
        ("class C:\n  def __len__(self): pass\n", "class C:\n  def __len__(self): return 1\n", {"C", "__len__"}),
        ("def f(): pass\ndef g(): pass\n", "def g(): pass\ndef f(): pass\n", {"f", "g"}),
        ("if x:\n  def f(): pass\n", "if y:\n  def f(): pass\n", {"f"}),
        ("if x:\n  from a import *\n", "if x:\n  from a import * # all\n", set()),
        ("import a\n", "import b.c as d, e.f\n", {"a", "d", "e"}),
        ("x = (\n", "x = 1\n", {"x"}),
        ("ﬁ = 1\n", "ﬁ = 2\n", {"fi"}),
        ("main()\n", "main(1)\n", {"main"}),
    ],
)  # fmt: skip
def test_handles_of_edits(before: str, after: str, handles: set[str]) -> None:
    assert changed_handles(before.encode(), after.encode()) == handles


LOGGING = "import logging\n\n_LOGGER = logging.getLogger(__name__)\n\n"


@pytest.mark.parametrize(
    "line, handles",
    [
        ("_LOGGER.debug('%s', x)", set()),
        ("_LOGGER.debug('x', exc_info=True)", set()),
        ("logging.info(x)", set()),
        ("unread = 1", set()),
        ("unread: int = x", set()),
        ("unread = (x, 1)", set()),
        ("_LOGGER.debug(x.name)", {"f"}),  # reading an attribute may run a property
        ("_LOGGER.debug(f'{x}')", {"f"}),
        ("_LOGGER.debug(make())", {"f"}),
        ("_LOGGER.debug(given)", {"f"}),  # a parameter that is handed on
        ("_LOGGER.addHandler(x)", set()),
        ("x = 2", {"f"}),
        ("unread = make()", {"f"}),
        ("unread = x.name", {"f"}),
        ("time.sleep(1)", {"f"}),
        ("other.debug(x)", {"f"}),
        ("_LOGGER = make; _LOGGER.debug(x)", {"f"}),
        ("x.seen = 1", {"f", "seen"}),
    ],
)  # fmt: skip
def test_what_nobody_can_notice_changes_nothing(line: str, handles: set[str]) -> None:
    before = LOGGING + "import time, other\n\ndef f(given):\n    x = 1\n    return x\n"
    after = before.replace("    x = 1\n", f"    x = 1\n    {line}\n")
    assert changed_handles(before.encode(), after.encode()) == handles
    assert changed_handles(after.encode(), before.encode()) == handles


@pytest.mark.parametrize(
    "before, after",
    [
        ("def f():\n  pass\n", "def f():\n  unread = 1\n"),
        ("def f():\n  return 1\n", "def f():\n  global unread\n  unread = 1\n  return 1\n"),
        ("def f():\n  return 1\n", "def f():\n  class C:\n    unread = 1\n  return 1\n"),
        ("def f(_LOGGER):\n  return 1\n", "def f(_LOGGER):\n  _LOGGER.debug('')\n  return 1\n"),
    ],
)  # fmt: skip
def test_what_looks_like_nothing_may_matter(before: str, after: str) -> None:
    found = changed_handles((LOGGING + before).encode(), (LOGGING + after).encode())
    assert found is not None and "f" in found


def test_a_module_of_the_project_is_not_that_of_the_standard_library() -> None:
    before, after = (LOGGING + f"def f():\n  {line}return 1\n" for line in ("", "_LOGGER.debug('')\n  "))
    assert changed_handles(before.encode(), after.encode(), {"logging"}) == {"f"}


def test_a_line_for_the_log_concerns_one_file(edited: Edited) -> None:
    assert edited("import time\n", "import time\n" + LOGGING) == []
    assert edited("    return 0\n", "    _LOGGER.info('warm')\n    return 0\n") == []

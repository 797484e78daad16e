"""Small projects whose files depend on each other in every way that Python has, and edits of them."""

from __future__ import annotations

from hypothesis import strategies as st

_FUNCTIONS = ("f", "g", "h")
_HEAD = "import asyncio\nimport time\nimport pytest\n"
_IMPORTS = (
    "import a",
    "import b",
    "from a import f",
    "from a import g as h",
    "from a import *",
    "from b import *",
    "from b import f, g",
    "import pkg",
    "import pkg.c",
    "from pkg import c",
    "from pkg import f",
    "from pkg.c import f as g",
    "from pkg.c import C",
    "from . import d",
    "from .d import g",
    "from .c import *",
    "from space.e import h",
    "import space.e as e",
    "from a import C",
)
_STATEMENTS = (
    "time.sleep(1)",
    "await asyncio.sleep(1)",
    "f()",
    "await f()",
    "return g()",
    "a.f()",
    "a.C().run()",
    "b.g()",
    "c.f()",
    "pkg.c.f()",
    "pkg.f()",
    "pkg.d.g()",
    "d.g()",
    "e.h()",
    "h()",
    "C().run()",
    "await C().run()",
    "asyncio.create_task(f())",
    "h()  # asynclint: ignore",
    "time.sleep(1)  # asynclint: ignore[blocking-call] -- meant",
    "pass",
)
_CLASSES = (
    "class C:\n    async def run(self):\n        await asyncio.sleep(1)\n",
    "class C:\n    def run(self):\n        time.sleep(1)\n",
    "class D(C):\n    def run(self):\n        return 1\n",
    "class D(a.C):\n    async def run(self):\n        return f()\n",
)
_OTHERS = (
    "async def test_it(loop):\n    assert f()\n",
    "@pytest.fixture\ndef loop(event_loop):\n    return event_loop\n",
    "pytestmark = pytest.mark.asyncio\n",
    "value = f()\n",
    "def broken(:\n",
)
PATHS = (
    "a.py",
    "b.py",
    "pkg/__init__.py",
    "pkg/c.py",
    "pkg/d.py",
    "pkg/a.py",
    "space/e.py",
    "src/b.py",
    "tests/conftest.py",
    "tests/test_a.py",
)
_SETTINGS = ("[pytest]\nasyncio_mode = auto\n", "[pytest]\nasyncio_mode = strict\n", "[pytest]\n")


@st.composite
def _functions(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(_FUNCTIONS))
    body = draw(st.lists(st.sampled_from(_STATEMENTS), min_size=1, max_size=3))
    is_async = draw(st.booleans())
    if not is_async:
        body = [each.removeprefix("await ") for each in body]
    return "".join([f"{'async ' if is_async else ''}def {name}():\n", *(f"    {each}\n" for each in body)])


@st.composite
def modules(draw: st.DrawFn) -> str:
    """The text of a module."""
    imports = draw(st.lists(st.sampled_from(_IMPORTS), max_size=4, unique=True))
    other = st.one_of(st.sampled_from(_CLASSES), st.sampled_from(_OTHERS))
    pieces = draw(st.lists(st.one_of(_functions(), _functions(), _functions(), other), max_size=4))
    return _HEAD + "".join(f"{each}\n" for each in imports) + "".join(pieces)


def projects() -> st.SearchStrategy[dict[str, str]]:
    """Texts by path."""
    return st.dictionaries(st.sampled_from(PATHS), modules(), min_size=3)


#: One edit: a path and its new text, where None removes the file and a path moves it there.
Edit = tuple[str, "str | None", str]


def edits() -> st.SearchStrategy[list[Edit]]:
    """Steps that follow each other: write, remove, move, and set up the tests in another way."""
    path = st.sampled_from(PATHS)
    write = st.tuples(path, modules(), st.just("write"))
    remove = st.tuples(path, st.none(), st.just("remove"))
    move = st.tuples(path, path, st.just("move"))
    configure = st.tuples(
        st.sampled_from(("pytest.ini", "tests/pytest.ini")), st.sampled_from(_SETTINGS), st.just("write")
    )
    return st.lists(st.one_of(write, write, write, remove, move, configure), min_size=1, max_size=5)

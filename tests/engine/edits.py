"""Small projects whose files depend on each other in every way that Python has, and edits of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from hypothesis import strategies as st

#: What a name may be in a module.
KINDS = {
    "sleeps": "def {0}():\n    time.sleep(1)\n",
    "rests": "async def {0}():\n    await asyncio.sleep(1)\n",
    "plain": "def {0}():\n    return 1\n",
    "through": "def {0}():\n    return {1}()\n",
    "below": "def {0}():\n    return below.{1}()\n",
    "awaits": "async def {0}():\n    return await {1}()\n",
    "class": "class {0}:\n    async def run(self):\n        await asyncio.sleep(1)\n",
    "derived": "class {0}({1}):\n    def run(self):\n        return 1\n",
    "other": "class {0}:\n    def run(self):\n        time.sleep(1)\n",
    "entered": "class {0}:\n    def __enter__(self): return {1}()\n    def __exit__(self, *_): pass\n",
    "holder": "class {0}:\n    def __init__(self): self.made = {1}()\n    def run(self): return self.made\n",
    "factory": "def {0}():\n    def inner():\n        return {1}()\n    return inner\n",
    "wrapped": "def {0}(*given):\n    return given[0] if given else {1}\n",
    "decorated": "@{1}\ndef {0}():\n    time.sleep(1)\n",
    "listed": "__all__ = ['{0}']\n\ndef {0}():\n    time.sleep(1)\n",
    "alias": "{0} = {1}\n",
    "marked": "{0} = 1\npytestmark = pytest.mark.asyncio\n",
    "fixture": "@pytest.fixture\ndef {0}(event_loop):\n    return event_loop\n",
    "broken": "def {0}(:\n",
    "absent": "",
}
#: How modules are brought in; only those of `_SHAPE` lie where the names say.
IMPORTS = (
    "from a import *",
    "from a import f, g",
    "from b import f",
    "from b import g as f",
    "import a as below",
    "import b as below",
    "import pkg as below",
    "import pkg.c as below",
    "from pkg import below",
    "from pkg import c as below",
    "from pkg import f, g",
    "from pkg.c import *",
    "from pkg.below import f",
    "from . import below",
    "from .below import g",
    "from .c import f, g",
    "from space.e import f",
    "import space.e as below",
    "import pkg",
)
USES = (
    "f()",
    "await f()",
    "g()",
    "below.f()",
    "below.g()",
    "pkg.below.f()",
    "pkg.c.g()",
    "f().run()",
    "g().run()",
    "below.f().run()",
    "g()  # asynclint: ignore",
    "f()()",
    "with f(): pass",
    "g().made.run()",
    "below.f().made",
    "f()  # asynclint: ignore[blocking-call] -- meant",
)
PATHS = (
    "a.py",
    "b.py",
    "pkg/__init__.py",
    "pkg/c.py",
    "pkg/below.py",
    "pkg/a.py",
    "space/e.py",
    "src/b.py",
    "tests/conftest.py",
    "tests/test_a.py",
)
SETTINGS = ("pytest.ini", "tests/pytest.ini")
_MODES = ("auto", "strict")


@dataclass(frozen=True)
class Module:
    """What a file says: imports, what `f` and `g` are, and a coroutine that uses things."""

    imports: tuple[str, ...]
    f: str
    g: str
    uses: tuple[str, ...]

    @property
    def text(self) -> str:
        lines = ["import asyncio", "import time", "import pytest", *self.imports]
        defined = KINDS[self.f].format("f", "g") + KINDS[self.g].format("g", "f")
        test = "async def test_it():\n" + "".join(f"    {each}\n" for each in self.uses or ("pass",))
        return "\n".join(lines) + "\n" + defined + test


_imports = st.lists(st.sampled_from(IMPORTS), max_size=3, unique=True).map(tuple)
_kinds = st.sampled_from(tuple(KINDS))
_uses = st.lists(st.sampled_from(USES), max_size=4).map(tuple)
modules = st.builds(Module, _imports, _kinds, _kinds, _uses)
State = dict[str, "Module | str"]
Edit = Callable[[State], State]


def projects() -> st.SearchStrategy[State]:
    """Files by path: modules, and texts of settings."""
    return st.fixed_dictionaries(
        dict.fromkeys(PATHS[:6], modules),
        optional={**dict.fromkeys(PATHS[6:], modules), SETTINGS[0]: st.sampled_from(_MODES).map(_mode)},
    )


def _mode(mode: str) -> str:
    return f"[pytest]\nasyncio_mode = {mode}\n"


def edits() -> st.SearchStrategy[Edit]:
    """One step: change a part of a file, put one there, remove it, move it, or set up the tests."""
    path = st.sampled_from(PATHS)
    part = st.one_of(
        st.tuples(st.sampled_from(["f", "g"]), _kinds),
        st.tuples(st.just("imports"), _imports),
        st.tuples(st.just("uses"), _uses),
    )
    changed = st.builds(_change, path, part)
    return st.one_of(
        changed,
        changed,
        changed,
        st.builds(_put, path, modules),
        st.builds(_remove, st.sampled_from((*PATHS, *SETTINGS))),
        st.builds(_move, path, path),
        st.builds(_put, st.sampled_from(SETTINGS), st.sampled_from(_MODES).map(_mode)),
    )


def _change(path: str, part: tuple[str, object]) -> Edit:
    def change(state: State) -> State:
        module = state.get(path)
        return {**state, path: replace(module, **dict([part]))} if isinstance(module, Module) else state

    return change


def _put(path: str, content: Module | str) -> Edit:
    return lambda state: {**state, path: content}


def _remove(path: str) -> Edit:
    return lambda state: {key: value for key, value in state.items() if key != path}


def _move(old: str, new: str) -> Edit:
    def move(state: State) -> State:
        if old not in state or old == new:
            return state
        return {**{key: value for key, value in state.items() if key != old}, new: state[old]}

    return move


def texts(state: State) -> dict[str, str]:
    return {path: content.text if isinstance(content, Module) else content for path, content in state.items()}

"""Async test that nothing runs.

A test runner that knows nothing of coroutines calls the test, gets a coroutine object and throws
it away: the test is counted and none of its lines has run. `unittest.TestCase` does so, and pytest
before 8.4 (it skips the test with a warning; later releases fail it) unless a plugin takes over.

## Bad

```python
import unittest


class LoginTest(unittest.TestCase):
    async def test_login(self):  # AL804
        self.assertTrue(False)
```

`pyproject.toml`:
```toml
[tool.pytest.ini_options]
asyncio_mode = "strict"
```

`test_login.py`:
```python
import pytest


async def test_login():  # AL804
    assert False


@pytest.mark.asyncio
async def test_logout():
    assert True
```

## Good

```python
import unittest


class LoginTest(unittest.IsolatedAsyncioTestCase):
    async def test_login(self):
        self.assertTrue(True)
```

`pyproject.toml`:
```toml
[tool.pytest.ini_options]
asyncio_mode = "auto"
```

`test_login.py`:
```python
async def test_login():
    assert True
```

## Known limits

For pytest the answer comes from the project: its configuration files and the command lines in them,
markers on the test, its class and its module, fixtures that ask for a loop, hooks in `conftest.py`.
Silent where there is no project around the file, where a plugin that runs every async test is among
the requirements, and where a decorator or marker is not known. For test cases of unittest, silent
where a base class is not known or runs its tests in its own way; their `setUp` and `tearDown` are
looked at as well.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, rule
from asynclint.program.async_tests import AsyncTests

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context

_NAMES = ("test", "setUp", "tearDown")


def never_runs(site: Site, program: Program) -> str | None:
    function = site.own_function
    if not function.is_async or not function.name.startswith(_NAMES):
        return None
    return program.solver(AsyncTests).never_run(site) or None


@rule(code="AL804", severity=Severity.ERROR, since="0.1", where=never_runs)
def async_test_never_runs(function: cst.FunctionDef, why: str, ctx: Context) -> Iterator[Diagnostic]:
    name = function.name.value
    if why == "unittest.TestCase":
        is_test = name.startswith("test")
        other = {"setUp": "asyncSetUp", "tearDown": "asyncTearDown"}.get(name, "a plain method")
        yield ctx.report(
            function,
            f"async {'test ' if is_test else ''}`{name}` never runs: `unittest.TestCase` does not await it",
            help="derive the class from `unittest.IsolatedAsyncioTestCase`"
            if is_test
            else f"in a `unittest.IsolatedAsyncioTestCase` use `{other}`"
            if other.startswith("async")
            else "make it a plain method",
        )
        return
    yield ctx.report(
        function,
        f"async test `{name}` never runs: it has no marker, and pytest's mode is {why}",
        help='mark it, for example by `@pytest.mark.asyncio` or `@pytest.mark.anyio`, or set `asyncio_mode = "auto"`',
    )

"""Result of `asyncio.wait` dropped.

`asyncio.wait` raises nothing: it returns the tasks that are done and those that are pending. When
nobody looks at them, the exception of a failed task is never seen, and tasks that were not done in
time keep running.

## Bad

```python
import asyncio


async def fetch(url):
    await asyncio.sleep(1)


async def fetch_all(urls):
    tasks = [asyncio.create_task(fetch(url)) for url in urls]
    await asyncio.wait(tasks, timeout=10)  # AL402
```

## Good

```python
import asyncio


async def fetch(url):
    await asyncio.sleep(1)


async def fetch_all(urls):
    tasks = [asyncio.create_task(fetch(url)) for url in urls]
    done, pending = await asyncio.wait(tasks, timeout=10)
    for task in pending:
        task.cancel()
    return [task.result() for task in done]


async def fetch_or_raise(urls):
    await asyncio.gather(*(fetch(url) for url in urls))
```

## Known limits

Reported only when the tasks are made in the same function and nothing else there looks at them:
tasks that come from elsewhere, or that have a callback, may be looked at elsewhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, SiteKind, Use, When, rule
from asynclint.program.conditions import argument
from asynclint.program.task_sets import made_here_and_unobserved
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Ignored(NamedTuple):
    """The function that waits, and whether it may return before all tasks are done."""

    name: str
    early: bool


def ignored_wait(site: Site, program: Program) -> Ignored | None:
    if site.use is not Use.DISCARDED or not isinstance(site.row[6], int):
        return None
    call = site.sibling(site.row[6])
    if call.row[0] != SiteKind.CALL or not call.arguments:
        return None
    row = program.row(call)
    # Only functions that hand back tasks instead of raising what went wrong in them.
    if row is None or row.consumes != "awaits" or "set[asyncio.Task]" not in row.returns or len(row.runs) != 1:
        return None
    tasks = argument(row.runs[0].argument, call)
    if not made_here_and_unobserved(tasks, call, program):
        return None
    return Ignored(row.name, any(_ends_early(keyword, call, program) for keyword in call.keywords))


def _ends_early(keyword: str | None, call: Site, program: Program) -> bool:
    return keyword != "return_when" or not program.symbol(call.keywords[keyword], call).endswith("ALL_COMPLETED")


@rule(
    code="AL402", severity=Severity.WARNING, since="0.1", where=ignored_wait, when=When(uses=frozenset({Use.DISCARDED}))
)
def ignored_wait_result(node: cst.Await, found: Ignored, ctx: Context) -> Iterator[Diagnostic]:
    unseen = "exceptions of its tasks are never seen" + (", and pending tasks keep running" if found.early else "")
    yield ctx.report(
        node,
        f"result of `{found.name}` is dropped: {unseen}",
        help="look at the tasks that it returns (`task.result()`, `task.cancel()`), or use `asyncio.gather` "
        + ("or a `TaskGroup`" if ctx.target_version >= (3, 11) else "instead"),
    )

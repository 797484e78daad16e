"""Task that nothing keeps.

The event loop refers to a task weakly: one that nothing else holds may be collected, and so end,
in the middle of its work. Its exception is then never seen either. A task has to reach an `await`,
a `return`, an attribute, a module-level collection, or a callee that stores it.

## Bad

```python
import asyncio


async def notify(user):
    await asyncio.sleep(1)


async def main(user):
    asyncio.create_task(notify(user))  # AL401
    task = asyncio.create_task(notify(user))  # AL401
    task.add_done_callback(print)
```

## Good

```python
import asyncio

background = set()


async def notify(user):
    await asyncio.sleep(1)


async def main(user):
    task = asyncio.create_task(notify(user))
    background.add(task)
    task.add_done_callback(background.discard)
    await asyncio.create_task(notify(user))
```

## Known limits

A local variable keeps its task as long as the function runs, so a function that goes on waiting in
an endless loop is not reported. Which of several tasks a reused variable holds is
not told apart. Functions of the program that store their argument keep it, and so does a task group.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, When, rule
from asynclint.program.tasks import LOSING, Lost, lost_at

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


def loses_task(site: Site, program: Program) -> Lost | None:
    return lost_at(site, program)


@rule(
    code="AL401",
    severity=Severity.WARNING,
    since="0.1",
    where=loses_task,
    when=When(uses=LOSING),
    aliases=("RUF006", "ASYNC300"),
)
def lost_task(call: cst.Call, lost: Lost, ctx: Context) -> Iterator[Diagnostic]:
    reason = f": `{lost.holder}` {lost.why}" if lost.holder else ""
    group = ", or start it in an `asyncio.TaskGroup`" if ctx.target_version >= (3, 11) else ""
    yield ctx.report(
        call,
        f"nothing keeps the {'tasks' if lost.are_several else 'task'} that `{ctx.name(call)}` starts{reason}",
        help="await it, or keep it until it is done in an attribute or a module-level set: "
        f"`tasks.add(task)` and `task.add_done_callback(tasks.discard)`{group}",
    )

"""Thread lock taken in a coroutine.

Taking a `threading.Lock` waits on the thread when another thread holds it, and the event loop with
it. A lock that is only ever held for a moment is harmless, and some data really is shared with
threads; that is why the rule is off by default. Holding such a lock across an `await` is another
rule, which is on.

## Bad

```python
import threading

lock = threading.Lock()


async def count(counts, key):
    with lock:  # AL205
        counts[key] += 1
```

## Good

```python
import asyncio

lock = asyncio.Lock()


async def count(counts, key):
    async with lock:
        counts[key] += 1
```
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.advice.blocking import ON_LOOP, found_in, reported
from asynclint.api import Diagnostic, Program, Severity, Site, rule
from asynclint.program.effects.blocks import Blocks

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


def blocks_the_loop(site: Site, program: Program) -> Blocks | None:
    return found_in(site, program, "lock")


@rule(code="AL205", severity=Severity.HINT, since="0.1", where=blocks_the_loop, when=ON_LOOP, default=False)
def blocking_lock(node: cst.Call | cst.With | cst.For, blocks: Blocks, ctx: Context) -> Iterator[Diagnostic]:
    yield reported(node, blocks, ctx)

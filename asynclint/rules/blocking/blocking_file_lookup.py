"""File system look-up in a coroutine.

`os.path.exists`, `Path.stat` and the like make one short system call. On a local disk that takes
microseconds, on a network file system it can take seconds. The rule is off by default because most
projects do not care; select it for services whose files are remote.

## Bad

```python
import os


async def has_settings():
    return os.path.exists("settings.toml")  # AL203
```

## Fixed

```python
import asyncio
import os


async def has_settings():
    return await asyncio.to_thread(os.path.exists, "settings.toml")
```

## Good

```python
import asyncio
from pathlib import Path


def newest(folder):
    return max(Path(folder).iterdir(), key=lambda path: path.stat().st_mtime)


async def watch(folder):
    return await asyncio.to_thread(newest, folder)
```

## Fix safety

Unsafe: other tasks may run while the thread works.
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
    return found_in(site, program, "light")


@rule(
    code="AL203",
    severity=Severity.HINT,
    since="0.1",
    where=blocks_the_loop,
    when=ON_LOOP,
    aliases=("ASYNC240",),
    default=False,
)
def blocking_file_lookup(node: cst.Call | cst.With | cst.For, blocks: Blocks, ctx: Context) -> Iterator[Diagnostic]:
    yield reported(node, blocks, ctx)

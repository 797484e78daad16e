"""File input or output in a coroutine.

Opening, reading and writing files waits for the disk. On a local disk that is short; on a network
file system, a slow card or a busy machine it is not, and every other task waits with it. That is why
this rule is apart from `blocking-call`: a project can decide that its files are fast enough.

## Bad

```python
from pathlib import Path


async def load():
    return Path("settings.toml").read_text()  # AL202
```

## Fixed

```python
import asyncio
from pathlib import Path


async def load():
    return await asyncio.to_thread(Path("settings.toml").read_text)
```

## Good

```python
import asyncio
from pathlib import Path


def load():
    return Path("settings.toml").read_text()


async def reload():
    return await asyncio.to_thread(load)


settings = load()
```

## Options

- `in-tests` (default `false`): report also in tests, where little else waits while a small file is read.

## Fix safety

Unsafe: other tasks may run while the thread works.

## Known limits

Reads and writes of an open file are not reported one by one: the `open` is. A helper that also waits
for something slower is left to `blocking-call`, whose cure is the same. Cheap look-ups such as
`exists` belong to `blocking-file-lookup`, which is off by default. A file that a helper reads once and
keeps, in a global, an attribute or by `functools.cache`, is not reported. Tests are files such as `test_app.py`,
`app_test.py` and `conftest.py`, and what lies in a folder `test`, `tests` or `testing`.
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
    return found_in(site, program, "file")


@rule(
    code="AL202",
    severity=Severity.WARNING,
    since="0.1",
    where=blocks_the_loop,
    when=ON_LOOP,
    aliases=(
        "ASYNC230",
        "ASYNC231",
        "ASYNC232",
        "ASYNC240",
    ),
    options={"in-tests": False},
)
def blocking_file_io(
    node: cst.Call | cst.With | cst.For | cst.ListComp | cst.SetComp | cst.DictComp, blocks: Blocks, ctx: Context
) -> Iterator[Diagnostic]:
    if ctx.options["in-tests"] or not blocks.is_in_test:
        yield reported(node, blocks, ctx)

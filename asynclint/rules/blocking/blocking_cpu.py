"""Heavy computation in a coroutine.

Hashing a password, compressing or parsing a large file takes the processor for as long as it needs,
and the event loop stands still. How long depends on the input, which is why the rule is off by
default.

## Bad

```python
import hashlib


async def sign_up(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password, salt, 600_000)  # AL204
```

## Fixed

```python
import asyncio
import hashlib


async def sign_up(password, salt):
    return await asyncio.to_thread(hashlib.pbkdf2_hmac, "sha256", password, salt, 600_000)
```

## Good

```python
import asyncio
import hashlib
from concurrent.futures import ProcessPoolExecutor


def hashed(password, salt):
    return hashlib.pbkdf2_hmac("sha256", password, salt, 600_000)


async def sign_up(pool: ProcessPoolExecutor, password, salt):
    return await asyncio.get_running_loop().run_in_executor(pool, hashed, password, salt)
```

## Fix safety

Unsafe: other tasks may run while the thread works.

## Known limits

A thread helps where the library releases the interpreter lock, as those in the catalogue mostly do;
pure Python code needs a process.
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
    return found_in(site, program, "cpu")


@rule(code="AL204", severity=Severity.HINT, since="0.1", where=blocks_the_loop, when=ON_LOOP, default=False)
def blocking_cpu(node: cst.Call | cst.With | cst.For, blocks: Blocks, ctx: Context) -> Iterator[Diagnostic]:
    yield reported(node, blocks, ctx)

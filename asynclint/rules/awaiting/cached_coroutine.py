"""Coroutine function whose coroutine is cached.

`functools.lru_cache` and its kin keep what the function returned. An `async def` returns a
coroutine, which can be awaited once: the second caller gets the same object and `await` raises
RuntimeError "cannot reuse already awaited coroutine".

## Bad

```python
import asyncio
from functools import lru_cache


@lru_cache(maxsize=None)
async def fetch(url):  # AL112
    await asyncio.sleep(1)
    return url
```

## Good

```python
import asyncio
from functools import lru_cache

_PAGES = {}


@lru_cache(maxsize=None)
def address(name):
    return f"https://{name}"


async def fetch(url):
    if url not in _PAGES:
        await asyncio.sleep(1)
        _PAGES[url] = url
    return _PAGES[url]
```

## Known limits

A decorator of the project is known to cache when it stores what the call gives under a key in the
same statement: `cache[key] = function(...)`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Expr, Program, Severity, Site, SiteKind, rule
from asynclint.program.awaitables import made_by_calling
from asynclint.program.caches import stores_result
from asynclint.program.types import FunctionObject

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


def cached(site: Site, program: Program) -> str | None:
    """What caches the coroutine: the decorator's name."""
    if site.row[0] == SiteKind.CALL:
        return _wrapped(site, program)
    function = site.own_function
    if not function.decorators or function.is_generator:
        return None
    # What a decorator is applied to takes more to find out than what the decorator is.
    caching = {decorator: name for decorator in function.decorators if (name := _cache(decorator, site, program))}
    for decorator, _row, value in program.calls.decorations(site.module, site.row[6]) if caching else ():
        if decorator in caching and made_by_calling(value, program) is not None:
            return caching[decorator]
    return None


def _cache(decorator: Expr, site: Site, program: Program) -> str:
    """The name of a decorator that caches; empty for others."""
    factory = program.type_of(_callee(decorator, site), site)
    name = program.qualified_name(factory)
    row = program.catalogue.decorator(name) if name else None
    if row is not None:
        return row.name if row.caches else ""
    return name.rpartition(".")[2] if isinstance(factory, FunctionObject) and stores_result(factory) else ""


def _callee(decorator: Expr, site: Site) -> Expr:
    """The decorator, or what is called to make it."""
    if isinstance(decorator, int) and site.module.facts.sites[decorator][0] == SiteKind.CALL:
        return site.module.facts.sites[decorator][6]  # type: ignore[no-any-return]
    return decorator


def _wrapped(site: Site, program: Program) -> str | None:
    """`lru_cache(function)` and `lru_cache(...)(function)`."""
    if len(site.row[7]) != 1 or site.row[8] or not isinstance(site.row[7][0], (str, tuple)):
        return None
    callee = site.callee
    factory = site.sibling(callee) if isinstance(callee, int) else site
    if factory.row[0] != SiteKind.CALL:
        return None
    name = program.qualified_name(program.callee(factory))
    row = program.catalogue.decorator(name) if name else None
    if row is None or not row.caches or made_by_calling(program.type_of(site.row[7][0], site), program) is None:
        return None
    return row.name


@rule(code="AL112", severity=Severity.ERROR, since="0.1", where=cached)
def cached_coroutine(node: cst.FunctionDef | cst.Call, cache: str, ctx: Context) -> Iterator[Diagnostic]:
    name = ctx.name(node) if node.__class__.__name__ == "FunctionDef" else ctx.name(node.args[0])  # type: ignore[union-attr]
    yield ctx.report(
        node,
        f"`{cache}` keeps the coroutine of `{name}`, which can be awaited only once",
        help="cache the awaited result, or a task; for methods and functions there are caches made for async code",
    )

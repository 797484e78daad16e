"""Generator that cannot work as a context manager.

`contextmanager` runs a generator up to its one `yield`, `asynccontextmanager` an async generator.
A function of the other kind, one without `yield`, or one that yields again after the block has
ended raises RuntimeError or TypeError where it is entered or left.

## Bad

```python
from contextlib import asynccontextmanager, contextmanager


@contextmanager
async def connection(pool):  # AL703
    yield await pool.acquire()


@asynccontextmanager
async def session(pool):  # AL703
    await pool.acquire()


@asynccontextmanager
async def transaction(pool, dry):
    if dry:
        yield None
    yield await pool.begin()  # AL703
```

## Good

```python
from contextlib import asynccontextmanager, contextmanager


@contextmanager
def changed(settings, value):
    settings.append(value)
    yield
    settings.pop()


@asynccontextmanager
async def transaction(pool, dry):
    if dry:
        yield None
        return
    async with pool.begin() as begun:
        yield begun
```

## Known limits

A second `yield` is reported where one path is seen to pass both. Two that stand under conditions
of their own, in one loop, or in a `try` and its handler are left alone. A function without `yield`
that returns a value may return a generator that another function made.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, SiteKind, Step, rule
from asynclint.program.generators import second_yield
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Broken(NamedTuple):
    """What is wrong, what to do, and the `yield` to report when it is not the function itself."""

    message: str
    help: str
    site: int = -1
    because: tuple[Step, ...] = ()


#: The decorator of the other colour, by what a decorator makes.
_OTHER = {"context": "asynccontextmanager", "async-context": "contextmanager"}


def broken(site: Site, program: Program) -> Broken | None:
    function = site.own_function
    if not function.decorators or function.is_stub:
        return None
    for decorator in function.decorators:
        row = program.catalogue.decorator(program.symbol(decorator, site))
        if row is not None and row.makes in _OTHER:
            return _wrong(site, row.makes, row.name.rpartition(".")[2], program)
    return None


def _wrong(site: Site, makes: str, decorator: str, program: Program) -> Broken | None:
    function, module = site.own_function, site.module
    other, is_async = _OTHER[makes], makes == "async-context"
    if function.is_async and not is_async:
        return Broken(f"`{decorator}` on `async def {function.name}`", f"use `{other}`, and enter it with `async with`")
    if function.is_generator and not function.is_async and is_async:
        return Broken(
            f"`{decorator}` on `def {function.name}`, which is a plain generator", f"use `{other}`, or make it `async`"
        )
    if not function.is_generator:
        sites = [module.facts.sites[number] for number in module.own_sites.get(site.row[6], ())]
        gives = any(row[0] == SiteKind.RETURN and row[6] is not None for row in sites)
        if any(row[0] == SiteKind.RAISE for row in sites) or (gives and not function.is_async):
            return None
        return Broken(f"`{function.name}` never yields, so it cannot be entered", "`yield` once where the block runs")
    found = second_yield(module, site.row[6])
    if found is None:
        return None
    first, second = found
    return Broken(
        f"`{function.name}` yields again, which raises RuntimeError when the block has ended",
        "leave by `return` after the first `yield`, or yield in one place only",
        second,
        (Step(program.display(module), program.span(site.sibling(first)), "the block runs here"),),
    )


@rule(code="AL703", severity=Severity.ERROR, since="0.1", where=broken)
def broken_context_manager(node: cst.FunctionDef, found: Broken, ctx: Context) -> Iterator[Diagnostic]:
    place = node if found.site < 0 else found.site
    yield ctx.report(place, found.message, because=found.because, help=found.help)

"""Special method that is async where Python does not await it, or the reverse.

Python calls `__init__`, `__len__`, `__iter__`, `__enter__` and their like as plain functions. When
they are `async def` it gets a coroutine: most raise TypeError, and an async `__exit__` even
swallows every exception, since a coroutine is true. The other way round, `async with` and
`async for` await what `__aenter__`, `__aexit__` and `__anext__` return.

## Bad

```python
class Pool:
    def __aenter__(self):  # AL113
        return self

    async def __aexit__(self, *error):
        return None
```

```python
class Pool:
    async def __len__(self):  # AL113
        return 3
```

## Fixed

```python
class Pool:
    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return None
```

## Good

```python
class Pool:
    def __len__(self):
        return 3

    async def __aenter__(self):
        return self

    async def __aexit__(self, *error):
        return None

    async def __aiter__(self):
        yield 1
```

## Fix safety

There is a fix where a method has to become async and none of its callers can be plain code; it is
unsafe because other code may call the method by its name.

## Known limits

`__call__`, `__getitem__`, `__getattr__`, `__get__`, `__new__` and operators may be async: what they
return can be awaited.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Applicability, Diagnostic, Program, Severity, Site, SiteKind, rule
from asynclint.program.awaitables import made_by_calling, refused
from asynclint.program.types import FunctionObject

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


def wrong_colour(site: Site, program: Program) -> str | None:
    """ "async" when the method must not be async, "sync" when it gives nothing that can be awaited."""
    function = site.own_function
    if function.class_index < 0 or not function.name.startswith("__"):
        return None
    colour = program.catalogue.special_method_colour(function.name)
    if colour == "sync" and function.is_async:
        # An async generator is what `__aiter__` has to return.
        if function.name == "__aiter__" and function.is_generator:
            return None
        return "async" if not function.decorators or _stays_async(site, program) else None
    if colour != "async" or function.is_async or function.is_stub or function.decorators:
        return None
    method = FunctionObject(site.module, site.row[6])
    if not site.module.returns_of.get(site.row[6]) and _raises(site):
        return None
    return "sync" if refused(program.calls.returned(method), program) else None


def _stays_async(site: Site, program: Program) -> bool:
    """Whether a decorated method is known to make a coroutine all the same."""
    return made_by_calling(program.calls.function(site.module, site.row[6]), program) is not None


def _raises(site: Site) -> bool:
    facts = site.module.facts
    return any(facts.sites[number][0] == SiteKind.RAISE for number in site.module.own_sites.get(site.row[6], ()))


@rule(code="AL113", severity=Severity.ERROR, since="0.1", where=wrong_colour)
def wrong_colour_special_method(node: cst.FunctionDef, colour: str, ctx: Context) -> Iterator[Diagnostic]:
    name = ctx.name(node)
    if colour == "async":
        yield ctx.report(
            node,
            f"`{name}` must not be async: Python calls it without `await`",
            help="make it a plain method; do what has to be awaited in a method of its own",
        )
        return
    yield ctx.report(
        node,
        f"`{name}` must give an awaitable: Python awaits what it returns",
        help="make it async",
        fix=ctx.prefix(ctx.site, "async ", title="make it async", applicability=Applicability.UNSAFE),
    )

"""Override of another colour: async over a plain method, or the reverse.

Callers know the base class. They await what comes out of an async method, and use what comes out
of a plain one. With an override of the other colour they await a plain value (TypeError), or use a
coroutine that never runs.

## Bad

```python
class Store:
    async def close(self):
        return None

    async def __aexit__(self, *exc):
        await self.close()


class MemoryStore(Store):
    def close(self):  # AL503
        return None
```

## Good

```python
class Store:
    async def close(self):
        return None

    async def __aexit__(self, *exc):
        await self.close()


class MemoryStore(Store):
    async def close(self):
        return None


class RemoteStore(Store):
    def close(self):
        return super().close()
```

## Known limits

Reported where code that is inherited calls the method in the way of its old colour, or a framework
does: without such a caller many projects await whatever is awaitable. A plain method counts when its
result is known and not awaitable. A plain override that runs an event loop itself is left alone.

## See also

`async-test-never-runs` for test methods.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, Step, rule
from asynclint.program.recoloured import recoloured
from asynclint.program.steps import enclosing
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context


class Changed(NamedTuple):
    """The class whose method is overridden, that method's colour, and who relies on it."""

    base: str
    colour: str
    steps: tuple[Step, ...]


def changes_colour(site: Site, program: Program) -> Changed | None:
    found = recoloured(site, program)
    if found is None:
        return None
    steps = []
    if found.place is not None:
        word = "async" if found.colour == "coroutine" else "a plain method"
        text = f"`{found.place.own_function.qualname}` is {word}"
        steps.append(Step(program.display(found.place.module), program.span(found.place), text))
    how = "awaits it" if found.colour == "coroutine" else "uses its result without `await`"
    for call in found.callers:
        text = f"{enclosing(call)} {how}"
        steps.append(Step(program.display(call.module), program.span(call), text))
    return Changed(found.base, found.colour, tuple(steps))


@rule(code="AL503", severity=Severity.ERROR, since="0.1", where=changes_colour)
def override_changes_colour(node: cst.FunctionDef, found: Changed, ctx: Context) -> Iterator[Diagnostic]:
    name = ctx.name(node)
    own, other = ("not async", "is") if found.colour == "coroutine" else ("async", "is not")
    yield ctx.report(
        node,
        f"`{name}` is {own}, but the method of `{found.base.rpartition('.')[2]}` that it overrides {other}",
        because=found.steps,
        help="make both async, or neither; callers of the base class rely on its colour",
    )

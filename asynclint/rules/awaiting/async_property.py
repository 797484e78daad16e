"""Setter or deleter of a property that is async.

`obj.name = value` and `del obj.name` call the setter or deleter as plain functions and drop what
they return. An async one gives a coroutine there: its body never runs, and no `await` can be
written at the assignment.

## Bad

```python
class Lamp:
    @property
    def level(self):
        return 3

    @level.setter
    async def level(self, value):  # AL116
        self.sent = value
```

## Good

```python
class Lamp:
    @property
    async def level(self):
        return 3

    async def set_level(self, value):
        self.sent = value


async def main(lamp: Lamp):
    await lamp.set_level(await lamp.level)
```

## Known limits

An async getter works where each access is awaited, and is not reported.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.api import Diagnostic, Program, Severity, Site, rule
from asynclint.program import names
from asynclint.program.types import Property

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.api import Context

_PARTS = frozenset({"setter", "deleter"})


def async_part(site: Site, program: Program) -> str | None:
    """ "setter" or "deleter" for an async one of a property."""
    function = site.own_function
    if not function.is_async or function.class_index < 0 or len(function.decorators) != 1:
        return None
    decorator = function.decorators[0]
    if not isinstance(decorator, tuple) or decorator[0] != "." or decorator[2] not in _PARTS:
        return None
    found = names.find(decorator[1], site.place) if isinstance(decorator[1], str) else None
    if found is None or not found.bindings:
        return None
    getter = program.inference.binding(site.module, found.bindings[0])
    return str(decorator[2]) if isinstance(getter, Property) else None


@rule(code="AL116", severity=Severity.ERROR, since="0.1", where=async_part)
def async_property(node: cst.FunctionDef, part: str, ctx: Context) -> Iterator[Diagnostic]:
    name = ctx.name(node)
    verb = "assignment" if part == "setter" else "`del`"
    yield ctx.report(
        node,
        f"async {part} of `{name}` never runs: {'an ' if part == 'setter' else ''}{verb} drops its coroutine",
        help=f"make it an async method, such as `{'set' if part == 'setter' else 'delete'}_{name}`",
    )

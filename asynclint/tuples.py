"""`NamedTuple` as `typing` has it, for a third of the time.

There are more than a hundred named tuples, and all of them are made before the first file is read.
`typing` compiles the annotation of every field, which nobody asks for here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import NamedTuple as NamedTuple
else:
    from collections import namedtuple

    _NOT_TAKEN = frozenset({"__module__", "__classcell__", "__firstlineno__", "__static_attributes__"})

    class _Maker(type):
        def __new__(cls, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> type:
            if not bases:
                return super().__new__(cls, name, bases, body)
            fields = body.get("__annotations__", {})
            defaults = [body[field] for field in fields if field in body]
            made = namedtuple(name, fields, defaults=defaults, module=body["__module__"])
            for key, value in body.items():
                if key not in fields and key not in _NOT_TAKEN:
                    setattr(made, key, value)
            return made

    class NamedTuple(metaclass=_Maker):
        """Makes the classes derived from it tuples with names, from their annotations."""

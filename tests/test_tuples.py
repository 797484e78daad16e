"""Our `NamedTuple` makes the same classes as that of `typing`."""

from __future__ import annotations

import pickle
import typing
from typing import Any

import pytest

from asynclint import tuples


def point(base: Any) -> Any:
    class Point(base):
        """A place."""

        x: int
        y: int = 2
        ORIGIN = "not a field"

        @property
        def total(self) -> int:
            return self.x + self.y

        def __str__(self) -> str:
            return f"({self.x}, {self.y})"

        @classmethod
        def named(cls, text: str) -> Any:
            return cls(*map(int, text.split()))

    return Point


class Kept(tuples.NamedTuple):
    """At module level, where `pickle` finds it."""

    value: int


class Nothing(tuples.NamedTuple):
    """Has no fields."""


@pytest.mark.parametrize("base", [tuples.NamedTuple, typing.NamedTuple], ids=["ours", "typing"])
def test_both_make_the_same(base: Any) -> None:
    made = point(base)
    assert made.__doc__ == "A place." and made.__module__ == __name__ and made.__name__ == "Point"
    assert made._fields == ("x", "y") and made._field_defaults == {"y": 2} and made.ORIGIN == "not a field"
    one = made(1)
    assert one == (1, 2) and one.total == 3 and str(one) == "(1, 2)" and repr(one) == "Point(x=1, y=2)"
    assert made.named("3 4")._replace(x=5) == made(y=4, x=5)
    assert not hasattr(one, "__dict__")
    with pytest.raises(TypeError):
        made()
    with pytest.raises(AttributeError):
        one.x = 3


def test_it_travels_between_processes() -> None:
    assert pickle.loads(pickle.dumps(Kept(1))) == Kept(1)


def test_without_fields() -> None:
    assert Nothing() == () and Nothing._fields == ()

"""The node of an argument that the facts name by its position or keyword."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import libcst as cst


def argument_node(call: cst.Call, key: int | str) -> cst.BaseExpression:
    """The argument at a position, or with a keyword; the whole call when it has no such argument."""
    position = 0
    for argument in call.args:
        if argument.keyword is not None:
            if argument.keyword.value == key:
                return argument.value
        elif not argument.star:
            if position == key:
                return argument.value
            position += 1
    return call

"""What becomes of the value that a local name holds: every read of it, and whether that keeps it alive.

Reads of names are not among the facts, since they are many and hardly ever asked for. This reads
the one file again when a rule has a name to ask about.
"""

from __future__ import annotations

import ast
from typing import NamedTuple

from asynclint.facts.extract import parse
from asynclint.facts.model import Use


class Read(NamedTuple):
    """One read of a name. Lines are 1-based, the column counts UTF-8 bytes from 0."""

    use: Use
    detail: str
    """The attribute name, or the text of the callee that it is an argument of."""
    line: int
    column: int
    end_column: int
    nested: bool
    """It stands in a function or lambda within the one that was asked about."""


_THROUGH = (ast.IfExp, ast.NamedExpr, ast.Starred)


class NameUses:
    """Answers for the names of one file."""

    def __init__(self, data: bytes) -> None:
        """Raises as `asynclint.facts.extract.parse` does."""
        self._functions: dict[int, ast.AST] = {}
        for node in ast.walk(parse(data)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                self._functions[node.lineno] = node

    def reads(self, name: str, function_line: int) -> list[Read] | None:
        """Every read of `name` in the function whose `def` stands in that line.

        None when the name is not simply local there: declared global or nonlocal, or deleted.
        """
        function = self._functions.get(function_line)
        if function is None:
            return None
        found: list[Read] = []
        pending: list[tuple[ast.AST, tuple[ast.AST, ...], bool]] = [
            (child, (function,), False) for child in getattr(function, "body", ())
        ]
        while pending:
            node, parents, nested = pending.pop()
            if isinstance(node, (ast.Global, ast.Nonlocal)) and name in node.names:
                return None
            if isinstance(node, ast.Name) and node.id == name:
                if isinstance(node.ctx, ast.Load):
                    found.append(_read(node, parents, nested))
                continue
            inner = nested or isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef))
            line = (*parents, node)
            pending.extend((child, line, inner) for child in ast.iter_child_nodes(node))
        found.sort(key=lambda read: (read.line, read.column))
        return found


def _read(node: ast.Name, parents: tuple[ast.AST, ...], nested: bool) -> Read:
    child: ast.AST = node
    for parent in reversed(parents):
        if isinstance(parent, ast.IfExp) and child is parent.test:
            return _made(Use.CONDITION, "", node, nested)
        if isinstance(parent, ast.BoolOp):
            if child is not parent.values[-1]:
                return _made(Use.CONDITION, "", node, nested)
        elif not isinstance(parent, _THROUGH):
            return _made(*_use(child, parent), node, nested)
        child = parent
    return _made(Use.UNKNOWN, "", node, nested)


def _made(use: Use, detail: str, node: ast.Name, nested: bool) -> Read:
    return Read(use, detail, node.lineno, node.col_offset, node.end_col_offset or node.col_offset, nested)


def _use(child: ast.AST, parent: ast.AST) -> tuple[Use, str]:
    if isinstance(parent, ast.Await):
        return Use.AWAITED, ""
    if isinstance(parent, ast.Attribute):
        return Use.ATTRIBUTE, parent.attr
    if isinstance(parent, ast.Call):
        return (Use.CALLED, "") if child is parent.func else (Use.ARGUMENT, ast.unparse(parent.func))
    if isinstance(parent, ast.Expr):
        return Use.DISCARDED, ""
    if isinstance(parent, ast.Return):
        return Use.RETURNED, ""
    if isinstance(parent, (ast.If, ast.While, ast.Assert)) and child is parent.test:
        return Use.CONDITION, ""
    if isinstance(parent, ast.UnaryOp):
        return (Use.CONDITION if isinstance(parent.op, ast.Not) else Use.OPERAND), ""
    if isinstance(parent, ast.Compare):
        return Use.COMPARED, ""
    if isinstance(parent, ast.FormattedValue):
        return Use.FORMATTED, ""
    if isinstance(parent, ast.Subscript) and child is parent.value:
        return Use.SUBSCRIPTED, ""
    if isinstance(parent, ast.BinOp):
        return Use.OPERAND, ""
    if isinstance(parent, (ast.For, ast.comprehension)) and child is parent.iter:
        return Use.ITERATED, ""
    return Use.UNKNOWN, ""

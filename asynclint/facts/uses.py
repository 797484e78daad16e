"""What becomes of the value that a local name holds: every read of it, and whether that keeps it alive.

Reads of names are not among the facts, since they are many and hardly ever asked for. This reads
the one file again when a rule has a name to ask about.
"""

from __future__ import annotations

import ast

from asynclint.facts.functions import FunctionNode, read_function
from asynclint.facts.model import ModuleFacts, Use
from asynclint.source import Source
from asynclint.tuples import NamedTuple


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
    """Answers for the names of one file, reading one function at a time."""

    def __init__(self, source: Source, facts: ModuleFacts) -> None:
        self._source = source
        self._functions = {facts.sites[row.site][1]: (row.line, row.end_line) for row in facts.functions}
        self._reads: dict[int, dict[str, list[Read]] | None] = {}

    def reads(self, name: str, function_line: int) -> list[Read] | None:
        """Every read of `name` in the function whose `def` stands in that line.

        None when the name is not simply local there: declared global or nonlocal.
        """
        if function_line not in self._reads:
            self._reads[function_line] = self._of_function(function_line)
        found = self._reads[function_line]
        if found is None or (reads := found.get(name, [])) is _ELSEWHERE:
            return None
        return reads

    def _of_function(self, function_line: int) -> dict[str, list[Read]] | None:
        lines = self._functions.get(function_line)
        if lines is None:
            return None
        first, last = lines
        found = read_function(self._source, first, last, function_line)
        return None if found is None else _every_read(*found)


#: The reads of a name that belongs to another scope.
_ELSEWHERE: list[Read] = []


def _every_read(function: FunctionNode, shift: int) -> dict[str, list[Read]]:
    found: dict[str, list[Read]] = {}
    elsewhere: set[str] = set()
    pending: list[tuple[ast.AST, tuple[ast.AST, ...], bool]] = [(child, (function,), False) for child in function.body]
    while pending:
        node, parents, nested = pending.pop()
        cls = node.__class__
        if cls is ast.Name:
            if node.ctx.__class__ is ast.Load:  # type: ignore[attr-defined]
                read = _read(node, parents, nested)  # type: ignore[arg-type]
                found.setdefault(node.id, []).append(read._replace(line=read.line + shift))  # type: ignore[attr-defined]
            continue
        if cls is ast.Global or cls is ast.Nonlocal:
            elsewhere.update(node.names)  # type: ignore[attr-defined]
            continue
        inner = nested or cls in _SCOPES
        line = (*parents[-6:], node)
        pending.extend([(child, line, inner) for child in ast.iter_child_nodes(node)])
    for reads in found.values():
        reads.sort(key=lambda read: (read.line, read.column))
    found.update(dict.fromkeys(elsewhere, _ELSEWHERE))
    return found


_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)


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

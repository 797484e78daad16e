"""How a suite can be left: by its end, by `return`, by which kind of `raise`, or by a loop jump."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from asynclint.facts.model import Completion

_LOOP_JUMPS = Completion.BREAKS | Completion.CONTINUES
_RAISES = Completion.RERAISES | Completion.RAISES_OTHER | Completion.CHAINS

#: Classes that a cancellation is an instance of, by their usual names.
_CANCELLATIONS = frozenset({"BaseException", "CancelledError", "Cancelled"})


def completions(body: Sequence[ast.stmt], name: str | None) -> int:
    """The `Completion` flags of an exception handler's body; `name` is its `as` name.

    An implicit exception of a call in the body is not a way that counts, nor is a branch that no
    cancellation takes: the flags are read to see what becomes of one.
    """
    return _suite(body, name, own=True)


def _suite(body: Sequence[ast.stmt], name: str | None, own: bool) -> int:
    """`own` is False within a nested handler, where a bare `raise` means another exception."""
    flags = 0
    for statement in body:
        left = _statement(statement, name, own)
        flags |= left & ~Completion.FALLS_THROUGH
        if not left & Completion.FALLS_THROUGH:
            return flags
    return flags | Completion.FALLS_THROUGH


def _statement(node: ast.stmt, name: str | None, own: bool) -> int:
    if isinstance(node, ast.Raise):
        return _raise(node, name, own)
    if isinstance(node, ast.Return):
        return Completion.RETURNS
    if isinstance(node, ast.Break):
        return Completion.BREAKS
    if isinstance(node, ast.Continue):
        return Completion.CONTINUES
    if isinstance(node, ast.If):
        truth = bool(node.test.value) if isinstance(node.test, ast.Constant) else _of_cancellation(node.test, name)
        if truth is not None:
            return _suite(node.body if truth else node.orelse, name, own)
        return _suite(node.body, name, own) | _suite(node.orelse, name, own)
    if isinstance(node, (ast.While, ast.For, ast.AsyncFor)):
        return _loop(node, name, own)
    if isinstance(node, (ast.With, ast.AsyncWith)):
        return _suite(node.body, name, own)
    if isinstance(node, ast.Match):
        flags = 0 if _has_default(node) else int(Completion.FALLS_THROUGH)
        for case in node.cases:
            flags |= _suite(case.body, name, own)
        return flags
    if isinstance(node, ast.Try) or node.__class__.__name__ == "TryStar":
        return _try(node, name, own)  # type: ignore[arg-type]  # TryStar has the same fields
    return Completion.FALLS_THROUGH


def _of_cancellation(test: ast.expr, name: str | None) -> bool | None:
    """Whether a condition holds while `name` is a cancellation; None when it depends on more."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        truth = _of_cancellation(test.operand, name)
        return None if truth is None else not truth
    if isinstance(test, ast.BoolOp):
        decides = isinstance(test.op, ast.Or)
        truths = [_of_cancellation(value, name) for value in test.values]
        if decides in truths:
            return decides
        return None if None in truths else not decides
    if not (isinstance(test, ast.Call) and isinstance(test.func, ast.Name) and test.func.id == "isinstance"):
        return None
    if name is None or len(test.args) != 2 or not (isinstance(test.args[0], ast.Name) and test.args[0].id == name):
        return None
    classes = test.args[1].elts if isinstance(test.args[1], ast.Tuple) else [test.args[1]]
    names = {each.attr if isinstance(each, ast.Attribute) else getattr(each, "id", "") for each in classes}
    if names & _CANCELLATIONS:
        return True
    return False if names <= {"Exception"} else None


def _raise(node: ast.Raise, name: str | None, own: bool) -> int:
    def is_own(expression: ast.expr | None) -> bool:
        return name is not None and isinstance(expression, ast.Name) and expression.id == name

    if node.exc is None:
        return Completion.RERAISES if own else Completion.RAISES_OTHER
    if is_own(node.exc):
        return Completion.RERAISES
    if isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Attribute):
        # `raise error.with_traceback(...)` gives the same exception.
        if node.exc.func.attr == "with_traceback" and is_own(node.exc.func.value):
            return Completion.RERAISES
    return Completion.CHAINS if is_own(node.cause) else Completion.RAISES_OTHER


def _loop(node: ast.While | ast.For | ast.AsyncFor, name: str | None, own: bool) -> int:
    inner = _suite(node.body, name, own)
    flags = inner & ~_LOOP_JUMPS & ~Completion.FALLS_THROUGH
    endless = isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)
    if inner & Completion.BREAKS:
        flags |= Completion.FALLS_THROUGH
    if not endless:
        flags |= _suite(node.orelse, name, own)
    return flags


def _try(node: ast.Try, name: str | None, own: bool) -> int:
    body = _suite(node.body, name, own)
    if body & Completion.FALLS_THROUGH and node.orelse:
        body = (body & ~Completion.FALLS_THROUGH) | _suite(node.orelse, name, own)
    catches_all = any(_catches_everything(handler.type) for handler in node.handlers)
    flags = body & ~_RAISES if catches_all else body
    for handler in node.handlers:
        # The nested handler's `raise` is about the nested exception, except when it caught ours.
        flags |= _suite(handler.body, name, own=bool(body & Completion.RERAISES and catches_all))
    if not node.finalbody:
        return flags
    final = _suite(node.finalbody, name, own)
    if not final & Completion.FALLS_THROUGH:
        return final
    return flags | (final & ~Completion.FALLS_THROUGH)


def _catches_everything(kind: ast.expr | None) -> bool:
    return kind is None or (isinstance(kind, ast.Name) and kind.id == "BaseException")


def _has_default(node: ast.Match) -> bool:
    last = node.cases[-1]
    return last.guard is None and isinstance(last.pattern, ast.MatchAs) and last.pattern.pattern is None

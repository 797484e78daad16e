"""Handlers of statement nodes: blocks, bindings, and the sites that are statements."""

from __future__ import annotations

import ast
from typing import Any

from asynclint.facts.builder import EXPRESSIONS, Builder, Handler
from asynclint.facts.completion import completions
from asynclint.facts.expressions import OPERATORS
from asynclint.facts.model import BindingKind, BlockKind, Expr, SiteKind, Use

_VALUE, _ITEM, _ENTERED = int(BindingKind.VALUE), int(BindingKind.ITEM), int(BindingKind.ENTERED)
_DISCARDED, _ASSIGNED, _CONDITION = int(Use.DISCARDED), int(Use.ASSIGNED), int(Use.CONDITION)
_OTHER = int(BindingKind.OTHER)
_TELLING = frozenset({".", "not", "bool", ":="})


def _new_site(build: Builder) -> int:
    site = len(build.sites)
    build.sites.append(None)
    build.uses.append(0)
    return site


def _row(build: Builder, kind: SiteKind, node: Any, *details: Any) -> tuple[Any, ...]:
    return (
        int(kind), node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block, *details,
    )  # fmt: skip


def _visit(build: Builder, node: ast.expr | None, use: Any = 0) -> Expr:
    if node is None:
        return None
    value = EXPRESSIONS[node.__class__](build, node)
    if use:
        build.mark(value, use)
    return value  # type: ignore[no-any-return]


def _expression(build: Builder, node: ast.Expr) -> None:
    item = node.value
    if item.__class__ is ast.Constant:
        return
    value = EXPRESSIONS[item.__class__](build, item)
    if value.__class__ is int:
        build.uses[value] = _DISCARDED
    else:
        build.mark(value, _DISCARDED)


def _assign(build: Builder, node: ast.Assign) -> None:
    value = EXPRESSIONS[node.value.__class__](build, node.value)
    build.after = (node.end_lineno, node.end_col_offset)  # type: ignore[assignment]
    targets = tuple([build.target(target, _VALUE, value) for target in node.targets])
    build.after = None
    if value.__class__ is int or value.__class__ is tuple:
        unpacked = any(target.__class__ is tuple and target[0] == "tuple" for target in targets)
        build.mark(value, int(Use.UNPACKED) if unpacked else (_ASSIGNED, targets))


def _annotated(build: Builder, node: ast.AnnAssign) -> None:
    annotation = build.annotation(node.annotation)
    if node.value is None:
        build.target(node.target, int(BindingKind.DECLARED), None, annotation)
        return
    value = EXPRESSIONS[node.value.__class__](build, node.value)
    build.after = (node.end_lineno, node.end_col_offset)  # type: ignore[assignment]
    target = build.target(node.target, _VALUE, value, annotation)
    build.after = None
    build.mark(value, (_ASSIGNED, (target,)))


def _augmented(build: Builder, node: ast.AugAssign) -> None:
    site = _new_site(build)
    operator = OPERATORS[node.op.__class__]
    build.after = (node.end_lineno, node.end_col_offset)  # type: ignore[assignment]
    target = build.target(node.target, _OTHER, "kept")
    build.after = None
    value = _visit(build, node.value, (int(Use.OPERAND), operator))
    build.sites[site] = _row(build, SiteKind.AUGMENT, node, target, operator, value)


def _delete(build: Builder, node: ast.Delete) -> None:
    for target in node.targets:
        build.target(target, _OTHER, "kept")


def _return(build: Builder, node: ast.Return) -> None:
    site = _new_site(build)
    value = _visit(build, node.value, int(Use.RETURNED))
    build.sites[site] = _row(build, SiteKind.RETURN, node, value)


def _raise(build: Builder, node: ast.Raise) -> None:
    site = _new_site(build)
    raised = _visit(build, node.exc, int(Use.RAISED))
    cause = _visit(build, node.cause)
    build.sites[site] = _row(build, SiteKind.RAISE, node, raised, cause)


def _jump(build: Builder, node: ast.Break | ast.Continue) -> None:
    site = _new_site(build)
    build.sites[site] = _row(build, SiteKind.JUMP, node, "break" if node.__class__ is ast.Break else "continue")


def _if(build: Builder, node: ast.If) -> None:
    test = EXPRESSIONS[node.test.__class__](build, node.test)
    if test.__class__ is int or test.__class__ is tuple:
        build.mark(test, _CONDITION)
    build.suite(int(BlockKind.IF), node.body, test)
    build.suite(int(BlockKind.ELSE), node.orelse, test)


def _while(build: Builder, node: ast.While) -> None:
    site = _new_site(build)
    test = _visit(build, node.test, _CONDITION)
    body = build.suite(int(BlockKind.LOOP), node.body, site)
    orelse = build.suite(int(BlockKind.LOOP_ELSE), node.orelse, site)
    build.sites[site] = _row(build, SiteKind.WHILE, node, test, body, orelse)


def _for(build: Builder, node: ast.For | ast.AsyncFor) -> None:
    site = _new_site(build)
    is_async = node.__class__ is ast.AsyncFor
    iterable = _visit(build, node.iter, int(Use.ASYNC_ITERATED if is_async else Use.ITERATED))
    build.after = (node.iter.end_lineno, node.iter.end_col_offset)  # type: ignore[assignment]
    target = build.target(node.target, _ITEM, iterable, is_async)
    build.after = None
    body = build.suite(int(BlockKind.LOOP), node.body, site)
    orelse = build.suite(int(BlockKind.LOOP_ELSE), node.orelse, site)
    build.sites[site] = _row(build, SiteKind.FOR, node, is_async, target, iterable, body, orelse)


def _with(build: Builder, node: ast.With | ast.AsyncWith) -> None:
    site = _new_site(build)
    is_async = node.__class__ is ast.AsyncWith
    items = []
    for item in node.items:
        context = _visit(build, item.context_expr, int(Use.ASYNC_ENTERED if is_async else Use.ENTERED))
        target = None
        if item.optional_vars is not None:
            target = build.target(item.optional_vars, _ENTERED, context, is_async)
        items.append((context, target))
    body = build.suite(int(BlockKind.WITH), node.body, site)
    build.sites[site] = _row(build, SiteKind.WITH, node, is_async, tuple(items), body)


def _try(build: Builder, node: Any) -> None:
    site = _new_site(build)
    body = build.suite(int(BlockKind.TRY), node.body, site)
    handlers = tuple([_handler(build, handler, site) for handler in node.handlers])
    orelse = build.suite(int(BlockKind.TRY_ELSE), node.orelse, site)
    final = build.suite(int(BlockKind.FINALLY), node.finalbody, site)
    is_star = node.__class__ is not ast.Try
    build.sites[site] = _row(build, SiteKind.TRY, node, body, handlers, orelse, final, is_star)


def _handler(build: Builder, node: ast.ExceptHandler, owner: int) -> int:
    site = _new_site(build)
    kind = _visit(build, node.type)
    if node.name:
        build.bind(node.name, int(BindingKind.EXCEPTION), node.lineno, node.col_offset, kind)
    body = build.suite(int(BlockKind.HANDLER), node.body, site)
    flags = completions(node.body, node.name)
    build.sites[site] = _row(build, SiteKind.HANDLER, node, owner, kind, node.name, body, flags)
    return site


def _assert(build: Builder, node: ast.Assert) -> None:
    test = _visit(build, node.test, _CONDITION)
    _visit(build, node.msg, int(Use.FORMATTED))
    if _shows_something(test):
        build.blocks.append((int(BlockKind.ASSERT), build.block, build.scope, node.end_lineno, test))


def _shows_something(test: Expr) -> bool:
    """Whether a test may tell what kind of thing a name or attribute stands for."""
    if isinstance(test, tuple):
        if test[0] == "cmp":
            return bool(test[3] == ("const", None) or test[1] == ("is",))
        return test[0] in _TELLING
    return test is not None


def _match(build: Builder, node: ast.Match) -> None:
    subject = _visit(build, node.subject, int(Use.MATCHED))
    for case in node.cases:
        outer = build.block
        build.block = len(build.blocks)
        pattern = case.pattern
        inner = pattern.pattern if isinstance(pattern, ast.MatchAs) else pattern
        of_class = _visit(build, inner.cls) if isinstance(inner, ast.MatchClass) else None
        detail = None if of_class is None else (subject, of_class)
        build.blocks.append((int(BlockKind.CASE), outer, build.scope, pattern.lineno, detail))
        if of_class is not None and inner is not pattern and isinstance(pattern, ast.MatchAs) and pattern.name:
            build.bind(pattern.name, int(BindingKind.ASSERTED), pattern.lineno, pattern.col_offset, of_class)
        for part in ast.walk(pattern if of_class is None else inner or pattern):
            name = getattr(part, "rest", None) if part.__class__ is ast.MatchMapping else getattr(part, "name", None)
            if isinstance(name, str):
                build.bind(name, _OTHER, case.pattern.lineno, case.pattern.col_offset, None)
        _visit(build, case.guard, _CONDITION)
        build.body(case.body)
        build.block = outer


def _import(build: Builder, node: ast.Import) -> None:
    site = _new_site(build)
    rows = []
    for alias in node.names:
        bound = alias.asname or alias.name.partition(".")[0]
        build.bind(bound, int(BindingKind.IMPORT), node.lineno, node.col_offset, alias.name, alias.asname is not None)
        rows.append((alias.name, "", bound))
    build.sites[site] = _row(build, SiteKind.IMPORT, node, tuple(rows))


def _import_from(build: Builder, node: ast.ImportFrom) -> None:
    site = _new_site(build)
    module = "." * node.level + (node.module or "")
    rows = []
    for alias in node.names:
        bound = alias.asname or alias.name
        rows.append((module, alias.name, bound))
        if alias.name == "*":
            build.scopes[build.scope].stars.append((module, build.block))
        else:
            build.bind(bound, int(BindingKind.FROM), node.lineno, node.col_offset, module, alias.name)
    build.sites[site] = _row(build, SiteKind.IMPORT, node, tuple(rows))


def _global(build: Builder, node: ast.Global | ast.Nonlocal) -> None:
    word = "global" if node.__class__ is ast.Global else "nonlocal"
    for name in node.names:
        build.outer[name] = word


def _type_alias(build: Builder, node: Any) -> None:
    value = _visit(build, node.value)
    build.bind(node.name.id, int(BindingKind.ALIAS), node.lineno, node.col_offset, value)


def _nothing(build: Builder, node: ast.stmt) -> None:
    pass


HANDLERS: dict[type, Handler] = {
    ast.Expr: _expression,
    ast.Assign: _assign,
    ast.AnnAssign: _annotated,
    ast.AugAssign: _augmented,
    ast.Delete: _delete,
    ast.Return: _return,
    ast.Raise: _raise,
    ast.Break: _jump,
    ast.Continue: _jump,
    ast.If: _if,
    ast.While: _while,
    ast.For: _for,
    ast.AsyncFor: _for,
    ast.With: _with,
    ast.AsyncWith: _with,
    ast.Try: _try,
    ast.Assert: _assert,
    ast.Match: _match,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.Global: _global,
    ast.Nonlocal: _global,
    ast.FunctionDef: Builder.function,
    ast.AsyncFunctionDef: Builder.function,
    ast.ClassDef: Builder.class_,
    ast.Pass: _nothing,
}
if hasattr(ast, "TryStar"):  # Python 3.11
    HANDLERS[ast.TryStar] = _try
if hasattr(ast, "TypeAlias"):  # Python 3.12
    HANDLERS[ast.TypeAlias] = _type_alias

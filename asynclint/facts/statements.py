"""Handlers of statement nodes: blocks, bindings, and the sites that are statements."""

from __future__ import annotations

import ast
from ast import Name
from typing import Any

from asynclint.facts import definitions
from asynclint.facts.builder import BRANCHES, EXPRESSIONS, Builder, Handler
from asynclint.facts.completion import completions
from asynclint.facts.expressions import OPERAND_USES
from asynclint.facts.model import BindingKind, BlockKind, Expr, SiteKind, Use

_WITH, _FOR, _WHILE, _TRY = int(SiteKind.WITH), int(SiteKind.FOR), int(SiteKind.WHILE), int(SiteKind.TRY)
_HANDLER, _RAISE, _RETURN, _JUMP = int(SiteKind.HANDLER), int(SiteKind.RAISE), int(SiteKind.RETURN), int(SiteKind.JUMP)
_AUGMENT, _IMPORT = int(SiteKind.AUGMENT), int(SiteKind.IMPORT)
_VALUE, _DECLARED, _ITEM = int(BindingKind.VALUE), int(BindingKind.DECLARED), int(BindingKind.ITEM)
_BOUND_IMPORT, _EXCEPTION, _OTHER = int(BindingKind.IMPORT), int(BindingKind.EXCEPTION), int(BindingKind.OTHER)
_ALIAS, _ASSERTED, _BOUND_ENTERED = int(BindingKind.ALIAS), int(BindingKind.ASSERTED), int(BindingKind.ENTERED)
_IF_BLOCK, _ELSE_BLOCK, _CASE_BLOCK = int(BlockKind.IF), int(BlockKind.ELSE), int(BlockKind.CASE)
_LOOP_BLOCK, _LOOP_ELSE_BLOCK, _WITH_BLOCK = int(BlockKind.LOOP), int(BlockKind.LOOP_ELSE), int(BlockKind.WITH)
_TRY_BLOCK, _TRY_ELSE_BLOCK = int(BlockKind.TRY), int(BlockKind.TRY_ELSE)
_HANDLER_BLOCK, _FINALLY_BLOCK, _ASSERT_BLOCK = int(BlockKind.HANDLER), int(BlockKind.FINALLY), int(BlockKind.ASSERT)
_DISCARDED, _ASSIGNED, _UNPACKED = int(Use.DISCARDED), int(Use.ASSIGNED), int(Use.UNPACKED)
_CONDITION, _RETURNED, _RAISED, _MATCHED = int(Use.CONDITION), int(Use.RETURNED), int(Use.RAISED), int(Use.MATCHED)
_FORMATTED, _ITERATED, _ASYNC_ITERATED = int(Use.FORMATTED), int(Use.ITERATED), int(Use.ASYNC_ITERATED)
_ENTERED, _ASYNC_ENTERED = int(Use.ENTERED), int(Use.ASYNC_ENTERED)
#: Tags of tests that may tell something of a name.
_TELLING = frozenset({".", "not", "bool", ":="})


def _expression(build: Builder, node: ast.Expr) -> None:
    item = node.value
    cls = item.__class__
    if cls is ast.Constant:
        return
    value = EXPRESSIONS[cls](build, item)
    if value.__class__ is int:
        build.uses[value] = _DISCARDED
    elif cls in BRANCHES:
        build.mark(value, _DISCARDED)


def _assign(build: Builder, node: ast.Assign) -> None:
    item = node.value
    cls = item.__class__
    value = EXPRESSIONS[cls](build, item)
    line, column = node.end_lineno, node.end_col_offset
    nodes = node.targets
    first = nodes[0]
    if first.__class__ is Name and len(nodes) == 1:
        name = first.id
        row = (_VALUE, build.block, line, column, value, None, ())
        binds = build.binds
        if build.outer or name in binds:
            build.bind(name, row)
        else:
            binds[name] = row
        if value.__class__ is int:
            build.uses[value] = (_ASSIGNED, (name,))
        elif cls in BRANCHES:
            build.mark(value, (_ASSIGNED, (name,)))
        return
    at = (line, column)
    targets = tuple([build.target(target, _VALUE, at, value) for target in nodes])
    if value.__class__ is int or cls in BRANCHES:
        unpacked = any(target.__class__ is tuple and target[0] == "tuple" for target in targets)
        build.mark(value, _UNPACKED if unpacked else (_ASSIGNED, targets))


def _annotated(build: Builder, node: ast.AnnAssign) -> None:
    annotation = EXPRESSIONS[node.annotation.__class__](build, node.annotation)
    item = node.value
    if item is None:
        build.target(node.target, _DECLARED, None, None, annotation)
        return
    value = EXPRESSIONS[item.__class__](build, item)
    target = build.target(node.target, _VALUE, (node.end_lineno, node.end_col_offset), value, annotation)
    build.mark(value, (_ASSIGNED, (target,)))


def _augmented(build: Builder, node: ast.AugAssign) -> None:
    site = len(build.sites)
    build.sites.append(None)
    build.uses.append(0)
    use = OPERAND_USES[node.op.__class__]
    end_line, end_column = node.end_lineno, node.end_col_offset
    target = build.target(node.target, _OTHER, (end_line, end_column), "kept")
    value = build.visit(node.value, use)
    build.sites[site] = (
        _AUGMENT, node.lineno, node.col_offset, end_line, end_column, build.block, target, use[1], value,
    )  # fmt: skip


def _delete(build: Builder, node: ast.Delete) -> None:
    for target in node.targets:
        build.target(target, _OTHER, None, "kept")


def _return(build: Builder, node: ast.Return) -> None:
    sites, uses = build.sites, build.uses
    site = len(sites)
    sites.append(None)
    uses.append(0)
    item = node.value
    value: Expr = None
    if item is not None:
        cls = item.__class__
        value = EXPRESSIONS[cls](build, item)
        if value.__class__ is int:
            uses[value] = _RETURNED
        elif cls in BRANCHES:
            build.mark(value, _RETURNED)
    sites[site] = (
        _RETURN, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block, value,
    )  # fmt: skip


def _raise(build: Builder, node: ast.Raise) -> None:
    site = len(build.sites)
    build.sites.append(None)
    build.uses.append(0)
    raised = build.visit(node.exc, _RAISED)
    cause = build.visit(node.cause)
    build.sites[site] = (
        _RAISE, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block, raised, cause,
    )  # fmt: skip


def _jump(build: Builder, node: ast.Break | ast.Continue) -> None:
    word = "break" if node.__class__ is ast.Break else "continue"
    build.uses.append(0)
    build.sites.append(
        (_JUMP, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block, word)
    )  # fmt: skip


def _if(build: Builder, node: ast.If) -> None:
    item = node.test
    cls = item.__class__
    test = EXPRESSIONS[cls](build, item)
    if test.__class__ is int:
        build.uses[test] = _CONDITION
    elif cls in BRANCHES:
        build.mark(test, _CONDITION)
    build.suite(_IF_BLOCK, node.body, test)
    if node.orelse:
        build.suite(_ELSE_BLOCK, node.orelse, test)


def _while(build: Builder, node: ast.While) -> None:
    site = len(build.sites)
    build.sites.append(None)
    build.uses.append(0)
    test = build.visit(node.test, _CONDITION)
    body = build.suite(_LOOP_BLOCK, node.body, site)
    orelse = build.suite(_LOOP_ELSE_BLOCK, node.orelse, site)
    build.sites[site] = (
        _WHILE, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block, test, body, orelse,
    )  # fmt: skip


def _for(build: Builder, node: ast.For | ast.AsyncFor) -> None:
    site = len(build.sites)
    build.sites.append(None)
    build.uses.append(0)
    is_async = node.__class__ is ast.AsyncFor
    item = node.iter
    iterable = build.visit(item, _ASYNC_ITERATED if is_async else _ITERATED)
    target = build.target(node.target, _ITEM, (item.end_lineno, item.end_col_offset), iterable, is_async)
    body = build.suite(_LOOP_BLOCK, node.body, site)
    orelse = build.suite(_LOOP_ELSE_BLOCK, node.orelse, site)
    build.sites[site] = (
        _FOR, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block,
        is_async, target, iterable, body, orelse,
    )  # fmt: skip


def _with(build: Builder, node: ast.With | ast.AsyncWith) -> None:
    site = len(build.sites)
    build.sites.append(None)
    build.uses.append(0)
    is_async = node.__class__ is ast.AsyncWith
    items = []
    for item in node.items:
        context = build.visit(item.context_expr, _ASYNC_ENTERED if is_async else _ENTERED)
        target = None
        if item.optional_vars is not None:
            target = build.target(item.optional_vars, _BOUND_ENTERED, None, context, is_async)
        items.append((context, target))
    body = build.suite(_WITH_BLOCK, node.body, site)
    build.sites[site] = (
        _WITH, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block,
        is_async, tuple(items), body,
    )  # fmt: skip


def _try(build: Builder, node: Any) -> None:
    site = len(build.sites)
    build.sites.append(None)
    build.uses.append(0)
    body = build.suite(_TRY_BLOCK, node.body, site)
    handlers = tuple([_handler(build, handler, site) for handler in node.handlers])
    orelse = build.suite(_TRY_ELSE_BLOCK, node.orelse, site)
    final = build.suite(_FINALLY_BLOCK, node.finalbody, site)
    build.sites[site] = (
        _TRY, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block,
        body, handlers, orelse, final, node.__class__ is not ast.Try,
    )  # fmt: skip


def _handler(build: Builder, node: ast.ExceptHandler, owner: int) -> int:
    site = len(build.sites)
    build.sites.append(None)
    build.uses.append(0)
    kind = build.visit(node.type)
    name = node.name
    line, column = node.lineno, node.col_offset
    if name:
        build.bind(name, (_EXCEPTION, build.block, line, column, kind, None, ()))
    body = build.suite(_HANDLER_BLOCK, node.body, site)
    build.sites[site] = (
        _HANDLER, line, column, node.end_lineno, node.end_col_offset, build.block,
        owner, kind, name, body, completions(node.body, name),
    )  # fmt: skip
    return site


def _assert(build: Builder, node: ast.Assert) -> None:
    test = build.visit(node.test, _CONDITION)
    build.visit(node.msg, _FORMATTED)
    if _shows_something(test):
        build.blocks.append((_ASSERT_BLOCK, build.block, build.scope, node.end_lineno, test))


def _shows_something(test: Expr) -> bool:
    """Whether a test may tell what kind of thing a name or attribute stands for."""
    if isinstance(test, tuple):
        if test[0] == "cmp":
            return bool(test[3] == ("const", None) or test[1] == ("is",))
        return test[0] in _TELLING
    return test is not None


def _match(build: Builder, node: ast.Match) -> None:
    subject = build.visit(node.subject, _MATCHED)
    for case in node.cases:
        outer = build.block
        build.block = block = len(build.blocks)
        pattern = case.pattern
        line, column = pattern.lineno, pattern.col_offset
        inner = pattern.pattern if isinstance(pattern, ast.MatchAs) else pattern
        of_class = build.visit(inner.cls) if isinstance(inner, ast.MatchClass) else None
        detail = None if of_class is None else (subject, of_class)
        build.blocks.append((_CASE_BLOCK, outer, build.scope, line, detail))
        if of_class is not None and inner is not pattern and isinstance(pattern, ast.MatchAs) and pattern.name:
            build.bind(pattern.name, (_ASSERTED, block, line, column, of_class, None, ()))
        for part in ast.walk(pattern if of_class is None else inner or pattern):
            name = getattr(part, "rest", None) if part.__class__ is ast.MatchMapping else getattr(part, "name", None)
            if isinstance(name, str):
                build.bind(name, (_OTHER, block, line, column, None, None, ()))
        build.visit(case.guard, _CONDITION)
        build.body(case.body)
        build.block = outer


def _import(build: Builder, node: ast.Import) -> None:
    line, column = node.lineno, node.col_offset
    rows = []
    for alias in node.names:
        name, bound = alias.name, alias.asname
        renamed = bound is not None
        if not bound:
            bound = name.partition(".")[0]
        build.bind(bound, (_BOUND_IMPORT, build.block, line, column, name, renamed, ()))
        rows.append((name, "", bound))
    build.uses.append(0)
    build.sites.append((_IMPORT, line, column, node.end_lineno, node.end_col_offset, build.block, tuple(rows)))


def _import_from(build: Builder, node: ast.ImportFrom) -> None:
    site = len(build.sites)
    module = node.module or ""
    if node.level:
        module = "." * node.level + module
    binds = build.binds
    rows = []
    for alias in node.names:
        name = alias.name
        bound = alias.asname or name
        rows.append((module, name, bound))
        if name == "*":
            build.stars.setdefault(build.scope, []).append((module, build.block))
        elif build.outer or bound in binds:
            build.bind(bound, site)
        else:
            # The row of the site says the rest.
            binds[bound] = site
    build.uses.append(0)
    build.sites.append(
        (_IMPORT, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block, tuple(rows))
    )  # fmt: skip


def _global(build: Builder, node: ast.Global | ast.Nonlocal) -> None:
    word = "global" if node.__class__ is ast.Global else "nonlocal"
    build.outer = build.outers.setdefault(build.scope, {})
    for name in node.names:
        build.outer[name] = word


def _type_alias(build: Builder, node: Any) -> None:
    value = build.visit(node.value)
    build.bind(node.name.id, (_ALIAS, build.block, node.lineno, node.col_offset, value, None, ()))


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
    ast.Pass: _nothing,
    **definitions.HANDLERS,
}
if hasattr(ast, "TryStar"):  # Python 3.11
    HANDLERS[ast.TryStar] = _try
if hasattr(ast, "TypeAlias"):  # Python 3.12
    HANDLERS[ast.TypeAlias] = _type_alias

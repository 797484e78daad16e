"""Handlers of functions and classes, which open scopes, and of their parameters."""

from __future__ import annotations

import ast
from typing import Any

from asynclint.facts.builder import EXPRESSIONS, NONE_DECLARED, STATEMENTS, Builder, Handler
from asynclint.facts.model import BindingKind, BlockKind, Expr, ParameterKind, ScopeKind, SiteKind, Use

_FUNCTION, _CLASS = int(SiteKind.FUNCTION), int(SiteKind.CLASS)
_DECORATOR, _DEFAULT = int(Use.DECORATOR), int(Use.DEFAULT)
_BOUND_FUNCTION, _BOUND_CLASS, _ALIAS = int(BindingKind.FUNCTION), int(BindingKind.CLASS), int(BindingKind.ALIAS)
_FUNCTION_BLOCK, _CLASS_BLOCK = int(BlockKind.FUNCTION), int(BlockKind.CLASS)
_FUNCTION_SCOPE, _CLASS_SCOPE = int(ScopeKind.FUNCTION), int(ScopeKind.CLASS)
_POSITIONAL_ONLY, _POSITIONAL = int(ParameterKind.POSITIONAL_ONLY), int(ParameterKind.POSITIONAL)
_VARIADIC, _KEYWORD_ONLY = int(ParameterKind.VARIADIC), int(ParameterKind.KEYWORD_ONLY)
_VARIADIC_KEYWORD = int(ParameterKind.VARIADIC_KEYWORD)
_HAS_TYPE_PARAMETERS = "type_params" in ast.ClassDef._fields  # Python 3.12


def _function(build: Builder, node: Any) -> None:
    sites, blocks, scopes, functions = build.sites, build.blocks, build.scopes, build.functions
    site, index = len(sites), len(functions)
    sites.append(None)
    build.uses.append(0)
    functions.append(())
    line, column = node.lineno, node.col_offset
    first_line = line
    decorators: Any = ()
    if node.decorator_list:
        first_line = node.decorator_list[0].lineno
        decorators = _decorators(build, node.decorator_list)
    functions[index] = rows = parameters(build, node.args)
    returns = node.returns
    if returns is not None:
        returns = EXPRESSIONS[returns.__class__](build, returns)
    name = node.name
    outer_block, outer_scope, binds, declared = build.block, build.scope, build.binds, build.outer
    prefix, generator, own_class, own_name = build.prefix, build.generator, build.own_class, build.own_name
    row = (_BOUND_FUNCTION, outer_block, line, column, index, None, ())
    if declared or name in binds:
        build.bind(name, row)
    else:
        binds[name] = row
    scope, block = len(scopes), len(blocks)
    qualname = prefix + name
    build.prefix = qualname + "."
    build.generator = False
    enclosing = scopes[outer_scope]
    class_index = -1
    if enclosing[0] == _CLASS_SCOPE:
        class_index = enclosing[4]
        if rows and rows[0][1] <= _POSITIONAL:
            build.own_name = rows[0][0]
            build.own_class = -1 if "staticmethod" in decorators else class_index
        else:
            build.own_class = -1
    elif own_class >= 0:
        for parameter in rows:
            if parameter[0] == own_name:
                build.own_class = -1
    build.binds = {}
    build.outer = NONE_DECLARED
    scopes.append((_FUNCTION_SCOPE, outer_scope, block, name, index, build.binds))
    blocks.append((_FUNCTION_BLOCK, outer_block, scope, line, index))
    build.scope, build.block = scope, block
    if _HAS_TYPE_PARAMETERS and node.type_params:
        _type_parameters(build, node.type_params)
    first = len(sites)
    for statement in node.body:
        STATEMENTS[statement.__class__](build, statement)
    is_generator = build.generator
    build.block, build.scope, build.binds, build.outer = outer_block, outer_scope, binds, declared
    build.prefix, build.generator, build.own_class, build.own_name = prefix, generator, own_class, own_name
    end_line = node.end_lineno
    sites[site] = (_FUNCTION, line, column, end_line, node.end_col_offset, outer_block, index)
    functions[index] = (
        name, qualname, site, scope, outer_scope, block, class_index, node.__class__ is ast.AsyncFunctionDef,
        is_generator, _is_stub(node.body), decorators, rows, returns, first, len(sites), first_line, end_line,
    )  # fmt: skip


def _class(build: Builder, node: Any) -> None:
    sites, visit, scopes, classes = build.sites, EXPRESSIONS, build.scopes, build.classes
    site, index = len(sites), len(classes)
    sites.append(None)
    build.uses.append(0)
    classes.append(None)
    attributes: dict[str, Any] = {}
    build.attributes.append(attributes)
    line = first_line = node.lineno
    decorators: Any = ()
    if node.decorator_list:
        first_line = node.decorator_list[0].lineno
        decorators = tuple([visit[each.__class__](build, each) for each in node.decorator_list])
    bases = tuple([visit[each.__class__](build, each) for each in node.bases])
    keywords = tuple([(each.arg, visit[each.value.__class__](build, each.value)) for each in node.keywords])
    name = node.name
    outer_block, outer_scope, binds, declared = build.block, build.scope, build.binds, build.outer
    prefix = build.prefix
    build.bind(name, (_BOUND_CLASS, outer_block, line, node.col_offset, index, None, ()))
    scope, block = len(scopes), len(build.blocks)
    qualname = prefix + name
    build.prefix = qualname + "."
    build.binds = {}
    build.outer = NONE_DECLARED
    scopes.append((_CLASS_SCOPE, outer_scope, block, name, index, build.binds))
    build.blocks.append((_CLASS_BLOCK, outer_block, scope, line, index))
    build.scope, build.block = scope, block
    if _HAS_TYPE_PARAMETERS and node.type_params:
        _type_parameters(build, node.type_params)
    for statement in node.body:
        STATEMENTS[statement.__class__](build, statement)
    build.block, build.scope, build.binds, build.outer, build.prefix = outer_block, outer_scope, binds, declared, prefix
    end_line = node.end_lineno
    sites[site] = (_CLASS, line, node.col_offset, end_line, node.end_col_offset, outer_block, index)
    classes[index] = (
        name, qualname, site, scope, outer_scope, block, decorators, bases, keywords, attributes, first_line, end_line,
    )  # fmt: skip


def _decorators(build: Builder, nodes: list[ast.expr]) -> tuple[Expr, ...]:
    found = []
    for node in nodes:
        value = EXPRESSIONS[node.__class__](build, node)
        if value.__class__ is int:
            build.uses[value] = _DECORATOR
        found.append(value)
    return tuple(found)


def parameters(build: Builder, args: ast.arguments) -> tuple[tuple[Any, ...], ...]:
    """The raw rows of parameters, in the order of the source."""
    rows: list[tuple[Any, ...]] = []
    only, positional, defaults = args.posonlyargs, args.args, args.defaults
    if only:
        without = len(only) + len(positional) - len(defaults)
        for number, arg in enumerate(only):
            default = defaults[number - without] if number >= without else None
            rows.append(_parameter(build, arg, _POSITIONAL_ONLY, default))
        if without < len(only):
            defaults = defaults[len(only) - without :]
    if defaults:
        without = len(positional) - len(defaults)
        for number, arg in enumerate(positional):
            default = defaults[number - without] if number >= without else None
            rows.append(_parameter(build, arg, _POSITIONAL, default))
    else:
        for arg in positional:
            annotation: Any = arg.annotation
            if annotation is not None:
                annotation = EXPRESSIONS[annotation.__class__](build, annotation)
            rows.append((arg.arg, _POSITIONAL, annotation, None, False))
    if args.vararg:
        rows.append(_parameter(build, args.vararg, _VARIADIC, None))
    if args.kwonlyargs:
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            rows.append(_parameter(build, arg, _KEYWORD_ONLY, default))
    if args.kwarg:
        rows.append(_parameter(build, args.kwarg, _VARIADIC_KEYWORD, None))
    return tuple(rows)


def _parameter(build: Builder, arg: ast.arg, kind: int, default: ast.expr | None) -> tuple[Any, ...]:
    annotation: Any = arg.annotation
    if annotation is not None:
        annotation = EXPRESSIONS[annotation.__class__](build, annotation)
    if default is None:
        return (arg.arg, kind, annotation, None, False)
    value = EXPRESSIONS[default.__class__](build, default)
    if value.__class__ is int:
        build.uses[value] = _DEFAULT
    return (arg.arg, kind, annotation, value, True)


def _type_parameters(build: Builder, nodes: list[Any]) -> None:
    for node in nodes:
        bound = build.visit(getattr(node, "bound", None))
        build.bind(node.name, (_ALIAS, build.block, node.lineno, node.col_offset, bound, True, ()))


def _is_stub(body: list[ast.stmt]) -> bool:
    for node in body:
        cls = node.__class__
        if cls is ast.Expr:
            if node.value.__class__ is not ast.Constant:  # type: ignore[attr-defined]
                return False
        elif cls is ast.Raise:
            raised = node.exc  # type: ignore[attr-defined]
            if raised.__class__ is ast.Call:
                raised = raised.func
            name = raised.id if raised.__class__ is ast.Name else getattr(raised, "attr", "")
            if name != "NotImplementedError":
                return False
        elif cls is not ast.Pass:
            return False
    return True


HANDLERS: dict[type, Handler] = {
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.ClassDef: _class,
}

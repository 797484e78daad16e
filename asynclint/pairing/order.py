"""In which order `ast` meets the nodes of a LibCST tree, and which of them are sites.

LibCST keeps some fields in another order than `ast` (decorators after the body, the test of a
ternary first in one and second in the other, arguments as written), and `asynclint.facts` numbers
sites in the order of `ast`. The table below lists the children of each node that can hold sites, in
the order of the facts; whatever is not listed (names, numbers, operators, patterns, white space)
holds none. The walk keeps a stack of its own, so that no depth of nesting ends it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import libcst as cst

from asynclint.rule import KIND_OF_NODE

Children = Callable[[Any], Sequence[Any]]

KINDS: dict[type, int] = {getattr(cst, name): int(kind) for name, kind in KIND_OF_NODE.items() if hasattr(cst, name)}


def _args(args: Sequence[cst.Arg]) -> list[Any]:
    """Positional and starred arguments come before keywords and `**`, wherever they are written."""
    if any(arg.keyword is not None or arg.star == "**" for arg in args):
        args = sorted(args, key=lambda arg: arg.keyword is not None or arg.star == "**")
    return [arg.value for arg in args]


def _call(node: cst.Call) -> list[Any]:
    return [node.func, *_args(node.args)]


def _parameters(node: cst.Parameters) -> list[Any]:
    found: list[Any] = []
    for parameter in (*node.posonly_params, *node.params, node.star_arg, *node.kwonly_params, node.star_kwarg):
        if isinstance(parameter, cst.Param):
            found.append(parameter.annotation)
            found.append(parameter.default)
    return found


def _bounds(node: cst.TypeParameters | None) -> list[Any]:
    if node is None:
        return []
    return [each.param.bound for each in node.params if isinstance(each.param, cst.TypeVar)]


def _function(node: cst.FunctionDef) -> list[Any]:
    decorators = [each.decorator for each in node.decorators]
    return [*decorators, *_parameters(node.params), node.returns, *_bounds(node.type_parameters), node.body]


def _class(node: cst.ClassDef) -> list[Any]:
    decorators = [each.decorator for each in node.decorators]
    return [*decorators, *_args([*node.bases, *node.keywords]), *_bounds(node.type_parameters), node.body]


def _lambda(node: cst.Lambda) -> list[Any]:
    return [*_parameters(node.params), node.body]


def _loops(node: cst.CompFor | None) -> list[Any]:
    found: list[Any] = []
    while node is not None:
        found += [node.iter, node.target, *[each.test for each in node.ifs]]
        node = node.inner_for_in
    return found


def _yield(node: cst.Yield) -> list[Any]:
    return [node.value.item if isinstance(node.value, cst.From) else node.value]


def _with(node: cst.With) -> list[Any]:
    found: list[Any] = []
    for item in node.items:
        found.append(item.item)
        if item.asname is not None:
            found.append(item.asname.name)
    return [*found, node.body]


def _match(node: cst.Match) -> list[Any]:
    found: list[Any] = [node.subject]
    for case in node.cases:
        found += [case.guard, case.body]
    return found


def _interpolation(node: Any) -> list[Any]:
    return [node.expression, *(node.format_spec or ())]


CHILDREN: dict[type, Children] = {
    # statements
    cst.Module: lambda node: node.body,
    cst.IndentedBlock: lambda node: node.body,
    cst.SimpleStatementSuite: lambda node: node.body,
    cst.SimpleStatementLine: lambda node: node.body,
    cst.FunctionDef: _function,
    cst.ClassDef: _class,
    cst.If: lambda node: (node.test, node.body, node.orelse),
    cst.Else: lambda node: (node.body,),
    cst.While: lambda node: (node.test, node.body, node.orelse),
    cst.For: lambda node: (node.iter, node.target, node.body, node.orelse),
    cst.With: _with,
    cst.Try: lambda node: (node.body, *node.handlers, node.orelse, node.finalbody),
    cst.TryStar: lambda node: (node.body, *node.handlers, node.orelse, node.finalbody),
    cst.ExceptHandler: lambda node: (node.type, node.body),
    cst.ExceptStarHandler: lambda node: (node.type, node.body),
    cst.Finally: lambda node: (node.body,),
    cst.Match: _match,
    cst.Expr: lambda node: (node.value,),
    cst.Assign: lambda node: (node.value, *[each.target for each in node.targets]),
    cst.AnnAssign: lambda node: (node.annotation, node.value, node.target),
    cst.AugAssign: lambda node: (node.target, node.value),
    cst.Del: lambda node: (node.target,),
    cst.Return: lambda node: (node.value,),
    cst.Raise: lambda node: (node.exc, node.cause),
    cst.Assert: lambda node: (node.test, node.msg),
    cst.TypeAlias: lambda node: (node.value,),
    # expressions
    cst.Annotation: lambda node: (node.annotation,),
    cst.Attribute: lambda node: (node.value,),
    cst.Call: _call,
    cst.Await: lambda node: (node.expression,),
    cst.Yield: _yield,
    cst.From: lambda node: (node.item,),
    cst.Subscript: lambda node: (node.value, *[each.slice for each in node.slice]),
    cst.Index: lambda node: (node.value,),
    cst.Slice: lambda node: (node.lower, node.upper, node.step),
    cst.Tuple: lambda node: node.elements,
    cst.List: lambda node: node.elements,
    cst.Set: lambda node: node.elements,
    cst.Dict: lambda node: node.elements,
    cst.Element: lambda node: (node.value,),
    cst.StarredElement: lambda node: (node.value,),
    cst.DictElement: lambda node: (node.key, node.value),
    cst.StarredDictElement: lambda node: (node.value,),
    cst.BooleanOperation: lambda node: (node.left, node.right),
    cst.BinaryOperation: lambda node: (node.left, node.right),
    cst.UnaryOperation: lambda node: (node.expression,),
    cst.Comparison: lambda node: (node.left, *[each.comparator for each in node.comparisons]),
    cst.IfExp: lambda node: (node.test, node.body, node.orelse),
    cst.NamedExpr: lambda node: (node.value,),
    cst.Lambda: _lambda,
    cst.ListComp: lambda node: (*_loops(node.for_in), node.elt),
    cst.SetComp: lambda node: (*_loops(node.for_in), node.elt),
    cst.GeneratorExp: lambda node: (*_loops(node.for_in), node.elt),
    cst.DictComp: lambda node: (*_loops(node.for_in), node.key, node.value),
    cst.ConcatenatedString: lambda node: (node.left, node.right),
    cst.FormattedString: lambda node: node.parts,
    cst.FormattedStringExpression: _interpolation,
}
if hasattr(cst, "TemplatedString"):  # LibCST 1.8.3
    CHILDREN[cst.TemplatedString] = lambda node: node.parts
    CHILDREN[cst.TemplatedStringExpression] = _interpolation


def sites_of(roots: Iterable[cst.CSTNode]) -> list[tuple[int, cst.CSTNode]]:
    """The sites under the roots in the order of the facts, each with its `SiteKind` as a plain int."""
    found: list[tuple[int, cst.CSTNode]] = []
    stack: list[Any] = [*roots]
    stack.reverse()
    kinds, table = KINDS, CHILDREN
    while stack:
        node = stack.pop()
        cls = node.__class__
        kind = kinds.get(cls)
        if kind is not None:
            found.append((kind, node))
        children = table.get(cls)
        if children is not None:
            stack.extend(reversed(children(node)))
    return found

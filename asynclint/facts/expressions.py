"""Handlers of expression nodes: each visits its children, marks their use, gives the symbolic form."""

from __future__ import annotations

import ast
from typing import Any

from asynclint.facts.builder import EXPRESSIONS, Builder, Handler
from asynclint.facts.model import BindingKind, BlockKind, Expr, Scope, ScopeKind, SiteKind, Use

# Plain ints: enum members cost an attribute look-up each time and marshal slowly.
_CALL, _AWAIT, _YIELD = int(SiteKind.CALL), int(SiteKind.AWAIT), int(SiteKind.YIELD)
_LAMBDA, _COMPREHENSION = int(SiteKind.LAMBDA), int(SiteKind.COMPREHENSION)
_AWAITED, _ARGUMENT, _STARRED = int(Use.AWAITED), int(Use.ARGUMENT), int(Use.STARRED)
_ATTRIBUTE, _CALLED, _CONDITION, _ELEMENT = int(Use.ATTRIBUTE), int(Use.CALLED), int(Use.CONDITION), int(Use.ELEMENT)
_ITEM = int(BindingKind.ITEM)
_MAX_TEXT = 200
_SINGLETONS: dict[Any, Expr] = {value: ("const", value) for value in (None, True, False, ...)}

OPERATORS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitXor: "^", ast.BitAnd: "&",
    ast.UAdd: "+", ast.USub: "-", ast.Invert: "~", ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=",
    ast.Gt: ">", ast.GtE: ">=", ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip


def _name(build: Builder, node: ast.Name) -> Expr:
    return node.id


def _constant(build: Builder, node: ast.Constant) -> Expr:
    value = node.value
    cls = value.__class__
    if cls is str or cls is bytes:
        return ("const", value if len(value) <= _MAX_TEXT else value[:_MAX_TEXT])  # type: ignore[arg-type,index]
    if cls is int or cls is float or cls is complex:
        return ("const", value)
    return _SINGLETONS[value]


def _attribute(build: Builder, node: ast.Attribute) -> Expr:
    value = node.value
    # Names are by far the commonest base; a call of their handler would cost more than this line.
    if value.__class__ is ast.Name:
        return (".", value.id, node.attr)
    base = EXPRESSIONS[value.__class__](build, value)
    if base.__class__ is int:
        build.uses[base] = (_ATTRIBUTE, node.attr)
    elif base.__class__ is tuple:
        build.mark(base, (_ATTRIBUTE, node.attr))
    return (".", base, node.attr)


def _call(build: Builder, node: ast.Call) -> Expr:
    sites, uses, visit = build.sites, build.uses, EXPRESSIONS
    site = len(sites)
    sites.append(None)
    uses.append(0)
    func = node.func
    function = visit[func.__class__](build, func)
    if function.__class__ is int:
        uses[function] = (_CALLED, site)
    arguments: Any = ()
    if node.args:
        arguments = []
        for argument in node.args:
            value = visit[argument.__class__](build, argument)
            if value.__class__ is int:
                uses[value] = (_ARGUMENT, site, len(arguments))
            elif value.__class__ is tuple:
                if value[0] == "*":
                    build.mark(value[1], (_STARRED, site))
                else:
                    build.mark(value, (_ARGUMENT, site, len(arguments)))
            arguments.append(value)
        arguments = tuple(arguments)
    keywords: Any = ()
    if node.keywords:
        keywords = []
        for keyword in node.keywords:
            item = keyword.value
            value = visit[item.__class__](build, item)
            if value.__class__ is int:
                uses[value] = (_ARGUMENT, site, keyword.arg)
            elif value.__class__ is tuple:
                build.mark(value, (_ARGUMENT, site, keyword.arg))
            keywords.append((keyword.arg, value))
        keywords = tuple(keywords)
    sites[site] = (
        _CALL, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block,
        function, arguments, keywords,
    )  # fmt: skip
    return site


def _await(build: Builder, node: ast.Await) -> Expr:
    site = len(build.sites)
    build.sites.append(None)
    build.uses.append(0)
    operand = EXPRESSIONS[node.value.__class__](build, node.value)
    build.mark(operand, (_AWAITED, site))
    build.sites[site] = (
        _AWAIT, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block, operand,
    )  # fmt: skip
    return site


def _yield(build: Builder, node: ast.Yield | ast.YieldFrom) -> Expr:
    site = len(build.sites)
    build.sites.append(None)
    build.uses.append(0)
    build.generator = True
    delegates = node.__class__ is ast.YieldFrom
    value = None
    if node.value is not None:
        value = EXPRESSIONS[node.value.__class__](build, node.value)
        build.mark(value, int(Use.DELEGATED if delegates else Use.YIELDED))
    build.sites[site] = (
        _YIELD, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block, value, delegates,
    )  # fmt: skip
    return site


def _subscript(build: Builder, node: ast.Subscript) -> Expr:
    base = EXPRESSIONS[node.value.__class__](build, node.value)
    build.mark(base, int(Use.SUBSCRIPTED))
    index = EXPRESSIONS[node.slice.__class__](build, node.slice)
    build.mark(index, int(Use.INDEX))
    return ("[]", base, index)


def _slice(build: Builder, node: ast.Slice) -> Expr:
    parts = []
    for part in (node.lower, node.upper, node.step):
        value = None if part is None else EXPRESSIONS[part.__class__](build, part)
        build.mark(value, int(Use.INDEX))
        parts.append(value)
    return ("slice", *parts)


def _display(tag: str) -> Handler:
    def handler(build: Builder, node: Any) -> Expr:
        parts = [tag]
        uses = build.uses
        for element in node.elts:
            value = EXPRESSIONS[element.__class__](build, element)
            if value.__class__ is int:
                uses[value] = (_ELEMENT, tag)
            elif value.__class__ is tuple:
                if value[0] == "*":
                    build.mark(value[1], (_STARRED, -1))
                else:
                    build.mark(value, (_ELEMENT, tag))
            parts.append(value)
        return tuple(parts)

    return handler


def _dict(build: Builder, node: ast.Dict) -> Expr:
    keys, values = [], []
    for key, item in zip(node.keys, node.values, strict=True):
        name = None
        if key is not None:
            name = EXPRESSIONS[key.__class__](build, key)
            if name.__class__ is int:
                build.uses[name] = int(Use.KEY)
        value = EXPRESSIONS[item.__class__](build, item)
        build.mark(value, (_STARRED, -1) if key is None else (_ELEMENT, "dict"))
        keys.append(name)
        values.append(value)
    return ("dict", tuple(keys), tuple(values))


def _bool(build: Builder, node: ast.BoolOp) -> Expr:
    parts: list[Any] = ["bool", "and" if node.op.__class__ is ast.And else "or"]
    for operand in node.values:
        value = EXPRESSIONS[operand.__class__](build, operand)
        # The truth of every operand but the last is tested; the last takes the use of the whole.
        build.mark(value, _CONDITION)
        parts.append(value)
    last = parts[-1]
    if last.__class__ is int:
        build.uses[last] = 0
    return tuple(parts)


def _ternary(build: Builder, node: ast.IfExp) -> Expr:
    test = EXPRESSIONS[node.test.__class__](build, node.test)
    build.mark(test, _CONDITION)
    body = EXPRESSIONS[node.body.__class__](build, node.body)
    return ("if", test, body, EXPRESSIONS[node.orelse.__class__](build, node.orelse))


def _binary(build: Builder, node: ast.BinOp) -> Expr:
    operator = OPERATORS[node.op.__class__]
    left = EXPRESSIONS[node.left.__class__](build, node.left)
    build.mark(left, (int(Use.OPERAND), operator))
    right = EXPRESSIONS[node.right.__class__](build, node.right)
    build.mark(right, (int(Use.OPERAND), operator))
    return ("bin", operator, left, right)


def _unary(build: Builder, node: ast.UnaryOp) -> Expr:
    value = EXPRESSIONS[node.operand.__class__](build, node.operand)
    if node.op.__class__ is ast.Not:
        build.mark(value, _CONDITION)
        return ("not", value)
    operator = OPERATORS[node.op.__class__]
    build.mark(value, (int(Use.OPERAND), operator))
    if operator == "-" and value.__class__ is tuple and value[0] == "const":
        return ("const", -value[1])
    return ("unary", operator, value)


def _compare(build: Builder, node: ast.Compare) -> Expr:
    operators = tuple([OPERATORS[operator.__class__] for operator in node.ops])
    use = (int(Use.COMPARED), operators)
    left = EXPRESSIONS[node.left.__class__](build, node.left)
    build.mark(left, use)
    parts: list[Any] = ["cmp", operators, left]
    for comparator in node.comparators:
        value = EXPRESSIONS[comparator.__class__](build, comparator)
        build.mark(value, use)
        parts.append(value)
    return tuple(parts)


def _starred(build: Builder, node: ast.Starred) -> Expr:
    return ("*", EXPRESSIONS[node.value.__class__](build, node.value))


def _walrus(build: Builder, node: ast.NamedExpr) -> Expr:
    value = EXPRESSIONS[node.value.__class__](build, node.value)
    name = node.target.id
    build.mark(value, (int(Use.ASSIGNED), (name,)))
    # A walrus binds in the nearest scope that is no comprehension.
    saved = build.binds, build.outer
    number = build.scope
    while build.scopes[number].kind == ScopeKind.COMPREHENSION:
        number = build.scopes[number].parent
    build.binds, build.outer = build.scopes[number].bindings, build.scopes[number].outer
    build.bind(name, int(BindingKind.VALUE), node.lineno, node.col_offset, value)
    build.binds, build.outer = saved
    return (":=", name, value)


def _formatted(build: Builder, node: Any) -> Expr:
    parts: list[Any] = ["fstr"]
    for part in node.values:
        if part.__class__ is ast.Constant:
            continue
        value = EXPRESSIONS[part.value.__class__](build, part.value)
        build.mark(value, int(Use.FORMATTED))
        parts.append(value)
        if part.format_spec is not None:
            EXPRESSIONS[part.format_spec.__class__](build, part.format_spec)
    return tuple(parts)


def _lambda(build: Builder, node: ast.Lambda) -> Expr:
    site = len(build.sites)
    build.sites.append(None)
    build.uses.append(0)
    parameters = build.parameters(node.args)
    saved = build.block, build.scope, build.binds, build.outer, build.generator
    scope, block = len(build.scopes), len(build.blocks)
    build.binds, build.outer = {}, {}
    build.scopes.append(Scope(int(ScopeKind.LAMBDA), saved[1], block, "<lambda>", site, build.binds, build.outer, []))
    build.blocks.append((int(BlockKind.LAMBDA), saved[0], scope, node.lineno, site))
    build.scope, build.block = scope, block
    for number, parameter in enumerate(parameters):
        build.bind(parameter.name, int(BindingKind.PARAMETER), node.lineno, node.col_offset, -1, number)
    body = EXPRESSIONS[node.body.__class__](build, node.body)
    build.mark(body, int(Use.RETURNED))
    build.block, build.scope, build.binds, build.outer, build.generator = saved
    build.sites[site] = (
        _LAMBDA, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block, scope, body, block,
    )  # fmt: skip
    return site


def _comprehension(kind: str) -> Handler:
    def handler(build: Builder, node: Any) -> Expr:
        sites, uses, visit = build.sites, build.uses, EXPRESSIONS
        site = len(sites)
        sites.append(None)
        uses.append(0)
        saved = build.block, build.scope, build.binds, build.outer
        # The first iterable is evaluated outside, all the rest in the comprehension's own scope.
        first = node.generators[0].iter
        iterable = visit[first.__class__](build, first)
        scope, block = len(build.scopes), len(build.blocks)
        build.binds, build.outer = {}, {}
        build.scopes.append(
            Scope(int(ScopeKind.COMPREHENSION), saved[1], block, kind, site, build.binds, build.outer, [])
        )
        build.blocks.append((int(BlockKind.COMPREHENSION), saved[0], scope, node.lineno, site))
        build.scope, build.block = scope, block
        loops = []
        for number, loop in enumerate(node.generators):
            if number:
                iterable = visit[loop.iter.__class__](build, loop.iter)
            is_async = bool(loop.is_async)
            build.mark(iterable, int(Use.ASYNC_ITERATED if is_async else Use.ITERATED))
            target = build.target(loop.target, _ITEM, iterable, is_async)
            tests = []
            for test in loop.ifs:
                value = visit[test.__class__](build, test)
                build.mark(value, _CONDITION)
                tests.append(value)
            loops.append((target, iterable, is_async, tuple(tests)))
        extra = None
        if kind == "dict":
            element = visit[node.key.__class__](build, node.key)
            if element.__class__ is int:
                uses[element] = int(Use.KEY)
            extra = visit[node.value.__class__](build, node.value)
            build.mark(extra, (int(Use.PRODUCED), site))
        else:
            element = visit[node.elt.__class__](build, node.elt)
            build.mark(element, (int(Use.PRODUCED), site))
        build.block, build.scope, build.binds, build.outer = saved
        sites[site] = (
            _COMPREHENSION, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block,
            kind, scope, tuple(loops), element, extra,
        )  # fmt: skip
        return site

    return handler


HANDLERS: dict[type, Handler] = {
    ast.Name: _name,
    ast.Constant: _constant,
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.Await: _await,
    ast.Yield: _yield,
    ast.YieldFrom: _yield,
    ast.Subscript: _subscript,
    ast.Slice: _slice,
    ast.Tuple: _display("tuple"),
    ast.List: _display("list"),
    ast.Set: _display("set"),
    ast.Dict: _dict,
    ast.BoolOp: _bool,
    ast.IfExp: _ternary,
    ast.BinOp: _binary,
    ast.UnaryOp: _unary,
    ast.Compare: _compare,
    ast.Starred: _starred,
    ast.NamedExpr: _walrus,
    ast.JoinedStr: _formatted,
    ast.Lambda: _lambda,
    ast.ListComp: _comprehension("list"),
    ast.SetComp: _comprehension("set"),
    ast.DictComp: _comprehension("dict"),
    ast.GeneratorExp: _comprehension("generator"),
}
if hasattr(ast, "TemplateStr"):  # Python 3.14
    HANDLERS[ast.TemplateStr] = _formatted

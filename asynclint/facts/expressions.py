"""Handlers of expression nodes: each visits its children, marks their use, gives the symbolic form."""

from __future__ import annotations

import ast
from ast import Attribute, Constant, Name, Starred
from typing import Any

from asynclint.facts.builder import BRANCHES, EXPRESSIONS, NONE_DECLARED, Builder, Handler
from asynclint.facts.definitions import parameters
from asynclint.facts.model import BindingKind, BlockKind, Expr, ScopeKind, SiteKind, Use

# Plain ints: enum members cost an attribute look-up each time and marshal slowly.
_CALL, _AWAIT, _YIELD = int(SiteKind.CALL), int(SiteKind.AWAIT), int(SiteKind.YIELD)
_LAMBDA, _COMPREHENSION = int(SiteKind.LAMBDA), int(SiteKind.COMPREHENSION)
_LAMBDA_BLOCK, _COMPREHENSION_BLOCK = int(BlockKind.LAMBDA), int(BlockKind.COMPREHENSION)
_LAMBDA_SCOPE, _COMPREHENSION_SCOPE = int(ScopeKind.LAMBDA), int(ScopeKind.COMPREHENSION)
_ITEM, _VALUE, _PARAMETER = int(BindingKind.ITEM), int(BindingKind.VALUE), int(BindingKind.PARAMETER)
_AWAITED, _ARGUMENT, _STARRED, _ASSIGNED = int(Use.AWAITED), int(Use.ARGUMENT), int(Use.STARRED), int(Use.ASSIGNED)
_ATTRIBUTE, _CALLED, _CONDITION, _ELEMENT = int(Use.ATTRIBUTE), int(Use.CALLED), int(Use.CONDITION), int(Use.ELEMENT)
_SUBSCRIPTED, _INDEX, _KEY, _COMPARED = int(Use.SUBSCRIPTED), int(Use.INDEX), int(Use.KEY), int(Use.COMPARED)
_FORMATTED, _RETURNED, _PRODUCED = int(Use.FORMATTED), int(Use.RETURNED), int(Use.PRODUCED)
_DELEGATED, _YIELDED = int(Use.DELEGATED), int(Use.YIELDED)
_ITERATED, _ASYNC_ITERATED = int(Use.ITERATED), int(Use.ASYNC_ITERATED)
_STARRED_ELEMENT, _DICT_ELEMENT = (_STARRED, -1), (_ELEMENT, "dict")
_MAX_TEXT = 200
_SINGLETONS: dict[Any, Expr] = {value: ("const", value) for value in (None, True, False, ...)}

_OPERATORS = {
    ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/", ast.FloorDiv: "//", ast.Mod: "%", ast.Pow: "**",
    ast.MatMult: "@", ast.LShift: "<<", ast.RShift: ">>", ast.BitOr: "|", ast.BitXor: "^", ast.BitAnd: "&",
    ast.UAdd: "+", ast.USub: "-", ast.Invert: "~",
}  # fmt: skip
_COMPARISONS = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "is",
    ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
#: By node type of an operator, the use of its operands.
OPERAND_USES = {node: (int(Use.OPERAND), operator) for node, operator in _OPERATORS.items()}
_COMPARED_USES = {node: (_COMPARED, (operator,)) for node, operator in _COMPARISONS.items()}


def _name(build: Builder, node: Name) -> Expr:
    return node.id


def _constant(build: Builder, node: Constant) -> Expr:
    value = node.value
    cls = value.__class__
    if cls is str and len(value) <= _MAX_TEXT:  # type: ignore[arg-type]
        return ("const", value)
    if cls is str or cls is bytes:
        return ("const", value if len(value) <= _MAX_TEXT else value[:_MAX_TEXT])  # type: ignore[arg-type,index]
    if cls is int or cls is float or cls is complex:
        return ("const", value)
    return _SINGLETONS[value]


def _attribute(build: Builder, node: Attribute) -> Expr:
    value = node.value
    cls = value.__class__
    # Names are by far the commonest base; a call of their handler would cost more than this line.
    if cls is Name:
        return (".", value.id, node.attr)  # type: ignore[attr-defined]
    attribute = node.attr
    base = EXPRESSIONS[cls](build, value)
    if base.__class__ is int:
        build.uses[base] = (_ATTRIBUTE, attribute)
    elif cls in BRANCHES:
        build.mark(base, (_ATTRIBUTE, attribute))
    return (".", base, attribute)


def _call(build: Builder, node: ast.Call) -> Expr:
    sites, uses, visit = build.sites, build.uses, EXPRESSIONS
    site = len(sites)
    sites.append(None)
    uses.append(0)
    func = node.func
    cls: Any = func.__class__
    # Written out: nearly every call is one of a name or of a name's attribute.
    if cls is Name:
        function: Expr = func.id  # type: ignore[attr-defined]
    elif cls is Attribute and (base := func.value).__class__ is Name:  # type: ignore[attr-defined]
        function = (".", base.id, func.attr)  # type: ignore[attr-defined]
    else:
        function = visit[cls](build, func)
        if function.__class__ is int:
            uses[function] = (_CALLED, site)
    arguments: Any = ()
    nodes = node.args
    if nodes:
        arguments = []
        for argument in nodes:
            cls = argument.__class__
            if cls is Name:
                arguments.append(argument.id)  # type: ignore[attr-defined]
                continue
            value = visit[cls](build, argument)
            if value.__class__ is int:
                uses[value] = (_ARGUMENT, site, len(arguments))
            elif cls is Starred:
                build.mark(value[1], (_STARRED, site))
            elif cls in BRANCHES:
                build.mark(value, (_ARGUMENT, site, len(arguments)))
            arguments.append(value)
        arguments = tuple(arguments)
    keywords: Any = ()
    named = node.keywords
    if named:
        keywords = []
        for keyword in named:
            name = keyword.arg
            item = keyword.value
            cls = item.__class__
            if cls is Name:
                keywords.append((name, item.id))  # type: ignore[attr-defined]
                continue
            value = visit[cls](build, item)
            if value.__class__ is int:
                uses[value] = (_ARGUMENT, site, name)
            elif cls in BRANCHES:
                build.mark(value, (_ARGUMENT, site, name))
            keywords.append((name, value))
        keywords = tuple(keywords)
    sites[site] = (
        _CALL, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block,
        function, arguments, keywords,
    )  # fmt: skip
    return site


def _await(build: Builder, node: ast.Await) -> Expr:
    sites, uses = build.sites, build.uses
    site = len(sites)
    sites.append(None)
    uses.append(0)
    operand = EXPRESSIONS[node.value.__class__](build, node.value)
    if operand.__class__ is int:
        uses[operand] = (_AWAITED, site)
    else:
        build.mark(operand, (_AWAITED, site))
    sites[site] = (
        _AWAIT, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block, operand,
    )  # fmt: skip
    return site


def _yield(build: Builder, node: ast.Yield | ast.YieldFrom) -> Expr:
    site = len(build.sites)
    build.sites.append(None)
    build.uses.append(0)
    build.generator = True
    delegates = node.__class__ is ast.YieldFrom
    value = build.visit(node.value, _DELEGATED if delegates else _YIELDED)
    build.sites[site] = (
        _YIELD, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, build.block, value, delegates,
    )  # fmt: skip
    return site


def _subscript(build: Builder, node: ast.Subscript) -> Expr:
    item: Any = node.value
    cls: Any = item.__class__
    if cls is Name:
        base: Expr = item.id
    else:
        base = EXPRESSIONS[cls](build, item)
        if base.__class__ is int:
            build.uses[base] = _SUBSCRIPTED
        elif cls in BRANCHES:
            build.mark(base, _SUBSCRIPTED)
    item = node.slice
    cls = item.__class__
    if cls is Name:
        return ("[]", base, item.id)
    index = EXPRESSIONS[cls](build, item)
    if index.__class__ is int:
        build.uses[index] = _INDEX
    elif cls in BRANCHES:
        build.mark(index, _INDEX)
    return ("[]", base, index)


def _slice(build: Builder, node: ast.Slice) -> Expr:
    return (
        "slice", build.visit(node.lower, _INDEX), build.visit(node.upper, _INDEX), build.visit(node.step, _INDEX),
    )  # fmt: skip


def _display(tag: str) -> Handler:
    use = (_ELEMENT, tag)

    def handler(build: Builder, node: Any) -> Expr:
        parts = [tag]
        for element in node.elts:
            cls = element.__class__
            if cls is Name:
                parts.append(element.id)
                continue
            value = EXPRESSIONS[cls](build, element)
            if value.__class__ is int:
                build.uses[value] = use
            elif cls is Starred:
                build.mark(value[1], _STARRED_ELEMENT)
            elif cls in BRANCHES:
                build.mark(value, use)
            parts.append(value)
        return tuple(parts)

    return handler


def _dict(build: Builder, node: ast.Dict) -> Expr:
    keys: list[Any] = []
    values: list[Any] = []
    visit = EXPRESSIONS
    for key in node.keys:
        item = node.values[len(keys)]
        name: Any = None
        use: Any = _STARRED_ELEMENT
        if key is not None:
            use = _DICT_ELEMENT
            name = visit[key.__class__](build, key)
            if name.__class__ is int:
                build.uses[name] = _KEY
        value = visit[item.__class__](build, item)
        if value.__class__ is int:
            build.uses[value] = use
        elif item.__class__ in BRANCHES:
            build.mark(value, use)
        keys.append(name)
        values.append(value)
    return ("dict", tuple(keys), tuple(values))


def _bool(build: Builder, node: ast.BoolOp) -> Expr:
    parts: list[Any] = ["bool", "and" if node.op.__class__ is ast.And else "or"]
    for operand in node.values:
        # The truth of every operand but the last is tested; the last takes the use of the whole.
        parts.append(build.visit(operand, _CONDITION))
    last = parts[-1]
    if last.__class__ is int:
        build.uses[last] = 0
    return tuple(parts)


def _ternary(build: Builder, node: ast.IfExp) -> Expr:
    test = build.visit(node.test, _CONDITION)
    body = EXPRESSIONS[node.body.__class__](build, node.body)
    return ("if", test, body, EXPRESSIONS[node.orelse.__class__](build, node.orelse))


def _binary(build: Builder, node: ast.BinOp) -> Expr:
    use = OPERAND_USES[node.op.__class__]
    left = EXPRESSIONS[node.left.__class__](build, node.left)
    if left.__class__ is int:
        build.uses[left] = use
    elif node.left.__class__ in BRANCHES:
        build.mark(left, use)
    right = EXPRESSIONS[node.right.__class__](build, node.right)
    if right.__class__ is int:
        build.uses[right] = use
    elif node.right.__class__ in BRANCHES:
        build.mark(right, use)
    return ("bin", use[1], left, right)


def _unary(build: Builder, node: ast.UnaryOp) -> Expr:
    value = EXPRESSIONS[node.operand.__class__](build, node.operand)
    if node.op.__class__ is ast.Not:
        build.mark(value, _CONDITION)
        return ("not", value)
    use = OPERAND_USES[node.op.__class__]
    build.mark(value, use)
    if use[1] == "-" and value.__class__ is tuple and value[0] == "const":
        return ("const", -value[1])
    return ("unary", use[1], value)


def _compare(build: Builder, node: ast.Compare) -> Expr:
    operators: Any = node.ops
    if len(operators) == 1:
        use = _COMPARED_USES[operators[0].__class__]
        operators = use[1]
    else:
        operators = tuple([_COMPARISONS[operator.__class__] for operator in operators])
        use = (_COMPARED, operators)
    left = EXPRESSIONS[node.left.__class__](build, node.left)
    if left.__class__ is int:
        build.uses[left] = use
    elif node.left.__class__ in BRANCHES:
        build.mark(left, use)
    if len(node.comparators) == 1:
        return ("cmp", operators, left, build.visit(node.comparators[0], use))
    return ("cmp", operators, left, *[build.visit(each, use) for each in node.comparators])


def _starred(build: Builder, node: Starred) -> Expr:
    return ("*", EXPRESSIONS[node.value.__class__](build, node.value))


def _walrus(build: Builder, node: ast.NamedExpr) -> Expr:
    name = node.target.id
    value = build.visit(node.value, (_ASSIGNED, (name,)))
    # A walrus binds in the nearest scope that is no comprehension.
    binds, outer = build.binds, build.outer
    number = build.scope
    while build.scopes[number][0] == _COMPREHENSION_SCOPE:
        number = build.scopes[number][1]
    build.binds, build.outer = build.scopes[number][5], build.outers.get(number, NONE_DECLARED)
    build.bind(name, (_VALUE, build.block, node.lineno, node.col_offset, value, None, ()))
    build.binds, build.outer = binds, outer
    return (":=", name, value)


def _formatted(build: Builder, node: Any) -> Expr:
    parts: list[Any] = ["fstr"]
    for part in node.values:
        if part.__class__ is Constant:
            continue
        item = part.value
        if item.__class__ is Name:
            parts.append(item.id)
        else:
            parts.append(build.visit(item, _FORMATTED))
        if part.format_spec is not None:
            EXPRESSIONS[part.format_spec.__class__](build, part.format_spec)
    return tuple(parts)


def _lambda(build: Builder, node: ast.Lambda) -> Expr:
    site = len(build.sites)
    build.sites.append(None)
    build.uses.append(0)
    rows = parameters(build, node.args)
    outer_block, outer_scope, binds, outer, generator = (
        build.block, build.scope, build.binds, build.outer, build.generator,
    )  # fmt: skip
    scope, block = len(build.scopes), len(build.blocks)
    line, column = node.lineno, node.col_offset
    build.binds = {}
    build.outer = NONE_DECLARED
    build.scopes.append((_LAMBDA_SCOPE, outer_scope, block, "<lambda>", site, build.binds))
    build.blocks.append((_LAMBDA_BLOCK, outer_block, scope, line, site))
    build.scope, build.block = scope, block
    for number, parameter in enumerate(rows):
        build.bind(parameter[0], (_PARAMETER, block, line, column, -1, number, ()))
    body = build.visit(node.body, _RETURNED)
    build.block, build.scope, build.binds, build.outer, build.generator = (
        outer_block, outer_scope, binds, outer, generator,
    )  # fmt: skip
    build.sites[site] = (
        _LAMBDA, line, column, node.end_lineno, node.end_col_offset, outer_block, scope, body, block,
    )  # fmt: skip
    return site


def _comprehension(kind: str) -> Handler:
    def handler(build: Builder, node: Any) -> Expr:
        sites, uses, visit = build.sites, build.uses, EXPRESSIONS
        site = len(sites)
        sites.append(None)
        uses.append(0)
        outer_block, outer_scope, binds, outer = build.block, build.scope, build.binds, build.outer
        # The first iterable is evaluated outside, all the rest in the comprehension's own scope.
        first = node.generators[0].iter
        iterable = visit[first.__class__](build, first)
        scope, block = len(build.scopes), len(build.blocks)
        line = node.lineno
        build.binds = {}
        build.outer = NONE_DECLARED
        build.scopes.append((_COMPREHENSION_SCOPE, outer_scope, block, kind, site, build.binds))
        build.blocks.append((_COMPREHENSION_BLOCK, outer_block, scope, line, site))
        build.scope, build.block = scope, block
        loops: list[Any] = []
        for loop in node.generators:
            if loops:
                iterable = visit[loop.iter.__class__](build, loop.iter)
            is_async = loop.is_async == 1
            build.mark(iterable, _ASYNC_ITERATED if is_async else _ITERATED)
            target = build.target(loop.target, _ITEM, None, iterable, is_async)
            tests: Any = ()
            if loop.ifs:
                tests = tuple([build.visit(test, _CONDITION) for test in loop.ifs])
            loops.append((target, iterable, is_async, tests))
        extra = None
        if kind == "dict":
            element = visit[node.key.__class__](build, node.key)
            if element.__class__ is int:
                uses[element] = _KEY
            extra = build.visit(node.value, (_PRODUCED, site))
        else:
            element = build.visit(node.elt, (_PRODUCED, site))
        build.block, build.scope, build.binds, build.outer = outer_block, outer_scope, binds, outer
        sites[site] = (
            _COMPREHENSION, line, node.col_offset, node.end_lineno, node.end_col_offset, outer_block,
            kind, scope, tuple(loops), element, extra,
        )  # fmt: skip
        return site

    return handler


HANDLERS: dict[type, Handler] = {
    Name: _name,
    Constant: _constant,
    Attribute: _attribute,
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
    Starred: _starred,
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

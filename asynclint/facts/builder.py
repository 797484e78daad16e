"""The state of the one pass that reads a file's `ast` into facts, and the steps that handlers share.

The pass is the hottest code of the whole tool, which explains its shape: one dictionary of
handlers keyed by node type, no generic visitor, and marks on children instead of a parent stack.
Every expression handler returns the symbolic expression; the handler of the parent then marks how
that value is used. Sites are numbered before their children are visited, so that numbers follow
the order in which the engine's own LibCST walk meets the same nodes.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Sequence
from typing import Any

from asynclint.facts.model import (
    Binding,
    BindingKind,
    BlockKind,
    Class,
    Expr,
    Function,
    ModuleFacts,
    Parameter,
    ParameterKind,
    Scope,
    ScopeKind,
    SiteKind,
    Use,
)

_FUNCTION, _CLASS, _ATTRIBUTE = int(SiteKind.FUNCTION), int(SiteKind.CLASS), int(Use.ATTRIBUTE)

Handler = Callable[["Builder", Any], Any]

#: Handlers by node type: an expression's gives its symbolic form, a statement's gives nothing.
EXPRESSIONS: dict[type, Handler] = {}
STATEMENTS: dict[type, Handler] = {}


class Builder:
    __slots__ = (
        "after",
        "attributes",
        "binds",
        "block",
        "blocks",
        "classes",
        "functions",
        "generator",
        "outer",
        "own_class",
        "own_name",
        "prefix",
        "scope",
        "scopes",
        "sites",
        "tops",
        "uses",
    )  # fmt: skip

    def __init__(self) -> None:
        self.sites: list[Any] = []
        self.uses: list[Any] = []
        self.blocks: list[Any] = [(int(BlockKind.MODULE), -1, 0, 1, None)]
        self.binds: dict[str, list[Binding]] = {}
        self.outer: dict[str, str] = {}
        self.scopes: list[Scope] = [Scope(int(ScopeKind.MODULE), -1, 0, "", -1, self.binds, self.outer, [])]
        self.functions: list[Any] = []
        self.classes: list[Any] = []
        self.attributes: list[dict[str, list[Binding]]] = []
        self.tops: list[tuple[int, int, int, int]] = []
        self.block = 0
        self.scope = 0
        self.prefix = ""
        self.generator = False
        self.own_class = -1
        self.own_name = ""
        # Where the bindings of the current assignment take hold: the end of what gives the value.
        self.after: tuple[int, int] | None = None

    def module(self, tree: ast.Module, line_count: int) -> ModuleFacts:
        sites, tops = self.sites, self.tops
        for node in tree.body:
            before = len(sites)
            STATEMENTS[node.__class__](self, node)
            if len(sites) > before:
                decorators = getattr(node, "decorator_list", None)
                line = decorators[0].lineno if decorators else node.lineno
                tops.append((line, node.end_lineno or node.lineno, before, len(sites)))
        return ModuleFacts(
            sites, self.uses, self.blocks, self.scopes, self.functions, self.classes, tops, line_count, {}
        )

    # -- shared steps ------------------------------------------------------------------------

    def body(self, nodes: Sequence[ast.stmt]) -> None:
        for node in nodes:
            STATEMENTS[node.__class__](self, node)

    def suite(self, kind: int, nodes: Sequence[ast.stmt], detail: Any) -> int:
        """Visits the nodes in a new block and gives its number; -1 for no nodes."""
        if not nodes:
            return -1
        outer = self.block
        self.block = number = len(self.blocks)
        self.blocks.append((kind, outer, self.scope, nodes[0].lineno, detail))
        for node in nodes:
            STATEMENTS[node.__class__](self, node)
        self.block = outer
        return number

    def mark(self, value: Expr, use: Any) -> None:
        """Notes how a value is used: also the branches that it may come from."""
        if value.__class__ is int:
            self.uses[value] = use
        elif value.__class__ is tuple:
            tag = value[0]
            if tag == "if":
                self.mark(value[2], use)
                self.mark(value[3], use)
            elif tag == "bool":
                self.mark(value[-1], use)

    def bind(self, name: str, kind: int, line: int, column: int, a: Any, b: Any = None, path: Any = ()) -> None:
        if self.after:
            line, column = self.after
        row = Binding(kind, self.block, line, column, a, b, path)
        binds = self.binds
        if self.outer:
            where = self.outer.get(name)
            if where == "global":
                binds = self.scopes[0].bindings
            elif where == "nonlocal":
                binds = self.nonlocal_bindings(name)
        rows = binds.get(name)
        if rows is None:
            binds[name] = [row]
        else:
            rows.append(row)

    def nonlocal_bindings(self, name: str) -> dict[str, list[Binding]]:
        number = self.scopes[self.scope].parent
        while number > 0:
            scope = self.scopes[number]
            if scope.kind == ScopeKind.FUNCTION and name in scope.bindings:
                return scope.bindings
            number = scope.parent
        return self.binds

    def target(self, node: ast.expr, kind: int, a: Any, b: Any = None, path: Any = ()) -> Expr:
        """Binds what an assignment target names; gives the target as an expression."""
        cls = node.__class__
        if cls is ast.Name:
            self.bind(node.id, kind, node.lineno, node.col_offset, a, b, path)  # type: ignore[attr-defined]
            return node.id  # type: ignore[attr-defined,no-any-return]
        if cls is ast.Attribute:
            base = EXPRESSIONS[node.value.__class__](self, node.value)  # type: ignore[attr-defined]
            attribute = node.attr  # type: ignore[attr-defined]
            if base.__class__ is int:
                self.uses[base] = (_ATTRIBUTE, attribute)
            elif base == self.own_name and self.own_class >= 0:
                line, column = self.after or (node.lineno, node.col_offset)
                row = Binding(kind, self.block, line, column, a, b, path)
                self.attributes[self.own_class].setdefault(attribute, []).append(row)
            return (".", base, attribute)
        if cls is ast.Tuple or cls is ast.List:
            parts = []
            for index, element in enumerate(node.elts):  # type: ignore[attr-defined]
                if element.__class__ is ast.Starred:
                    parts.append(self.target(element.value, kind, a, b, (*path, "*")))
                else:
                    parts.append(self.target(element, kind, a, b, (*path, index)))
            return ("tuple", *parts)
        if cls is ast.Starred:
            return self.target(node.value, kind, a, b, (*path, "*"))  # type: ignore[attr-defined]
        return EXPRESSIONS[cls](self, node)  # type: ignore[no-any-return]

    # -- definitions -------------------------------------------------------------------------

    def function(self, node: Any) -> None:
        sites, visit = self.sites, EXPRESSIONS
        site = len(sites)
        sites.append(None)
        self.uses.append(0)
        index = len(self.functions)
        self.functions.append(None)
        decorators = []
        for decorator in node.decorator_list:
            value = visit[decorator.__class__](self, decorator)
            if value.__class__ is int:
                self.uses[value] = int(Use.DECORATOR)
            decorators.append(value)
        parameters = self.parameters(node.args)
        returns = self.annotation(node.returns)
        name = node.name
        self.bind(name, int(BindingKind.FUNCTION), node.lineno, node.col_offset, index)
        outer = (self.block, self.scope, self.binds, self.outer, self.prefix, self.generator, self.own_class,
                 self.own_name)  # fmt: skip
        scope, block = len(self.scopes), len(self.blocks)
        qualname = self.prefix + name
        self.prefix = qualname + "."
        self.generator = False
        enclosing = self.scopes[self.scope]
        class_index = enclosing.owner if enclosing.kind == ScopeKind.CLASS else -1
        if class_index >= 0:
            positional = node.args.posonlyargs or node.args.args
            self.own_class = class_index if positional and "staticmethod" not in decorators else -1
            self.own_name = positional[0].arg if positional else ""
        elif any(parameter.name == self.own_name for parameter in parameters):
            self.own_class = -1
        self.binds, self.outer = {}, {}
        self.scopes.append(Scope(int(ScopeKind.FUNCTION), self.scope, block, name, index, self.binds, self.outer, []))
        self.blocks.append((int(BlockKind.FUNCTION), self.block, scope, node.lineno, index))
        self.scope, self.block = scope, block
        self.type_parameters(node)
        for number, parameter in enumerate(parameters):
            self.bind(parameter.name, int(BindingKind.PARAMETER), node.lineno, node.col_offset, index, number)
        first = len(sites)
        for statement in node.body:
            STATEMENTS[statement.__class__](self, statement)
        generator = self.generator
        (self.block, self.scope, self.binds, self.outer, self.prefix, self.generator, self.own_class,
         self.own_name) = outer  # fmt: skip
        sites[site] = (_FUNCTION, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, self.block, index)
        self.functions[index] = Function(
            name, qualname, site, scope, self.scope, block, class_index, node.__class__ is ast.AsyncFunctionDef,
            generator, _is_stub(node.body), tuple(decorators), parameters, returns, first, len(sites),
            node.decorator_list[0].lineno if node.decorator_list else node.lineno, node.end_lineno,
        )  # fmt: skip

    def parameters(self, args: ast.arguments) -> tuple[Parameter, ...]:
        rows: list[Parameter] = []
        positional = args.posonlyargs + args.args
        defaults: list[Any] = [None] * (len(positional) - len(args.defaults)) + args.defaults
        only = len(args.posonlyargs)
        for number, (arg, default) in enumerate(zip(positional, defaults, strict=True)):
            kind = ParameterKind.POSITIONAL_ONLY if number < only else ParameterKind.POSITIONAL
            rows.append(self.parameter(arg, int(kind), default))
        if args.vararg:
            rows.append(self.parameter(args.vararg, int(ParameterKind.VARIADIC), None))
        for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
            rows.append(self.parameter(arg, int(ParameterKind.KEYWORD_ONLY), default))
        if args.kwarg:
            rows.append(self.parameter(args.kwarg, int(ParameterKind.VARIADIC_KEYWORD), None))
        return tuple(rows)

    def parameter(self, arg: ast.arg, kind: int, default: ast.expr | None) -> Parameter:
        annotation = self.annotation(arg.annotation) if arg.annotation else None
        value = None
        if default is not None:
            value = EXPRESSIONS[default.__class__](self, default)
            if value.__class__ is int:
                self.uses[value] = int(Use.DEFAULT)
        return Parameter(arg.arg, kind, annotation, value, default is not None)

    def annotation(self, node: ast.expr | None) -> Expr:
        return None if node is None else EXPRESSIONS[node.__class__](self, node)

    def type_parameters(self, node: Any) -> None:
        for parameter in getattr(node, "type_params", ()):
            bound = getattr(parameter, "bound", None)
            value = None if bound is None else self.annotation(bound)
            self.bind(parameter.name, int(BindingKind.ALIAS), parameter.lineno, parameter.col_offset, value, True)

    def class_(self, node: ast.ClassDef) -> None:
        sites, visit = self.sites, EXPRESSIONS
        site = len(sites)
        sites.append(None)
        self.uses.append(0)
        index = len(self.classes)
        self.classes.append(None)
        attributes: dict[str, list[Binding]] = {}
        self.attributes.append(attributes)
        decorators = tuple([visit[d.__class__](self, d) for d in node.decorator_list])
        bases = tuple([visit[b.__class__](self, b) for b in node.bases])
        keywords = tuple([(k.arg, visit[k.value.__class__](self, k.value)) for k in node.keywords])
        self.bind(node.name, int(BindingKind.CLASS), node.lineno, node.col_offset, index)
        outer = self.block, self.scope, self.binds, self.outer, self.prefix
        scope, block = len(self.scopes), len(self.blocks)
        qualname = self.prefix + node.name
        self.prefix = qualname + "."
        self.binds, self.outer = {}, {}
        self.scopes.append(Scope(int(ScopeKind.CLASS), self.scope, block, node.name, index, self.binds, self.outer, []))
        self.blocks.append((int(BlockKind.CLASS), self.block, scope, node.lineno, index))
        self.scope, self.block = scope, block
        self.type_parameters(node)
        for statement in node.body:
            STATEMENTS[statement.__class__](self, statement)
        self.block, self.scope, self.binds, self.outer, self.prefix = outer
        sites[site] = (_CLASS, node.lineno, node.col_offset, node.end_lineno, node.end_col_offset, self.block, index)
        line = node.decorator_list[0].lineno if node.decorator_list else node.lineno
        self.classes[index] = Class(
            node.name, qualname, site, scope, self.scope, block, decorators, bases, keywords, attributes, line,
            node.end_lineno or node.lineno,
        )  # fmt: skip


def _is_stub(body: list[ast.stmt]) -> bool:
    for node in body:
        if isinstance(node, ast.Pass):
            continue
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            continue
        if isinstance(node, ast.Raise) and node.exc is not None:
            raised = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = raised.id if isinstance(raised, ast.Name) else getattr(raised, "attr", "")
            if name == "NotImplementedError":
                continue
        return False
    return True


def without_sites(value: Expr) -> Expr:
    """The expression with its site references made unknown."""
    if isinstance(value, int):
        return None
    if isinstance(value, tuple) and value[0] != "const":
        return tuple([value[0], *[part if isinstance(part, bool) else without_sites(part) for part in value[1:]]])
    return value

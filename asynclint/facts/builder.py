"""The state of the one pass that reads a file's `ast` into facts, and the steps that handlers share.

The pass is the hottest code of the whole tool, which explains its shape: one dictionary of
handlers keyed by node type, no generic visitor, marks on children instead of a parent stack, plain
tuples and ints, and the commonest cases written out where they occur. Every expression handler
returns the symbolic expression; the handler of the parent then marks how that value is used. Sites
are numbered before their children are visited, so that numbers follow the order in which the
engine's own LibCST walk meets the same nodes.
"""

from __future__ import annotations

import ast
from ast import Attribute, List, Name, Starred, Tuple
from collections.abc import Callable, Sequence
from typing import Any

from asynclint.facts.model import BlockKind, Expr, ModuleFacts, ScopeKind, Use

_MODULE, _ATTRIBUTE, _MODULE_SCOPE = int(BlockKind.MODULE), int(Use.ATTRIBUTE), int(ScopeKind.MODULE)
_FUNCTION_SCOPE = int(ScopeKind.FUNCTION)

Handler = Callable[["Builder", Any], Any]

#: Handlers by node type: an expression's gives its symbolic form, a statement's gives nothing.
EXPRESSIONS: dict[type, Handler] = {}
STATEMENTS: dict[type, Handler] = {}

#: Expressions that have the value of one of their parts, which is then used as they are.
BRANCHES = frozenset({ast.IfExp, ast.BoolOp})

_DEFINITIONS = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef})
#: Shared, never written to: most scopes declare no name as global or nonlocal.
NONE_DECLARED: dict[str, str] = {}


class Builder:
    """What is gathered has the form that `ModuleFacts.encode` describes."""

    __slots__ = (
        "attributes",
        "binds",
        "block",
        "blocks",
        "classes",
        "functions",
        "generator",
        "outer",
        "outers",
        "own_class",
        "own_name",
        "prefix",
        "scope",
        "scopes",
        "sites",
        "stars",
        "uses",
    )  # fmt: skip

    def __init__(self) -> None:
        self.sites: list[Any] = []
        self.uses: list[Any] = []
        self.blocks: list[Any] = [(_MODULE, -1, 0, 1, None)]
        self.binds: dict[str, Any] = {}
        self.outer = NONE_DECLARED
        self.scopes: list[tuple[Any, ...]] = [(_MODULE_SCOPE, -1, 0, "", -1, self.binds)]
        self.outers: dict[int, dict[str, str]] = {}
        self.stars: dict[int, list[tuple[str, int]]] = {}
        # Of a function that is being read: its parameters.
        self.functions: list[Any] = []
        self.classes: list[Any] = []
        self.attributes: list[dict[str, Any]] = []
        self.block = 0
        self.scope = 0
        self.prefix = ""
        self.generator = False
        self.own_class = -1
        self.own_name = ""

    def module(self, tree: ast.Module, line_count: int) -> ModuleFacts:
        sites, tops = self.sites, []
        before = 0
        for node in tree.body:
            cls = node.__class__
            STATEMENTS[cls](self, node)
            count = len(sites)
            if count > before:
                line = node.lineno
                if cls in _DEFINITIONS and node.decorator_list:  # type: ignore[attr-defined]
                    line = node.decorator_list[0].lineno  # type: ignore[attr-defined]
                tops.append((line, node.end_lineno or line, before, count))
                before = count
        return ModuleFacts(
            sites, self.uses, self.blocks, self.scopes, self.outers, self.stars, self.functions, self.classes, tops,
            line_count,
        )  # fmt: skip

    # -- shared steps ------------------------------------------------------------------------

    def body(self, nodes: Sequence[ast.stmt]) -> None:
        for node in nodes:
            STATEMENTS[node.__class__](self, node)

    def suite(self, kind: int, nodes: Sequence[ast.stmt], detail: Any) -> int:
        """Visits the nodes in a new block and gives its number; -1 for no nodes."""
        if not nodes:
            return -1
        outer = self.block
        blocks = self.blocks
        self.block = number = len(blocks)
        blocks.append((kind, outer, self.scope, nodes[0].lineno, detail))
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

    def visit(self, node: ast.expr | None, use: Any = 0) -> Expr:
        """Visits an expression and notes how it is used; None gives None."""
        if node is None:
            return None
        value: Expr = EXPRESSIONS[node.__class__](self, node)
        if use:
            self.mark(value, use)
        return value

    def bind(self, name: str, row: Any) -> None:
        """Adds a binding, a raw row, to the names of the scope that the name belongs to here."""
        binds = self.binds
        if self.outer:
            where = self.outer.get(name)
            if where == "global":
                binds = self.scopes[0][5]
            elif where == "nonlocal":
                binds = self.nonlocal_bindings(name)
        add(binds, name, row)

    def nonlocal_bindings(self, name: str) -> dict[str, Any]:
        number = self.scopes[self.scope][1]
        while number > 0:
            kind, parent, _, _, owner, binds = self.scopes[number]
            if kind == _FUNCTION_SCOPE:
                if name in binds or any(parameter[0] == name for parameter in self.functions[owner]):
                    return binds  # type: ignore[no-any-return]
            number = parent
        return self.binds

    def target(self, node: ast.expr, kind: int, at: Any, a: Any, b: Any = None, path: Any = ()) -> Expr:
        """Binds what an assignment target names; gives the target as an expression.

        `at` is the line and column from where on the value is to be had; None: from the name on.
        """
        cls = node.__class__
        if cls is Name:
            name = node.id  # type: ignore[attr-defined]
            line, column = at or (node.lineno, node.col_offset)
            self.bind(name, (kind, self.block, line, column, a, b, path))
            return name  # type: ignore[no-any-return]
        if cls is Attribute:
            base = EXPRESSIONS[node.value.__class__](self, node.value)  # type: ignore[attr-defined]
            attribute = node.attr  # type: ignore[attr-defined]
            if base.__class__ is int:
                self.uses[base] = (_ATTRIBUTE, attribute)
            elif base == self.own_name and self.own_class >= 0:
                line, column = at or (node.lineno, node.col_offset)
                add(self.attributes[self.own_class], attribute, (kind, self.block, line, column, a, b, path))
            return (".", base, attribute)
        if cls is Tuple or cls is List:
            parts = []
            count = 0
            for index, element in enumerate(node.elts):  # type: ignore[attr-defined]
                index -= count
                if element.__class__ is Starred:
                    count = len(node.elts)  # type: ignore[attr-defined]
                    parts.append(self.target(element.value, kind, at, a, b, (*path, "*")))
                else:
                    parts.append(self.target(element, kind, at, a, b, (*path, index)))
            return ("tuple", *parts)
        if cls is Starred:
            return self.target(node.value, kind, at, a, b, (*path, "*"))  # type: ignore[attr-defined]
        return EXPRESSIONS[cls](self, node)  # type: ignore[no-any-return]


def add(binds: dict[str, Any], name: str, row: Any) -> None:
    """Adds a raw row to the names of a scope or the attributes of a class: one row stands alone, several in a list."""
    held = binds.get(name)
    if held is None:
        binds[name] = row
    elif held.__class__ is list:
        held.append(row)
    else:
        binds[name] = [held, row]


def without_sites(value: Expr) -> Expr:
    """The expression with its site references made unknown."""
    if isinstance(value, int):
        return None
    if isinstance(value, tuple) and value[0] != "const":
        return tuple([value[0], *[part if isinstance(part, bool) else without_sites(part) for part in value[1:]]])
    return value

"""How a site can name something of another module, and where an import for it goes."""

from __future__ import annotations

import ast
import sys
from typing import TYPE_CHECKING

from asynclint.diagnostics import Edit
from asynclint.facts.model import Binding, BindingKind, ModuleFacts, Scope, ScopeKind

if TYPE_CHECKING:
    from asynclint.pairing.pair import Pairing


def add_import(pairing: Pairing, site: int, statement: str) -> tuple[Edit, ...] | None:
    """Edits after which the site can use the one name that an import statement binds.

    Empty when it already can; None when the name means something else there.
    """
    name, wanted = _import_of(statement)
    facts = pairing.facts
    scope = _scope_of(facts, site, name)
    if scope is not None:
        rows = scope.bindings[name]
        if not all(_gives(row, wanted) for row in rows):
            return None
        if any(_holds_at(facts, scope, row, site) for row in rows):
            return ()
        if scope.kind != ScopeKind.MODULE:
            return None
    return None if pairing.tree is None else (_insertion(pairing, pairing.tree.body, statement),)


def reference(pairing: Pairing, site: int, qualified: str) -> tuple[str, tuple[Edit, ...]] | None:
    """How the site writes `package.module.name`, through the imports that are there or a new one.

    The text and the edits that it needs; None when the module's name means something else there.
    """
    facts = pairing.facts
    for scope in _scopes(facts, site):
        for name, rows in scope.bindings.items():
            prefix = _stands_for(rows[0]) if len(rows) == 1 else None
            if prefix and (qualified == prefix or qualified.startswith(prefix + ".")):
                if _holds_at(facts, scope, rows[0], site) and _scope_of(facts, site, name) is scope:
                    return name + qualified[len(prefix) :], ()
    edits = add_import(pairing, site, f"import {qualified.rpartition('.')[0]}")
    return None if edits is None else (qualified, edits)


def _import_of(statement: str) -> tuple[str, Binding]:
    node = ast.parse(statement).body[0]
    if not isinstance(node, (ast.Import, ast.ImportFrom)) or len(node.names) != 1:
        raise ValueError(f"`{statement}` is no import of one name")
    alias = node.names[0]
    if isinstance(node, ast.Import):
        bound = alias.asname or alias.name.partition(".")[0]
        return bound, Binding(int(BindingKind.IMPORT), 0, 0, 0, alias.name, alias.asname is not None)
    module = "." * node.level + (node.module or "")
    return alias.asname or alias.name, Binding(int(BindingKind.FROM), 0, 0, 0, module, alias.name)


def _gives(row: Binding, wanted: Binding) -> bool:
    """Whether a name bound so can be used as if it were bound as wanted."""
    if row.kind != wanted.kind or row.b != wanted.b:
        return False
    if row.a == wanted.a:
        return True
    # `import a.b` binds `a` as well.
    return row.kind == BindingKind.IMPORT and not row.b and str(row.a).startswith(f"{wanted.a}.")


def _stands_for(row: Binding) -> str | None:
    """The qualified name of what an import binds; None for other bindings and relative imports."""
    if row.kind == BindingKind.IMPORT:
        return str(row.a) if row.b else str(row.a).partition(".")[0]
    if row.kind == BindingKind.FROM and not row.a.startswith("."):
        return f"{row.a}.{row.b}"
    return None


def _scopes(facts: ModuleFacts, site: int) -> list[Scope]:
    """The scopes whose names the site sees, innermost first."""
    number = facts.blocks[facts.sites[site][5]][2]
    found = [facts.scopes[number]]
    while number > 0:
        number = facts.scopes[number].parent
        # A class body's names are seen in the body alone.
        if facts.scopes[number].kind != ScopeKind.CLASS:
            found.append(facts.scopes[number])
    return found


def _scope_of(facts: ModuleFacts, site: int, name: str) -> Scope | None:
    """Where the site finds the name; None when nothing in the file binds it."""
    for scope in _scopes(facts, site):
        if scope.outer.get(name) == "global":
            return facts.scopes[0] if name in facts.scopes[0].bindings else None
        if name in scope.bindings and name not in scope.outer:
            return scope
    return None


def _holds_at(facts: ModuleFacts, scope: Scope, row: Binding, site: int) -> bool:
    """Whether the binding has been made, on every path, when the site runs."""
    block, line = facts.sites[site][5], facts.sites[site][1]
    if row.block != scope.block and row.block not in facts.ancestors(block):
        return False
    # Functions run after the scope around them is complete, or so their imports assume.
    runs_later = facts.scopes[facts.blocks[block][2]] is not scope
    return runs_later or row.line <= line


def _insertion(pairing: Pairing, body: list[ast.stmt], statement: str) -> Edit:
    """Among sorted imports, else below those that open the file, below its docstring, above its first statement."""
    source, newline = pairing.source, pairing.newline
    among = _place_among(pairing, body, statement)
    if among is not None:
        start = source.offset(among, 1)
        return Edit(start, start, statement + newline)
    index = 1 if isinstance(body[0], ast.Expr) and isinstance(getattr(body[0].value, "value", None), str) else 0
    last = body[0] if index else None
    while index < len(body) and isinstance(body[index], (ast.Import, ast.ImportFrom)):
        last = body[index]
        index += 1
    if last is None:
        start = source.offset(_first_line(pairing, body[0]), 1)
        return Edit(start, start, statement + newline * 2)
    is_opening = isinstance(last, ast.Expr) or (isinstance(last, ast.ImportFrom) and last.module == "__future__")
    line = last.end_lineno or last.lineno
    if index < len(body) and body[index].lineno <= line:
        if not is_opening:
            # Other statements follow on the line; the import comes before them.
            start = source.offset(last.lineno, 1)
            return Edit(start, start, statement + newline)
        while index < len(body) and body[index].lineno <= line:
            line = body[index].end_lineno or line
            index += 1
    start = source.offset(line + 1, 1)
    text = (newline if is_opening else "") + statement + newline
    if start == len(source.text) and not source.text.endswith(("\n", "\r")):
        text = newline + text.removesuffix(newline)
    return Edit(start, start, text)


def _place_among(pairing: Pairing, body: list[ast.stmt], statement: str) -> int | None:
    """The line at which an import of a standard module belongs among others that are sorted; None without such."""
    first = next((number for number, node in enumerate(body) if not _opens_file(node, number)), len(body))
    section: list[ast.stmt] = []
    for node in body[first:]:
        if not isinstance(node, (ast.Import, ast.ImportFrom)):
            break
        if section and node.lineno != (section[-1].end_lineno or 0) + 1:
            break
        section.append(node)
    key = _sorting_key(ast.parse(statement).body[0])
    others = [other for node in section if (other := _sorting_key(node)) is not None]
    if key is None or not section or len(others) < len(section) or others != sorted(others):
        return None
    after = next((node for node, other in zip(section, others, strict=True) if other > key), None)
    if after is not None:
        line = after.lineno
        # A comment above may be about the import that would then be the next but one.
        is_free = line == 1 or not pairing.source.line(line - 1).lstrip().startswith("#")
    else:
        line = (section[-1].end_lineno or 0) + 1
        following = body[first + len(section) : first + len(section) + 1]
        ends = pairing.source.text[: pairing.source.offset(line, 1)].endswith(("\n", "\r"))
        is_free = ends and all(node.lineno >= line for node in following)
    return line if is_free and not any(node.col_offset for node in section) else None


def _opens_file(node: ast.stmt, number: int) -> bool:
    """Whether a statement has to come before all imports: a docstring, or one from the future."""
    if isinstance(node, ast.Expr):
        return not number and isinstance(getattr(node.value, "value", None), str)
    return isinstance(node, ast.ImportFrom) and node.module == "__future__"


def _sorting_key(node: ast.stmt) -> tuple[bool, str] | None:
    """How isort and ruff order imports of standard modules; None for other statements and modules."""
    if isinstance(node, ast.Import) and len(node.names) == 1:
        name = node.names[0].name
    elif isinstance(node, ast.ImportFrom) and not node.level:
        name = node.module or ""
    else:
        return None
    is_standard = name.partition(".")[0] in sys.stdlib_module_names
    return (isinstance(node, ast.ImportFrom), name) if is_standard else None


def _first_line(pairing: Pairing, first: ast.stmt) -> int:
    """Where the first statement starts, comments about it included; those that open the file stay above."""
    decorators: list[ast.expr] = getattr(first, "decorator_list", [])
    line = above = min([first.lineno, *[each.lineno for each in decorators]])
    while above > 1 and pairing.source.line(above - 1).lstrip().startswith("#"):
        above -= 1
    # A comment on the second line may name the encoding: it has to stay there.
    return line if above <= 2 else above

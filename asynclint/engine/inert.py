"""Statements of a function that nobody outside of it can notice: lines for a log, values that are never read.

The analysis takes such a statement for nothing, wherever it looks at the function from: the catalogue knows
what is called there and that it does nothing that matters, and a local name that nothing reads is never
looked up. So an edit that only adds, changes or removes some leaves all other files' results as they were.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from asynclint import catalogue
from asynclint.catalogue import CallableRow
from asynclint.tuples import NamedTuple

Harmless: TypeAlias = Callable[[ast.Call], bool]
"""Whether the catalogue knows that a call does nothing that matters."""

_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_PLAIN = CallableRow()


def harmless_calls(tree: ast.Module, own: Callable[[str], bool]) -> Harmless:
    """Tells calls in a module of which the catalogue knows that they do nothing that matters.

    Those of the standard library count, by names that the module itself gives them: what other
    names mean may be decided in another file. `own` tells whether the project has a module of a name.
    """
    known: dict[str, str] = {}
    bound: set[str] = set()
    for statement in tree.body:
        for name, qualified in _bindings(statement, known):
            known[name] = "" if name in bound else qualified
            bound.add(name)

    def is_harmless(call: ast.Call) -> bool:
        row = _row(_qualified(call.func, known), own)
        return row is not None and _does_nothing(row)

    return is_harmless


def _bindings(statement: ast.stmt, known: dict[str, str]) -> Iterator[tuple[str, str]]:
    """The names that a statement of a module binds, each with what it stands for; empty when that is not plain."""
    if isinstance(statement, ast.Import):
        for alias in statement.names:
            if alias.asname:
                yield alias.asname, alias.name
            else:
                yield alias.name.partition(".")[0], alias.name.partition(".")[0]
    elif isinstance(statement, ast.ImportFrom):
        for alias in statement.names:
            yield alias.asname or alias.name, f"{statement.module}.{alias.name}" if not statement.level else ""
    elif isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call) and len(statement.targets) == 1:
        target = statement.targets[0]
        if isinstance(target, ast.Name):
            row = _row(_qualified(statement.value.func, known), _never)
            plain = row is not None and row.colour == "sync" and catalogue.load().type(row.returns) is not None
            yield target.id, row.returns if row is not None and plain else ""
        else:
            yield from ((each.id, "") for each in ast.walk(target) if isinstance(each, ast.Name))
    else:
        for each in ast.walk(statement):
            if isinstance(each, ast.Name) and not isinstance(each.ctx, ast.Load):
                yield each.id, ""
            elif isinstance(each, (*_FUNCTIONS, ast.ClassDef)):
                yield each.name, ""
            elif isinstance(each, ast.alias):
                yield (each.asname or each.name).partition(".")[0], ""


def _never(_name: str) -> bool:
    return False


def _qualified(expr: ast.expr, known: dict[str, str]) -> str:
    """The qualified name of `name.attribute...`; empty when the name does not stand for one."""
    attributes: list[str] = []
    while isinstance(expr, ast.Attribute):
        attributes.append(expr.attr)
        expr = expr.value
    start = known.get(expr.id, "") if isinstance(expr, ast.Name) else ""
    return ".".join([start, *reversed(attributes)]) if start else ""


def _row(qualified: str, own: Callable[[str], bool]) -> CallableRow | None:
    package = qualified.partition(".")[0]
    if package not in sys.stdlib_module_names or own(package):
        return None
    return catalogue.load().callable(qualified)


def _does_nothing(row: CallableRow) -> bool:
    told = row._replace(name="", returns="", consumes="", note="", pure=False, instead="")
    return told == _PLAIN and row.consumes in ("", "never")


class _Names(NamedTuple):
    """The names of a function and of functions in it: those that are read, that are bound, and its parameters."""

    read: set[str]
    bound: set[str]
    given: set[str]


def without_inert(function: ast.FunctionDef | ast.AsyncFunctionDef, is_harmless: Harmless) -> bool:
    """Takes away, in place, those statements of a function; whether there were any."""
    shadowed = {name for each in ast.walk(function) for name in _bound_by(each)}
    # What a function hands on of its parameters counts for those who call it.
    given = {each.arg for each in ast.walk(function) if isinstance(each, ast.arg)}
    found = False
    while True:
        read = {each.id for each in ast.walk(function) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load)}
        read |= {
            name for each in ast.walk(function) if isinstance(each, (ast.Global, ast.Nonlocal)) for name in each.names
        }
        if not _prune(function, _Names(read, shadowed, given), is_harmless):
            return found
        found = True


def _bound_by(node: ast.AST) -> Iterator[str]:
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    elif isinstance(node, ast.arg):
        yield node.arg
    elif isinstance(node, (*_FUNCTIONS, ast.ClassDef)):
        yield node.name
    elif isinstance(node, ast.alias):
        yield (node.asname or node.name).partition(".")[0]
    elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
        yield node.name


def _prune(node: ast.AST, names: _Names, is_harmless: Harmless) -> bool:
    """Prunes the suites of a function's own statements, and of functions in it; not those of classes."""
    found = False
    for field in ("body", "orelse", "finalbody"):
        suite = getattr(node, field, None)
        if not isinstance(suite, list):
            continue
        kept = [each for each in suite if not _is_inert(each, names, is_harmless)]
        if len(kept) < len(suite) and (kept or not isinstance(node, _FUNCTIONS)) and not _is_stub(node, kept):
            setattr(node, field, kept or [ast.copy_location(ast.Pass(), suite[0])])
            found = True
    for child in ast.iter_child_nodes(node):
        if isinstance(child, (ast.stmt, ast.ExceptHandler, ast.match_case)) and not isinstance(child, ast.ClassDef):
            found |= _prune(child, names, is_harmless)
    return found


def _is_stub(node: ast.AST, body: Sequence[ast.stmt]) -> bool:
    """Whether nothing would remain of a function: one without a body stands for implementations elsewhere."""
    return isinstance(node, _FUNCTIONS) and all(
        isinstance(each, (ast.Pass, ast.Raise)) or (isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant))
        for each in body
    )


def _is_inert(statement: ast.stmt, names: _Names, is_harmless: Harmless) -> bool:
    if isinstance(statement, ast.Assign):
        return _is_plain(statement.value) and all(_is_unread(each, names.read) for each in statement.targets)
    if isinstance(statement, ast.AnnAssign):
        return (statement.value is None or _is_plain(statement.value)) and _is_unread(statement.target, names.read)
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return False
    call = statement.value
    root: ast.expr = call.func
    while isinstance(root, ast.Attribute):
        root = root.value
    if not isinstance(root, ast.Name) or root.id in names.bound or not is_harmless(call):
        return False
    arguments = [*call.args, *(each.value for each in call.keywords)]
    mentioned = {each.id for part in arguments for each in ast.walk(part) if isinstance(each, ast.Name)}
    return all(map(_is_plain, arguments)) and names.given.isdisjoint(mentioned)


def _is_unread(target: ast.expr, read: set[str]) -> bool:
    return isinstance(target, ast.Name) and target.id not in read


def _is_plain(value: ast.expr) -> bool:
    """Whether working out a value runs no code: constants, names, and displays of them."""
    if isinstance(value, (ast.Tuple, ast.List)):
        return all(map(_is_plain, value.elts))
    return isinstance(value, (ast.Constant, ast.Name))

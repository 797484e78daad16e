"""Findings about files that cannot be parsed: where, in the parser's words, and what to do."""

from __future__ import annotations

import sys

from asynclint.diagnostics import Diagnostic, Span
from asynclint.engine.house import SYNTAX_ERROR
from asynclint.facts.extract import NestedTooDeeply
from asynclint.source import Source, UndecodableSource

#: LibCST's parser recurses on the machine's stack, which some thousand brackets exhaust.
_MAX_NESTING = 100


def syntax_diagnostic(path: str, data: bytes, problem: Exception) -> Diagnostic:
    """The `syntax-error` finding for a file, `path` as the user would write it."""
    line, column, help_ = 1, 1, ""
    if isinstance(problem, NestedTooDeeply):
        message = "nested too deeply to be read"
        help_ = "split the expression, or exclude the file"
    elif b"\0" in data:
        line = data[: data.index(b"\0")].count(b"\n") + 1
        message = "contains null bytes"
        help_ = "this is no Python source; exclude it, or save it as UTF-8"
    elif isinstance(problem, SyntaxError):
        line = problem.lineno or 1
        column = max(problem.offset or 1, 1)
        message = _words(problem)
        needed = _needed_python(data)
        if needed and needed > sys.version_info[:2]:
            running = f"{sys.version_info[0]}.{sys.version_info[1]}"
            message = f"syntax of Python {needed[0]}.{needed[1]} or later ({message})"
            help_ = f"asynclint runs on Python {running} here; run it with Python {needed[0]}.{needed[1]} or later"
    else:
        message = str(problem)
    try:
        length = len(Source(data).line(line))
    except UndecodableSource:
        length = 0
    column = min(column, length + 1)
    span = Span(line, column, line, max(column, min(column + 1, length + 1)))
    return Diagnostic(SYNTAX_ERROR.name, SYNTAX_ERROR.code, SYNTAX_ERROR.severity, path, span, message, help=help_)


def _words(problem: SyntaxError) -> str:
    """The parser's message in one line, without a place that the diagnostic gives itself."""
    return " ".join((problem.msg or "invalid syntax").split()).removesuffix(".")


def _needed_python(data: bytes) -> tuple[int, int] | None:
    """The oldest Python whose grammar has everything in the file; None when no known one reads it."""
    if _nesting(data) > _MAX_NESTING:
        return None
    import libcst as cst

    try:
        module = cst.parse_module(data)
    except Exception:  # LibCST raises many kinds, and any of them means that it cannot tell
        return None
    needed = (3, 8)
    pending: list[cst.CSTNode] = [module]
    while pending:
        node = pending.pop()
        needed = max(needed, _version_of(node))
        pending.extend(node.children)
    return needed


def _nesting(data: bytes) -> int:
    """How many brackets are open at once at the most, those in strings and comments counted too."""
    depth = deepest = 0
    for byte in data:
        if byte in b"([{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b")]}" and depth:
            depth -= 1
    return deepest


def _version_of(node: object) -> tuple[int, int]:
    """The Python that brought the syntax of one node, as far as it is newer than what asynclint runs on."""
    import libcst as cst

    if isinstance(node, cst.TryStar):
        return (3, 11)
    if isinstance(node, cst.TypeParam):
        return (3, 13) if node.default is not None else (3, 12)
    if isinstance(node, (cst.TypeAlias, cst.TypeParameters)):
        return (3, 12)
    if isinstance(node, cst.FormattedStringExpression):
        return (3, 12) if _reuses_quotes(node) else (3, 8)
    template = getattr(cst, "TemplatedString", None)
    if template is not None and isinstance(node, template):
        return (3, 14)
    if isinstance(node, cst.ExceptHandler) and isinstance(node.type, cst.Tuple) and not node.type.lpar:
        return (3, 14)
    return (3, 8)


def _reuses_quotes(node: object) -> bool:
    """An f-string expression that holds what only PEP 701 allows: a backslash, a comment, or any string.

    A string in other quotes was allowed before; naming a version too new is mended by the message,
    which quotes the parser too.
    """
    import libcst as cst

    text = cst.Module([]).code_for_node(node)  # type: ignore[arg-type]
    return "\\" in text or "#" in text or "\n" in text or '"' in text or "'" in text

"""The syntax tree of one function, for questions that the facts of its file do not answer."""

from __future__ import annotations

import ast
from typing import TypeAlias

from asynclint.facts.extract import parse
from asynclint.source import Source

FunctionNode: TypeAlias = "ast.FunctionDef | ast.AsyncFunctionDef"


def read_function(source: Source, first: int, last: int, line: int) -> tuple[FunctionNode, int] | None:
    """The function whose `def` stands in `line`, read from the lines `first` to `last` alone.

    With it comes what has to be added to its line numbers. None when it shares a line with another statement.
    """
    text = source.text[source.offset(first, 1) : source.offset(last + 1, 1)]
    # An indented function is read as the body of an `if`, so that its columns stay as they are.
    indented = text[:1] in (" ", "\t", "\f")
    try:
        tree = parse((("if 1:\n" if indented else "") + text).encode("utf-8", "surrogatepass"))
    except (SyntaxError, ValueError):
        return None
    shift = first - 2 if indented else first - 1
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.lineno + shift == line:
            return node, shift
    return None

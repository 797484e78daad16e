"""The smallest piece of a site that a reader would underline, found in the text alone."""

from __future__ import annotations

import re
from typing import Any

from asynclint.diagnostics import Span
from asynclint.edits import span_of
from asynclint.facts.model import SiteKind
from asynclint.source import Source

_DEFINITIONS = frozenset((SiteKind.FUNCTION, SiteKind.CLASS))
_COMPOUND = frozenset((SiteKind.WITH, SiteKind.FOR, SiteKind.WHILE, SiteKind.TRY, SiteKind.HANDLER))
_BEFORE_NAME = re.compile(r"(?:async(?:\s|\\)+)?(?:def|class)(?:\s|\\)+(\w+)")


def header(source: Source, row: tuple[Any, ...]) -> Span | None:
    """A definition's name, a compound statement's text from its keyword up to its colon.

    None for the other kinds of sites, which are underlined whole.
    """
    if row[0] in _DEFINITIONS:
        return _name(source, row)
    if row[0] in _COMPOUND:
        return _up_to_colon(source, row)
    return None


def _name(source: Source, row: tuple[Any, ...]) -> Span | None:
    span = source.span(*row[1:5])
    found = _BEFORE_NAME.match(source.text, source.offset(span.line, span.column))
    return None if found is None else span_of(source, *found.span(1))


def _up_to_colon(source: Source, row: tuple[Any, ...]) -> Span | None:
    import io
    import tokenize

    span = source.span(*row[1:5])
    start = source.offset(span.line, span.column)
    text = source.text[start : source.offset(span.end_line, span.end_column)]
    depth = lambdas = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(text, newline=None).readline):
            word = token.string
            if token.type == tokenize.NAME:
                lambdas += word == "lambda" and not depth
            elif token.type != tokenize.OP:
                continue
            elif word in "([{":
                depth += 1
            elif word in ")]}":
                depth -= 1
            elif word == ":" and not depth:
                if not lambdas:
                    line, column = token.start
                    # The text's first line starts at the keyword, its others at their own start.
                    shift = span.column if line == 1 else 1
                    return Span(span.line, span.column, span.line + line - 1, column + shift)
                lambdas -= 1
    except (tokenize.TokenError, SyntaxError):
        pass  # Read by `ast`, but not by `tokenize` from its middle: it is underlined whole.
    return None

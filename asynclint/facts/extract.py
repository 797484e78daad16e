"""Reads one file into `ModuleFacts`."""

from __future__ import annotations

import ast
import contextlib
import re
import warnings
from collections.abc import Iterator

from asynclint.facts import expressions, statements
from asynclint.facts.builder import EXPRESSIONS, STATEMENTS, Builder, without_sites
from asynclint.facts.model import Expr, ModuleFacts

EXPRESSIONS.update(expressions.HANDLERS)
STATEMENTS.update(statements.HANDLERS)


class NestedTooDeeply(ValueError):
    """The source nests deeper than the interpreter's parser or the pass can follow."""


@contextlib.contextmanager
def without_warnings() -> Iterator[None]:
    """Silences what the parser remarks on code; around many files, it takes less time than for each of them."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


#: What `simplefilter("ignore")` puts in front of all filters.
_SILENCED = ("ignore", None, Warning, None, 0)


def parse(data: bytes) -> ast.Module:
    """The `ast` of a file. Raises SyntaxError, ValueError (NUL bytes) or NestedTooDeeply."""
    if not warnings.filters or warnings.filters[0] != _SILENCED:
        with without_warnings():
            return _parsed(data)
    return _parsed(data)


def _parsed(data: bytes) -> ast.Module:
    try:
        return ast.parse(data)
    except (RecursionError, MemoryError):
        raise NestedTooDeeply("nested too deeply") from None


def extract(data: bytes) -> ModuleFacts:
    """The facts of a file's bytes; raises as `parse` does."""
    tree = parse(data)
    try:
        facts = Builder().module(tree, data.count(b"\n") + 1)
    except RecursionError:
        raise NestedTooDeeply("nested too deeply") from None
    facts.is_ascii = data.isascii()
    if b"asynclint:" in data or ((b"noqa" in data or b"NOQA" in data) and _NOQA.search(data) is not None):
        facts.pragmas = _pragmas(data)
    return facts


#: Comments for other linters that name rules about blocking: ours, and those of the tools that have them too.
_NOQA = re.compile(rb"#\s*noqa\s*:[^#\n]*(?<![a-z])(?:al|async)2\d\d", re.IGNORECASE)


def _pragmas(data: bytes) -> dict[int, str]:
    """Comments to asynclint by the line of the code that they are about, without their `#`.

    Those alone on a line are about the next, and begin with `^`. A `noqa` counts when it names a rule about blocking.
    """
    import io
    import tokenize

    layout = (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)

    found: dict[int, str] = {}
    above: list[str] = []

    def note(line: int, text: str) -> None:
        found[line] = f"{found[line]} # {text}" if line in found else text

    try:
        for token in tokenize.tokenize(io.BytesIO(data).readline):
            if token.type == tokenize.COMMENT:
                if "asynclint:" in token.string or _NOQA.search(token.string.encode()) is not None:
                    text = token.string.lstrip("#").strip()
                    if token.line[: token.start[1]].strip(" \t\f\ufeff"):
                        note(token.start[0], text)
                    else:
                        above.append(f"^{text}")
            elif above and token.type not in layout:
                for text in above:
                    note(token.start[0], text)
                above.clear()
    except (tokenize.TokenError, SyntaxError):
        pass  # `ast` has read the file; whatever was found up to here counts.
    for text in above:
        note(data.count(b"\n") + 1, text)
    return found


def expression(text: str) -> Expr:
    """The symbolic form of an annotation written as a string; None when it is no expression.

    Calls within it are unknown, since the sites of a string are not the file's.
    """
    try:
        text = text.strip()
        tree = parse((f"({text})" if "\n" in text else text).encode())
        if len(tree.body) != 1 or not isinstance(tree.body[0], ast.Expr):
            return None
        node = tree.body[0].value
        return without_sites(EXPRESSIONS[node.__class__](Builder(), node))
    except (SyntaxError, ValueError, RecursionError):
        return None

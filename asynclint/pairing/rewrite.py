"""Turns an intended change of a piece of code into edits that leave a file which parses.

A change is tried on the smallest text around it that parses by itself. What cannot be made to
parse gives None: a fix is whole or absent. Statements are found in the `ast` of the file, so that
edits do not depend on what LibCST can read.
"""

from __future__ import annotations

import ast
import re
import warnings
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from asynclint.diagnostics import Edit
from asynclint.edits import apply
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.pairing.pair import Pairing

_NEWLINE = re.compile(r"\r\n|\r|\n")
_SUITES = ("body", "orelse", "finalbody", "handlers", "cases")
_BLANK = re.compile(r"[ \t\f]*(?:#.*)?")
_SPACE = re.compile(r"(?:[\s\\]|#[^\r\n]*)*")


def parse(text: str) -> ast.Module | None:
    """The `ast` of a text; None when it does not parse."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


def loses_comments(old: str, new: str) -> bool:
    """Whether comments of the old text are missing in the new."""
    if "#" not in old:
        return False
    return bool(_comments(old) - _comments(new))


def _comments(text: str) -> Counter[str]:
    import io
    import tokenize

    found: Counter[str] = Counter()
    try:
        # In parentheses every piece is read to its end, whatever its indentation.
        for token in tokenize.generate_tokens(io.StringIO(f"({text}\n)").readline):
            if token.type == tokenize.COMMENT:
                found[token.string] += 1
    except (tokenize.TokenError, SyntaxError):
        pass
    return found


def code_from(text: str, offset: int) -> int:
    """Where code goes on: LibCST counts the space before a comprehension's loop as a part of it."""
    found = _SPACE.match(text, offset)
    return found.end() if found else offset


def is_comma(between: str) -> bool:
    """Whether a text is a comma with nothing but space and comments around it."""
    return re.sub(r"#[^\r\n]*|\\", "", between).strip() == ","


# -- expressions -----------------------------------------------------------------------------


def replaced(pairing: Pairing, site: int, start: int, end: int, new: str) -> str | None:
    """`new` as it has to be written in place of the expression from `start` to `end` of the file.

    That is in parentheses where the code around it would else tear it apart, as in
    `(await f()).x`; None when the result does not parse either way.
    """
    text, shift = _piece(pairing, site)
    start, end = start - shift, end - shift
    plain = parse(text[:start] + new + text[end:])
    if plain is not None and _is_whole(plain, text[:start], new):
        return new
    if parse(f"{text[:start]}({new}){text[end:]}") is not None:
        return f"({new})"
    return None if plain is None else new


def _piece(pairing: Pairing, site: int) -> tuple[str, int]:
    text, shift = pairing.piece(site)
    return (text, shift) if parse(text) is not None else (pairing.source.text, 0)


def _is_whole(tree: ast.Module, before: str, new: str) -> bool:
    """Whether the text that follows `before` has become one expression of the tree."""
    try:
        expression = ast.parse(f"({new}\n)", mode="eval").body
    except (SyntaxError, ValueError):
        return False
    start = _position(before)
    if expression.lineno > 1 or expression.col_offset > 1:
        return True  # It has parentheses of its own.
    # What the wrapping "(" has shifted on the first line is measured from the start of the text.
    end_line = start[0] + (expression.end_lineno or 1) - 1
    end_column = (expression.end_col_offset or 0) - (1 if expression.end_lineno == 1 else 0)
    if expression.end_lineno == 1:
        end_column += start[1]
    wanted = (*start, end_line, end_column)
    return any(
        node.__class__ is expression.__class__
        and (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset) == wanted
        for node in ast.walk(tree)
    )


def _position(before: str) -> tuple[int, int]:
    """Line and byte column of what follows, as in `ast`."""
    lines = _NEWLINE.split(before)
    return len(lines), len(lines[-1].encode("utf-8", "surrogatepass"))


def is_await(text: str) -> bool:
    """Whether the text awaits as a whole: `await f()`, but neither `await f + 1` nor `(await f())`."""
    try:
        expression = ast.parse(f"({text}\n)", mode="eval").body
    except (SyntaxError, ValueError):
        return False
    return isinstance(expression, ast.Await) and expression.col_offset == 1


# -- statements ------------------------------------------------------------------------------


class Statement(NamedTuple):
    """A statement or handler; offsets in the file, decorators included."""

    start: int
    end: int
    alone: bool
    """It is all that its suite holds."""
    at_module: bool


def statement_around(pairing: Pairing, start: int, end: int) -> Statement | None:
    """The innermost statement or handler that holds all of the text from `start` to `end`."""
    suites: Iterator[list[Any]] = iter([pairing.tree.body] if pairing.tree is not None else [])
    found = None
    depth = 0
    while True:
        inner = next(
            (
                (node, place, suite)
                for suite in suites
                for node in suite
                if (place := _extent(pairing, node)) and place[0] <= start and end <= place[1]
            ),
            None,
        )
        if inner is None:
            return found
        node, place, suite = inner
        is_branch = isinstance(node, ast.match_case) or pairing.source.text.startswith("elif", place[0])
        if not is_branch:
            found = Statement(*place, alone=len(suite) == 1, at_module=depth == 0)
        suites = iter([getattr(node, name, []) for name in _SUITES])
        depth += 1


def _extent(pairing: Pairing, node: Any) -> tuple[int, int]:
    source = pairing.source
    first: Any = node.pattern if isinstance(node, ast.match_case) else node
    last: Any = node.body[-1] if isinstance(node, ast.match_case) else node
    decorators = getattr(node, "decorator_list", None)
    if decorators:
        # The at sign, which may stand on a line before.
        at = source.offset(decorators[0].lineno, source.column(decorators[0].lineno, decorators[0].col_offset))
        start = source.text.rindex("@", 0, at)
    else:
        start = source.offset(first.lineno, source.column(first.lineno, first.col_offset))
    return start, source.offset(last.end_lineno, source.column(last.end_lineno, last.end_col_offset))


def inserted_before(pairing: Pairing, site: int, place: tuple[int, int], new: str) -> tuple[Edit, ...] | None:
    """Puts statements before the one that holds the place: on lines of their own, or before a `;`."""
    statement = statement_around(pairing, *place)
    if statement is None:
        return None
    line_start = _line_start(pairing, statement.start)
    indent = pairing.source.text[line_start : statement.start]
    if indent.strip(" \t\f"):
        edit = Edit(statement.start, statement.start, new.strip() + "; ")
    else:
        edit = Edit(line_start, line_start, _lines(pairing, indent, new))
    return checked(pairing, site, edit)


def inserted_after(pairing: Pairing, site: int, place: tuple[int, int], new: str) -> tuple[Edit, ...] | None:
    """Puts statements after the one that holds the place: on lines of their own, or after a `;`."""
    statement = statement_around(pairing, *place)
    if statement is None:
        return None
    text = pairing.source.text
    line_start = _line_start(pairing, statement.start)
    indent = text[line_start : statement.start]
    line_end, next_line = _line_end(pairing, statement.end)
    if indent.strip(" \t\f") or not _BLANK.fullmatch(text, statement.end, line_end):
        edit = Edit(statement.end, statement.end, "; " + new.strip())
    elif line_end == next_line:
        added = pairing.newline + _lines(pairing, indent, new).removesuffix(pairing.newline)
        edit = Edit(line_end, line_end, added)
    else:
        edit = Edit(next_line, next_line, _lines(pairing, indent, new))
    return checked(pairing, site, edit)


def removed(pairing: Pairing, site: int, place: tuple[int, int]) -> tuple[Edit, ...] | None:
    """Takes away the statement that holds the place, with its lines when nothing else is on them."""
    statement = statement_around(pairing, *place)
    if statement is None:
        return None
    text = pairing.source.text
    line_start = _line_start(pairing, statement.start)
    line_end, next_line = _line_end(pairing, statement.end)
    if statement.alone and not statement.at_module:
        edit = Edit(statement.start, statement.end, "pass")
    elif not text[line_start : statement.start].strip(" \t\f") and _BLANK.fullmatch(text, statement.end, line_end):
        edit = Edit(line_start, next_line, "")
    elif following := re.compile(r"[ \t]*;[ \t]*(?=[^\s#])").match(text, statement.end, line_end):
        edit = Edit(statement.start, following.end(), "")
    else:
        start = text.rfind(";", line_start, statement.start)
        if start < 0:
            return None
        edit = Edit(len(text[:start].rstrip(" \t")), statement.end, "")
    return checked(pairing, site, edit)


def _line_start(pairing: Pairing, offset: int) -> int:
    text = pairing.source.text
    return max(text.rfind("\n", 0, offset), text.rfind("\r", 0, offset)) + 1


def _line_end(pairing: Pairing, offset: int) -> tuple[int, int]:
    """Where the line ends, without and with its line end."""
    found = _NEWLINE.search(pairing.source.text, offset)
    return found.span() if found else (len(pairing.source.text),) * 2


def _lines(pairing: Pairing, indent: str, new: str) -> str:
    import textwrap

    lines = textwrap.dedent(new).strip("\r\n").splitlines()
    return "".join([(indent + line if line.strip() else "") + pairing.newline for line in lines])


def checked(pairing: Pairing, site: int, *edits: Edit) -> tuple[Edit, ...] | None:
    """The edits, or None when the text around the site no longer parses after them."""
    # The small text can be all that its wrapping holds; then the file decides.
    for text, shift in (_piece(pairing, site), (pairing.source.text, 0)):
        if all(edit.start >= shift and edit.end - shift <= len(text) for edit in edits):
            moved = [Edit(edit.start - shift, edit.end - shift, edit.replacement) for edit in edits]
            if parse(apply(text, moved)) is not None:
                return edits
    return None

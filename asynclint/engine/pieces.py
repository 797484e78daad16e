"""The pieces of a module that other code can ask for by name, and which of them an edit changed.

A piece is a function, a method, the head of a class, or another statement of a module or class
body. Its *handles* are the names by which other code gets hold of it. Comments, blank lines,
docstrings and statements that nobody else can notice (`inert`) are no part of a piece.
"""

from __future__ import annotations

import ast
import hashlib
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeAlias

from asynclint.engine.inert import Harmless, harmless_calls, without_inert
from asynclint.facts.extract import NestedTooDeeply, parse
from asynclint.tuples import NamedTuple

WORD = re.compile(rb"[A-Za-z0-9_]+")
_LINE_END = re.compile(rb"\r\n|\r|\n")
_DEFINITIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
#: What is bound to these decides what other names mean.
_SPECIAL = frozenset({"__all__", "__getattr__", "__path__"})

Handles: TypeAlias = "frozenset[str] | None"
"""Names; None when code may depend on a piece without naming anything of it."""


class Piece(NamedTuple):
    """One piece: the names to ask for when its meaning may have changed, and when its text has."""

    key: str
    digest: bytes
    handles: Handles
    handles_of_text: Handles
    lines: tuple[int, int]
    """First and last line, from 1."""
    function: ast.FunctionDef | ast.AsyncFunctionDef | None = None
    """The function that it is; None for any other piece."""


class Pieces(NamedTuple):
    """The pieces of a file, in the order of the source."""

    pieces: tuple[Piece, ...]
    lines: tuple[bytes, ...]
    harmless: Harmless | None = None

    def words(self, piece: Piece) -> frozenset[str]:
        """The words in the text of a piece: whatever it may name."""
        first, last = piece.lines
        return frozenset([word.decode() for word in WORD.findall(b"\n".join(self.lines[first - 1 : last]))])


def pieces_of(data: bytes, implied: frozenset[str], own: Callable[[str], bool] | None = None) -> Pieces:
    """The pieces of a file, none when it cannot be parsed.

    `implied` are names that analysis may ask for although no code says them. With `own`, which tells
    whether the project has a module of a name, statements that nobody outside of a function can notice
    are no part of a piece. Raises NestedTooDeeply and RecursionError.
    """
    try:
        tree = parse(data)
    except NestedTooDeeply:
        raise
    except (SyntaxError, ValueError):
        return Pieces((), ())
    harmless = None if own is None else harmless_calls(tree, own)
    return Pieces(tuple(_Reader(implied).module(tree)), tuple(_LINE_END.split(normalised(data))), harmless)


def normalised(data: bytes) -> bytes:
    """A text in which every identifier is spelled as Python sees it. Raises UnicodeDecodeError."""
    if data.isascii():
        return data
    text = data.decode()
    return data if unicodedata.is_normalized("NFKC", text) else unicodedata.normalize("NFKC", text).encode()


def changed(before: Pieces, after: Pieces) -> Handles:
    """The handles of all pieces that an edit changed, added, removed or moved; None when anything may depend on it."""
    old, new = _by_key(before.pieces), _by_key(after.pieces)
    common = [key for key in old if key in new]
    differing = {
        key
        for key in common
        if old[key].digest != new[key].digest and _noticed(old[key], before) != _noticed(new[key], after)
    }
    differing |= (old.keys() ^ new.keys()) | set(_moved(common, [key for key in new if key in old]))
    found: set[str] = set()
    for key in differing:
        for piece in (old.get(key), new.get(key)):
            if piece is None:
                continue
            if piece.handles_of_text is None:
                return None
            found |= piece.handles_of_text
    return frozenset(found)


def _noticed(piece: Piece, of: Pieces) -> bytes:
    """The digest of a piece without what nobody else can notice."""
    if piece.function is None or of.harmless is None or not without_inert(piece.function, of.harmless):
        return piece.digest
    return _digest([piece.function])


def _by_key(pieces: Iterable[Piece]) -> dict[str, Piece]:
    """The pieces by key, each in a place of its own."""
    found: dict[str, Piece] = {}
    for piece in pieces:
        key, number = piece.key, 1
        while key in found:
            number += 1
            key = f"{piece.key}#{number}"
        found[key] = piece
    return found


def _moved(old: Sequence[str], new: Sequence[str]) -> Sequence[str]:
    """Of two orders of the same keys, the part from the first to the last difference."""
    places = [index for index, (some, other) in enumerate(zip(old, new, strict=True)) if some != other]
    return old[places[0] : places[-1] + 1] if places else ()


class _Reader:
    def __init__(self, implied: frozenset[str]) -> None:
        self.implied = implied

    def module(self, tree: ast.Module) -> Iterator[Piece]:
        for statement in tree.body:
            if not _is_text(statement):
                yield from self.statement(statement, ())

    def statement(self, node: ast.stmt, classes: tuple[str, ...]) -> Iterator[Piece]:
        """The pieces of a statement in the body of a module, or of the innermost of the classes."""
        if isinstance(node, _DEFINITIONS):
            yield self._function(node, classes)
        elif isinstance(node, ast.ClassDef):
            yield from self._class(node, classes)
        else:
            yield _other(node, classes)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef, classes: tuple[str, ...]) -> Piece:
        names = {node.name, *_bound_within(node)}
        if self._is_implied(node.name):
            names.update(classes)
        handles: Handles = frozenset(names)
        if any("fixture" in ast.dump(each) for each in node.decorator_list) or (node.name in _SPECIAL and not classes):
            handles = None  # tests use some fixtures without naming them
        lines = _first_line(node), node.end_lineno or node.lineno
        return Piece(_key(classes, node.name), _digest([node]), handles, handles, lines, node)

    def _class(self, node: ast.ClassDef, classes: tuple[str, ...]) -> Iterator[Piece]:
        head: list[ast.AST] = [*node.decorator_list, *node.bases, *node.keywords, *getattr(node, "type_params", ())]
        # Whoever asks a base for a member may look at the classes below it.
        handles = frozenset({*classes, node.name, *(name for part in head for name in _named_in(part))})
        first = node.body[0].lineno if node.body else node.lineno
        yield Piece(
            _key(classes, f"class {node.name}"),
            _digest(head),
            handles,
            handles | frozenset(_bound_within(node)),
            (_first_line(node), first),
        )
        for statement in node.body:
            if not _is_text(statement):
                yield from self.statement(statement, (*classes, node.name))

    def _is_implied(self, name: str) -> bool:
        return name in self.implied or (name.startswith("__") and name.endswith("__"))


def _other(node: ast.stmt, classes: tuple[str, ...]) -> Piece:
    """The piece of a statement that defines nothing, or does so under conditions."""
    names = {*_bound_within(node), *classes}
    # Whoever asks for a function may look at what the module does with it.
    handles = frozenset(names or _named_in(node))
    text: Handles = handles
    if (not _SPECIAL.isdisjoint(names) and not classes) or any(_brings_in_unnamed(each) for each in ast.walk(node)):
        text = None
    lines = node.lineno, node.end_lineno or node.lineno
    return Piece(_key(classes, " ".join(sorted(names))), _digest([node]), handles, text, lines)


def _brings_in_unnamed(node: ast.AST) -> bool:
    """Whether it is `from module import *` or `from __future__ import annotations`."""
    if not isinstance(node, ast.ImportFrom):
        return False
    return node.module == "__future__" or any(each.name == "*" for each in node.names)


def _named_in(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        if isinstance(each, ast.Name):
            yield each.id
        elif isinstance(each, ast.Attribute):
            yield each.attr


def _bound_within(node: ast.AST) -> Iterator[str]:
    """The names under which a node makes something known to others, those of nested definitions included."""
    # What is local to a function is nobody else's, unless a class in it has it.
    is_closed = isinstance(node, _DEFINITIONS) and not any(isinstance(each, ast.ClassDef) for each in ast.walk(node))
    for each in ast.walk(node):
        if isinstance(each, (*_DEFINITIONS, ast.ClassDef)):
            yield each.name
        elif isinstance(each, ast.Attribute):
            if not isinstance(each.ctx, ast.Load):
                yield each.attr
        elif isinstance(each, (ast.Global, ast.Nonlocal)):
            yield from each.names
        elif is_closed:
            continue
        elif isinstance(each, ast.alias):
            if each.name != "*":
                yield (each.asname or each.name).partition(".")[0]
        elif isinstance(each, ast.Name):
            if not isinstance(each.ctx, ast.Load):
                yield each.id
        elif isinstance(each, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and each.name:
            yield each.name


def _key(classes: tuple[str, ...], name: str) -> str:
    return f"{'.'.join(classes)}:{name}"


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _first_line(node: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(each.lineno for each in decorators)])


def _digest(nodes: Sequence[ast.AST]) -> bytes:
    """What is alike for pieces that say the same, wherever they stand; what shares a line matters."""
    made = hashlib.blake2b(digest_size=16)
    placed: list[tuple[int, int]] = []
    for node in nodes:
        for each in ast.walk(node):
            if _is_text(each):
                each.value.value = ""  # type: ignore[attr-defined]
            line = getattr(each, "lineno", None)
            if line is not None:
                placed.append((line, each.end_lineno or line))  # type: ignore[attr-defined]
        made.update(ast.dump(node).encode("utf-8", "surrogatepass"))
        made.update(b"\0")
    ranks = {line: rank for rank, line in enumerate(sorted({line for pair in placed for line in pair}))}
    made.update(repr([(ranks[first], ranks[last]) for first, last in placed]).encode())
    return made.digest()

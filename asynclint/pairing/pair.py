"""Hands over the LibCST node of a site, parsing as little as it can.

LibCST parses some ten times slower than `ast`, so a file is parsed in **units**: the outermost
function that holds the site, else the module-level statement. An indented function is parsed below
a `class _:` line, which leaves all columns as they are. One walk in the order of `ast` then meets
the same sites in the same order as the facts, and the nth node is the nth site.

Nothing is taken on trust. A unit counts only when it shows the same kinds of sites in the same
order with the same names as the facts. When it does not, or cannot be parsed, the whole file is
parsed; when that disagrees too, its nodes are found by their positions; and when LibCST cannot
read the file at all, there is no node.
"""

from __future__ import annotations

import re
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from asynclint import edits
from asynclint.diagnostics import Span
from asynclint.facts.model import ModuleFacts, SiteKind
from asynclint.source import Source
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    import ast
    from collections.abc import Iterable, Mapping, Sequence

    import libcst as cst
    from libcst.metadata import CodeRange

_WRAPPER = "class _:"
#: Many small units take a third more time for each line than a whole file does.
_MOST = 0.7
_NEWLINE = re.compile(r"\r\n|\r|\n")
_EXPRESSIONS = frozenset(
    (SiteKind.CALL, SiteKind.AWAIT, SiteKind.YIELD, SiteKind.LAMBDA, SiteKind.COMPREHENSION),
)


class Extent(NamedTuple):
    """The lines of a unit, both included, and its sites: first_site <= site < end_site."""

    line: int
    end_line: int
    first_site: int
    end_site: int


class Unit:
    """A piece of a file as LibCST sees it; `nodes[n]` belongs to the site `first_site + n`."""

    def __init__(
        self, module: cst.Module, nodes: Sequence[cst.CSTNode | None], first_site: int, line_shift: int
    ) -> None:
        self.module = module
        self.nodes = nodes
        self.first_site = first_site
        self.line_shift = line_shift
        """What to add to a line of the parsed text to get the line of the file."""

    @cached_property
    def positions(self) -> Mapping[cst.CSTNode, CodeRange]:
        """Ranges by node, in lines of the parsed text; empty where the nesting is too deep for LibCST."""
        from libcst.metadata import PositionProvider

        provider = PositionProvider()
        try:
            # A MetadataWrapper would walk the whole tree once more, for nothing.
            with _depth():
                provider._gen_impl(self.module)
        except RecursionError:
            return {}
        return cast("Mapping[cst.CSTNode, CodeRange]", provider._computed)

    @cached_property
    def numbers(self) -> dict[int, int]:
        """Sites by the identity of their node."""
        return {id(node): self.first_site + n for n, node in enumerate(self.nodes) if node is not None}


class Pairing:
    """The nodes of one file's sites. `whole` parses the file at once, as without screening."""

    def __init__(self, source: Source, facts: ModuleFacts, *, whole: bool = False) -> None:
        self.source = source
        self.facts = facts
        self._whole = whole
        self._units: dict[Extent, Unit | None] = {}

    @cached_property
    def newline(self) -> str:
        """How the first line of the file ends; a line feed when there is but one line."""
        found = _NEWLINE.search(self.source.text)
        return found.group() if found else "\n"

    @cached_property
    def tree(self) -> ast.Module | None:
        """The `ast` of the whole file, for edits; None where it does not parse."""
        from asynclint.pairing.rewrite import parse

        return parse(self.source.text)

    # -- nodes -------------------------------------------------------------------------------

    def node(self, site: int) -> cst.CSTNode | None:
        """The node of a site; None where LibCST cannot read it."""
        unit = self._unit(site)
        return None if unit is None else unit.nodes[site - unit.first_site]

    def expect(self, sites: Iterable[int]) -> None:
        """Tells which sites will be asked for: where they fill most of the file, it is parsed at once."""
        lines = sum(extent.end_line - extent.line + 1 for extent in {self._extent(site) for site in sites})
        self._whole = self._whole or lines >= _MOST * self.facts.line_count

    def site_of(self, site: int, node: cst.CSTNode) -> int | None:
        """The site that a node of the same unit as `site` is paired with; None when it is no site."""
        unit = self._unit(site)
        return None if unit is None else unit.numbers.get(id(node))

    def code(self, site: int, node: cst.CSTNode) -> str:
        """The text of a node as written: its own parentheses included, comments around it and comma not.

        A node that a rule has made itself is written out.
        """
        unit = self._unit(site)
        place = None
        if unit is None:
            text = _write(None, node)
        elif hasattr(node, "leading_lines") or hasattr(node, "semicolon"):
            place = self._range(unit, node)
            text = "" if place else _write(unit.module, node)
        else:
            text = _write(unit.module, node)
            # LibCST writes continued lines without the indentation of the block around them.
            if "\n" in text or "\r" in text:
                place = self._range(unit, node, parentheses=True)
        return self.source.slice(place) if place else text

    # -- places ------------------------------------------------------------------------------

    def site_span(self, site: int) -> Span:
        """The whole extent of a site, a definition from its keyword on."""
        row = self.facts.sites[site]
        span = self.source.span(*row[1:5])
        if row[0] not in _EXPRESSIONS:
            return span
        unit = self._unit(site) if self._is_doubtful(span, row) else None
        if unit is not None:
            node = unit.nodes[site - unit.first_site]
            if node is not None:
                return self._range(unit, node) or span
        return span

    def _is_doubtful(self, span: Span, row: tuple[Any, ...]) -> bool:
        """Before Python 3.12 the positions of `ast` within f-strings can be anything."""
        if sys.version_info >= (3, 12):
            return False
        text = self.source.slice(span)
        kind = row[0]
        if kind == SiteKind.CALL:
            return not text.endswith(")") or not _starts_like(text, row[6])
        if kind == SiteKind.COMPREHENSION:
            return text[:1] + text[-1:] not in ("[]", "{}", "()")
        return not text.startswith({SiteKind.AWAIT: "await", SiteKind.YIELD: "yield"}.get(kind, "lambda"))

    def span_of(self, site: int, node: cst.CSTNode) -> Span:
        """The span of any node in the unit of `site`, without space and parentheses around it.

        A tuple and a generator expression own their parentheses, as in `ast`. For a node that is
        not in the tree it is the span of the site.
        """
        unit = self._unit(site)
        place = None if unit is None else self._range(unit, node)
        return place or self.site_span(site)

    def offsets_of(self, site: int, node: cst.CSTNode, *, parentheses: bool = False) -> tuple[int, int] | None:
        """Where the text of a node starts and ends in the source, for edits; None for a node not in the tree.

        The parentheses around it are outside, a tuple's and a generator's as well, so that new text
        goes where the old expression was; with `parentheses` all of them are inside.
        """
        unit = self._unit(site)
        if unit is None:
            return None
        place = self._range(unit, node, parentheses=parentheses, bare=True)
        if place is None:
            return None
        return self.source.offset(place.line, place.column), self.source.offset(place.end_line, place.end_column)

    def piece(self, site: int) -> tuple[str, int]:
        """The smallest text around a site that parses by itself, and what to take from the offsets
        of the file to get those of that text."""
        extent = self._extent(site)
        start, end = self._offsets(extent)
        text = self.source.text[start:end]
        head = self._head(text)
        return head + text, start - len(head)

    def _range(self, unit: Unit, node: cst.CSTNode, *, parentheses: bool = False, bare: bool = False) -> Span | None:
        positions = unit.positions
        if node not in positions:
            return None
        first = last = positions[node]
        opening: Sequence[Any] = getattr(node, "lpar", ())
        closing: Sequence[Any] = getattr(node, "rpar", ())
        # With and ImportFrom have a single, optional pair, which is within their own range.
        if isinstance(opening, (list, tuple)) and opening:
            if parentheses:
                first, last = positions[opening[0]], positions[closing[-1]]
            elif not bare and node.__class__.__name__ in ("Tuple", "GeneratorExp"):
                first, last = positions[opening[-1]], positions[closing[0]]
        shift = unit.line_shift
        span = Span(first.start.line + shift, first.start.column + 1, last.end.line + shift, last.end.column + 1)
        if not bare and not opening and node.__class__.__name__ == "GeneratorExp":
            return self._with_parentheses_of_call(unit.numbers.get(id(node)), span)
        return span

    def _with_parentheses_of_call(self, site: int | None, span: Span) -> Span:
        """A generator that is the only argument shares the parentheses of the call."""
        source = self.source
        if site is not None:
            row = self.facts.sites[site]
            known = source.span(*row[1:5])
            if not self._is_doubtful(known, row):
                return known
        start = source.text.rfind("(", 0, source.offset(span.line, span.column))
        end = source.text.find(")", source.offset(span.end_line, span.end_column))
        return edits.span_of(source, start, end + 1)

    # -- units -------------------------------------------------------------------------------

    def _unit(self, site: int) -> Unit | None:
        if self._whole and self._file is not None:
            return self._file
        extent = self._extent(site)
        if extent not in self._units:
            # LibCST refuses some files that `ast` reads; their other functions are read all the same.
            self._units[extent] = self._parse_extent(extent) or self._file
        return self._units[extent]

    @cached_property
    def _outer_functions(self) -> list[Extent]:
        found: list[Extent] = []
        for function in self.facts.functions:
            if not found or function.site >= found[-1].end_site:
                found.append(Extent(function.line, function.end_line, function.site, function.end_site))
        return found

    def _extent(self, site: int) -> Extent:
        functions = self._outer_functions
        number = bisect_right(functions, site, key=lambda each: each.first_site) - 1
        if number >= 0 and site < functions[number].end_site:
            return functions[number]
        tops = self.facts.tops
        return Extent(*tops[bisect_right(tops, site, key=lambda top: top[2]) - 1])

    def _offsets(self, extent: Extent) -> tuple[int, int]:
        return self.source.offset(extent.line, 1), self.source.offset(extent.end_line + 1, 1)

    def _head(self, text: str) -> str:
        """The line to put above an indented piece, ended as in the file."""
        if text[:1] not in (" ", "\t"):
            return ""
        return _WRAPPER + self.newline

    def _parse_extent(self, extent: Extent) -> Unit | None:
        start, end = self._offsets(extent)
        text = self.source.text[start:end]
        # A form feed sets the indentation back, which the unit's first line cannot tell.
        if "\f" in text:
            return None
        head = self._head(text)
        module = _parse(head + text)
        if module is None:
            return None
        from asynclint.pairing.order import sites_of

        found = sites_of([module])[1 if head else 0 :]
        if not self._agree(found, extent.first_site, extent.end_site):
            return None
        shift = extent.line - (2 if head else 1)
        return Unit(module, [node for _, node in found], extent.first_site, shift)

    @cached_property
    def _file(self) -> Unit | None:
        module = _parse(self.source.text)
        if module is None:
            return None
        from asynclint.pairing.order import sites_of

        found = sites_of([module])
        if self._agree(found, 0, len(self.facts.sites)):
            return Unit(module, [node for _, node in found], 0, 0)
        return Unit(module, self._by_position(Unit(module, (), 0, 0), found), 0, 0)

    def _agree(self, found: list[tuple[int, cst.CSTNode]], first: int, end: int) -> bool:
        rows = self.facts.sites[first:end]
        return len(found) == len(rows) and all(
            kind == row[0] and self._same_name(kind, node, row)
            for (kind, node), row in zip(found, rows, strict=True)
        )  # fmt: skip

    def _same_name(self, kind: int, node: Any, row: tuple[Any, ...]) -> bool:
        if kind == SiteKind.CALL:
            return _same(_last_name(node.func), _last_word(row[6]))
        if kind == SiteKind.FUNCTION:
            return _same(node.name.value, self.facts.functions[row[6]].name)
        if kind == SiteKind.CLASS:
            return _same(node.name.value, self.facts.classes[row[6]].name)
        if kind == SiteKind.JUMP:
            return bool(node.__class__.__name__.lower() == row[6])
        return True

    def _by_position(self, unit: Unit, found: list[tuple[int, cst.CSTNode]]) -> list[cst.CSTNode | None]:
        """Nodes by where they stand: expressions by both ends, statements by their start alone."""
        places: dict[tuple[int, ...], cst.CSTNode] = {}
        for kind, node in found:
            span = self._range(unit, node)
            if span is not None:
                places[_key(kind, span)] = node
        return [places.get(_key(row[0], self.source.span(*row[1:5]))) for row in self.facts.sites]


def _parse(text: str) -> cst.Module | None:
    import libcst as cst

    try:
        return cst.parse_module(text)
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:  # a panic of the native parser is no Exception
        return None


@contextmanager
def _depth() -> Iterator[None]:
    """Room for LibCST, which takes up to five frames for a level of nesting that takes the facts one."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(6 * limit)
    try:
        yield
    finally:
        sys.setrecursionlimit(limit)


def _write(module: cst.Module | None, node: cst.CSTNode) -> str:
    import libcst as cst

    if hasattr(node, "comma"):
        node = node.with_changes(comma=cst.MaybeSentinel.DEFAULT)
    with _depth():
        return (module or cst.Module([])).code_for_node(node).strip()


def _key(kind: int, span: Span) -> tuple[int, ...]:
    if kind in _EXPRESSIONS:
        return (kind, span.line, span.column, span.end_line, span.end_column)
    return (kind, span.line, span.column)


def _last_name(node: Any) -> str | None:
    name = node.__class__.__name__
    if name == "Name":
        return str(node.value)
    return str(node.attr.value) if name == "Attribute" else None


def _last_word(expr: Any) -> str | None:
    if isinstance(expr, str):
        return expr
    return expr[2] if isinstance(expr, tuple) and expr[0] == "." else None


def _same(written: str | None, known: str | None) -> bool:
    """`ast` gives identifiers in NFKC, LibCST as written."""
    return written == known or (
        written is not None and not written.isascii() and unicodedata.normalize("NFKC", written) == known
    )


def _starts_like(text: str, function: Any) -> bool:
    """Whether the text of a call begins with its function, as far as that is a dotted name."""
    while isinstance(function, tuple) and function[0] == ".":
        function = function[1]
    return not isinstance(function, str) or unicodedata.normalize("NFKC", text.lstrip("( \t")).startswith(function)

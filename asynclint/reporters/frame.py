"""Source lines with a piece underlined, as a terminal shows them.

A terminal's cells are not characters: some take two cells, some none, tabs take up to the next
stop, and control characters must not reach the terminal at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from asynclint.diagnostics import Span
from asynclint.reporters.result import Paint, Sources

TAB = 4
#: A span of more lines shows its first and last ones.
WHOLE_SPAN = 4
#: Bidirectional overrides would show another order than the code has.
_DECEPTIVE = frozenset("\u202a\u202b\u202d\u202e\u2066\u2067\u2068")


def cell_width(character: str) -> int:
    """How many cells a character takes on a terminal."""
    if character.isascii():
        return 1
    import unicodedata

    if unicodedata.combining(character) or unicodedata.category(character) in ("Mn", "Me", "Cf"):
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def visible(text: str) -> tuple[str, list[int]]:
    """The text with tabs and control characters made harmless, and the cell at which each character starts.

    The list has one entry more than there are characters: the cell after the last one.
    """
    if text.isascii() and text.isprintable():
        return text, list(range(len(text) + 1))
    import unicodedata

    shown: list[str] = []
    cells = [0]
    for character in text:
        if character == "\t":
            piece = " " * (TAB - cells[-1] % TAB)
            width = len(piece)
        elif character in _DECEPTIVE or unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp"):
            piece, width = "\ufffd", 1
        else:
            piece, width = character, cell_width(character)
        shown.append(piece)
        cells.append(cells[-1] + width)
    return "".join(shown), cells


def _window(text: str, cells: list[int], start: int, end: int, width: int) -> tuple[str, int, int]:
    """A piece of a long line around the cells from `start` to `end`, with them moved accordingly."""
    if cells[-1] <= width:
        return text, start, end
    left = max(0, min(start - width // 4, cells[-1] - width))
    right = left + width
    characters = [index for index, cell in enumerate(cells[:-1]) if left <= cell and cells[index + 1] <= right]
    first, last = characters[0], characters[-1]
    body = "".join(_characters(text, cells)[first : last + 1])
    before, after = ("…" if left else ""), ("…" if right < cells[-1] else "")
    offset = cells[first] - len(before)
    return before + body + after, start - offset, min(end, right) - offset


def _characters(text: str, cells: list[int]) -> list[str]:
    # A tab has become several blanks; they belong to one entry of `cells`.
    pieces: list[str] = []
    position = 0
    for index in range(len(cells) - 1):
        width = cells[index + 1] - cells[index]
        length = width if text[position : position + 1] == " " and width > 1 else 1
        pieces.append(text[position : position + length])
        position += length
    return pieces


def frame(
    sources: Sources, path: str, span: Span, paint: Paint, colour: str, *, context: int = 2, width: int = 120
) -> Iterator[str]:
    """Lines of a frame without line ends: the spanned lines with carets below, and `context` lines around.

    Yields nothing when the file cannot be read.
    """
    source = sources.source(path)
    if source is None or span.line > len(source.starts):
        return
    first, last = max(1, span.line - context), min(source.line_count, span.end_line + context)
    while first < span.line and not source.line(first).strip():
        first += 1
    while last > span.end_line and not source.line(last).strip():
        last -= 1
    gutter = len(str(last))
    bar = paint("|", "cyan")
    yield f"{' ' * gutter} {bar}"
    gap = False
    for number in range(first, max(last, span.line) + 1):
        if span.line + 1 < number < span.end_line and span.end_line - span.line >= WHOLE_SPAN:
            if not gap:
                yield paint("...", "cyan")
            gap = True
            continue
        line = source.line(number)
        text, cells = visible(line)
        spanned = span.line <= number <= span.end_line
        start, end = _underlined(line, number, span) if spanned else (0, 0)
        text, start_cell, end_cell = _window(text, cells, cells[start], cells[end], max(40, width - gutter - 3))
        yield f"{paint(str(number).rjust(gutter), 'cyan')} {bar} {text}".rstrip()
        if spanned and (end > start or span.line == span.end_line):
            carets = paint("^" * max(1, end_cell - start_cell), colour)
            yield f"{' ' * gutter} {bar} {' ' * start_cell}{carets}"


def _underlined(line: str, number: int, span: Span) -> tuple[int, int]:
    """The characters of a line, from and to, that lie within the span."""
    start = span.column - 1 if number == span.line else len(line) - len(line.lstrip())
    end = span.end_column - 1 if number == span.end_line else len(line.rstrip())
    start = min(max(start, 0), len(line))
    return start, min(max(end, start), len(line))

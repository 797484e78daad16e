"""Edits applied to text, and where they are in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence

from asynclint.diagnostics import Edit, Fix, Span
from asynclint.source import Source


class OverlappingEdits(ValueError):
    """Two edits replace the same characters."""


def apply(text: str, edits: Iterable[Edit]) -> str:
    """The text with all edits made. Raises OverlappingEdits; insertions at one place keep their order."""
    pieces: list[str] = []
    position = 0
    for edit in sorted(set(edits), key=lambda each: (each.start, each.end)):
        if edit.start < position or edit.end < edit.start or edit.end > len(text):
            raise OverlappingEdits(f"edit of {edit.start}..{edit.end} within text that is replaced already")
        pieces += (text[position : edit.start], edit.replacement)
        position = edit.end
    pieces.append(text[position:])
    return "".join(pieces)


def compatible(fixes: Sequence[Fix]) -> list[Fix]:
    """As many of the fixes, first ones first, as can be applied together.

    Edits may coincide (two fixes that add the same import) but must not overlap or touch: what
    two neighbours write next to each other has been thought through by neither.
    """
    taken: set[Edit] = set()
    chosen = []
    for fix in fixes:
        new = [edit for edit in fix.edits if edit not in taken]
        clashes = any(edit.start <= other.end and other.start <= edit.end for edit in new for other in taken)
        if not clashes:
            taken.update(new)
            chosen.append(fix)
    return chosen


def line_of(source: Source, offset: int) -> int:
    """The 1-based line of an offset into the text."""
    return bisect_right(source.starts, offset)


def span_of(source: Source, start: int, end: int) -> Span:
    """The span of the characters from `start` up to and without `end`."""
    line, end_line = line_of(source, start), line_of(source, end)
    return Span(line, start - source.starts[line - 1] + 1, end_line, end - source.starts[end_line - 1] + 1)

"""Jupyter notebooks: their code cells as one module, and findings told by cell.

The cells are read as one text, because what one defines another uses. A cell may await at its top:
the notebook runs it in a coroutine. What is not Python (`%magic`, `!command`, `%%bash`) is blanked
out so that every other line keeps its place.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from asynclint.diagnostics import Diagnostic, Span, Step
from asynclint.source import CELL
from asynclint.tuples import NamedTuple

_MAGIC = r"^(\s*)(?:[%!?].*|[\w.]+\?{1,2}\s*)$"
_ASSIGNED = r"^(\s*[\w, ]+=\s*)[%!].*$"
#: Cell magics below which Python goes on.
_PYTHON_CELLS = frozenset({"time", "timeit", "capture", "prun", "python", "python3"})


class NotANotebook(ValueError):
    """The bytes are not a notebook with Python code; the message says what they are."""


class Cell(NamedTuple):
    """A code cell: its number among all cells, from 1, its text, and its first line in the module."""

    number: int
    text: str
    first: int


class Notebook(NamedTuple):
    """The code cells of a notebook, and the module that they make together."""

    cells: tuple[Cell, ...]
    text: str

    @classmethod
    def read(cls, data: bytes) -> Notebook:
        """Raises NotANotebook. A notebook of another language has no cells."""
        import json

        try:
            content = json.loads(data)
            listed = content["cells"]
            language = content.get("metadata", {}).get("kernelspec", {}).get("language", "python")
            sources = [(number, _source(cell)) for number, cell in enumerate(listed, 1) if cell["cell_type"] == "code"]
        except (ValueError, KeyError, TypeError, AttributeError):
            raise NotANotebook("not a Jupyter notebook of format 4") from None
        if language != "python":
            sources = []
        cells: list[Cell] = []
        lines: list[str] = []
        for number, text in sources:
            cells.append(Cell(number, text, len(lines) + 1))
            lines += _python(text)
        return cls(tuple(cells), "\n".join(lines) + "\n" if lines else "")

    def cell_at(self, line: int) -> Cell | None:
        from bisect import bisect_right

        at = bisect_right([cell.first for cell in self.cells], line) - 1
        return self.cells[at] if at >= 0 else None

    def located(self, path: str, span: Span) -> tuple[str, Span]:
        """The name of the cell (`notebook.ipynb:cell 3`) and the span within it."""
        cell = self.cell_at(span.line)
        if cell is None:
            return path, span
        shift = cell.first - 1
        return f"{path}{CELL}{cell.number}", span._replace(line=span.line - shift, end_line=span.end_line - shift)


def _source(cell: dict[str, Any]) -> str:
    source = cell["source"]
    return source if isinstance(source, str) else "".join(source)


def _python(text: str) -> Iterator[str]:
    """The lines of a cell as Python, as many as there are."""
    import re

    lines = text.split("\n")
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and first[2:].split(" ")[0].strip() not in _PYTHON_CELLS:
        yield from [""] * len(lines)
        return
    continued = False
    for line in lines:
        magic = re.match(_MAGIC, line)
        assigned = re.match(_ASSIGNED, line)
        if continued:
            continued = line.endswith("\\")
            yield ""
        elif magic:
            continued = line.endswith("\\")
            yield f"{magic[1]}pass" if magic[1] else ""
        elif assigned:
            yield f"{assigned[1]}None"
        else:
            yield line


def by_cell(diagnostics: Iterable[Diagnostic], notebooks: dict[str, Notebook]) -> Iterator[Diagnostic]:
    """The findings with the places of notebooks told by cell, without those that only a module would have.

    `notebooks` are keyed by the path that diagnostics give. Fixes are left out: their edits are for
    the module that the cells make, not for the file.
    """
    for each in diagnostics:
        notebook = notebooks.get(each.path)
        if notebook is not None:
            if each.rule == "await-outside-async" and not each.scope:
                continue
            path, span = notebook.located(each.path, each.span)
            each = each._replace(path=path, span=span, fix=None)
        if any(step.path in notebooks for step in each.trace):
            each = each._replace(trace=tuple([_step(step, notebooks) for step in each.trace]))
        yield each


def _step(step: Step, notebooks: dict[str, Notebook]) -> Step:
    notebook = notebooks.get(step.path)
    if notebook is None:
        return step
    path, span = notebook.located(step.path, step.span)
    return Step(path, span, step.text)

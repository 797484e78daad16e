"""A file's bytes as Python reads them: decoded text, lines, and positions in all three units.

`ast` counts columns in UTF-8 bytes, editors count characters, edits count offsets in the whole
text. This is the only place that converts between them.
"""

from __future__ import annotations

import codecs
import re
from functools import cached_property
from itertools import accumulate

from asynclint.diagnostics import Span

#: How the name of a notebook ends. Its cells run in a coroutine, so that they may await at their top.
NOTEBOOK = ".ipynb"
#: What stands between a notebook and the number of a cell in it, in the paths of findings.
CELL = ":cell "
_COOKIE = rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)"
_BLANK = rb"^[ \t\f]*(?:[#\r\n]|$)"
# The tokenizer ends a line at these alone; `str.splitlines` also splits at form feeds and others.
_NEWLINE = r"\r\n|\r|\n"


class UndecodableSource(ValueError):
    """The bytes are not text in the encoding that the file declares (UTF-8 unless it says)."""


def declared_encoding(data: bytes) -> str:
    """The codec name by byte order mark or PEP 263 cookie.

    Raises UndecodableSource when the cookie names no codec or contradicts the byte order mark.
    """
    marked = data.startswith(codecs.BOM_UTF8)
    start = data[3:] if marked else data
    if b"coding" not in start[:4096]:
        return "utf-8-sig" if marked else "utf-8"
    lines = re.split(rb"\r\n|\r|\n", start[:4096], maxsplit=2)
    for line in lines[:2]:
        cookie = re.match(_COOKIE, line)
        if cookie:
            name = cookie.group(1).decode("ascii", "replace")
            try:
                normalised = codecs.lookup(name).name
            except LookupError:
                raise UndecodableSource(f"unknown encoding `{name}` in the coding comment") from None
            if marked and normalised != "utf-8":
                raise UndecodableSource(f"byte order mark of UTF-8, but the coding comment says `{name}`")
            return "utf-8-sig" if marked else normalised
        if not re.match(_BLANK, line):
            break
    return "utf-8-sig" if marked else "utf-8"


class Source:
    """The text of one file and the way back to its bytes.

    `text` keeps line ends as they are. Raises UndecodableSource from the constructor.
    """

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.encoding = declared_encoding(data)
        try:
            self.text = data.decode(self.encoding)
        except (UnicodeDecodeError, LookupError) as error:
            raise UndecodableSource(f"not valid {self.encoding}: {error}") from None

    def encode(self, text: str) -> bytes:
        """`text` in this file's encoding, with its byte order mark."""
        return text.encode(self.encoding)

    @cached_property
    def starts(self) -> list[int]:
        """Offset of the first character of each line."""
        if "\r" in self.text:
            return [0, *(match.end() for match in re.finditer(_NEWLINE, self.text))]
        # Each line is followed by an end that `split` has taken away, but for the last.
        starts = list(accumulate([len(line) + 1 for line in self.text.split("\n")], initial=0))
        starts.pop()
        return starts

    @cached_property
    def line_count(self) -> int:
        return len(self.starts) - (self.starts[-1] == len(self.text) and len(self.starts) > 1)

    def line(self, number: int) -> str:
        """The 1-based line without its end; empty past the last."""
        if not 1 <= number <= len(self.starts):
            return ""
        start = self.starts[number - 1]
        end = self.starts[number] if number < len(self.starts) else len(self.text)
        return self.text[start:end].rstrip("\r\n")

    def column(self, line: int, byte_column: int) -> int:
        """The 1-based character column of a 0-based UTF-8 byte column as `ast` gives it."""
        text = self.line(line)
        if text.isascii():
            return byte_column + 1
        return len(text.encode("utf-8", "surrogatepass")[:byte_column].decode("utf-8", "ignore")) + 1

    def span(self, line: int, byte_column: int, end_line: int, end_byte_column: int) -> Span:
        """The span of an `ast` position (0-based byte columns)."""
        return Span(line, self.column(line, byte_column), end_line, self.column(end_line, end_byte_column))

    def offset(self, line: int, column: int) -> int:
        """The offset of a 1-based line and character column."""
        if line > len(self.starts):
            return len(self.text)
        return min(self.starts[line - 1] + column - 1, len(self.text))

    def slice(self, span: Span) -> str:
        return self.text[self.offset(span.line, span.column) : self.offset(span.end_line, span.end_column)]


def file_and_cell(path: str) -> tuple[str, int | None]:
    """The file of a path as diagnostics give it, and the number of the cell in it."""
    file, _, number = path.rpartition(CELL)
    return (file, int(number)) if file and number.isdecimal() else (path, None)

"""Lines of a source, wherever they end, and the encoding that a file declares."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from asynclint.source import Source, UndecodableSource, declared_encoding, file_and_cell


@given(st.text(st.sampled_from("ab\n\r\f\u2028ü"), max_size=12))
def test_lines_begin_behind_the_ends_that_python_knows(text: str) -> None:
    source = Source(text.encode())
    assert source.starts == [0, *(each.end() for each in re.finditer(r"\r\n|\r|\n", text))]
    lines = re.split(r"\r\n|\r|\n", text)
    assert [source.line(number + 1) for number in range(len(lines))] == lines


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (b"x = 1\n", "utf-8"),
        (b"\xef\xbb\xbfx = 1\n", "utf-8-sig"),
        (b"# -*- coding: latin-1 -*-\n", "iso8859-1"),
        (b"#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\n", "cp1252"),
        (b"x = 1\n# coding: latin-1\n", "utf-8"),
        (b"'''coding: latin-1'''\n", "utf-8"),
        (b"\n\n# coding: latin-1\n", "utf-8"),
        (b"\xef\xbb\xbf# coding: utf8\n", "utf-8-sig"),
    ],
)
def test_encodings(data: bytes, encoding: str) -> None:
    assert declared_encoding(data) == encoding


@pytest.mark.parametrize("data", [b"# coding: nothing\n", b"\xef\xbb\xbf# coding: latin-1\n"])
def test_encodings_that_cannot_be(data: bytes) -> None:
    with pytest.raises(UndecodableSource):
        declared_encoding(data)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.ipynb:cell 12", ("a.ipynb", 12)),
        ("a.ipynb", ("a.ipynb", None)),
        ("12", ("12", None)),
        ("a:cell b", ("a:cell b", None)),
        ("a:cell 1:cell 2", ("a:cell 1", 2)),
    ],
)
def test_files_and_cells(path: str, expected: tuple[str, int | None]) -> None:
    assert file_and_cell(path) == expected

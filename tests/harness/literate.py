"""Markdown with runnable code: the sections of a page and the projects that their blocks make.

A `##` heading opens a section. Its fenced blocks are files: a line that holds only a path and a
colon in front of the fence (`` `pkg/app.py`: ``) names the file, else a `python` block is
`example.py` and a `toml` block is `pyproject.toml`. An HTML comment that opens with `case` gives
options, one `key: value` a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

_FENCE = re.compile(r"^(`{3,}|~{3,})\s*([\w+-]*)\s*$")
_PATH = re.compile(r"^`([^`]+)`:$")
_OPTIONS = re.compile(r"<!--\s*case\b(.*?)-->", re.DOTALL)
_DEFAULT_PATHS = {"python": "example.py", "toml": "pyproject.toml"}
_KNOWN_OPTIONS = frozenset({"check", "python", "reveals"})


class LiterateError(ValueError):
    """The page breaks the format; the message names the page, the line and the remedy."""


@dataclass(frozen=True)
class Block:
    """One fenced block. `line` is the 1-based line of its first line of code within the page."""

    language: str
    path: str
    named: bool
    text: str
    line: int


@dataclass
class Section:
    """What stands under one heading, up to the next."""

    page: str
    heading: str
    line: int
    blocks: list[Block] = field(default_factory=list)
    prose: str = ""

    @property
    def files(self) -> dict[str, str]:
        """Path to text of the one project that all blocks make together."""
        found: dict[str, str] = {}
        for block in self.blocks:
            if block.path in found:
                raise LiterateError(
                    f"{self.page}:{block.line}: a second `{block.path}` in one case: "
                    "name the blocks by a line such as `path/file.py`: in front of each"
                )
            found[block.path] = block.text
        return found

    @property
    def projects(self) -> list[dict[str, str]]:
        """Each block without a name by itself; those with names together, first."""
        named = {block.path: block.text for block in self.blocks if block.named}
        alone = [{block.path: block.text} for block in self.blocks if not block.named]
        return ([named] if named else []) + alone

    @property
    def options(self) -> dict[str, str]:
        """The lines of the section's `<!-- case ... -->` comments."""
        found = {}
        for comment in _OPTIONS.finditer(self.prose):
            for line in filter(None, map(str.strip, comment.group(1).splitlines())):
                key, colon, value = line.partition(":")
                if not colon or key.strip() not in _KNOWN_OPTIONS:
                    known = ", ".join(sorted(_KNOWN_OPTIONS))
                    raise LiterateError(f"{self.page}:{self.line}: `{line}` is no option of a case; known: {known}")
                found[key.strip()] = value.strip()
        return found


def sections(text: str, page: str) -> list[Section]:
    """The `##` sections of a page, in order; what stands before the first is left out."""
    found: list[Section] = []
    prose: list[str] = []
    lines = enumerate(text.splitlines(), start=1)
    path: str | None = None
    for number, line in lines:
        fence = _FENCE.match(line.rstrip())
        if fence:
            code = "".join(f"{each}\n" for each in _fenced(lines, fence.group(1), f"{page}:{number}"))
            language = fence.group(2)
            if path is None and language not in _DEFAULT_PATHS:
                continue
            if not found:
                raise LiterateError(f"{page}:{number}: code before the first `##` heading belongs to no case")
            where = path or _DEFAULT_PATHS[language]
            found[-1].blocks.append(Block(language, where, path is not None, code, number + 1))
            path = None
        elif line.startswith("## "):
            _close(found, prose)
            found.append(Section(page, line[3:].strip(), number))
        elif line.strip():
            named = _PATH.match(line.strip())
            path = named.group(1) if named else None
            prose.append(line)
    _close(found, prose)
    return found


def _fenced(lines: Iterator[tuple[int, str]], fence: str, place: str) -> Iterator[str]:
    for _, line in lines:
        if line.rstrip() == fence:
            return
        yield line
    raise LiterateError(f"{place}: this fence is never closed")


def _close(found: list[Section], prose: list[str]) -> None:
    if found:
        found[-1].prose = "\n".join(prose)
    prose.clear()


def cases(text: str, page: str) -> list[Section]:
    """The sections of a fixture page: each has code, and a heading of its own."""
    found = sections(text, page)
    if not found:
        raise LiterateError(f"{page}: no case: each is a `##` heading with fenced python blocks below it")
    seen: set[str] = set()
    for case in found:
        if not any(path.endswith((".py", ".pyi")) for path in case.files):
            raise LiterateError(f"{page}:{case.line}: `{case.heading}` holds no python block")
        if case.heading in seen:
            raise LiterateError(f"{page}:{case.line}: a second case `{case.heading}`: headings name cases")
        seen.add(case.heading)
        _ = case.options
    return found

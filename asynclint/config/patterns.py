"""Patterns of files, in the language of `.gitignore`.

The usual forms are translated here; `pathspec` knows the rest but takes longer to import than
a whole warm run. A test holds the two translations against each other.
"""

from __future__ import annotations

import copy
import os
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

#: No escapes, no blanks at the end, no bracket that is not a plain set of characters.
_USUAL = re.compile(r"^!?/?(?:[^\\\[\]\s/]|\[[\w.-]+\]|/(?!/))+$")
_PIECE = re.compile(r"\[[^\]]*\]|\*+|\?|.")


def _segment(text: str) -> str:
    made = ""
    for piece in _PIECE.findall(text):
        if piece[0] == "*":
            made += "[^/]*"
        elif piece == "?":
            made += "[^/]"
        elif piece[0] == "[":
            made += piece
        else:
            made += re.escape(piece)
    return made


def _translated(pattern: str) -> str | None:
    """The regular expression of a pattern without its `!`; None when it is not a usual one."""
    if not _USUAL.match(pattern) or "//" in pattern or pattern in ("/", "**", "**/"):
        return None
    folder_only = pattern.endswith("/")
    body = pattern.strip("/")
    segments = body.split("/")
    if "" in segments or any("**" in segment and segment != "**" for segment in segments):
        return None
    if not pattern.startswith("/") and len(segments) == 1:
        segments.insert(0, "**")
    made = "^"
    for index, segment in enumerate(segments):
        last = index == len(segments) - 1
        if segment == "**":
            if last or segments[index + 1] == "**":
                return None
            made += "(?:.+/)?"
            continue
        if segment in (".", ".."):
            return None
        part = "[^/]+" if segment == "*" else _segment(segment)
        made += part + ("" if last else "/")
    return made + ("/" if folder_only else "(?:/|$)")


def _of_pathspec(pattern: str) -> str | None:
    import pathspec

    try:
        [found] = pathspec.GitIgnoreSpec.from_lines([pattern]).patterns
    except ValueError:
        return None
    if found.include is None:
        return None
    return str(getattr(found, "regex").pattern).replace("?P<ps_d>", "?:")  # noqa: B009 - not in the base class


class Patterns:
    """Patterns relative to one folder; the last one that matches decides."""

    def __init__(self, lines: Iterable[str], base: Path) -> None:
        self.base = str(base)
        self._prefix = self.base.rstrip(os.sep) + os.sep
        runs: list[tuple[bool, list[str]]] = []
        for line in lines:
            pattern = line.rstrip("\r\n")
            if not pattern.endswith("\\ "):
                pattern = pattern.rstrip()
            if not pattern or pattern.startswith("#"):
                continue
            include = not pattern.startswith("!")
            body = pattern if include else pattern[1:]
            regex = _translated(body) or _of_pathspec(body)
            if regex is None:
                continue
            if not runs or runs[-1][0] is not include:
                runs.append((include, []))
            runs[-1][1].append(regex)
        self._runs = [(include, re.compile("|".join(regexes))) for include, regexes in reversed(runs)]

    def __bool__(self) -> bool:
        return bool(self._runs)

    def verdict(self, path: str, *, folder: bool = False) -> bool | None:
        """Whether an absolute path is matched (True), exempted by `!` (False), or not spoken of (None)."""
        if not path.startswith(self._prefix):
            return None
        relative = path[len(self._prefix) :]
        if os.sep != "/":
            relative = relative.replace(os.sep, "/")
        if folder:
            relative += "/"
        for include, regex in self._runs:
            if regex.search(relative):
                return include
        return None

    def match(self, path: str, *, folder: bool = False) -> bool:
        return self.verdict(path, folder=folder) is True

    def relocated(self, old: Path, new: Path) -> Patterns:
        """The same patterns for a copy of the folder `old` at `new`; patterns from elsewhere stay."""
        base = Path(self.base)
        if not base.is_relative_to(old):
            return self
        moved = copy.copy(self)
        moved.base = str(new / base.relative_to(old))
        moved._prefix = moved.base.rstrip(os.sep) + os.sep
        return moved


def relative_patterns(patterns: Sequence[str], base: Path) -> list[str]:
    """Patterns as they are in a configuration, which may be absolute or start with `./`, made relative to `base`."""
    made = []
    prefix = base.as_posix().rstrip("/") + "/"
    for pattern in patterns:
        text = os.path.expanduser(pattern).replace(os.sep, "/") if os.sep != "/" else os.path.expanduser(pattern)
        if text.startswith(prefix):
            text = "/" + text[len(prefix) :]
        elif text.startswith("./"):
            text = "/" + text[2:]
        made.append(text)
    return made

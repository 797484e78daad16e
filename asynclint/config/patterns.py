"""Patterns of files, in the language of `.gitignore`.

The usual forms are translated here; `pathspec` knows the rest but takes longer to import than
a whole warm run. A test holds the two translations against each other.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path

#: No escapes, no blanks at the end, no bracket that is not a plain set of characters.
_USUAL = r"^!?/?(?:[^\\\[\]\s/]|\[[\w.-]+\]|/(?!/))+$"
_PIECE = r"\[[^\]]*\]|\*+|\?|."


def _segment(text: str) -> str:
    made = ""
    for piece in re.findall(_PIECE, text):
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
    if not re.match(_USUAL, pattern) or "//" in pattern or pattern in ("/", "**", "**/"):
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


def _is_plain(name: str) -> bool:
    """Whether it is a name without wildcards, made of letters, digits and `-`, `.`, `_`."""
    return name.replace("-", "").replace(".", "").replace("_", "").isalnum()


class _Names:
    """Names, also with wildcards, of files and folders wherever they are."""

    __slots__ = ("_known", "_plain", "_wild")

    def __init__(self) -> None:
        self._plain: set[str] = set()
        self._wild: list[re.Pattern[str]] = []
        self._known: dict[str, bool] = {}
        """What the wildcards say of names: there are few names in a project, again and again."""

    def __bool__(self) -> bool:
        return bool(self._plain or self._wild)

    def add(self, name: str) -> None:
        if _is_plain(name):
            self._plain.add(name)
        else:
            self._wild.append(re.compile("[^/]+" if name == "*" else _segment(name)))

    def may_have_one_of(self, parts: Collection[str]) -> bool:
        """False when none of the parts is a plain name of these, and there are no wildcards."""
        return bool(self._wild) or not self._plain.isdisjoint(parts)

    def have_one_of(self, parts: Sequence[str]) -> bool:
        if not self._plain.isdisjoint(parts):
            return True
        return bool(self._wild) and any(self._is_matched(part) for part in parts)

    def _is_matched(self, name: str) -> bool:
        found = self._known.get(name)
        if found is None:
            found = self._known[name] = any(regex.fullmatch(name) for regex in self._wild)
        return found


class _Run:
    """Patterns that follow one another and agree on what they mean: to match, or with `!` to exempt."""

    __slots__ = ("_finders", "_folders", "_names", "include")

    def __init__(self, include: bool) -> None:
        self.include = include
        self._names = _Names()
        self._folders = _Names()
        self._finders: list[Callable[[str], object]] = []

    def __bool__(self) -> bool:
        return bool(self._names or self._folders or self._finders)

    def add(self, pattern: str) -> None:
        """Takes a pattern without its `!`; one that is none is left out."""
        if _is_plain(pattern):
            self._names.add(pattern)
            return
        regex = _translated(pattern)
        if regex is None:
            foreign = _of_pathspec(pattern)
            if foreign is not None:
                self._finders.append(re.compile(foreign).search)
        elif "/" in pattern[:-1]:
            # Anchored at the start, where `search` would go on to try every other place.
            self._finders.append(re.compile(regex).match)
        else:
            # Most patterns are names, and comparing names is faster than any expression.
            names = self._folders if pattern.endswith("/") else self._names
            names.add(pattern.rstrip("/"))

    def may_match(self, parts: Collection[str]) -> bool:
        """False when nothing matches whose path has these parts and no others."""
        return bool(self._finders) or self._names.may_have_one_of(parts) or self._folders.may_have_one_of(parts)

    def matches(self, relative: str, parts: list[str]) -> bool:
        """Whether a path matches, with `/` at the end if it is a folder. `parts` are what `/` separates."""
        return (
            self._names.have_one_of(parts)
            or (bool(self._folders) and self._folders.have_one_of(parts[:-1]))
            or any(find(relative) for find in self._finders)
        )


class Patterns:
    """Patterns relative to one folder; the last one that matches decides."""

    def __init__(self, lines: Iterable[str], base: Path) -> None:
        self.base = str(base)
        self._prefix = self.base.rstrip(os.sep) + os.sep
        self._runs: list[_Run] = []
        for line in lines:
            pattern = line.rstrip("\r\n")
            if not pattern.endswith("\\ "):
                pattern = pattern.rstrip()
            if not pattern or pattern.startswith("#"):
                continue
            include = not pattern.startswith("!")
            if not self._runs or self._runs[0].include is not include:
                self._runs.insert(0, _Run(include))
            self._runs[0].add(pattern if include else pattern[1:])
        self._runs = [run for run in self._runs if run]

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
        parts = relative.split("/")
        for run in self._runs:
            if run.matches(relative, parts):
                return run.include
        return None

    def may_match_in(self, folder: str, names: Collection[str]) -> bool:
        """False when none of the entries of a folder is matched or exempted; faster than asking for each."""
        inside = folder + os.sep
        if not inside.startswith(self._prefix):
            return False
        parts = {*inside[len(self._prefix) :].split(os.sep), *names}
        return any(run.may_match(parts) for run in self._runs)

    def match(self, path: str, *, folder: bool = False) -> bool:
        return self.verdict(path, folder=folder) is True

    def relocated(self, old: Path, new: Path) -> Patterns:
        """The same patterns for a copy of the folder `old` at `new`; patterns from elsewhere stay."""
        base = Path(self.base)
        if not base.is_relative_to(old):
            return self
        import copy

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

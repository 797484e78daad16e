"""Expectations that stand on the line they speak of, and their comparison with what was reported.

# error: blocking-call                     reported here (also `warning:`, `hint:`)
# error: blocking-call "time.sleep", x-y   two rules; the first one's message holds the text
# missed: blocking-call                    wrong, and silent today
# false alarm: blocking-call               fine, and reported today
# effect: Blocks(time.sleep)               on a `def` line: what calling it does
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from asynclint.diagnostics import Diagnostic

_MARKER = re.compile(r"#\s*(error|warning|hint|missed|false alarm|effect):")
_ITEM = re.compile(r'\s*([a-z0-9-]+)(?:\s+"([^"]*)")?\s*(?:,|$)')
_CODES = re.compile(r"#\s*((?:AL\d{3}\b[\s,]*)+)$")
_SEVERITIES = ("error", "warning", "hint")


class MarkerError(ValueError):
    """A marker that cannot be read; the message names the line and the remedy."""


@dataclass(frozen=True, order=True)
class Expectation:
    """One rule expected at a line. `kind` is a severity, "missed", "false alarm" or "code"."""

    path: str
    line: int
    kind: str
    rule: str
    message: str = ""

    def __str__(self) -> str:
        text = f' "{self.message}"' if self.message else ""
        return f"{self.path}:{self.line}: {self.kind}: {self.rule}{text}"


def strip(text: str) -> str:
    """The code as a user would have it: without markers; lines stay where they are."""
    return "".join(_strip_line(line) for line in text.splitlines(keepends=True))


def _strip_line(line: str) -> str:
    marker = _MARKER.search(line) or _CODES.search(line)
    if not marker:
        return line
    return line[: marker.start()].rstrip() + line[len(line.rstrip("\r\n")) :]


def expectations(files: Mapping[str, str]) -> list[Expectation]:
    """The markers of a fixture's files, by path and line. Effects are not among them."""
    found = []
    for path, text in files.items():
        for number, line in enumerate(text.splitlines(), start=1):
            for kind, tail in _markers(line):
                if kind != "effect":
                    found.extend(_items(path, number, kind, tail))
    return found


def effects(files: Mapping[str, str]) -> list[tuple[str, int, tuple[str, ...]]]:
    """(path, line, words) of each `# effect:` marker; the words `none` alone mean no effect."""
    found = []
    for path, text in files.items():
        for number, line in enumerate(text.splitlines(), start=1):
            for kind, tail in _markers(line):
                if kind == "effect":
                    found.append((path, number, tuple(part.strip() for part in re.split(r",(?![^(]*\))", tail))))
    return found


def codes(files: Mapping[str, str]) -> list[Expectation]:
    """The marks of a rule page's example: `# AL201`, or several codes."""
    found = []
    for path, text in files.items():
        for number, line in enumerate(text.splitlines(), start=1):
            marked = _CODES.search(line)
            for code in re.findall(r"AL\d{3}", marked.group(1)) if marked else ():
                found.append(Expectation(path, number, "code", code))
    return found


def _markers(line: str) -> list[tuple[str, str]]:
    pieces = _MARKER.split(line)[1:]
    return [(kind, tail.strip()) for kind, tail in zip(pieces[::2], pieces[1::2], strict=True)]


def _items(path: str, number: int, kind: str, tail: str) -> list[Expectation]:
    found, position = [], 0
    while position < len(tail):
        item = _ITEM.match(tail, position)
        if not item:
            raise MarkerError(
                f'{path}:{number}: after `# {kind}:` comes rule-name or rule-name "message", not `{tail}`'
            )
        found.append(Expectation(path, number, kind, item.group(1), item.group(2) or ""))
        position = item.end()
    if not found:
        raise MarkerError(f"{path}:{number}: `# {kind}:` names no rule")
    return found


def compare(expected: Iterable[Expectation], reported: Iterable[Diagnostic]) -> list[str]:
    """What differs, one sentence each; empty when all is as marked."""
    left = sorted(reported, key=lambda each: each.sort_key)
    problems = []
    for mark in expected:
        found = _take(mark, left)
        if mark.kind == "missed" and found:
            problems.append(f"{mark}: it is found now: rename the marker `missed` to `{found.severity.value}`")
        elif mark.kind == "false alarm" and not found:
            problems.append(f"{mark}: it is silent now: remove the marker `false alarm`")
        elif mark.kind in (*_SEVERITIES, "code") and not found:
            problems.append(f"{mark}: not reported" + _near(mark, left))
    problems += [
        f'{each.path}:{each.span.line}: unexpected {each.severity.value}: {each.rule} ({each.code}) "{each.message}"'
        for each in left
    ]
    return problems


def _take(mark: Expectation, left: list[Diagnostic]) -> Diagnostic | None:
    for each in left:
        if (
            (each.path, each.span.line) == (mark.path, mark.line)
            and mark.rule == (each.code if mark.kind == "code" else each.rule)
            and mark.kind in (each.severity.value, "missed", "false alarm", "code")
            and mark.message in each.message
        ):
            left.remove(each)
            return each
    return None


def _near(mark: Expectation, left: list[Diagnostic]) -> str:
    for each in left:
        if (each.path, each.rule) == (mark.path, mark.rule) and each.span.line == mark.line:
            return f' (there is {each.severity.value}: {each.rule} "{each.message}")'
    return ""

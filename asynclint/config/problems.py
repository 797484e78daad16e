"""What is wrong in a configuration: every problem with its place, raised together."""

from __future__ import annotations

from collections.abc import Iterable

from asynclint.tuples import NamedTuple


class Problem(NamedTuple):
    """One mistake. `line` is 1-based; None where there are no lines (the command line)."""

    file: str
    line: int | None
    text: str

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.text}"


class ConfigError(Exception):
    """The configuration cannot be used. `problems` holds every mistake that was found, in order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that was probably meant; None when nothing is close."""
    import difflib

    by_folded = {each.lower(): each for each in known}
    close = difflib.get_close_matches(word.lower(), list(by_folded), n=1, cutoff=0.6)
    return by_folded[close[0]] if close else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`; did you mean ...?` to append to a message; empty when nothing is close."""
    found = nearest(word, known)
    return f"; did you mean `{found}`?" if found else ""

"""What was measured, as plain values that are kept between runs, and what they say of the goals."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

MEBIBYTE = 1 << 20


@dataclass(frozen=True)
class Entry:
    """One contender of a row: medians over its turns, in seconds, and the memory of its largest process in bytes.

    `lines` is how much it read, 0 where that is not the point.
    """

    name: str
    seconds: float
    work: float
    """Seconds of all processors together."""
    memory: int
    turns: int
    lines: int = 0

    @property
    def pace(self) -> float:
        """Seconds per line; per run where lines are not the point."""
        return self.seconds / (self.lines or 1)


@dataclass(frozen=True)
class Row:
    """Contenders that took turns; the first one is asynclint. `counts` are numbers that are no durations."""

    section: int
    title: str
    entries: Sequence[Entry]
    counts: Mapping[str, int] = field(default_factory=dict)

    def plain(self) -> dict[str, Any]:
        """The row as values that JSON knows."""
        return asdict(self)

    @classmethod
    def read(cls, plain: Mapping[str, Any]) -> Row:
        """The inverse of `plain`. Raises KeyError or TypeError when it is something else."""
        return cls(plain["section"], plain["title"], [Entry(**each) for each in plain["entries"]], plain["counts"])

    def entry(self, name: str) -> Entry | None:
        """The contender whose name begins so; None when it did not take part."""
        return next((each for each in self.entries if each.name.startswith(name)), None)

    def times(self, name: str) -> float | None:
        """How many times as long as another contender the first one takes, per line where both read lines."""
        other = self.entry(name)
        return None if other is None else ratio(self.entries[0], other)


def ratio(one: Entry, other: Entry) -> float:
    """How many times as long as the other the one takes, per line where both read lines."""
    return one.pace / other.pace if one.lines and other.lines else one.seconds / other.seconds


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """The slope of the line that fits the logarithms best: 1 where the second value grows as the first does."""
    pairs = [(math.log(x), math.log(y)) for x, y in points]
    mean_x = sum(x for x, _ in pairs) / len(pairs)
    mean_y = sum(y for _, y in pairs) / len(pairs)
    return sum((x - mean_x) * (y - mean_y) for x, y in pairs) / sum((x - mean_x) ** 2 for x, _ in pairs)


@dataclass(frozen=True)
class Growth:
    """The exponents with which a row's contenders grow, which are the same work in different sizes."""

    time: float
    work: float
    memory: float


def growth(row: Row) -> Growth:
    """How cost grows with lines. The row needs two sizes."""
    sized = row.entries
    return Growth(
        exponent([(each.lines, each.seconds) for each in sized]),
        exponent([(each.lines, each.work) for each in sized]),
        exponent([(each.lines, each.memory) for each in sized]),
    )


@dataclass(frozen=True)
class Claim:
    """A goal and what was measured. `at_least`: more is better."""

    what: str
    value: float
    limit: float
    unit: str = "times"
    at_least: bool = False

    @property
    def is_met(self) -> bool:
        return self.value >= self.limit if self.at_least else self.value <= self.limit


#: Beginnings of titles by which goals find their rows.
COLD = "homeassistant: whole project"
WARM = "homeassistant: nothing changed"
BODY = "homeassistant: a leaf file edited"
SAVE = "homeassistant: a file on save, no findings"
SINGLE = "a file of"
GROWTH = "homeassistant: growth"

#: How many times as fast as others a cold run is meant to be, per line.
_AHEAD_OF = {"ty": 2, "pyrefly": 2, "evloop-lint": 15, "flake8-async": 150}


def claims(rows: Sequence[Row]) -> list[Claim]:
    """The goals that the rows say something about, in the order of the rows."""
    found: list[Claim] = []
    for row in sorted(rows, key=lambda each: each.section):
        if row.title.startswith(COLD):
            found += _limit("cold, whole program, against bare `ast.parse`", row.times("`ast.parse`"), 2)
            for name, times in _AHEAD_OF.items():
                taken = row.times(name)
                if taken is not None:
                    found.append(Claim(f"cold, faster than {name}, per line", 1 / taken, times, at_least=True))
            found.append(_memory("cold, memory of the largest process", row.entries[0]))
        elif row.title.startswith(WARM):
            found += _limit('warm, nothing changed, against `python -c "import click"`', row.times("`python"), 5)
            if "bytes unlike cold" in row.counts:
                found.append(Claim("warm, bytes unlike the cold run's", row.counts["bytes unlike cold"], 0, "bytes"))
        elif row.title.startswith(BODY) and "files judged" in row.counts:
            found.append(Claim("one body edited, files judged again", row.counts["files judged"], 1, "files"))
        elif row.title.startswith(SAVE):
            found += _limit('on save, no findings, against `python -c "import click"`', row.times("`python"), 2.5)
        elif row.title.startswith(SINGLE):
            found += _limit('1,000 lines, cold, against `python -c "import libcst"`', row.times("`python"), 2.5)
        elif row.title.startswith(GROWTH):
            grown = growth(row)
            found.append(Claim("growth of time, exponent", grown.time, 1.05, ""))
            found.append(Claim("growth of processor time, exponent", grown.work, 1.05, ""))
            found.append(Claim("growth of memory, exponent", grown.memory, 1.05, ""))
    return found


def _limit(what: str, value: float | None, limit: float) -> list[Claim]:
    return [] if value is None else [Claim(what, value, limit)]


def _memory(what: str, entry: Entry) -> Claim:
    return Claim(what, entry.memory / MEBIBYTE, 600, "MiB")

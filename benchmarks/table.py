"""Results as Markdown, and their place in a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from benchmarks.results import MEBIBYTE, Claim, Entry, Row, claims, growth, ratio

BEGIN = "<!-- measured: `python -m benchmarks --write` replaces what follows -->"
END = "<!-- end of what was measured -->"
_SECTIONS = {
    1: "Cold, whole project",
    2: "Warm, nothing changed",
    3: "Warm, one file edited",
    4: "One file",
    5: "Growth",
}


class NoPlace(Exception):
    """The page has no place for the results; the message says what is missing."""


def replaced(page: str, text: str) -> str:
    """The page with the text between its two marks. Raises NoPlace."""
    before, begin, rest = page.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise NoPlace(f"it needs the two lines {BEGIN!r} and {END!r}")
    return f"{before}{BEGIN}\n\n{text.strip()}\n\n{END}{after}"


def report(rows: Sequence[Row], facts: Mapping[str, str]) -> str:
    """All results. `facts` say when and with what they were measured."""
    parts = [_aligned(("", ""), facts.items())]
    found = claims(rows)
    if found:
        parts += ["### Goals", _aligned(("what", "goal", "measured", "met"), map(_claim, found))]
    for number, title in _SECTIONS.items():
        own = [row for row in rows if row.section == number]
        if own:
            parts.append(f"### {number}. {title}")
        for row in own:
            parts += [f"**{row.title}**", entries(row)]
            parts += _counted(row)
    return "\n\n".join(parts) + "\n"


def entries(row: Row) -> str:
    """The contenders of a row; ratios are against its first one."""
    first = row.entries[0]
    head = ("contender", "seconds", "of processors", "lines a second", "memory", "asynclint takes", "turns")
    return _aligned(head, [_entry(each, first) for each in row.entries])


def _counted(row: Row) -> list[str]:
    texts = [f"{_upper(name)}: {number:,}." for name, number in row.counts.items()]
    if row.section == 5 and len(row.entries) > 1:
        grown = growth(row)
        texts.append(f"Exponents: time {grown.time:.2f}, of processors {grown.work:.2f}, memory {grown.memory:.2f}.")
    return [" ".join(texts)] if texts else []


def _entry(each: Entry, first: Entry) -> tuple[str, ...]:
    per_second = f"{_rounded(each.lines / each.seconds):,}" if each.lines else ""
    compared = "" if each is first or _are_sizes(each, first) else f"{ratio(first, each):.2f} times"
    return (
        each.name,
        f"{each.seconds:.3f}",
        f"{each.work:.3f}",
        per_second,
        f"{each.memory / MEBIBYTE:,.0f} MiB",
        compared,
        str(each.turns),
    )


def _are_sizes(one: Entry, other: Entry) -> bool:
    """Whether two entries are the same work in different sizes, which nobody wants to see as a race."""
    return one.name.startswith("asynclint") and other.name.startswith("asynclint") and one.lines != other.lines


def _claim(claim: Claim) -> tuple[str, ...]:
    unit = f" {claim.unit}" if claim.unit else ""
    bound = "at least" if claim.at_least else "at most"
    digits = 0 if claim.unit in ("MiB", "bytes", "files") else 2
    goal = f"{bound} {claim.limit:g}{unit}"
    return claim.what, goal, f"{claim.value:,.{digits}f}{unit}", "yes" if claim.is_met else "**no**"


def _rounded(number: float) -> int:
    """Three significant digits: more would promise what no clock keeps."""
    return int(float(f"{number:.3g}"))


def _upper(text: str) -> str:
    return text[:1].upper() + text[1:]


def _aligned(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [tuple(head), *map(tuple, rows)]
    widths = [max(3, *(len(line[column]) for line in lines)) for column in range(len(head))]
    made = ["| " + " | ".join(map(str.ljust, line, widths)) + " |" for line in lines]
    made.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(made)

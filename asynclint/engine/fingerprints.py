"""Who a finding is, across edits elsewhere in the file.

A fingerprint is made of the rule, the file, the enclosing function, the text of the line and, among
findings that agree in all of these, their order. Line numbers are no part of it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

from asynclint.diagnostics import Diagnostic
from asynclint.tuples import NamedTuple


class Fingerprint(NamedTuple):
    """`path` is relative to the project's root, with `/`. `line` is the text with its blanks collapsed."""

    path: str
    rule: str
    scope: str
    line: str
    ordinal: int

    @property
    def digest(self) -> str:
        """32 hexadecimal digits."""
        import hashlib

        told = "\0".join((self.path, self.rule, self.scope, self.line, str(self.ordinal)))
        return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def fingerprints(
    diagnostics: Iterable[Diagnostic], line: Callable[[str, int], str], relative: Callable[[str], str]
) -> list[Fingerprint]:
    """The fingerprint of each diagnostic, in their order, which must be that of the places.

    `line` gives the text of a line of a file, `relative` the path of a file from the root.
    """
    counts: Counter[tuple[str, str, str, str]] = Counter()
    made = []
    for each in diagnostics:
        text = " ".join(line(each.path, each.span.line).split())
        key = (relative(each.path), each.rule, each.scope, text)
        made.append(Fingerprint(*key, counts[key]))
        counts[key] += 1
    return made

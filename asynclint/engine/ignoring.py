"""Suppression comments for findings, as edits."""

from __future__ import annotations

import io
import tokenize
from collections.abc import Iterable, Sequence

from asynclint.diagnostics import Diagnostic, Edit
from asynclint.engine.suppress import Suppressions
from asynclint.source import Source


def ignore_edits(source: Source, findings: Iterable[Diagnostic], reason: str = "") -> list[Edit]:
    """Edits that write an `ignore` comment for each finding, or add its rule to one that is there.

    The comment follows the code on the finding's line; where a line goes on beyond its end (a string
    over several lines, a backslash), it stands above the statement.
    """
    by_line: dict[int, list[str]] = {}
    for each in findings:
        rules = by_line.setdefault(each.span.line, [])
        if each.rule not in rules:
            rules.append(each.rule)
    present = {
        directive.line: directive
        for directive in Suppressions.from_source(source).directives
        if directive.verb == "ignore" and directive.selectors and not directive.malformed and not directive.alone
    }
    starts, closed = _layout(source)
    tail = f" -- {reason}" if reason else ""
    made: list[Edit] = []
    above: dict[int, list[str]] = {}
    for line, rules in sorted(by_line.items()):
        directive = present.get(line)
        if directive is not None and directive.selectors:
            last, column = directive.selectors[-1]
            at = source.offset(line, column + len(last))
            made.append(Edit(at, at, "".join(f", {rule}" for rule in rules)))
        elif line in closed:
            first = starts.get(line, line)
            above.setdefault(first, []).extend(rule for rule in rules if rule not in above.get(first, ()))
        else:
            text = source.line(line)
            at = source.offset(line, len(text.rstrip()) + 1)
            made.append(
                Edit(at, source.offset(line, len(text) + 1), f"  # asynclint: ignore[{', '.join(rules)}]{tail}")
            )
    for line, rules in above.items():
        text = source.line(line)
        indent = text[: len(text) - len(text.lstrip())]
        at = source.offset(line, 1)
        made.append(Edit(at, at, f"{indent}# asynclint: ignore[{', '.join(rules)}]{tail}\n"))
    return made


def _layout(source: Source) -> tuple[dict[int, int], frozenset[int]]:
    """The first line of each line's statement, and the lines that a comment cannot follow."""
    starts: dict[int, int] = {}
    closed: set[int] = set()
    first = 0
    try:
        for token in tokenize.generate_tokens(io.StringIO(source.text, newline="").readline):
            if token.type in _STRINGS and token.end[0] > token.start[0]:
                closed.update(range(token.start[0], token.end[0]))
            if token.type == tokenize.NEWLINE:
                _span(starts, first, token.start[0])
                first = 0
            elif not first and token.type not in _BETWEEN:
                first = token.start[0]
    except (tokenize.TokenError, SyntaxError):
        pass
    closed.update(line for line in starts if source.line(line).endswith("\\"))
    return starts, frozenset(closed)


_BETWEEN = (tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT)
#: From Python 3.12 the text of an f-string is a token of its own kind.
_STRINGS: Sequence[int] = (tokenize.STRING, getattr(tokenize, "FSTRING_MIDDLE", tokenize.STRING))


def _span(starts: dict[int, int], first: int, last: int) -> None:
    for line in range(first, last + 1):
        starts.setdefault(line, first)

"""Which findings a file's own comments silence.

    # asynclint: ignore[rule, ...] -- reason     this line or statement; alone on a line, the next one
    # asynclint: disable[rule] / enable[rule]    to the end of the block, or until enabled again
    # asynclint: file-ignore[rule]               the whole file
    # asynclint: skip-file                       the file is not checked at all
    # noqa, # noqa: CODE                         this line; codes of ours, or of tools that have the same rule

Without brackets all rules are meant. Comments are found by the tokenizer: a `#` in a string is none.
"""

from __future__ import annotations

import io
import re
import tokenize
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from asynclint.diagnostics import Applicability, Diagnostic, Edit, Fix, Span
from asynclint.source import Source
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.config import RuleIndex
    from asynclint.engine.house import HouseRule

#: Verbs of suppression, and words that the program understands and this room leaves to it.
VERBS = ("ignore", "disable", "enable", "file-ignore", "skip-file")
PRAGMAS = ("nonblocking",)

_DIRECTIVE = re.compile(
    r"#\s*asynclint:\s*(?P<verb>[A-Za-z-]*)\s*(?P<bracket>\[(?P<rules>[^\]#]*)(?P<close>\])?)?"
    r"\s*(?P<rest>[^#]*)"
)
_NOQA = re.compile(r"#\s*noqa(?P<colon>\s*:(?P<codes>[^#]*))?(?![\w-])", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z]+[0-9]+")
_NAME = re.compile(r"[a-z]+(?:-[a-z0-9]+)+")
_WORTH_READING = re.compile(r"asynclint:|noqa", re.IGNORECASE)
_WITHOUT_CODE = frozenset(
    {tokenize.NL, tokenize.COMMENT, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER, tokenize.NEWLINE}
)


class _Line(NamedTuple):
    """A logical line: its first and last physical lines and the column where it starts."""

    first: int
    last: int
    column: int


class Directive:
    """One comment that silences. Columns are 1-based.

    `selectors` are the words in the brackets, each with its column; None stands for all rules.
    `lines` is what the comment covers, both ends included; None is the whole file.
    """

    def __init__(
        self,
        verb: str,
        line: int,
        column: int,
        end_column: int,
        selectors: tuple[tuple[str, int], ...] | None,
        reason: str,
        alone: bool,
        malformed: str = "",
    ) -> None:
        self.verb = verb
        self.line = line
        self.column = column
        self.end_column = end_column
        self.selectors = selectors
        self.reason = reason
        self.alone = alone
        self.malformed = malformed
        self.lines: tuple[int, int] | None = None
        self.ends: dict[str, int] = {}
        self.used: set[str] = set()
        """The selectors that have silenced something; "" for a comment without brackets."""

    @property
    def is_ours(self) -> bool:
        return self.verb != "noqa"


class Suppressions:
    """The suppressing comments of one file."""

    def __init__(
        self,
        directives: Sequence[Directive],
        source: Source,
        first_line: Callable[[int], int],
        index: RuleIndex | None,
    ) -> None:
        self.directives = tuple(directives)
        self._source = source
        self._first_line = first_line
        self._index = index

    @classmethod
    def from_source(
        cls, source: Source, statement_lines: Callable[[int], int] | None = None, index: RuleIndex | None = None
    ) -> Suppressions:
        """Reads the comments of a file.

        `statement_lines` gives the first line of the statement that a line belongs to; without it
        logical lines are taken, which makes a decorator a statement of its own. `index` knows the
        rules; without it all rules are looked up when needed. What the tokenizer cannot read has no
        comments.
        """
        directives: list[Directive] = []
        logical: list[_Line] = []
        if _WORTH_READING.search(source.text):
            directives, logical = _read(source)
            _place(directives, logical)
        starts = [line.first for line in logical]

        def first_line(line: int) -> int:
            found = statement_lines(line) if statement_lines else line
            at = bisect_right(starts, found) - 1
            if at >= 0 and logical[at].first <= found <= logical[at].last:
                return min(found, logical[at].first)
            return found

        return cls(directives, source, first_line, index)

    @property
    def skips_file(self) -> bool:
        """Whether the file asks not to be checked at all."""
        return any(each.verb == "skip-file" for each in self.directives)

    def covers(self, diagnostic: Diagnostic) -> bool:
        """Whether a comment silences the diagnostic; every comment that does counts as used."""
        covered = False
        for directive in self.directives:
            if directive.malformed or not self._reaches(directive, diagnostic.span):
                continue
            if directive.selectors is None:
                if self._within_end(directive, "", diagnostic.span):
                    directive.used.add("")
                    covered = True
                continue
            for selector, _ in directive.selectors:
                if self._names(selector, diagnostic) and self._within_end(directive, selector, diagnostic.span):
                    directive.used.add(selector)
                    covered = True
        return covered

    def honour(self, line: int, rules: Iterable[str]) -> None:
        """Counts comments as used that the program has heeded itself: those on `line` that name one of `rules`.

        A comment where a chain begins clears the chain, so that there is no finding left to silence.
        """
        span = Span(line, 1, line, 1)
        named = frozenset(rules)
        for directive in self.directives:
            if directive.malformed or not self._reaches(directive, span):
                continue
            if directive.selectors is None:
                directive.used.add("")
            for selector, _ in directive.selectors or ():
                found = self._rules().find(selector)
                if found is not None and found[0] & named:
                    directive.used.add(selector)

    def _reaches(self, directive: Directive, span: Span) -> bool:
        if directive.verb in ("file-ignore", "skip-file"):
            return True
        if directive.verb == "enable" or directive.lines is None:
            return False
        first, last = directive.lines
        if directive.verb == "disable":
            return first <= span.line <= last
        statement = self._first_line(span.line)
        if directive.alone:
            return first in (span.line, statement)
        return directive.line in (span.line, span.end_line, statement)

    @staticmethod
    def _within_end(directive: Directive, selector: str, span: Span) -> bool:
        end = directive.ends.get(selector)
        return end is None or span.line < end

    def _names(self, selector: str, diagnostic: Diagnostic) -> bool:
        folded = selector.lower()
        if folded in (diagnostic.rule, diagnostic.code.lower()):
            return True
        found = self._rules().find(selector)
        return found is not None and diagnostic.rule in found[0]

    def _rules(self) -> RuleIndex:
        if self._index is None:
            from asynclint.config import RuleIndex
            from asynclint.engine.house import known_rules

            self._index = RuleIndex(known_rules())
        return self._index

    def unused(self, selected: frozenset[str] | None = None) -> tuple[tuple[Directive, str], ...]:
        """Comments of ours that silenced nothing, each with the selector in question ("" for all of it).

        To be asked after `covers` has been asked about every finding. With `selected`, only rules
        among them are judged: a rule that did not run proves nothing.
        """
        found: list[tuple[Directive, str]] = []
        for directive in self.directives:
            if not directive.is_ours or directive.malformed or directive.verb in ("enable", "skip-file"):
                continue
            if directive.selectors is None:
                if not directive.used:
                    found.append((directive, ""))
                continue
            for selector, _ in directive.selectors:
                rules = self._rules().find(selector)
                judged = rules is not None and (selected is None or bool(rules[0] & selected))
                if judged and selector not in directive.used:
                    found.append((directive, selector))
        return tuple(found)

    def problems(self, path: str, selected: frozenset[str], *, require_reason: bool = False) -> list[Diagnostic]:
        """Findings about the comments themselves; to be asked after `covers`, see `unused`.

        `path` is as the user would write it. `selected` are the rules that run on the file.
        """
        from asynclint.engine.house import SUPPRESSION_WITHOUT_REASON, UNKNOWN_SUPPRESSION, UNUSED_SUPPRESSION

        made: list[Diagnostic] = []
        if UNUSED_SUPPRESSION.name in selected:
            by_directive: dict[int, list[str]] = {}
            for directive, selector in self.unused(selected):
                by_directive.setdefault(id(directive), []).append(selector)
            for directive in self.directives:
                if id(directive) in by_directive:
                    made.append(self._unused(path, directive, by_directive[id(directive)], UNUSED_SUPPRESSION))
        if UNKNOWN_SUPPRESSION.name in selected:
            made += self._unknown(path, UNKNOWN_SUPPRESSION)
        if require_reason and SUPPRESSION_WITHOUT_REASON.name in selected:
            for each in self.directives:
                if each.is_ours and each.verb != "enable" and not each.malformed and not each.reason:
                    made.append(
                        _diagnostic(
                            SUPPRESSION_WITHOUT_REASON,
                            path,
                            self._span(each),
                            f"`{each.verb}` gives no reason",
                            help="write it after two dashes: `-- reason`",
                        )
                    )
        return [each for each in made if not self._silenced(each)]

    def _silenced(self, diagnostic: Diagnostic) -> bool:
        """Whether another comment names the finding about a comment; a bare `ignore` cannot defend itself."""
        for directive in self.directives:
            if directive.selectors and not directive.malformed and self._reaches(directive, diagnostic.span):
                if any(
                    selector.lower() in (diagnostic.rule, diagnostic.code.lower())
                    for selector, _ in directive.selectors
                ):
                    return True
        return False

    def _unused(self, path: str, directive: Directive, selectors: list[str], rule: HouseRule) -> Diagnostic:
        whole = directive.selectors is None or len(selectors) == len(directive.selectors)
        if directive.selectors is None:
            message = f"`{directive.verb}` silences nothing"
        else:
            named = ", ".join(f"`{selector}`" for selector in selectors)
            message = f"`{directive.verb}` of {named} silences nothing"
        edit = self._removal(directive) if whole else self._narrowed(directive, selectors)
        title = "remove the comment" if whole else f"remove {', '.join(selectors)} from the comment"
        fix = Fix(title, Applicability.SAFE, (edit,))
        return _diagnostic(rule, path, self._span(directive), message, fix=fix)

    def _removal(self, directive: Directive) -> Edit:
        start = self._source.offset(directive.line, directive.column)
        end = self._source.offset(directive.line, directive.end_column)
        text = self._source.line(directive.line)
        before, after = text[: directive.column - 1], text[directive.end_column - 1 :]
        if not after.strip():
            end = self._source.offset(directive.line, len(text) + 1)
            start -= len(before) - len(before.rstrip())
            if not before.strip():
                # Nothing else on the line: it goes with its line end.
                return Edit(self._source.offset(directive.line, 1), self._source.offset(directive.line + 1, 1), "")
        return Edit(start, end, "")

    def _narrowed(self, directive: Directive, selectors: list[str]) -> Edit:
        assert directive.selectors
        kept = [selector for selector, _ in directive.selectors if selector not in selectors]
        first = directive.selectors[0]
        last = directive.selectors[-1]
        return Edit(
            self._source.offset(directive.line, first[1]),
            self._source.offset(directive.line, last[1] + len(last[0])),
            ", ".join(kept),
        )

    def _unknown(self, path: str, rule: HouseRule) -> Iterator[Diagnostic]:
        from asynclint.config.problems import nearest

        for directive in self.directives:
            if not directive.is_ours:
                continue
            if directive.malformed:
                word = directive.verb if directive.malformed.startswith("unknown") else ""
                close = nearest(word, (*VERBS, *PRAGMAS)) if word else None
                hint = f"did you mean `{close}`?" if close else "there are " + ", ".join(f"`{verb}`" for verb in VERBS)
                yield _diagnostic(rule, path, self._span(directive), directive.malformed, help=hint if word else "")
                continue
            for selector, column in directive.selectors or ():
                if self._rules().find(selector) is not None:
                    continue
                close = nearest(selector, self._rules().known())
                span = Span(directive.line, column, directive.line, column + len(selector))
                start = self._source.offset(directive.line, column)
                fix = None
                if close:
                    edit = Edit(start, start + len(selector), close)
                    fix = Fix(f"write `{close}`", Applicability.UNSAFE, (edit,))
                yield _diagnostic(rule, path, span, f"there is no rule `{selector}`", fix=fix)

    @staticmethod
    def _span(directive: Directive) -> Span:
        return Span(directive.line, directive.column, directive.line, directive.end_column)


def _diagnostic(
    rule: HouseRule, path: str, span: Span, message: str, help: str = "", fix: Fix | None = None
) -> Diagnostic:
    return Diagnostic(rule.name, rule.code, rule.severity, path, span, message, help=help, fix=fix)


def _read(source: Source) -> tuple[list[Directive], list[_Line]]:
    """The directives of a text and its logical lines, as far as it can be tokenized."""
    directives: list[Directive] = []
    logical: list[_Line] = []
    first: tuple[int, int] | None = None
    tokens = tokenize.generate_tokens(io.StringIO(source.text, newline="").readline)
    try:
        for token in tokens:
            if token.type == tokenize.COMMENT:
                alone = first is None and not token.line[: token.start[1]].strip("\ufeff \t\f")
                directives += _directives(token.string, token.start[0], token.start[1], alone)
            elif token.type == tokenize.NEWLINE:
                if first is not None:
                    logical.append(_Line(first[0], token.start[0], first[1]))
                first = None
            elif first is None and token.type not in _WITHOUT_CODE:
                before = token.line[: token.start[1]]
                first = (token.start[0], len(before.expandtabs(8)))
    except (tokenize.TokenError, SyntaxError):
        pass  # What was read up to here counts; the file has a finding of its own for the rest.
    return directives, logical


def _directives(comment: str, line: int, start: int, alone: bool) -> Iterator[Directive]:
    for found in _DIRECTIVE.finditer(comment):
        verb = found["verb"].lower()
        if verb in PRAGMAS:
            continue
        malformed = ""
        if verb not in VERBS:
            malformed = f"unknown word `{found['verb']}` after `asynclint:`" if verb else "nothing after `asynclint:`"
        elif found["bracket"] and not found["close"]:
            malformed = f"`{verb}[` is not closed"
        elif found["bracket"] and verb == "skip-file":
            malformed = "`skip-file` takes no rules; `file-ignore[...]` does"
        rest = found["rest"].strip()
        selectors = None
        if found["bracket"] and not malformed:
            at = found.start("rules")
            words = re.finditer(r"[^,\s]+", found["rules"])
            selectors = tuple([(word[0], start + at + word.start() + 1) for word in words])
            if not selectors:
                malformed = f"`{verb}[]` names no rule"
        end = start + found.start() + len(found[0].rstrip())
        reason = rest[2:].strip() if rest.startswith("--") else ""
        yield Directive(verb, line, start + found.start() + 1, end + 1, selectors, reason, alone, malformed)
    for found in _NOQA.finditer(comment):
        codes: tuple[tuple[str, int], ...] | None = None
        if found["colon"]:
            known = []
            for word in re.finditer(r"[^,\s]+", found["codes"]):
                if not (_CODE.fullmatch(word[0]) or _NAME.fullmatch(word[0])):
                    break
                known.append((word[0], start + found.start("codes") + word.start() + 1))
            codes = tuple(known)
        yield Directive("noqa", line, start + found.start() + 1, start + found.end() + 1, codes, "", False)


def _place(directives: Sequence[Directive], logical: Sequence[_Line]) -> None:
    """Fills in which lines each directive covers, and where an `enable` ends a `disable`."""
    starts = [line.first for line in logical]
    end_of_file = (logical[-1].last if logical else 0) + 1
    for directive in directives:
        at = bisect_right(starts, directive.line)
        if directive.verb == "disable":
            inside = logical[at - 1] if at and not directive.alone else None
            column = directive.column - 1 if inside is None else inside.column
            opens_block = inside is not None and at < len(logical) and logical[at].column > inside.column
            last = end_of_file
            for line in logical[at:]:
                if line.column < column or (opens_block and line.column <= column):
                    last = line.first - 1
                    break
            directive.lines = (inside.first if inside else directive.line, last)
        elif directive.alone:
            target = logical[at].first if at < len(logical) else directive.line
            directive.lines = (target, target)
        else:
            directive.lines = (directive.line, directive.line)
    for number, enable in enumerate(directives):
        if enable.verb != "enable" or enable.malformed:
            continue
        for disable in directives[:number]:
            if disable.verb != "disable":
                continue
            silenced = [""] if disable.selectors is None else [selector for selector, _ in disable.selectors]
            enabled = None if enable.selectors is None else {selector.lower() for selector, _ in enable.selectors}
            for selector in silenced:
                if enabled is None or selector.lower() in enabled:
                    disable.ends.setdefault(selector, enable.line)

"""What a selector names: a rule's name or code, a prefix of codes, a theme, `ALL`, or another tool's code."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Protocol

from asynclint.diagnostics import Severity


class RuleInfo(Protocol):
    """What the configuration needs to know of a rule; `asynclint.rule.Rule` fits."""

    @property
    def name(self) -> str: ...
    @property
    def code(self) -> str: ...
    @property
    def aliases(self) -> tuple[str, ...]: ...
    @property
    def default(self) -> bool: ...
    @property
    def severity(self) -> Severity: ...
    @property
    def theme(self) -> str: ...


#: How narrow a selector is. The narrower one decides when one selects and another ignores.
ALL, THEME, PREFIX, EXACT = range(4)


class RuleIndex:
    """Finds rules by selector. Case does not matter in any of them."""

    def __init__(self, rules: Sequence[RuleInfo]) -> None:
        self.rules = tuple(rules)
        self.by_name = {rule.name: rule for rule in self.rules}
        self._exact: dict[str, set[str]] = {}
        self._themes: dict[str, set[str]] = {}
        codes: dict[str, set[str]] = {}
        for rule in self.rules:
            self._themes.setdefault(rule.theme, set()).add(rule.name)
            for code in (rule.code, *rule.aliases):
                codes.setdefault(code.lower(), set()).add(rule.name)
            self._exact.setdefault(rule.name, set()).add(rule.name)
        for code, names in codes.items():
            self._exact.setdefault(code, set()).update(names)
        self._codes = codes

    def find(self, selector: str) -> tuple[frozenset[str], int] | None:
        """Names of the rules, and how narrow the selector is; None when it names nothing."""
        folded = selector.strip().lower()
        if folded == "all":
            return frozenset(self.by_name), ALL
        exact = self._exact.get(folded)
        if exact is not None:
            return frozenset(exact), EXACT
        theme = self._themes.get(folded)
        if theme is not None:
            return frozenset(theme), THEME
        if folded.isalnum():
            # `AL2` is narrower than `AL`: both are prefixes, told apart by length in `narrowness`.
            found = [names for code, names in self._codes.items() if code.startswith(folded)]
            if found:
                return frozenset().union(*found), PREFIX
        return None

    def narrowness(self, selector: str) -> tuple[int, int]:
        found = self.find(selector)
        return (found[1], len(selector.strip())) if found else (-1, 0)

    def known(self) -> Iterable[str]:
        """Words that a mistyped selector may have meant."""
        yield from self.by_name
        for rule in self.rules:
            yield rule.code
            yield from rule.aliases
        yield from self._themes

    def options_of(self, name: str) -> Mapping[str, Any]:
        """The options that a rule declares, with their default values."""
        declared: Mapping[str, Any] = getattr(self.by_name[name], "options", {})
        return declared


def decide(
    index: RuleIndex, before: frozenset[str], chosen: Sequence[str] | None, more: Sequence[str], ignored: Sequence[str]
) -> frozenset[str]:
    """The rules after one layer of configuration.

    `chosen` (`select`) starts afresh, `more` (`extend-select`) adds, `ignored` removes; for each rule
    the narrowest selector that names it decides, and `ignore` wins over an equally narrow one.
    Unknown selectors are skipped: they have been complained about.
    """
    verdicts: dict[str, tuple[tuple[int, int, int], bool]] = {}
    for selectors, enables in ((chosen or (), True), (more, True), (ignored, False)):
        for selector in selectors:
            found = index.find(selector)
            if found is None:
                continue
            # All exact selectors of a rule are equally narrow, be they its name or its code.
            length = 0 if found[1] == EXACT else len(selector.strip())
            weight = (found[1], length, not enables)
            for name in found[0]:
                if name not in verdicts or verdicts[name][0] <= weight:
                    verdicts[name] = (weight, enables)
    on = set() if chosen is not None else set(before)
    for name, (_, enables) in verdicts.items():
        if enables:
            on.add(name)
        else:
            on.discard(name)
    return frozenset(on)

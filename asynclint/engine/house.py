"""What asynclint reports about files and comments rather than about code: rules without a `where`.

They have names, codes and pages as other rules do, so that they are selected, ignored, explained and
suppressed in the same words.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.diagnostics import Severity
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.rule import Rule


class HouseRule(NamedTuple):
    """A rule of the house; the same metadata as `asynclint.rule.Rule`."""

    name: str
    code: str
    severity: Severity
    page: str
    fixable: bool = False
    since: str = "0.1"
    default: bool = True
    aliases: tuple[str, ...] = ()
    theme: str = "housekeeping"

    @property
    def summary(self) -> str:
        return self.page.split("\n", 1)[0].rstrip(".")


SYNTAX_ERROR = HouseRule(
    "syntax-error",
    "AL001",
    Severity.ERROR,
    """File that is not Python.

The file cannot be parsed, so nothing in it has been checked. The other files are checked as usual.

Where the syntax is newer than the interpreter that runs asynclint, run asynclint with that newer
Python: it reads whatever its own interpreter reads.

This is reported whichever rules are selected, because silence would look like a clean file.
""",
    aliases=("E999", "E902"),
)

UNUSED_SUPPRESSION = HouseRule(
    "unused-suppression",
    "AL002",
    Severity.WARNING,
    """Suppression comment that silences nothing.

The finding is gone, or the comment stands in the wrong place. Left behind, it would silence the next
finding of that kind without anybody having looked at it.

Only comments for rules that run are judged; `# noqa` comments are never judged, because other tools
may need them.

## Fix safety

The fix removes the comment, or the part of it that is not needed. It is safe.
""",
    fixable=True,
    aliases=("RUF100",),
)

UNKNOWN_SUPPRESSION = HouseRule(
    "unknown-suppression",
    "AL003",
    Severity.WARNING,
    """Comment to asynclint that it does not understand.

The rule or the word after `asynclint:` does not exist, or a bracket is missing. The comment has no
effect. The message names the nearest word that would have one, and the fix writes it.

## Fix safety

Offered only where one known word is close; unsafe, because it may not be the one that was meant.
""",
    fixable=True,
)

SUPPRESSION_WITHOUT_REASON = HouseRule(
    "suppression-without-reason",
    "AL004",
    Severity.WARNING,
    """Suppression comment that gives no reason.

Reported when the configuration says `require-reason = true`. Write the reason after two dashes:

    task = create()  # asynclint: ignore[lost-task] -- the supervisor holds it
""",
)

HOUSE_RULES = (SYNTAX_ERROR, UNUSED_SUPPRESSION, UNKNOWN_SUPPRESSION, SUPPRESSION_WITHOUT_REASON)


def known_rules() -> tuple[Rule | HouseRule, ...]:
    """Every rule that can be named: those of the house and all others, by code."""
    from asynclint.rule import all_rules

    return (*HOUSE_RULES, *all_rules())

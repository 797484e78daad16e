"""Comments by which the user says that something is fast enough, or accepted: chains through it are cleared.

At the call that waits, or in the header of a helper's `def`:

    # asynclint: nonblocking
    # asynclint: ignore[blocking-call]        also `disable`, alone on a line or on a `def` line, and `file-ignore`
    # noqa: AL201                             at the call; a `noqa` without such a code is about something else

Findings of such a chain would lie in other files, where no comment could be asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.facts.model import BindingKind, SiteKind
from asynclint.program.site import Site
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program import Module, Program

_COMMENT = re.compile(
    r"(\^?)(?:asynclint:\s*(nonblocking|ignore|disable|enable|file-ignore)\b(?:\s*\[([^\]]*)\])?|((?i:noqa))\s*:)"
)
#: How selectors begin that name rules about blocking: by theme or name, by code, by codes of other tools.
_BLOCKING = re.compile(r"(?:blocking|waiting-on|al2|async2|all$|al$)")


def clears_call(site: Site) -> bool:
    """Whether the user said so at the call, or for its file.

    In a coroutine `ignore` silences the finding there, which is not for the program to know.
    """
    pragmas = site.module.facts.pragmas
    if not pragmas:
        return False
    # Of a `with` or `for` the last line belongs to its body.
    lines = {site.row[1], site.row[3] if site.row[0] == SiteKind.CALL else site.row[1]}
    said = [comment for line in lines for comment in _comments(pragmas.get(line, ""))]
    if any(comment.verb == "nonblocking" for comment in said):
        return True
    if site.in_coroutine:
        return False
    if any(_is_about_line(comment) and _names_blocking(comment.selectors) for comment in said):
        return True
    return any(_covers(line, comment, site) for line, text in pragmas.items() for comment in _comments(text))


def _is_about_line(comment: Comment) -> bool:
    return comment.verb == "ignore" or (comment.verb == "noqa" and not comment.is_alone)


def _covers(line: int, comment: Comment, site: Site) -> bool:
    """Whether a comment elsewhere speaks of the site: for the whole file, or from its line on."""
    if not _names_blocking(comment.selectors):
        return False
    if comment.verb == "file-ignore":
        return True
    if comment.verb != "disable" or not comment.is_alone or line > site.row[1]:
        return False
    facts = site.module.facts
    for later, text in facts.pragmas.items():
        if line < later <= site.row[1]:
            if any(each.verb == "enable" and _names_blocking(each.selectors) for each in _comments(text)):
                return False
    # It holds to the end of the block around it.
    block = next((row[5] for row in facts.sites if row[1] == line), None)
    return block is not None and block in facts.ancestors(site.row[5])


def clears_function(module: Module, number: int) -> bool:
    """Whether the user said so where a function is defined: in its header, or at or above its decorators."""
    return bool(module.facts.pragmas) and _clearing_line(module, number) > 0


def _clearing_line(module: Module, number: int) -> int:
    """The line of the comment that clears a function; 0 for none."""
    facts = module.facts
    function = facts.functions[number]
    start = facts.sites[function.site][1]
    for line, text in facts.pragmas.items():
        if not function.line <= line <= function.end_line:
            continue
        for comment in _comments(text):
            if line > start and (comment.is_alone or line >= _first_line_of_body(module, number)):
                continue
            # Without brackets a comment is about the definition, not about what the body does.
            is_about_body = comment.verb == "ignore" or (comment.verb == "disable" and not comment.is_alone)
            told = is_about_body and comment.selectors is not None and _names_blocking(comment.selectors)
            if comment.verb == "nonblocking" or (told and not function.is_async):
                return line
    return 0


def _first_line_of_body(module: Module, number: int) -> int:
    """The line of the first thing that a function does, as far as facts tell: a header may have several lines."""
    facts = module.facts
    function = facts.functions[number]
    rows = [row for rows in facts.scopes[function.scope].bindings.values() for row in rows]
    bound = [row.line for row in rows if row.kind != BindingKind.PARAMETER]
    done = [facts.sites[each][1] for each in range(function.first_site, function.end_site)]
    return min(bound + done, default=function.end_line)


def heeded(module: Module, program: Program) -> Iterator[int]:
    """The lines whose comments clear chains, so that there is no finding left for them to silence."""
    facts = module.facts
    for number, function in enumerate(facts.functions):
        line = _clearing_line(module, number)
        if line:
            yield from {facts.sites[function.site][1], line}
    for number, row in enumerate(facts.sites):
        if row[0] == SiteKind.CALL:
            site = Site(module, number)
            if clears_call(site):
                listed = program.row(site)
                if listed is not None and listed.blocks:
                    yield from {row[1], row[3]}


class Comment(NamedTuple):
    """`selectors` are the words in brackets, None without any; `is_alone` when the line has nothing else."""

    verb: str
    selectors: str | None
    is_alone: bool


def _comments(text: str) -> Iterator[Comment]:
    if text:
        for found in _COMMENT.finditer(text):
            # A `noqa` is only kept when it names such a rule.
            yield Comment((found[2] or found[4]).lower(), found[3], bool(found[1]))


def _names_blocking(selectors: str | None) -> bool:
    if selectors is None:
        return True
    return any(_BLOCKING.match(word) for word in re.split(r"[,\s]+", selectors.lower()))

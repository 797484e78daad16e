"""Comments by which the user says that something is fast enough, or accepted: chains through it are cleared.

At the call that waits, or on a helper's `def` line:

    # asynclint: nonblocking
    # asynclint: ignore[blocking-call]        with `disable` on a `def` line, `file-ignore` for the whole file

Findings of such a chain would lie in other files, where no comment could be asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.facts.model import SiteKind
from asynclint.program.site import Site

if TYPE_CHECKING:
    from asynclint.program import Module, Program

_COMMENT = re.compile(r"asynclint:\s*(nonblocking|ignore|disable|file-ignore)\b(?:\s*\[([^\]]*)\])?")
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
    for line in {site.row[1], site.row[3] if site.row[0] == SiteKind.CALL else site.row[1]}:
        for verb, selectors in _comments(pragmas.get(line, "")):
            if verb == "nonblocking" or (not site.in_coroutine and verb == "ignore" and _names_blocking(selectors)):
                return True
    return not site.in_coroutine and any(
        verb == "file-ignore" and _names_blocking(selectors)
        for text in pragmas.values()
        for verb, selectors in _comments(text)
    )


def clears_function(module: Module, number: int) -> bool:
    """Whether the user said so where a function is defined: on its `def` line, or at or above its decorators."""
    pragmas, function = module.facts.pragmas, module.facts.functions[number]
    if not pragmas:
        return False
    for line in range(function.line, module.facts.sites[function.site][1] + 1):
        for verb, selectors in _comments(pragmas.get(line, "")):
            # Without brackets a comment is about the definition, not about what the body does.
            told = verb in ("ignore", "disable") and selectors is not None and _names_blocking(selectors)
            if verb == "nonblocking" or (told and not function.is_async):
                return True
    return False


def heeded(module: Module, program: Program) -> Iterator[int]:
    """The lines whose comments clear chains, so that there is no finding left for them to silence."""
    facts = module.facts
    for number, function in enumerate(facts.functions):
        if clears_function(module, number):
            yield facts.sites[function.site][1]
    for number, row in enumerate(facts.sites):
        if row[0] == SiteKind.CALL:
            site = Site(module, number)
            if clears_call(site):
                listed = program.row(site)
                if listed is not None and listed.blocks:
                    yield from {row[1], row[3]}


def _comments(text: str) -> Iterator[tuple[str, str | None]]:
    """Verb, and what stands in brackets behind it, of each comment in a text."""
    if text:
        for found in _COMMENT.finditer(text):
            yield found[1], found[2]


def _names_blocking(selectors: str | None) -> bool:
    if selectors is None:
        return True
    return any(_BLOCKING.match(word) for word in re.split(r"[,\s]+", selectors.lower()))

"""How a diagnostic is worded; the rules' own tests and every fixture hold each message to it."""

from __future__ import annotations

import re
from collections.abc import Iterable

from asynclint.diagnostics import Diagnostic

_QUOTED = re.compile(r"`[^`]*`")


def problems(diagnostics: Iterable[Diagnostic]) -> list[str]:
    """What is wrong with the words, one sentence each."""
    found = []
    for each in diagnostics:
        # The words of a syntax error are the parser's.
        message = "" if each.rule == "syntax-error" else each.message
        sentences = {"message": message, "fix title": each.fix.title if each.fix else ""}
        sentences |= {f"step {number}": step.text for number, step in enumerate(each.trace, start=1)}
        if not each.message:
            found.append(f"{each.rule}: the message is empty")
        found += [f"{each.rule}: {what} `{text}` {wrong}" for what, text in sentences.items() for wrong in _wrong(text)]
        if "\n" in each.help:
            found.append(f"{each.rule}: help is one line")
    return found


def _wrong(text: str) -> list[str]:
    words = _QUOTED.sub("``", text)
    return [
        wrong
        for wrong, holds in {
            "is more than one line": "\n" in text,
            "ends in a full stop": text.endswith(".") and not text.endswith("..."),
            "begins with a capital": bool(re.match(r"[A-Z][a-z]", words)),
            "has an unmatched backtick": "`" in words.replace("``", ""),
            "has spaces at an end": text != text.strip(),
        }.items()
        if holds
    ]

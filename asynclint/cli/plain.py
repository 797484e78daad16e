"""Reads the command lines of every day, which call `check` with options spelled out in full.

`click` takes as long to import as everything else on the way to a result that is remembered. What it
would read in another way, complain about or answer itself is left to it; a test holds the two against
each other.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from asynclint.cli.commands import COMMANDS
from asynclint.cli.options import CHECK, CHOICE, FLAG, NUMBER, OTHER, PROJECT, SWITCH, TEXTS, WORDS, Option, words


def read(arguments: Sequence[str]) -> dict[str, Any] | None:
    """The options of `check`, by parameter; None when only `click` can tell what is meant."""
    if not arguments or (arguments[0] in COMMANDS and arguments[0] != "check"):
        return None
    options = (*PROJECT, *CHECK)
    if any(option.variable in os.environ for option in options if option.variable):
        return None
    found: dict[str, Any] = {option.parameter: option.default for option in options}
    given: dict[Option, list[str]] = {}
    paths: list[str] = []
    by_name = {name: option for option in options for name in (option.name, option.short) if name}
    switches = {option.opposite: option for option in options if option.kind == SWITCH}
    rest = iter(arguments[1:] if arguments[0] == "check" else arguments)
    for argument in rest:
        name, has_value, value = argument.partition("=")
        option = by_name.get(name)
        if not argument.startswith("-") or argument == "-":
            paths.append(argument)
        elif argument in switches:
            found[switches[argument].parameter] = False
        elif option is None or option.kind == OTHER:
            return None
        elif option.kind in (FLAG, SWITCH):
            if has_value:
                return None
            found[option.parameter] = True
        else:
            if not has_value:
                value = next(rest, "-")
                if value.startswith("-"):
                    return None
            elif not name.startswith("--"):
                return None
            given.setdefault(option, []).append(value)
    for option, texts in given.items():
        last = texts[-1]
        if option.kind == NUMBER:
            if not all(text.isascii() and text.isdecimal() for text in texts):
                return None
            found[option.parameter] = int(last)
        elif option.kind == CHOICE and last not in option.choices:
            return None
        else:
            found[option.parameter] = (
                words(texts) if option.kind == WORDS else tuple(texts) if option.kind == TEXTS else last
            )
    found["paths"] = tuple(paths)
    return found

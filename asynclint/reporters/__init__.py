"""How findings are written. Each format is a module here with one function:

    def render(result: Result) -> Iterator[str]

It yields pieces of text, line ends included. A module is imported when its format is asked for.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from asynclint.reporters.result import Result

Render = Callable[["Result"], Iterator[str]]

#: Formats that are meant for people: they end with a summary and may be coloured.
FOR_PEOPLE = frozenset({"full", "concise", "grouped", "roots", "statistics"})


def reporter(name: str) -> Render:
    """The function that writes a format; `name` is one of `asynclint.config.options.FORMATS`."""
    module = importlib.import_module(f"asynclint.reporters.{name.replace('-', '_')}")
    render: Render = module.render
    return render

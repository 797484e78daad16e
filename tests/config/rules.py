"""A few rules that are nothing but metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from asynclint.config import Configurations, Settings
from asynclint.diagnostics import Severity


@dataclass(frozen=True)
class Metadata:
    name: str
    code: str
    theme: str
    aliases: tuple[str, ...] = ()
    default: bool = True
    severity: Severity = Severity.ERROR
    options: Mapping[str, Any] = field(default_factory=dict)


RULES = (
    Metadata("missing-await", "AL101", "awaiting", ("ASYNC900", "RUF006")),
    Metadata("blocking-call", "AL201", "blocking", ("ASYNC251", "ASYNC210"), options={"costs": ["heavy"], "depth": 3}),
    Metadata("blocking-file", "AL202", "blocking", ("ASYNC230",), severity=Severity.WARNING),
    Metadata("long-function", "AL901", "opinions", default=False, severity=Severity.HINT),
)
ON = {"missing-await", "blocking-call", "blocking-file"}


def settings_of(folder: Path, text: str = "", name: str = "asynclint.toml", **arguments: Any) -> Settings:
    """The settings of a folder whose configuration file says `text`."""
    if text:
        (folder / name).write_text(text)
    return Configurations(RULES, cwd=folder, **arguments).for_folder(folder)

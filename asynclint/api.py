"""What rules import: the form of a rule, the facts it looks at, and the words it reports in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity, Span, Step
from asynclint.facts.model import BindingKind, BlockKind, Completion, Expr, Function, SiteKind, Use
from asynclint.program import Module, Place, Program, Site
from asynclint.rule import When, rule

if TYPE_CHECKING:
    from asynclint.pairing.context import Context

__all__ = [
    "Applicability",
    "BindingKind",
    "BlockKind",
    "Completion",
    "Context",
    "Diagnostic",
    "Edit",
    "Expr",
    "Fix",
    "Function",
    "Module",
    "Place",
    "Program",
    "Severity",
    "Site",
    "SiteKind",
    "Span",
    "Step",
    "Use",
    "When",
    "rule",
]

"""Decorators of the project that keep what the decorated function returned."""

from __future__ import annotations

from asynclint.facts.model import BindingKind, SiteKind, Use
from asynclint.program.awaitables import asks
from asynclint.program.site import Site
from asynclint.program.types import FunctionObject


def stores_result(decorator: FunctionObject) -> bool:
    """Whether a decorator stores, un-awaited, what a call of its parameter gives: `cache[key] = function(...)`.

    One that asks for the function's colour treats async functions in its own way.
    """
    module = decorator.module
    facts = module.facts
    function = facts.functions[decorator.number]
    numbers = range(function.first_site, function.end_site)
    if any(asks(facts.sites[number]) for number in numbers):
        return False
    for number in numbers:
        site = Site(module, number)
        if site.row[0] != SiteKind.CALL or not isinstance(site.callee, str) or site.use is not Use.ASSIGNED:
            continue
        targets = site.use_details[0]
        if any(isinstance(each, tuple) and each[0] == "[]" for each in targets) and _is_parameter(site):
            return True
    return False


def _is_parameter(call: Site) -> bool:
    """Whether what is called is a parameter of a function around the one that calls it."""
    facts = call.module.facts
    scope = facts.blocks[call.block][2]
    own = scope
    while scope >= 0:
        rows = facts.scopes[scope].bindings.get(str(call.callee))
        if rows:
            return scope != own and bool(rows[0].kind == BindingKind.PARAMETER)
        scope = facts.scopes[scope].parent
    return False

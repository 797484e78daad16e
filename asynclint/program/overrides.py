"""Whether the body of a method that is in view is the one that a call runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from asynclint.facts.model import BindingKind, SiteKind
from asynclint.program.types import ClassObject, FunctionObject, Instance, members

if TYPE_CHECKING:
    from asynclint.program import Module, Program, Site


def may_be_overridden(site: Site, program: Program) -> bool:
    """Whether what a site calls is a method that derived classes are expected, or seen, to replace.

    That holds for methods that do nothing, and for those that a class of the same file, or one that
    the calling file imports, defines in another colour.
    """
    return site.row[0] == SiteKind.CALL and any(
        isinstance(each, FunctionObject)
        and isinstance(each.receiver, Instance)
        and (is_open(each, program) or _is_recoloured_by_imported(each, site.module, program))
        for each in members(program.callee(site))
    )


def stands_for_others(site: Site, program: Program) -> bool:
    """Whether what a site calls is a method without a body that a class of its file defines in another colour."""
    for callee in members(program.callee(site)) if site.row[0] == SiteKind.CALL else ():
        if isinstance(callee, FunctionObject) and isinstance(callee.receiver, Instance):
            function = callee.module.facts.functions[callee.number]
            if function.is_stub and function.class_index >= 0 and _is_recoloured(callee, program):
                return True
    return False


def is_declared_only(site: Site, program: Program) -> bool:
    """Whether what a site calls is a method without a body."""
    return site.row[0] == SiteKind.CALL and any(
        isinstance(each, FunctionObject)
        and each.module.facts.functions[each.number].class_index >= 0
        and each.module.facts.functions[each.number].is_stub
        for each in members(program.callee(site))
    )


def is_open(method: FunctionObject, program: Program) -> bool:
    """Whether a method does nothing, or a class of its file defines it in another colour."""
    function = method.module.facts.functions[method.number]
    if function.class_index < 0:
        return False
    return function.is_stub or _does_nothing(method) or _is_recoloured(method, program)


def _does_nothing(method: FunctionObject) -> bool:
    facts = method.module.facts
    function = facts.functions[method.number]
    return all(
        facts.sites[number][0] == SiteKind.RETURN and not isinstance(facts.sites[number][6], (int, str))
        for number in range(function.first_site, function.end_site)
    )


def _is_recoloured(method: FunctionObject, program: Program) -> bool:
    module = method.module
    function = module.facts.functions[method.number]
    owner = program.class_name(module, function.class_index)
    return any(
        index != function.class_index
        and _colour_of(module, class_.scope, function.name) not in (None, function.is_async)
        and program.members.is_subclass(program.class_name(module, index), owner)
        for index, class_ in enumerate(module.facts.classes)
    )


def _is_recoloured_by_imported(method: FunctionObject, module: Module, program: Program) -> bool:
    function = method.module.facts.functions[method.number]
    if function.class_index < 0:
        return False
    owner = program.class_name(method.module, function.class_index)
    for name, rows in module.facts.scopes[0].bindings.items():
        if rows[-1].kind != BindingKind.FROM:
            continue
        for each in members(program.exported(module, name)):
            class_ = program.class_named(each.name) if isinstance(each, ClassObject) else None
            if class_ is not None and each.name != owner and program.members.is_subclass(each.name, owner):
                if _colour_of(class_.module, class_.row.scope, function.name) not in (None, function.is_async):
                    return True
    return False


def _colour_of(module: Module, scope: int, name: str) -> bool | None:
    for row in module.facts.scopes[scope].bindings.get(name, ()):
        if row.kind == BindingKind.FUNCTION:
            return bool(module.facts.functions[row.a].is_async)
    return None

"""Coroutines that a program goes through itself, step by step, where no event loop runs.

Code generators and simulations use the syntax for its order of execution alone. What tells them is that
nothing that a module imports, at first hand or through modules of the program, can start an event loop,
while something there takes a coroutine's iterator by `coroutine.__await__()`.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from asynclint.facts.model import BindingKind, SiteKind
from asynclint.program.modules import Module

if TYPE_CHECKING:
    from asynclint.program import Program

_IMPORTS = (BindingKind.IMPORT, BindingKind.FROM)


class HandDriven:
    """Answers for the modules of a program, each worked out once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._answers: dict[Module, bool] = {}

    @classmethod
    def solver(cls, program: Program) -> HandDriven:
        """The answers for a program; `Program.solver` keeps them."""
        return cls(program)

    def holds_for(self, module: Module) -> bool:
        """Whether a module's coroutines are driven by hand."""
        found = self._answers.get(module)
        if found is None:
            found = self._answers[module] = self._work_out(module)
        return found

    def _work_out(self, start: Module) -> bool:
        seen = {start}
        pending = [start]
        has_driver = False
        while pending:
            module = pending.pop()
            has_driver = has_driver or _drives(module)
            # A function imports for itself what its module does without.
            for dotted, name in _imported(module, range(len(module.facts.scopes)) if module is start else (0,)):
                inner = f"{dotted}{'' if dotted.endswith('.') else '.'}{name}" if name else ""
                found = [self.program.module(each, module) for each in (dotted, inner) if each]
                for other in found:
                    if other is not None and other.first_party and other not in seen:
                        seen.add(other)
                        pending.append(other)
                if not any(found) and self.program.catalogue.starts_loops(module.absolute(dotted)):
                    return False
        return has_driver


def _imported(module: Module, scopes: range | tuple[int, ...]) -> Iterator[tuple[str, str]]:
    """What a module imports: a dotted module, and the name that is taken from it."""
    for scope in scopes:
        row = module.facts.scopes[scope]
        for bindings in row.bindings.values():
            for binding in bindings:
                if binding.kind in _IMPORTS:
                    yield binding.a, binding.b if binding.kind == BindingKind.FROM else ""
        for dotted, _block in row.stars:
            yield dotted, ""


def _drives(module: Module) -> bool:
    """Whether a plain function takes the iterator of something awaitable, as nothing but an event loop needs to."""
    facts = module.facts
    for row in facts.sites:
        if row[0] == SiteKind.CALL and row[6].__class__ is tuple and row[6][0] == "." and row[6][2] == "__await__":
            index = module.function_of_block[row[5]]
            if index >= 0 and not facts.functions[index].is_async and facts.functions[index].name != "__await__":
                return True
    return False

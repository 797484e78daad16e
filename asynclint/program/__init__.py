"""The program: the facts of all files, linked on demand, and the questions that rules ask.

Nothing is computed before it is asked for, and everything that was is kept. `Program` holds the
rooms together; each answers one kind of question: `finder` (files), `inference` (expressions),
`annotations`, `members` (attributes and hierarchies), `calls`, and one module per effect.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from asynclint.catalogue import CallableRow, Catalogue
from asynclint.diagnostics import Span, Step
from asynclint.facts.model import Expr
from asynclint.facts.uses import NameUses
from asynclint.program.annotations import Annotations
from asynclint.program.arguments import Arguments
from asynclint.program.calls import Calls
from asynclint.program.effects import Effect
from asynclint.program.generics import Generics
from asynclint.program.inference import Inference
from asynclint.program.members import ClassRow, Members
from asynclint.program.modules import Finder, Module
from asynclint.program.names import Place, settled
from asynclint.program.narrowing import Narrowing
from asynclint.program.on_loop import loop_circumstance
from asynclint.program.scheduling import Scheduling
from asynclint.program.site import Site
from asynclint.program.types import (
    NEVER,
    ClassObject,
    Coroutine,
    ExternalMethod,
    FunctionObject,
    ModuleObject,
    Namespace,
    Symbol,
    Type,
    members,
)
from asynclint.source import Source, UndecodableSource

__all__ = ["Module", "Place", "Program", "Site"]

E = TypeVar("E", bound=Effect)


def _read_source(path: str) -> Source | None:
    try:
        with open(path, "rb") as file:
            return Source(file.read())
    except (OSError, UndecodableSource):
        return None


class Program:
    """All files that can be reached, and what the catalogue knows of the rest."""

    def __init__(
        self,
        finder: Finder,
        catalogue: Catalogue,
        source_of: Callable[[str], Source | None] = _read_source,
        display: Callable[[str], str] = str,
        target_version: tuple[int, int] = (3, 10),
    ) -> None:
        """`source_of` gives the text of a path, `display` the path as the user would write it.

        `target_version` is the oldest Python that the code has to run on.
        """
        self.target_version = target_version
        self.finder = finder
        self._source_of = source_of
        self._display = display
        self.catalogue = catalogue
        self.inference = Inference(self)
        self.annotations = Annotations(self)
        self.members = Members(self)
        self.arguments = Arguments(self)
        self.calls = Calls(self)
        self.generics = Generics(self)
        self.narrowing = Narrowing(self)
        self.scheduling = Scheduling(self)
        self._classes: dict[str, ClassRow] = {}
        self._read: set[Module] = set()
        self._rows: dict[tuple[Module, int], CallableRow | None] = {}
        self._name_uses: dict[Module, NameUses | None] = {}
        self._externals: dict[str, Type] = {}
        self._effects: dict[type[Effect], object] = {}
        self._circumstances: dict[tuple[Module, int], str] = {}

    # -- questions of rules --------------------------------------------------------------------

    def type_of(self, expr: Expr, site: Site) -> Type:
        """The type of an expression that stands at the site; None when unknown."""
        answer = self.inference.type_of(expr, site.place)
        return None if answer is NEVER else answer

    def value(self, site: Site) -> Type:
        """The type of the site's own value; None when unknown."""
        answer = self.inference.site(site.module, site.number)
        return None if answer is NEVER else answer

    def callee(self, site: Site) -> Type:
        """What a call site calls; None when unknown."""
        answer = self.inference.callee(site.module, site.number)
        return None if answer is NEVER else answer

    def row(self, site: Site) -> CallableRow | None:
        """What the catalogue says of what a call site calls; None when it calls something else."""
        key = (site.module, site.number)
        if key in self._rows:
            return self._rows[key]
        callee = self.callee(site)
        found = None if callee is None else self.calls.row(callee)
        if self.inference.is_idle:
            self._rows[key] = found
        return found

    def symbol(self, expr: Expr, site: Site) -> str:
        """The qualified name of what an expression stands for; empty when it has none."""
        return self.qualified_name(self.type_of(expr, site))

    def qualified_name(self, type_: Type) -> str:
        """The qualified name of a class, function or external symbol; empty for other values."""
        if isinstance(type_, (Symbol, ClassObject)):
            return type_.name
        if isinstance(type_, FunctionObject):
            return f"{type_.module.name}.{type_.module.facts.functions[type_.number].qualname}"
        if isinstance(type_, ExternalMethod):
            return f"{type_.owner}.{type_.name}"
        return ""

    def coroutine(self, site: Site) -> Coroutine | None:
        """What kind of coroutine the site's value is; None when it is, or may be, anything else."""
        answer = self.value(site)
        found = members(answer)
        if found and all(isinstance(each, Coroutine) for each in found):
            return found[0]  # type: ignore[no-any-return]
        return None

    def effect(self, kind: type[E], site: Site) -> E | None:
        """The effect that running the site has; None when it is not known to have it."""
        return self.solver(kind).at(site)  # type: ignore[no-any-return]

    def effect_of(self, kind: type[E], module: Module, number: int) -> E | None:
        """The effect that running a function has, by its index; None when it is not known to have it."""
        return self.solver(kind).of(module, number)  # type: ignore[no-any-return]

    def solver(self, kind: type[E]) -> Any:
        """What works out an effect; the effect's module says what else it can be asked."""
        found = self._effects.get(kind)
        if found is None:
            found = self._effects[kind] = kind.solver(self)
        return found

    def circumstance(self, module: Module, function: int) -> str:
        """Why a plain function runs on the event loop, by its index; empty when it is not known to."""
        key = (module, function)
        found = self._circumstances.get(key)
        if found is None:
            found = loop_circumstance(module, function, self)
            if self.inference.is_idle:
                self._circumstances[key] = found
        return found

    def name_uses(self, module: Module) -> NameUses | None:
        """Reads of local names in a module; None when its source cannot be had."""
        if module not in self._name_uses:
            source = self.source(module)
            self._name_uses[module] = None if source is None else NameUses(source, module.facts)
        return self._name_uses[module]

    def source(self, module: Module) -> Source | None:
        """The text of a module; None when it cannot be had."""
        return self._source_of(module.path)

    # -- places ----------------------------------------------------------------------------------

    def display(self, module: Module) -> str:
        """The module's path as the user would write it."""
        return self._display(module.path)

    def step(self, module: Module, line: int, column: int, end_column: int, text: str) -> Step:
        """A step of a trace within one line; columns are UTF-8 bytes from 0."""
        source = None if module.facts.is_ascii else self._source_of(module.path)
        if source is None:
            return Step(self.display(module), Span(line, column + 1, line, end_column + 1), text)
        return Step(self.display(module), source.span(line, column, line, end_column), text)

    def span(self, site: Site) -> Span:
        """The site's place in its file, in characters."""
        row = site.row
        source = None if site.module.facts.is_ascii else self._source_of(site.module.path)
        if source is None:
            return Span(row[1], row[2] + 1, row[3], row[4] + 1)
        return source.span(row[1], row[2], row[3], row[4])

    # -- names across files ----------------------------------------------------------------------

    def module(self, dotted: str, importer: Module) -> Module | None:
        """The module that an import names; None when its source is not read."""
        if dotted.startswith("."):
            return self.finder.relative(dotted, importer)
        return self.finder.find(dotted, importer)

    def imported_module(self, dotted: str, importer: Module) -> Type:
        found = self.module(dotted, importer)
        if found is not None:
            return ModuleObject(found)
        if self.finder.is_namespace(dotted, importer):
            return Namespace(dotted, importer)
        return self.external(importer.absolute(dotted))

    def imported(self, dotted: str, name: str, importer: Module) -> Type:
        """What `from dotted import name` gives."""
        qualified = f"{dotted}.{name}"
        if not dotted.startswith(".") and not importer.first_party and self.catalogue.knows(qualified):
            return self.external(qualified)
        source = self.module(dotted, importer)
        if source is not None:
            if not source.first_party and self.catalogue.knows(qualified):
                return self.external(qualified)
            return self.exported(source, name)
        found = self.module(f"{dotted}{'' if dotted.endswith('.') else '.'}{name}", importer)
        if found is not None:
            return ModuleObject(found)
        if source is None and self.finder.is_namespace(qualified, importer):
            return Namespace(qualified, importer)
        return self.external(f"{importer.absolute(dotted)}.{name}")

    def exported(self, module: Module, name: str) -> Type:
        """The type of a module's attribute; None when unknown."""
        return self.inference.solve((module, name), self._exported, module, name)

    def _exported(self, module: Module, name: str) -> Type:
        listed = self.listed(module, name)
        if listed is not None:
            return listed
        facts = module.facts
        rows = facts.scopes[0].bindings.get(name)
        if rows:
            # `from . import name` in a package's own __init__ means the submodule.
            rows = settled(facts, rows)
            if len(rows) == 1:
                answer = self.inference.binding(module, rows[0])
            else:
                answer = self.inference.alternatives(module, rows)
            if answer is not NEVER:
                return answer
        submodule = self.finder.submodule(module, name)
        if submodule is not None:
            return ModuleObject(submodule)
        for starred, _block in facts.scopes[0].stars:
            found = self.exported_by_star(starred, name, module)
            if found is not None:
                return found
        return None

    def listed(self, module: Module, name: str) -> Type:
        """What the catalogue says of a name in an installed package: it wins over the source. None for other names."""
        if module.first_party or not self.catalogue.knows(f"{module.name}.{name}"):
            return None
        return self.external(f"{module.name}.{name}")

    def exported_by_star(self, dotted: str, name: str, importer: Module) -> Type:
        """What `from dotted import *` binds the name to; None when it does not, or nobody knows."""
        source = self.module(dotted, importer)
        if source is None:
            qualified = f"{importer.absolute(dotted)}.{name}"
            return self.external(qualified) if self.catalogue.knows(qualified) else None
        listed = _dunder_all(source)
        if listed is not None and name not in listed:
            return None
        if listed is None and name.startswith("_"):
            return None
        if name not in source.facts.scopes[0].bindings and not source.facts.scopes[0].stars:
            return None
        return self.exported(source, name)

    def external(self, qualified: str) -> Type:
        """A name outside of what is read: a class when the catalogue lists one, else a symbol."""
        found = self._externals.get(qualified)
        if found is None:
            name = self.catalogue.canonical(qualified)
            if name in _CONSTANTS:
                found = self.annotations.instance("builtins.str")
            elif self.catalogue.type(name) is not None:
                found = ClassObject(name)
            else:
                found = Symbol(name)
            self._externals[qualified] = found
        return found

    def class_name(self, module: Module, index: int) -> str:
        """The qualified name of a class; from then on `class_named` knows the module's classes."""
        if module not in self._read:
            self._read.add(module)
            for qualname, number in module.class_by_name.items():
                name = f"{module.name}.{qualname}"
                self._classes.setdefault(name, ClassRow(module, module.facts.classes[number], name))
        return f"{module.name}.{module.facts.classes[index].qualname}"

    def class_named(self, name: str) -> ClassRow | None:
        """The class of the program with that qualified name; None for external ones."""
        return self._classes.get(name)


_CONSTANTS = frozenset({"builtins.__file__", "builtins.__name__"})


def _dunder_all(module: Module) -> frozenset[str] | None:
    """The names that `__all__` lists; None when there is none or it is not a plain list."""
    rows = module.facts.scopes[0].bindings.get("__all__")
    if not rows or len(rows) != 1 or not isinstance(rows[0].a, tuple) or rows[0].a[0] not in ("list", "tuple"):
        return None
    names = []
    for element in rows[0].a[1:]:
        if not (isinstance(element, tuple) and element[0] == "const" and isinstance(element[1], str)):
            return None
        names.append(element[1])
    return frozenset(names)

"""Which async tests something runs: markers, fixtures, base classes, hooks, and the project's configuration."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatch
from typing import TYPE_CHECKING

from asynclint.facts.model import BindingKind, Class, Expr, Function, SiteKind
from asynclint.program import test_config
from asynclint.program.modules import Module
from asynclint.program.names import Place
from asynclint.program.test_config import TestConfig
from asynclint.program.types import CallableOf, ClassObject, Coroutine, FunctionObject, Symbol, members

if TYPE_CHECKING:
    from asynclint.program import Program, Site

_TEST_CASE = "unittest.TestCase"
#: What a test case awaits nothing of, whatever kind of test case it is.
_SET_UP = frozenset({"setUp", "tearDown", "setUpClass", "tearDownClass"})
#: Members by which a test case may run coroutines in its own way.
_OWN_WAYS = ("run", "__call__", "_callTestMethod", "__getattribute__", "__init_subclass__", "__new__", "__init__")
#: Hooks of a conftest.py by which a project may run async tests, or mark them, in its own way.
_HOOKS = ("pytest_pyfunc_call", "pytest_pycollect_makeitem", "pytest_collection_modifyitems", "pytest_itemcollected",
          "pytest_generate_tests", "pytest_runtest_call", "pytest_runtest_setup", "pytest_plugins")  # fmt: skip
_MARK = "pytest.mark."
_DEPTH = 4


class AsyncTests:
    """Answers for the test functions of a program. What files of configuration say is read once."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self._configs: dict[str, TestConfig] = {}
        runners = program.catalogue.test_runners
        self._markers = {_MARK + name for runner in runners.values() for name in runner.get("markers", ())}
        self._fixtures = {name for runner in runners.values() for name in runner.get("fixtures", ())}
        self._bases = {name for runner in runners.values() for name in runner.get("bases", ())}
        self._always = {name for name, runner in runners.items() if runner.get("always")}
        self._modes = {
            runner["mode_option"]: frozenset(runner["mode_values"])
            for runner in runners.values()
            if "mode_option" in runner
        }

    @classmethod
    def solver(cls, program: Program) -> AsyncTests:
        """The answers for a program; `Program.solver` keeps them."""
        return cls(program)

    def never_run(self, site: Site) -> str:
        """Why nothing awaits the async test that a FUNCTION site defines; empty when something may.

        It is the name of the base class that does not, or the mode in which pytest's plugin waits
        for a marker.
        """
        module, index = site.module, int(site.row[6])
        function = module.facts.functions[index]
        if not function.is_async or function.is_generator or not self._stays_async(module, index):
            return ""
        if function.class_index >= 0:
            class_ = module.facts.classes[function.class_index]
            family = self._family(module, function.class_index)
            if family is None:
                return ""
            if _TEST_CASE in family:
                return self._in_test_case(function, family)
            if not class_.name.startswith("Test") or _has_member(module, class_, "__init__"):
                return ""
        elif module.facts.blocks[function.block][1] != 0:
            return ""
        return self._under_pytest(module, index, function) if function.name.startswith("test") else ""

    # -- unittest ----------------------------------------------------------------------------

    def _in_test_case(self, function: Function, family: tuple[str, ...]) -> str:
        if any(self._has_own_way(name) for name in family):
            return ""
        if function.name in _SET_UP:
            return _TEST_CASE
        if not function.name.startswith("test") or any(name in self._bases for name in family):
            return ""
        return _TEST_CASE

    def _has_own_way(self, name: str) -> bool:
        class_ = self.program.class_named(name)
        if class_ is None:
            return False
        known = class_.module.facts.scopes[class_.row.scope].bindings
        return bool(class_.row.keywords) or any(member in known for member in _OWN_WAYS)

    def _family(self, module: Module, index: int) -> tuple[str, ...] | None:
        """The names of a class and all that it inherits from; None when something of that is unknown."""
        program = self.program
        name = program.class_name(module, index)
        found: dict[str, None] = {}
        pending = [name]
        while pending:
            each = pending.pop(0)
            if each in found:
                continue
            found[each] = None
            class_ = program.class_named(each)
            if class_ is None:
                row = program.catalogue.type(each)
                if row is None:
                    return None
                pending.extend(row.bases)
                continue
            place = Place(class_.module, class_.row.block, class_.row.line, 0)
            for base in class_.row.bases:
                types = members(program.inference.type_of(base, place))
                if not types or not all(isinstance(type_, (ClassObject, Symbol)) for type_ in types):
                    return None
                pending.extend(type_.name for type_ in types if type_.name != "builtins.object")
        return tuple(found)

    # -- pytest ------------------------------------------------------------------------------

    def _under_pytest(self, module: Module, index: int, function: Function) -> str:
        config = self._config(os.path.dirname(module.path))
        base = os.path.basename(module.path)
        if not config.is_project or not any(fnmatch(base, pattern) for pattern in config.python_files):
            return ""
        if any(config.mode(option) in values for option, values in self._modes.items()):
            return ""
        if any(config.requires(name) for name in self._always):
            return ""
        if self._is_marked(module, index, function) or _is_called(module, function.name):
            return ""
        helpers = self._conftests(module, config)
        if any(name in each.facts.scopes[0].bindings for each in (*helpers, module) for name in _HOOKS):
            return ""
        if not (helpers or config.is_configured or _imports_pytest(module)):
            return ""
        if self._requests_loop(function, [module, *helpers]):
            return ""
        return config.mode("asyncio_mode") or "strict"

    def _config(self, directory: str) -> TestConfig:
        found = self._configs.get(directory)
        if found is None:
            found = self._configs[directory] = test_config.read(directory, self.program.finder.roots)
        return found

    def _conftests(self, module: Module, config: TestConfig) -> list[Module]:
        paths = test_config.conftests(os.path.dirname(module.path), config.root)
        return [self.program.finder.module_at(path) for path in paths]

    def _is_marked(self, module: Module, index: int, function: Function) -> bool:
        """Whether the test, its class or its module bears a marker that runs it, or one that is not known."""
        place = Place(module, module.facts.blocks[function.block][1], function.line, 0)
        if any(self._marks(decorator, place) for decorator in function.decorators):
            return True
        if function.class_index >= 0:
            for name in self._family(module, function.class_index) or ():
                class_ = self.program.class_named(name)
                if class_ is not None and self._is_class_marked(class_.module, class_.row):
                    return True
        return self._is_scope_marked(module, 0)

    def _is_class_marked(self, module: Module, class_: Class) -> bool:
        place = Place(module, class_.block, class_.line, 0)
        if any(self._marks(decorator, place) for decorator in class_.decorators):
            return True
        return self._is_scope_marked(module, class_.scope)

    def _is_scope_marked(self, module: Module, scope: int) -> bool:
        for row in module.facts.scopes[scope].bindings.get("pytestmark", ()):
            place = Place(module, row.block, row.line, row.column)
            if row.kind != BindingKind.VALUE or any(self._marks(each, place) for each in _listed(row.a)):
                return True
        return False

    def _marks(self, expr: Expr, place: Place) -> bool:
        """Whether a decorator or mark makes an async test run, or may."""
        facts = place.module.facts
        if isinstance(expr, int) and facts.sites[expr][0] == SiteKind.CALL:
            expr = facts.sites[expr][6]
        name = self.program.qualified_name(self.program.inference.type_of(expr, place))
        if name in self._markers:
            return True
        row = self.program.catalogue.decorator(name) if name else None
        return row is None

    def _stays_async(self, module: Module, index: int) -> bool:
        """Whether what the name of a function stands for still makes coroutines, its decorators applied."""
        for each in members(self.program.calls.function(module, index)):
            if isinstance(each, CallableOf):
                if not isinstance(each.result, Coroutine):
                    return False
            elif not isinstance(each, FunctionObject) or each.number != index:
                return False
        return bool(members(self.program.calls.function(module, index)))

    def _requests_loop(self, function: Function, modules: list[Module]) -> bool:
        """Whether the test asks for a fixture of a runner, itself or through fixtures of the project."""
        used = [function, *(fixture for each in modules for fixture in _autouse(each))]
        names = [parameter.name for row in used for parameter in row.parameters]
        return self._leads_to_runner(names, modules, _DEPTH)

    def _leads_to_runner(self, names: list[str], modules: list[Module], depth: int) -> bool:
        if any(name in self._fixtures for name in names):
            return True
        if depth == 0:
            return bool(names)
        inner = [
            parameter.name
            for name in names
            for fixture in _functions_named(name, modules)
            for parameter in fixture.parameters
            if parameter.name != name
        ]
        return bool(inner) and self._leads_to_runner(inner, modules, depth - 1)


def _listed(expr: Expr) -> Iterator[Expr]:
    if isinstance(expr, tuple) and expr[0] in ("list", "tuple"):
        yield from expr[1:]
    else:
        yield expr


def _functions_named(name: str, modules: list[Module]) -> Iterator[Function]:
    for module in modules:
        for row in module.facts.functions:
            if row.name == name and row.decorators:
                yield row


def _autouse(module: Module) -> Iterator[Function]:
    """Fixtures that every test of the module, or below a conftest.py, uses."""
    sites = module.facts.sites
    for row in module.facts.functions:
        for decorator in row.decorators:
            if isinstance(decorator, int) and ("autouse", ("const", True)) in tuple(sites[decorator][8]):
                yield row


def _is_called(module: Module, name: str) -> bool:
    """Whether the module itself calls the function, or hands it on: then it is a script with tests in it."""
    return any(
        row[0] == SiteKind.CALL and (row[6] == name or name in row[7] or any(value == name for _, value in row[8]))
        for row in module.facts.sites
    )


def _imports_pytest(module: Module) -> bool:
    return any(
        row[0] == SiteKind.IMPORT and any(dotted.partition(".")[0] == "pytest" for dotted, _, _ in row[6])
        for row in module.facts.sites
    )


def _has_member(module: Module, class_: Class, name: str) -> bool:
    return name in module.facts.scopes[class_.scope].bindings

"""What a rule is: two pure functions, their metadata, and the page in their module's docstring.

`where(site, program)` decides on facts and the program's answers, and returns what it found or
None. `check(node, find, ctx)` receives the site's LibCST node and that find, and yields
diagnostics. The annotation of the check's first parameter says which nodes arrive; a union
subscribes to several. It is read as text, so that a rule module need not import LibCST to be
discovered.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, TypeVar

from asynclint.diagnostics import Severity
from asynclint.facts.model import SiteKind, Use
from asynclint.tuples import NamedTuple

if TYPE_CHECKING:
    from asynclint.program import Program, Site

Find = TypeVar("Find")

#: The facts that stand for each LibCST node type.
KIND_OF_NODE = {
    "Call": SiteKind.CALL,
    "Await": SiteKind.AWAIT,
    "Yield": SiteKind.YIELD,
    "FunctionDef": SiteKind.FUNCTION,
    "ClassDef": SiteKind.CLASS,
    "Lambda": SiteKind.LAMBDA,
    "ListComp": SiteKind.COMPREHENSION,
    "SetComp": SiteKind.COMPREHENSION,
    "DictComp": SiteKind.COMPREHENSION,
    "GeneratorExp": SiteKind.COMPREHENSION,
    "With": SiteKind.WITH,
    "For": SiteKind.FOR,
    "While": SiteKind.WHILE,
    "Try": SiteKind.TRY,
    "TryStar": SiteKind.TRY,
    "ExceptHandler": SiteKind.HANDLER,
    "ExceptStarHandler": SiteKind.HANDLER,
    "Raise": SiteKind.RAISE,
    "Return": SiteKind.RETURN,
    "Break": SiteKind.JUMP,
    "Continue": SiteKind.JUMP,
    "AugAssign": SiteKind.AUGMENT,
    "Import": SiteKind.IMPORT,
    "ImportFrom": SiteKind.IMPORT,
}

THEMES = {
    "1": "awaiting",
    "2": "blocking",
    "3": "cancellation",
    "4": "tasks",
    "5": "boundary",
    "6": "locks",
    "7": "iteration",
    "8": "frameworks",
    "9": "opinions",
}


class When(NamedTuple):
    """What has to hold at a site before a rule's `where` is asked; the engine tests it for all rules at once.

    It only saves time: where it does not hold, `where` would give None.
    """

    uses: frozenset[Use] | None = None
    """How the site's value is used; None for any use."""
    coroutine: bool = False
    """The site runs as part of an `async def`."""
    loop: bool = False
    """The site runs on an event loop, or is a call for which `runs` holds, or which hands a callback to the loop."""
    runs: bool = False
    """The site is a call of something that the catalogue knows to run one of its arguments."""


class Rule(NamedTuple):
    """A rule as the engine drives it. `name` is kebab-case, `code` is `AL` and three digits."""

    name: str
    code: str
    severity: Severity
    since: str
    default: bool
    aliases: tuple[str, ...]
    kinds: frozenset[SiteKind]
    where: Callable[[Site, Program], Any]
    check: Callable[..., Any]
    module: str
    when: Mapping[SiteKind, When]
    """By kind of site; kinds that are left out are always asked about."""
    options: Mapping[str, Any]
    """Option -> default, whose type is the type that a configuration has to give: bool, int, str, list or table."""

    @property
    def theme(self) -> str:
        return THEMES[self.code[2]]

    @property
    def page(self) -> str:
        """The rule's documentation: the docstring of its module, as Markdown."""
        import inspect

        return inspect.cleandoc(importlib.import_module(self.module).__doc__ or "")

    @property
    def summary(self) -> str:
        return self.page.split("\n", 1)[0].rstrip(".")


_REGISTERED: dict[str, Rule] = {}


class _Deferred:
    """A function of a rule whose module is imported when it is called for the first time."""

    __slots__ = ("module", "name")

    def __init__(self, module: str, name: str) -> None:
        self.module = module
        self.name = name

    def __call__(self, *arguments: Any) -> Any:
        return getattr(_rule_in(self.module), self.name)(*arguments)


def _rule_in(module: str) -> Rule:
    """The rule of a module. Raises TypeError when the module defines none."""
    importlib.import_module(module)
    if module not in _REGISTERED:
        raise TypeError(f"{module} defines no rule")
    return _REGISTERED[module]


def plain(rule: Rule) -> tuple[Any, ...]:
    """A rule without its functions, as plain values."""
    when = [
        (int(kind), None if each.uses is None else list(map(int, each.uses)), *each[1:])
        for kind, each in rule.when.items()
    ]
    kinds = [int(kind) for kind in rule.kinds]
    about = (rule.name, rule.code, rule.severity.value, rule.since, rule.default, rule.aliases)
    return (*about, kinds, rule.module, when, dict(rule.options))


def deferred(row: tuple[Any, ...]) -> Rule:
    """The rule that was made plain; its functions are imported when somebody calls them."""
    name, code, severity, since, default, aliases, kinds, module, when, options = row
    return Rule(
        name,
        code,
        Severity(severity),
        since,
        default,
        tuple(aliases),
        frozenset(map(SiteKind, kinds)),
        _Deferred(module, "where"),
        _Deferred(module, "check"),
        module,
        {
            SiteKind(kind): When(None if uses is None else frozenset(map(Use, uses)), *rest)
            for kind, uses, *rest in when
        },
        options,
    )


def rule(
    *,
    code: str,
    severity: Severity,
    since: str,
    where: Callable[[Site, Program], Find | None],
    aliases: tuple[str, ...] = (),
    default: bool = True,
    options: Mapping[str, Any] | None = None,
    when: When | Mapping[SiteKind, When] | None = None,
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Makes the decorated check a rule named after the function.

    `default` says whether the rule runs when nobody selects rules; it must be right 19 times in 20
    on real code to be True. `aliases` are the codes of other tools that this rule answers.
    `options` are what users can set, by kebab-case name, with their defaults; the check finds them in
    `ctx.options`, and the page tells them under `## Options`. `when` says for which sites `where` need
    not be asked: for all kinds of site, or kind by kind.
    """

    def register(check: Callable[..., Any]) -> Callable[..., Any]:
        first = next(iter(check.__annotations__.values()))
        nodes = [part.strip().removeprefix("cst.") for part in str(first).split("|")]
        kinds = frozenset(KIND_OF_NODE[node] for node in nodes)
        made = Rule(
            name=check.__name__.replace("_", "-"),
            code=code,
            severity=severity,
            since=since,
            default=default,
            aliases=aliases,
            kinds=kinds,
            where=where,
            check=check,
            module=check.__module__,
            when=dict.fromkeys(kinds, when) if isinstance(when, When) else dict(when or {}),
            options=dict(options or {}),
        )
        _REGISTERED[check.__module__] = made
        return check

    return register


def _modules(package: str) -> Iterator[str]:
    # As `pkgutil.iter_modules`, which imports `inspect` for it.
    for folder in importlib.import_module(package).__path__:
        for name in sorted(os.listdir(folder)):
            if name.endswith(".py") and name != "__init__.py":
                yield f"{package}.{name[:-3]}"
            elif os.path.isfile(os.path.join(folder, name, "__init__.py")):
                yield from _modules(f"{package}.{name}")


@cache
def all_rules() -> tuple[Rule, ...]:
    """Every rule under `asynclint.rules`, by code. A module there that registers none is an error."""
    found = map(_rule_in, _modules("asynclint.rules"))
    return tuple(sorted(found, key=lambda each: each.code))

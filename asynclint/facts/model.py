"""What one file says, resolved against nothing: the facts that every later step works on.

`ModuleFacts` is a pure function of the file's bytes, small, and made of plain tuples, lists,
dicts and strings so that `marshal` can store it. Three kinds of rows refer to each other by
index:

* **sites**: the places that do something (calls, awaits, definitions, handlers, ...), numbered in
  source order, parents before children. All sites within a function are one contiguous range.
* **blocks**: the nested suites (module, function bodies, branches, loops, ...). Every site and
  every binding names the block it stands in; block 0 is the module.
* **scopes**: where names live. Scope 0 is the module.

**Expressions** are kept as small symbolic trees:

    str     a name
    int     the site with that number (call, await, yield, lambda, comprehension)
    None    something that is not modelled
    tuple   (tag, ...), with the tags of `Tag`

Lines are 1-based, columns are 0-based UTF-8 byte offsets, as in `ast`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import IntEnum
from typing import Any, TypeAlias

from asynclint.tuples import NamedTuple

#: Makes a named tuple of a plain one, without a call in Python.
new = tuple.__new__

#: Changes whenever the meaning of stored facts changes.
FACTS_VERSION = 6

Expr: TypeAlias = "str | int | None | tuple[Any, ...]"
"""A symbolic expression; see the module's docstring."""


class Tag:
    """First element of a structured expression, with the elements that follow it."""

    ATTRIBUTE = "."  # base, attribute name
    SUBSCRIPT = "[]"  # base, index
    CONST = "const"  # value: None, bool, int, float, complex, str, bytes or Ellipsis
    TUPLE = "tuple"  # *elements
    LIST = "list"  # *elements
    SET = "set"  # *elements
    DICT = "dict"  # (keys...), (values...); a key of None with a value is `**value`
    BOOL = "bool"  # "and" | "or", *operands
    TERNARY = "if"  # test, body, orelse
    BINARY = "bin"  # operator symbol, left, right
    NOT = "not"  # operand
    UNARY = "unary"  # operator symbol, operand
    COMPARE = "cmp"  # (operator symbols...), left, *comparators
    STAR = "*"  # operand
    WALRUS = ":="  # name, value
    FORMAT = "fstr"  # *parts that are expressions
    SLICE = "slice"  # lower, upper, step


class SiteKind(IntEnum):
    """What stands at a site; the elements of its row follow the six of `Site`."""

    CALL = 0  # function expr, (positional exprs...), ((keyword or None for **, expr)...)
    AWAIT = 1  # operand
    YIELD = 2  # value or None, is `yield from`
    FUNCTION = 3  # function index
    CLASS = 4  # class index
    LAMBDA = 5  # scope index, body expr, body block
    COMPREHENSION = (
        6  # "list"|"set"|"dict"|"generator", scope, ((target, iterable, is_async, (ifs...))...), element, value
    )
    WITH = 7  # is_async, ((context expr, target expr or None)...), body block
    FOR = 8  # is_async, target expr, iterable expr, body block, else block
    WHILE = 9  # test expr, body block, else block
    TRY = 10  # body block, (handler sites...), else block, final block, is except*
    HANDLER = 11  # try site, type expr or None, name or None, body block, Completion flags
    RAISE = 12  # exception or None, cause or None
    RETURN = 13  # value or None
    JUMP = 14  # "break" | "continue"
    AUGMENT = 15  # target expr, operator symbol, value expr
    IMPORT = 16  # ((dotted module with leading dots, imported name or "" , bound name)...)


class Use(IntEnum):
    """How the value of a site is used. Kept beside the site as `(use, *details)` or the bare int."""

    UNKNOWN = 0
    DISCARDED = 1  # an expression statement
    AWAITED = 2
    ASSIGNED = 3  # details: tuple of target exprs
    RETURNED = 4
    YIELDED = 5
    ARGUMENT = 6  # details: call site, position or keyword (None: after a star, or **)
    STARRED = 7  # an argument or element `*value`; details: call site or -1
    ATTRIBUTE = 8  # base of an attribute; details: attribute name
    SUBSCRIPTED = 9  # base of a subscript
    INDEX = 10
    CALLED = 11  # details: call site
    CONDITION = 12  # test of if, while, assert, ternary, comprehension filter, operand of `not`
    COMPARED = 13  # details: operator symbols
    OPERAND = 14  # arithmetic; details: operator symbol
    FORMATTED = 15  # in an f-string
    ITERATED = 16  # iterable of a sync `for` or comprehension
    ASYNC_ITERATED = 17
    ENTERED = 18  # context expression of `with`
    ASYNC_ENTERED = 19
    ELEMENT = 20  # element of a display; details: "tuple"|"list"|"set"|"dict"
    PRODUCED = 21  # element of a comprehension; details: comprehension site
    UNPACKED = 22  # assigned to a tuple or list of targets
    RAISED = 23
    DECORATOR = 24
    DEFAULT = 25  # default value of a parameter
    DELEGATED = 26  # operand of `yield from`
    KEY = 27  # key of a dict display
    MATCHED = 28  # subject of a match statement


class Completion:
    """Bit flags: how a suite can be left. Used for handler bodies."""

    FALLS_THROUGH = 1
    RERAISES = 2  # a bare `raise`, or `raise name` of the handler's own name
    RAISES_OTHER = 4  # raises something else
    RETURNS = 8
    BREAKS = 16  # leaves a loop outside the suite
    CONTINUES = 32
    CHAINS = 64  # `raise other from name` of the handler's own name


class BlockKind(IntEnum):
    """What a block is; a block's row is (kind, parent block, scope, line, detail)."""

    MODULE = 0
    FUNCTION = 1  # detail: function index
    CLASS = 2  # detail: class index
    IF = 3  # detail: test expr
    ELSE = 4  # detail: test expr that was false
    LOOP = 5  # detail: site of the loop
    LOOP_ELSE = 6  # detail: site of the loop
    TRY = 7  # detail: site of the try
    HANDLER = 8  # detail: site of the handler
    TRY_ELSE = 9  # detail: site of the try
    FINALLY = 10  # detail: site of the try
    WITH = 11  # detail: site of the with
    CASE = 12  # detail: (subject, class expr) when the pattern is of one class, else None
    LAMBDA = 13  # detail: site of the lambda
    COMPREHENSION = 14  # detail: site of the comprehension
    ASSERT = 15  # detail: test expr. Nothing stands in it: it marks, by its line, where the test has been passed


class ScopeKind(IntEnum):
    MODULE = 0
    CLASS = 1
    FUNCTION = 2
    LAMBDA = 3
    COMPREHENSION = 4


class BindingKind(IntEnum):
    """How a name gets its value; the `a`, `b` of the binding depend on it."""

    IMPORT = 0  # a: dotted module; b: True when bound by `as`, else the name stands for its first part
    FROM = 1  # a: dotted module with leading dots; b: name in it
    VALUE = 2  # a: value expr; b: annotation expr or None
    DECLARED = 3  # b: annotation expr
    PARAMETER = 4  # a: function index (-1: of a lambda); b: parameter index
    FUNCTION = 5  # a: function index
    CLASS = 6  # a: class index
    ITEM = 7  # a: iterable expr; b: is_async. The name takes each of its items
    ENTERED = 8  # a: context expr; b: is_async. The name takes what `__enter__` gives
    EXCEPTION = 9  # a: exception type expr
    OTHER = 10  # a: "kept" when augmented or deleted; else a change that is not modelled (captured by match, ...)
    ALIAS = 11  # a: value expr of `type X = value`, or the bound of a type parameter; b: True for the latter
    ASSERTED = 12  # a: class expr of `case class() as name`


_FROM, _PARAMETER, _ALIAS = int(BindingKind.FROM), int(BindingKind.PARAMETER), int(BindingKind.ALIAS)


class Binding(NamedTuple):
    """One way in which a name of a scope, or an attribute of a class, gets its value."""

    kind: int
    block: int
    line: int
    column: int
    a: Any
    b: Any = None
    path: tuple[Any, ...] = ()
    """The position is where the value is first to be had: the end of an assignment or iterable.
    `path` holds the indices of the unpacking `a, (b, *c) = value`: (1, 0) for b; a starred name ends in "*",
    those after it count from the end: -1 for c in `a, *b, c`."""


class Scope:
    """Where names live. Its bindings are spelled out when somebody first asks for them."""

    __slots__ = ("_facts", "_raw", "bindings", "block", "kind", "name", "outer", "owner", "parent", "stars")

    bindings: dict[str, list[Binding]]

    def __init__(
        self,
        facts: ModuleFacts,
        row: tuple[int, int, int, str, int, dict[str, Any]],
        outer: dict[str, str],
        stars: list[tuple[str, int]],
    ) -> None:
        self._facts = facts
        self.kind, self.parent, self.block, self.name, self.owner, self._raw = row
        # The owner: function or class index; the site for lambdas and comprehensions; -1 for the module.
        self.outer = outer
        """Names declared here as "global" or "nonlocal"."""
        self.stars = stars
        """Modules (with leading dots) star-imported here, each with its block."""

    def __getattr__(self, name: str) -> Any:
        # Asked for what is not there yet, hence once for each scope.
        if name != "bindings":
            raise AttributeError(name)
        facts = self._facts
        found = bindings_of(self._raw, facts.sites)
        if self.kind == ScopeKind.FUNCTION:
            parameters = facts.parameter_bindings(self.owner)
            if parameters:
                found = _ahead(parameters, found) if found else parameters
        self.bindings = found
        return found


def bindings_of(raw: dict[str, Any], sites: list[tuple[Any, ...]]) -> dict[str, list[Binding]]:
    """The bindings by name, from how `ModuleFacts.encode` writes them."""
    return {
        name: [new(Binding, entry)] if entry.__class__ is tuple else list(_spelled_out(name, entry, sites))
        for name, entry in raw.items()
    }


def _spelled_out(name: str, entry: Any, sites: list[tuple[Any, ...]]) -> Iterator[Binding]:
    last = -1
    entries: Sequence[Any] = (entry,) if entry.__class__ is int else entry
    for each in entries:
        if each.__class__ is not int:
            yield new(Binding, each)
        elif each != last:
            last = each
            row = sites[each]
            for module, imported, bound in row[6]:
                if bound == name and imported != "*":
                    yield Binding(_FROM, row[5], row[1], row[2], module, imported)


def _ahead(parameters: dict[str, list[Binding]], others: dict[str, list[Binding]]) -> dict[str, list[Binding]]:
    """All bindings of a function in the order of the source: type parameters, parameters, and those of its body."""
    found: dict[str, list[Binding]] = {}
    for name, rows in others.items():
        if rows[0].kind != _ALIAS or rows[0].b is not True:
            break
        found[name] = rows
    for each in (parameters, others):
        for name, rows in each.items():
            if found.get(name) is not rows:
                found[name] = [*found.get(name, ()), *rows]
    return found


class ParameterKind(IntEnum):
    POSITIONAL_ONLY = 0
    POSITIONAL = 1
    VARIADIC = 2
    KEYWORD_ONLY = 3
    VARIADIC_KEYWORD = 4


class Parameter(NamedTuple):
    name: str
    kind: int
    annotation: Expr
    default: Expr
    has_default: bool


class Function(NamedTuple):
    """A `def` or `async def`."""

    name: str
    qualname: str
    """Dotted within the module, as `__qualname__` but without `<locals>`."""
    site: int
    scope: int
    outer_scope: int
    block: int
    class_index: int
    """The class whose body holds it directly, else -1."""
    is_async: bool
    is_generator: bool
    is_stub: bool
    """The body is only a docstring, `...`, `pass` or `raise NotImplementedError`."""
    decorators: tuple[Expr, ...]
    parameters: tuple[Parameter, ...]
    returns: Expr
    first_site: int
    end_site: int
    """Sites of the body, nested functions included: first_site <= site < end_site."""
    line: int
    """First line of the statement, decorators included."""
    end_line: int


class Class(NamedTuple):
    name: str
    qualname: str
    site: int
    scope: int
    outer_scope: int
    block: int
    decorators: tuple[Expr, ...]
    bases: tuple[Expr, ...]
    keywords: tuple[tuple[str | None, Expr], ...]
    attributes: dict[str, list[Binding]]
    """What its methods assign to `self.NAME` (or `cls.NAME`); a binding's block tells the method."""
    line: int
    end_line: int


_NONE_DECLARED: dict[str, str] = {}
_NO_STARS: list[tuple[str, int]] = []


class ModuleFacts:
    """All that is known of one file."""

    __slots__ = (
        "_classes",
        "_functions",
        "_outers",
        "_scopes",
        "_stars",
        "blocks",
        "classes",
        "functions",
        "is_ascii",
        "line_count",
        "pragmas",
        "scopes",
        "sites",
        "tops",
        "uses",
    )

    scopes: list[Scope]
    functions: list[Function]
    classes: list[Class]

    def __init__(
        self,
        sites: list[tuple[Any, ...]],
        uses: list[Any],
        blocks: list[tuple[Any, ...]],
        scopes: list[tuple[Any, ...]],
        outers: dict[int, dict[str, str]],
        stars: dict[int, list[tuple[str, int]]],
        functions: list[tuple[Any, ...]],
        classes: list[tuple[Any, ...]],
        tops: list[tuple[int, int, int, int]],
        line_count: int,
        pragmas: dict[int, str] | None = None,
        is_ascii: bool = False,
    ) -> None:
        """Takes scopes, functions and classes as plain rows; `encode` tells their form."""
        self.sites = sites
        self.uses = uses
        self.blocks = blocks
        self._scopes = scopes
        self._outers = outers
        self._stars = stars
        self._functions = functions
        self._classes = classes
        self.tops = tops
        """Module-level statements that hold sites: (first line, end line, first site, end site)."""
        self.line_count = line_count
        self.pragmas = {} if pragmas is None else pragmas
        """Comments that speak to asynclint, by line, without their `#`."""
        self.is_ascii = is_ascii
        """Every column in bytes is a column in characters."""

    def __getattr__(self, name: str) -> Any:
        # Asked for what is not there yet, hence once for each of the three.
        found: Any
        if name == "functions":
            found = self.functions = [
                new(Function, (*row[:11], tuple([new(Parameter, each) for each in row[11]]), *row[12:]))
                for row in self._functions
            ]
        elif name == "scopes":
            outers, stars = self._outers, self._stars
            found = self.scopes = [
                Scope(self, row, outers.get(number, _NONE_DECLARED), stars.get(number, _NO_STARS))
                for number, row in enumerate(self._scopes)
            ]
        elif name == "classes":
            found = self.classes = [
                new(Class, (*row[:9], bindings_of(row[9], self.sites), *row[10:])) for row in self._classes
            ]
        else:
            raise AttributeError(name)
        return found

    def parameter_bindings(self, function: int) -> dict[str, list[Binding]]:
        """The bindings of a function's parameters."""
        row = self._functions[function]
        site = self.sites[row[2]]
        found: dict[str, list[Binding]] = {}
        for number, parameter in enumerate(row[11]):
            binding = Binding(_PARAMETER, row[5], site[1], site[2], function, number)
            found.setdefault(parameter[0], []).append(binding)
        return found

    def encode(self) -> tuple[Any, ...]:
        """Plain values that `marshal` can write.

        A scope is (kind, parent, block, name, owner, bindings); a function, class or parameter has
        the fields of its class here. Bindings are by name, of a scope as of the attributes of a class:
        a tuple with the fields of `Binding`; an int for the site of the `from` import that binds the
        name; or a list of several of these. Parameters are left out, since the function tells them.
        """
        return (
            FACTS_VERSION,
            self.sites,
            self.uses,
            self.blocks,
            self._scopes,
            self._outers,
            self._stars,
            self._functions,
            self._classes,
            self.tops,
            self.line_count,
            self.pragmas,
            self.is_ascii,
        )

    @classmethod
    def decode(cls, data: tuple[Any, ...]) -> ModuleFacts:
        """The inverse of `encode`. Raises ValueError for another version."""
        if data[0] != FACTS_VERSION:
            raise ValueError("facts of another version")
        return cls(*data[1:])

    def enclosing_function(self, block: int) -> int:
        """Index of the function whose body holds the block directly (through branches); -1 if none.

        Lambdas and classes end the search: their code does not run as the function's own.
        Comprehensions do not.
        """
        blocks = self.blocks
        while True:
            row = blocks[block]
            kind = row[0]
            if kind == BlockKind.FUNCTION:
                return int(row[4])
            if kind in (BlockKind.MODULE, BlockKind.CLASS, BlockKind.LAMBDA):
                return -1
            block = row[1]

    def ancestors(self, block: int) -> Iterator[int]:
        """The block and those around it, innermost first, up to the module."""
        blocks = self.blocks
        while True:
            yield block
            if block == 0:
                return
            block = blocks[block][1]

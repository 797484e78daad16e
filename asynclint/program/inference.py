"""What an expression's value is: names, attributes, calls, displays."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from asynclint.facts.model import Binding, BindingKind, BlockKind, Expr, ParameterKind, ScopeKind, SiteKind
from asynclint.program import names
from asynclint.program.fields import as_tuple, item_of_dict
from asynclint.program.modules import Module
from asynclint.program.names import Place
from asynclint.program.passed import passed
from asynclint.program.recursion import Recursion
from asynclint.program.types import (
    BOOL,
    NEVER,
    NONE,
    STR,
    ClassObject,
    Instance,
    LambdaObject,
    Super,
    Symbol,
    TupleOf,
    Type,
    Union,
    mapped,
    members,
    of_constant,
    union,
    without_none,
)

if TYPE_CHECKING:
    from asynclint.program import Program


class Inference(Recursion):
    def __init__(self, program: Program) -> None:
        super().__init__()
        self.program = program

    # -- expressions -------------------------------------------------------------------------

    def type_of(self, expr: Expr, place: Place) -> Type:
        """The type of an expression's value at a place; None when unknown, NEVER within recursion."""
        cls = expr.__class__
        if cls is str:
            return self.name(expr, place)  # type: ignore[arg-type]
        if cls is int:
            return self.site(place.module, expr, place.env)  # type: ignore[arg-type]
        if cls is tuple:
            handler = _BY_TAG.get(expr[0])  # type: ignore[index]
            return None if handler is None else handler(self, expr, place)
        return None

    def site(self, module: Module, number: int, env: Any = ()) -> Type:
        """The type of a site's value."""
        row = module.facts.sites[number]
        kind = row[0]
        if kind == SiteKind.CALL:
            return self.kept((module, number, env), self.program.calls.result_at, module, number, env)
        if kind == SiteKind.AWAIT:
            place = Place(module, row[5], row[1], row[2], env)
            return self.program.calls.awaited(self.type_of(row[6], place))
        if kind == SiteKind.LAMBDA:
            return LambdaObject(module, number, env)
        if kind == SiteKind.COMPREHENSION:
            return self.solve((module, number, env), self._comprehension, module, row, env)
        return None

    def callee(self, module: Module, number: int, env: Any = ()) -> Type:
        """What a call site calls. Asked by many, so kept."""
        return self.kept((module, "callee", number, env), self._callee, module, number, env)

    def _callee(self, module: Module, number: int, env: Any) -> Type:
        row = module.facts.sites[number]
        return self.type_of(row[6], Place(module, row[5], row[1], row[2], env))

    def _comprehension(self, module: Module, row: tuple[Any, ...], env: Any) -> Type:
        kind, scope, loops, element, extra = row[6:11]
        block = module.facts.scopes[scope].block
        place = Place(module, block, row[1], row[2], env)
        item = self.type_of(element, place)
        if kind == "dict":
            return Instance("builtins.dict", (item, self.type_of(extra, place)))
        if kind == "generator":
            is_async = any(loop[2] for loop in loops) or module.awaits_in_block(block)
            return Instance("typing.AsyncGenerator" if is_async else "typing.Generator", (item,))
        return Instance(f"builtins.{kind}", (item,))

    def _attribute(self, expr: Any, place: Place) -> Type:
        if expr[1].__class__ is str:
            module = place.module
            if names.is_global(expr[1], module, module.facts.blocks[place.block][2]):
                tested = self.program.narrowing.tested(module)
                if expr not in tested and expr[1] not in tested:
                    # `logger.info`, `module.function`: the same throughout the file.
                    return self.kept((module, "global", expr), self._attribute_here, expr, place)
        return self._attribute_here(expr, place)

    def _attribute_here(self, expr: Any, place: Place) -> Type:
        type_ = self.program.members.attribute(self.type_of(expr[1], place), expr[2])
        return self.program.narrowing.narrowed(expr, type_, place)

    def _subscript(self, expr: Any, place: Place) -> Type:
        return mapped(without_none(self.type_of(expr[1], place)), lambda each: self._item(each, expr, place))

    def _item(self, base: Type, expr: Any, place: Place) -> Type:
        index = expr[2]
        base = as_tuple(base, self.program)
        if isinstance(base, ClassObject):
            return self._specialised(base, index, place)
        if isinstance(base, TupleOf):
            if isinstance(index, tuple) and index[0] == "const" and isinstance(index[1], int):
                inside = -len(base.items) <= index[1] < len(base.items)
                return base.items[index[1]] if inside else None
            return None
        if isinstance(base, Instance):
            if isinstance(index, tuple) and index[0] == "slice":
                return base
            args = base.args
            if base.name in _MAPPINGS:
                return args[1] if len(args) > 1 else None
            if base.name in _SEQUENCES:
                return args[0] if args else None
            field = item_of_dict(base, index, self.program)
            if field is not None:
                return field
            method = self.program.members.attribute(base, "__getitem__")
            return None if method is None else self.program.calls.result(method, (), place)
        return None

    def _specialised(self, base: ClassObject, index: Expr, place: Place) -> Type:
        parts = index[1:] if isinstance(index, tuple) and index[0] == "tuple" else (index,)
        return ClassObject(base.name, tuple([self.program.annotations.value(part, place) for part in parts]))

    def _constant(self, expr: Any, place: Place) -> Type:
        return of_constant(expr[1])

    def _tuple(self, expr: Any, place: Place) -> Type:
        if any(isinstance(part, tuple) and part[0] == "*" for part in expr[1:]):
            return Instance("builtins.tuple", (union([self._element(part, place) for part in expr[1:]]),))
        return TupleOf(tuple([self.type_of(part, place) for part in expr[1:]]))

    def _display(self, expr: Any, place: Place) -> Type:
        if len(expr) > 16:  # long tables are data; typing each element buys nothing
            return Instance(f"builtins.{expr[0]}")
        items = [self._element(part, place) for part in expr[1:]]
        return Instance(f"builtins.{expr[0]}", (union(items),) if items else ())

    def _element(self, part: Expr, place: Place) -> Type:
        if isinstance(part, tuple) and part[0] == "*":
            return self.iterated(self.type_of(part[1], place), place)
        return self.type_of(part, place)

    def _dict(self, expr: Any, place: Place) -> Type:
        if len(expr[2]) > 16 or None in expr[1] or not expr[2]:
            return Instance("builtins.dict")
        keys = union([self.type_of(key, place) for key in expr[1]])
        return Instance("builtins.dict", (keys, union([self.type_of(value, place) for value in expr[2]])))

    def _bool(self, expr: Any, place: Place) -> Type:
        types = [self.type_of(part, place) for part in expr[2:]]
        if expr[1] == "or":
            for number, part in enumerate(expr[2:-1]):
                left_out = types[number] is None and self._is_left_to_default(part, place)
                types[number] = NEVER if left_out else without_none(types[number])
        return union(types)

    def _is_left_to_default(self, expr: Expr, place: Place) -> bool:
        """Whether a name is a parameter that may be left out, and of which nothing else is said.

        What replaces it then says what callers pass: `def f(client=None): client = client or Client()`.
        """
        if not isinstance(expr, str):
            return False
        found = names.find(expr, place)
        return found is not None and len(found.bindings) == 1 and _is_optional(found.bindings[0], place)

    def _ternary(self, expr: Any, place: Place) -> Type:
        outcome = self.program.narrowing.outcome(expr[1], place) if place.env else None
        if outcome is not None:
            return self.type_of(expr[2] if outcome else expr[3], place)
        types = [self.type_of(part, place) for part in expr[2:]]
        if None in types:
            tested = expr[1][1] if isinstance(expr[1], tuple) and expr[1][0] == "not" else expr[1]
            tested = tested[2] if isinstance(tested, tuple) and tested[0] == "cmp" else tested
            for number, part in enumerate(expr[2:]):
                if types[number] is None and part == tested and self._is_left_to_default(part, place):
                    types[number] = NEVER
        return union(types)

    def _binary(self, expr: Any, place: Place) -> Type:
        operator = expr[1]
        left = self.type_of(expr[2], place)
        if left is NEVER:
            return NEVER
        if left in (STR,) and operator in "+%*":
            return STR
        if isinstance(left, (TupleOf, Instance)) and (isinstance(left, TupleOf) or left.name in _JOINED):
            return self._joined(operator, left, expr[3], place)
        if operator == "|" and isinstance(left, (ClassObject, Union)):
            right = NEVER if expr[3] == ("const", None) else self.type_of(expr[3], place)
            return union([left, right])  # as `isinstance` takes it
        method = _OPERATOR_METHODS.get(operator)
        if method and isinstance(left, Instance):
            found = self.program.members.attribute(left, method)
            if found is not None:
                return self.program.calls.result(found, (), place)
        return None

    def _joined(self, operator: str, left: Type, other: Expr, place: Place) -> Type:
        """What `list + list`, `tuple * 3` or `dict | dict` gives."""
        if operator == "*":
            return left if isinstance(left, Instance) else Instance("builtins.tuple", (union(left.items),))
        right = self.type_of(other, place)
        if right is NEVER:
            return NEVER
        if isinstance(left, TupleOf) and isinstance(right, TupleOf):
            return TupleOf((*left.items, *right.items))
        if isinstance(left, Instance) and isinstance(right, Instance) and left.name == right.name:
            if len(left.args) == len(right.args):
                pairs = zip(left.args, right.args, strict=True)
                return Instance(left.name, tuple([union([each, added]) for each, added in pairs]))
        return None

    def _walrus(self, expr: Any, place: Place) -> Type:
        return self.type_of(expr[2], place)

    def _boolean(self, expr: Any, place: Place) -> Type:
        return BOOL

    def _text(self, expr: Any, place: Place) -> Type:
        return STR

    # -- names -------------------------------------------------------------------------------

    def name(self, name: str, place: Place) -> Type:
        found = names.find(name, place)
        if found is None:
            return self._outside(name, place.module)
        rows = found.bindings
        # What a module's own names stand for does not depend on the call that is looked at.
        env = place.env if found.scope else ()
        if env and len(rows) > 1:
            unreachable = self.program.narrowing.is_unreachable
            rows = [row for row in rows if not unreachable(place.module, row.block, env)] or rows
        if len(rows) == 1:
            answer = self.binding(place.module, rows[0], env)
        else:
            answer = self.alternatives(place.module, rows, env)
        if answer is None:
            answer = self._declared(name, found, place.module, env)
        return self.program.narrowing.narrowed(name, answer, place)

    def _declared(self, name: str, found: names.Found, module: Module, env: Any) -> Type:
        """The type of a name by an annotation elsewhere in its scope; None without one."""
        for row in module.facts.scopes[found.scope].bindings[name]:
            if row.kind == BindingKind.DECLARED or (row.kind == BindingKind.VALUE and row.b is not None):
                return self.binding(module, row, env)
        return None

    def alternatives(self, module: Module, rows: list[Binding], env: Any = ()) -> Type:
        """The type of a name with several bindings: a declared type, else their union."""
        declared = [row for row in rows if row.kind == BindingKind.DECLARED or (row.b is not None and row.kind == 2)]
        if declared:
            said = [each for each in (self.binding(module, row, env) for row in declared) if each is not None]
            if said:
                return union(said)
        if rows[0].kind == BindingKind.PARAMETER and _is_replaced_when_left_out(rows, module):
            rows = rows[1:]
        types = [self.binding(module, row, env) for row in rows if row.kind != BindingKind.DECLARED]
        if any(row.kind <= BindingKind.FROM for row in rows):
            # Alternatives of an import: one that says nothing does not spoil the one that does.
            known = [each for each in types if each is not None and each != NONE and not self._is_foreign(each)]
            if known:
                listed = [each for each in known if self.program.calls.row(each) is not None]
                return union([each for each in known if not isinstance(each, Symbol) or each in listed or not listed])
        return union(types)

    def _is_foreign(self, type_: Type) -> bool:
        return isinstance(type_, Symbol) and not self.program.catalogue.speaks_for(type_.name)

    def binding(self, module: Module, row: Binding, env: Any = ()) -> Type:
        """The type that one binding gives its name."""
        kind = row.kind
        if kind <= BindingKind.CLASS and kind >= BindingKind.FUNCTION and not module.first_party:
            definitions = module.facts.functions if kind == BindingKind.FUNCTION else module.facts.classes
            listed = self.program.listed(module, definitions[row.a].qualname)
            if listed is not None:
                return listed
        if kind == BindingKind.FUNCTION:
            return self.program.calls.function(module, row.a, env)
        if kind == BindingKind.CLASS:
            return ClassObject(self.program.class_name(module, row.a))
        # Rows live as long as their module, and comparing them would cost more than what is kept.
        key = (id(row), env)
        return self.solve(key, self._bound, module, row, env)

    def _bound(self, module: Module, row: Binding, env: Any) -> Type:
        kind = row.kind
        # The value is worked out before the name has it: `x = x or y` speaks of an earlier x.
        place = Place(module, row.block, row.line, row.column - 1, env)
        if kind == BindingKind.VALUE:
            if row.b is not None:
                declared = self.program.annotations.value(row.b, place)
                if declared is not None:
                    return declared
            return self.unpacked(self.type_of(row.a, place), row.path, place)
        if kind == BindingKind.FROM:
            return self.program.imported(row.a, row.b, module)
        if kind == BindingKind.IMPORT:
            dotted = row.a if row.b else row.a.partition(".")[0]
            return self.program.imported_module(dotted, module)
        if kind == BindingKind.PARAMETER:
            return self.parameter(module, row, env)
        if kind == BindingKind.DECLARED:
            return self.program.annotations.value(row.b, place)
        if kind == BindingKind.ITEM:
            iterable = self.type_of(row.a, place)
            item = self.async_iterated(iterable, place) if row.b else self.iterated(iterable, place)
            return self.unpacked(item, row.path, place)
        if kind == BindingKind.ENTERED:
            entered = self.program.calls.entered(self.type_of(row.a, place), bool(row.b), place)
            return self.unpacked(entered, row.path, place)
        if kind in (BindingKind.EXCEPTION, BindingKind.ASSERTED):
            return self.instance_of(self.type_of(row.a, place))
        return None

    def parameter(self, module: Module, row: Binding, env: Any) -> Type:
        index, position = row.a, row.b
        for key, type_ in env:
            if key == (module, index, position):
                return type_
        if index < 0:
            return None
        function = module.facts.functions[index]
        parameter = function.parameters[position]
        place = names.header(module, function, env)
        if parameter.annotation is not None:
            declared = self.program.annotations.value(parameter.annotation, place)
            if parameter.kind == ParameterKind.VARIADIC:
                return Instance("builtins.tuple", (declared,))
            if parameter.kind == ParameterKind.VARIADIC_KEYWORD:
                return Instance("builtins.dict", (STR, declared))
            if declared is not None:
                return declared
        elif parameter.kind == ParameterKind.VARIADIC:
            return Instance("builtins.tuple")
        elif parameter.kind == ParameterKind.VARIADIC_KEYWORD:
            return Instance("builtins.dict", (STR, None))
        if position == 0 and function.class_index >= 0:
            return self._own(module, function, env)
        if parameter.has_default and parameter.default is not None:
            default = self.type_of(parameter.default, place)
            injected = self.program.calls.injected([parameter.default], place)
            if injected is not None:
                return injected
            # `x=None` and `x=0` say little about what callers pass; an object says a lot.
            if isinstance(default, (Instance, ClassObject)) and default != NONE:
                return None if default.name.startswith("builtins.") else default
        if function.decorators and parameter.annotation is None:
            return passed(module, index, position, self.program)
        return None

    def _own(self, module: Module, function: Any, env: Any) -> Type:
        """The type of `self` or `cls`."""
        if "staticmethod" in function.decorators:
            return None
        own = self.program.generics.own(module, function.class_index, env)
        if own is None:
            own = Instance(self.program.class_name(module, function.class_index))
        if "classmethod" in function.decorators or function.name in ("__new__", "__init_subclass__"):
            return ClassObject(own.name, own.args)
        return own

    def _outside(self, name: str, module: Module) -> Type:
        """A name that the file does not bind: star imports, then builtins."""
        for starred, _block in module.facts.scopes[0].stars:
            found = self.program.exported_by_star(starred, name, module)
            if found is not None:
                return found
        if name in ("__file__", "__name__"):
            return STR
        return self.program.external(f"builtins.{name}")

    def instance_of(self, type_: Type) -> Type:
        """What calling a class, or matching a tuple of classes, gives."""
        if isinstance(type_, ClassObject):
            return Instance(type_.name, type_.args)
        if isinstance(type_, Symbol):
            return Instance(type_.name)
        if isinstance(type_, TupleOf):
            return union([self.instance_of(each) for each in type_.items])
        if isinstance(type_, Union):
            return union([self.instance_of(each) for each in type_.members])
        return None

    def unpacked(self, type_: Type, path: tuple[Any, ...], place: Place) -> Type:
        for index in path:
            if type_.__class__ is Union:
                type_ = union([self._part(each, index, place) for each in members(type_)])
            else:
                type_ = self._part(type_, index, place)
            if index == "*" or type_ is None or type_ is NEVER:
                return type_
        return type_

    def _part(self, type_: Type, index: Any, place: Place) -> Type:
        """One target's part of a value that is unpacked; `*` takes what is left."""
        type_ = as_tuple(type_, self.program)
        if index == "*":
            return Instance("builtins.list", (self.iterated(type_, place),))
        if isinstance(type_, TupleOf):
            return type_.items[index] if -len(type_.items) <= index < len(type_.items) else None
        return self.iterated(type_, place)

    def iterated(self, type_: Type, place: Place) -> Type:
        """What a `for` loop over the value gives each time."""
        return self.program.members.iterated(type_, place, is_async=False)

    def async_iterated(self, type_: Type, place: Place) -> Type:
        return self.program.members.iterated(type_, place, is_async=True)

    # -- classes around a place --------------------------------------------------------------

    def enclosing_class(self, place: Place) -> tuple[int, Type] | None:
        """Index of the class whose method holds the place, and the type of that method's first parameter."""
        facts = place.module.facts
        number = facts.blocks[place.block][2]
        while number >= 0:
            scope = facts.scopes[number]
            if scope.kind == ScopeKind.FUNCTION:
                function = facts.functions[scope.owner]
                if function.class_index >= 0:
                    return function.class_index, self._own(place.module, function, place.env)
            number = scope.parent
        return None

    def super_at(self, place: Place, arguments: tuple[Expr, ...] = ()) -> Type:
        """What `super()` or `super(Class, self)` gives at the place."""
        if len(arguments) == 2:
            owner = self.type_of(arguments[0], place)
            return Super(owner.name, self.type_of(arguments[1], place)) if isinstance(owner, ClassObject) else None
        found = self.enclosing_class(place)
        if found is None:
            return None
        return Super(self.program.class_name(place.module, found[0]), found[1])


def _is_optional(row: Binding, place: Place) -> bool:
    """Whether a binding is a parameter with the default None and no annotation, not known in this call."""
    if row.kind != BindingKind.PARAMETER or row.a < 0:
        return False
    if any(key == (place.module, row.a, row.b) for key, _ in place.env):
        return False
    parameter = place.module.facts.functions[row.a].parameters[row.b]
    return parameter.annotation is None and parameter.default == ("const", None)


def _is_replaced_when_left_out(rows: list[Binding], module: Module) -> bool:
    """Whether the first of two bindings is a parameter that the second replaces: `if p is None: p = ...`."""
    if len(rows) != 2 or not _is_optional(rows[0], Place(module, 0, 0, 0)):
        return False
    kind, _parent, _scope, _line, test = module.facts.blocks[rows[1].block]
    name = module.facts.functions[rows[0].a].parameters[rows[0].b].name
    return kind == BlockKind.IF and test in (("not", name), ("cmp", ("is",), name, ("const", None)))


_MAPPINGS = frozenset({
    "builtins.dict", "collections.defaultdict", "collections.OrderedDict", "collections.ChainMap", "typing.Mapping",
    "typing.MutableMapping", "collections.abc.Mapping", "collections.abc.MutableMapping", "weakref.WeakValueDictionary",
})  # fmt: skip
_SEQUENCES = frozenset({
    "builtins.list", "builtins.tuple", "collections.deque", "typing.Sequence", "typing.MutableSequence",
    "collections.abc.Sequence", "collections.abc.MutableSequence",
})  # fmt: skip
_JOINED = frozenset({"builtins.list", "builtins.tuple", "builtins.dict"})
_OPERATOR_METHODS = {"/": "__truediv__", "+": "__add__", "-": "__sub__", "*": "__mul__", "|": "__or__", "&": "__and__"}
_BY_TAG: dict[str, Callable[[Inference, Any, Place], Type]] = {
    ".": Inference._attribute,
    "[]": Inference._subscript,
    "const": Inference._constant,
    "tuple": Inference._tuple,
    "list": Inference._display,
    "set": Inference._display,
    "dict": Inference._dict,
    "bool": Inference._bool,
    "if": Inference._ternary,
    "bin": Inference._binary,
    ":=": Inference._walrus,
    "not": Inference._boolean,
    "cmp": Inference._boolean,
    "fstr": Inference._text,
}

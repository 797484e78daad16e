"""Whether every way through a function passes a place of some kind, such as one where a task gives way.

Which ways there are is not among the facts. This reads the one function again when somebody asks.
Exceptions count where they are caught: a handler begins with what was true when its `try` began,
since its body may fail at once. Ways that end in an exception do not count.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable

from asynclint.facts.functions import FunctionNode, read_function
from asynclint.facts.model import ModuleFacts
from asynclint.source import Source
from asynclint.tuples import NamedTuple


class Places(NamedTuple):
    """What is asked of the places of a function, each by its line and column (UTF-8 bytes from 0).

    `passes` is asked of awaits, async loops and comprehensions; `enters` and `leaves` of `async with`;
    `swallows` of every `with`: whether it may end the exceptions of its body.
    """

    passes: Callable[[int, int], bool]
    enters: Callable[[int, int], bool]
    leaves: Callable[[int, int], bool]
    swallows: Callable[[int, int], bool]


class FunctionWays:
    """Answers for the functions of one file."""

    def __init__(self, source: Source, facts: ModuleFacts) -> None:
        self._source = source
        self._facts = facts
        self._read: dict[int, tuple[FunctionNode, int] | None] = {}

    def always(self, function: int, places: Places, *, each_step: bool = False) -> bool:
        """Whether each way through the function, by its index, passes; also when it has no end but passes on and on.

        With `each_step` every way up to, between and after the `yield`s has to. False when the
        function cannot be read by itself.
        """
        if function not in self._read:
            row = self._facts.functions[function]
            line = self._facts.sites[row.site][1]
            self._read[function] = read_function(self._source, row.line, row.end_line, line)
        found = self._read[function]
        if found is None:
            return False
        node, shift = found
        return _Walk(places, shift, each_step).passes(node.body)


#: Whether all ways to a point have passed; None where no way leads.
_State = bool | None


def _join(*states: _State) -> _State:
    known = [state for state in states if state is not None]
    return all(known) if known else None


class _Loop(NamedTuple):
    breaks: list[_State]
    continues: list[_State]


class _Walk:
    def __init__(self, places: Places, shift: int, each_step: bool) -> None:
        self.places = places
        self.shift = shift
        self.each_step = each_step
        self.ends: list[_State] = []
        self.loops: list[_Loop] = []
        self.is_idle = False
        """Some step, or a round of a loop without an end, does not pass."""

    def passes(self, body: list[ast.stmt]) -> bool:
        last = self.suite(body, False)
        self.ends.append(last)
        end = _join(*self.ends)
        return not self.is_idle if end is None else end and not (self.each_step and self.is_idle)

    def _at(self, ask: Callable[[int, int], bool], node: ast.stmt | ast.expr) -> bool:
        return ask(node.lineno + self.shift, node.col_offset)

    # -- statements --------------------------------------------------------------------------

    def suite(self, body: Iterable[ast.stmt], state: _State) -> _State:
        for node in body:
            if state is None:
                return None
            state = self.statement(node, state)
        return state

    def statement(self, node: ast.stmt, state: _State) -> _State:
        if isinstance(node, ast.Return):
            self.ends.append(self.expression(node.value, state))
            return None
        if isinstance(node, ast.Raise):
            self.expression(node.exc, state)
            return None
        if isinstance(node, (ast.Break, ast.Continue)):
            if self.loops:
                loop = self.loops[-1]
                (loop.breaks if isinstance(node, ast.Break) else loop.continues).append(state)
            return None
        if isinstance(node, ast.If):
            state = self.expression(node.test, state)
            if isinstance(node.test, ast.Constant):
                return self.suite(node.body if node.test.value else node.orelse, state)
            return _join(self.suite(node.body, state), self.suite(node.orelse, state))
        if isinstance(node, (ast.While, ast.For, ast.AsyncFor)):
            return self.loop(node, state)
        if isinstance(node, (ast.With, ast.AsyncWith)):
            return self.block(node, state)
        if isinstance(node, ast.Match):
            return self.match(node, state)
        if isinstance(node, ast.Assert):
            return self.expression(node.test, state)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            for decorator in node.decorator_list:
                state = self.expression(decorator, state)
            return state
        if isinstance(node, ast.Try) or node.__class__.__name__ == "TryStar":
            return self.attempt(node, state)  # type: ignore[arg-type]  # TryStar has the same fields
        return self.parts(node, state)

    def loop(self, node: ast.While | ast.For | ast.AsyncFor, state: _State) -> _State:
        endless = isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)
        if not isinstance(node, ast.While):
            state = self.expression(node.iter, state)
        first = state
        while True:
            loop = _Loop([], [])
            self.loops.append(loop)
            ends = list(self.ends)
            begun = self.step(node, first)
            around = _join(self.suite(node.body, begun), *loop.continues)
            self.loops.pop()
            if _join(state, around) == first:
                break
            first = _join(state, around)
            self.ends[:] = ends
        if endless:
            # Judged from a round of its own: what came before the loop does not help in later rounds.
            self.is_idle |= not self.round(node)
            return _join(*loop.breaks)
        after = self.suite(node.orelse, begun)
        return _join(after, *loop.breaks)

    def step(self, node: ast.While | ast.For | ast.AsyncFor, state: _State) -> _State:
        """What holds once a loop has looked whether there is another round."""
        if isinstance(node, ast.While):
            return self.expression(node.test, state)
        if isinstance(node, ast.AsyncFor) and state is not None and self._at(self.places.passes, node):
            return True
        return state

    def round(self, node: ast.While | ast.For | ast.AsyncFor) -> bool:
        """Whether each way through the body, back to its beginning, passes."""
        walk = _Walk(self.places, self.shift, False)
        loop = _Loop([], [])
        walk.loops.append(loop)
        return _join(walk.suite(node.body, False), *loop.continues) is not False

    def block(self, node: ast.With | ast.AsyncWith, state: _State) -> _State:
        for item in node.items:
            state = self.expression(item.context_expr, state)
        before = state
        leaves = False
        if isinstance(node, ast.AsyncWith):
            leaves = self._at(self.places.leaves, node)
            if self._at(self.places.enters, node):
                before = state = True
        mark = self.jumps()
        state = self.suite(node.body, state)
        if leaves:
            self.on_leaving(mark, lambda each: True)
            state = None if state is None else True
        if self._at(self.places.swallows, node):
            return _join(state, leaves or before)
        return state

    def attempt(self, node: ast.Try, state: _State) -> _State:
        mark = self.jumps()
        failed = state and not (self.each_step and _yields(node.body))
        states = [self.suite(node.orelse, self.suite(node.body, state))]
        states += [self.suite(handler.body, failed) for handler in node.handlers]
        if node.finalbody:
            self.on_leaving(mark, lambda each: self.suite(node.finalbody, each))
        return self.suite(node.finalbody, _join(*states))

    def jumps(self) -> list[int]:
        """How many jumps there are so far to each place outside: the ends, and those of the loops around."""
        return [len(jumps) for jumps in self._jumps()]

    def on_leaving(self, mark: list[int], change: Callable[[bool], _State]) -> None:
        """What is done on each way out since then: a jump goes through `finally` as the end does."""
        for jumps, start in zip(self._jumps(), mark, strict=True):
            since, jumps[start:] = jumps[start:], []
            jumps += [change(each) for each in since if each is not None]

    def _jumps(self) -> list[list[_State]]:
        return [self.ends, *(jumps for loop in self.loops for jumps in loop)]

    def match(self, node: ast.Match, state: _State) -> _State:
        state = self.expression(node.subject, state)
        found: list[_State] = []
        for case in node.cases:
            found.append(self.suite(case.body, self.expression(case.guard, state)))
            is_default = isinstance(case.pattern, ast.MatchAs) and case.pattern.pattern is None
            if is_default and case.guard is None:
                return _join(*found)
        return _join(state, *found)

    # -- expressions -------------------------------------------------------------------------

    def expression(self, node: ast.expr | None, state: _State) -> _State:
        if node is None or state is None:
            return state
        cls = node.__class__
        if cls in (ast.Name, ast.Constant, ast.Lambda, ast.GeneratorExp):
            return state
        if isinstance(node, ast.Await):
            state = self.expression(node.value, state)
            return state or self._at(self.places.passes, node)
        if isinstance(node, ast.Yield):
            state = self.expression(node.value, state)
            if not self.each_step:
                return state
            self.is_idle |= state is False
            return False
        if isinstance(node, ast.BoolOp):
            state = self.expression(node.values[0], state)
            return _join(state, self.each(node.values[1:], state))
        if isinstance(node, ast.IfExp):
            state = self.expression(node.test, state)
            return _join(self.expression(node.body, state), self.expression(node.orelse, state))
        if isinstance(node, ast.Compare):
            state = self.each([node.left, node.comparators[0]], state)
            return _join(state, self.each(node.comparators[1:], state))
        if isinstance(node, (ast.ListComp, ast.SetComp, ast.DictComp)):
            state = self.expression(node.generators[0].iter, state)
            if node.generators[0].is_async and not state:
                return self._at(self.places.passes, node)
            return state
        return self.parts(node, state)

    def each(self, nodes: Iterable[ast.expr], state: _State) -> _State:
        for node in nodes:
            state = self.expression(node, state)
        return state

    def parts(self, node: ast.AST, state: _State) -> _State:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                state = self.expression(child, state)
            elif not isinstance(child, (ast.stmt, ast.expr_context)):
                state = self.parts(child, state)
        return state


def _yields(body: list[ast.stmt]) -> bool:
    return any(isinstance(each, (ast.Yield, ast.YieldFrom)) for statement in body for each in ast.walk(statement))

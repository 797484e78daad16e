"""Memoised answers to questions that may be recursive.

A question that is met again while it is being answered contributes nothing at first (`NEVER`), then
the answer that this gave, until it stays the same: the least answer that holds. What rests on an
unfinished answer is provisional until that one is finished, so the order of questions cannot matter.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

from asynclint.program.types import NEVER, Type, pruned

_MAX_DEPTH = 80
_MAX_ROUNDS = 12
_MAX_NESTING = 3
_UNCUT = 1 << 30


class Recursion:
    """Answers questions by key; see the module's docstring."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, Type] = {}
        self._active: dict[Hashable, int] = {}
        self._cut = _UNCUT
        self._provisional: dict[Hashable, tuple[Type, int]] = {}
        self._assumed: dict[Hashable, Type] = {}

    def solve(self, key: Hashable, compute: Callable[..., Type], *arguments: Any) -> Type:
        """The memoised answer to a question; NEVER while it is being worked out for the first time."""
        try:
            return self._answers[key]
        except KeyError:
            pass
        early = self._provisional.get(key)
        if early is not None:
            self._cut = min(self._cut, early[1])
            return early[0]
        active = self._active
        met = active.get(key)
        if met is not None:
            self._cut = min(self._cut, met)
            return self._assumed.get(key, NEVER)
        depth = len(active)
        if depth > _MAX_DEPTH:
            self._cut = -1
            return None
        active[key] = depth
        outer_cut = self._cut
        self._cut = _UNCUT
        try:
            answer = compute(*arguments)
            if self._cut <= depth:
                answer = self._stable(key, depth, answer, compute, arguments)
        finally:
            del active[key]
        if self._cut == _UNCUT and not self._provisional:
            self._answers[key] = answer
            self._cut = outer_cut
        elif self._cut >= depth or not depth:
            self._settle(key, answer, depth)
            self._cut = outer_cut
        else:
            self._provisional[key] = answer, self._cut
            self._assumed[key] = answer
            self._cut = min(outer_cut, self._cut)
        return answer

    def kept(self, key: Hashable, compute: Callable[..., Type], *arguments: Any) -> Type:
        """The memoised answer to a question that cannot meet itself without meeting one that is solved.

        An answer that rests on an unfinished one is not kept.
        """
        try:
            return self._answers[key]
        except KeyError:
            pass
        answer = compute(*arguments)
        if self._cut == _UNCUT and not self._provisional:
            self._answers[key] = answer
        return answer

    @property
    def is_idle(self) -> bool:
        """Whether no question is being answered: what is asked now gets a final answer."""
        return not self._active

    def recover(self) -> None:
        """Forgets what was unfinished when an exception went through, so that later answers do not rest on it."""
        self._active.clear()
        self._provisional.clear()
        self._assumed.clear()
        self._cut = _UNCUT

    def _stable(
        self, key: Hashable, depth: int, answer: Type, compute: Callable[..., Type], arguments: tuple[Any, ...]
    ) -> Type:
        """The answer, worked out again with itself as the assumption for as long as that changes it."""
        for _ in range(_MAX_ROUNDS):
            if self._cut <= depth:
                # Types that contain themselves end at the same depth whichever of them is asked first.
                answer = pruned(answer, _MAX_NESTING)
            if self._cut != depth or answer == self._assumed.get(key, NEVER):
                return answer
            self._assumed[key] = answer
            self._forget(depth)
            self._cut = _UNCUT
            answer = compute(*arguments)
        return None  # it keeps growing, as `x = [x]` does

    def _forget(self, depth: int) -> None:
        for each in [each for each, (_, cut) in self._provisional.items() if cut >= depth]:
            del self._provisional[each]

    def _settle(self, key: Hashable, answer: Type, depth: int) -> None:
        """Keeps an answer, and those that only waited for it."""
        self._answers[key] = answer
        self._assumed.pop(key, None)
        if self._provisional:
            whole = self._cut >= depth
            for each, (early, cut) in list(self._provisional.items()):
                if cut >= depth or not depth:
                    del self._provisional[each]
                    self._assumed.pop(each, None)
                    if whole:
                        self._answers[each] = early

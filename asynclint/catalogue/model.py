"""The rows of the catalogue: what one callable, type, decorator or overridden method does.

The words are those of the YAML files; `docs/catalogue.md` explains each. **Type expressions** are
Python annotations over canonical names (`requests.Response`, `list[str]`). In them `self` stands
for the receiver, `$0` for the type of argument 0, `await $0` for what awaiting that argument
gives, `each $0` and `async each $0` for what iterating it gives, `enter $0` and `async enter $0` for
what entering it gives, `call $0` for what calling it gives, `class $0` for its class, `object $0` for
an object of the class that it is, `each $*` for a tuple of what iterating each of the arguments gives,
and the type's own `parameters` for what they are bound to; an empty one is unknown.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from asynclint.tuples import NamedTuple

#: Pattern of what may stand in front of an argument in a type expression.
WORDS = r"((?:(?:async each|async enter|await|each|enter|call|class|object) )*)"
Argument: TypeAlias = tuple[int, str]
"""Where an argument stands: (position or -1, keyword or ""). Keyword "*" is every positional one."""


class CatalogueError(ValueError):
    """The catalogue, or an addition to it, says something that it cannot; one line per mistake."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("\n".join(problems))
        self.problems = problems


class Condition(NamedTuple):
    """One thing that can be seen at a call.

    `test` says what `value` is:
        is        the literal that the argument must equal
        given     whether the argument must be present
        has       qualified name of a flag that must be part of the argument
        type      tuple of qualified names, one of which the argument must be an instance of
        starts    the text that the argument must begin with, as a literal or by a test in the function
        receiver  a word: nonblocking-socket | datagram-socket | bounded-queue | asked-queue |
                  finished | in-memory
    """

    test: str
    value: Any
    argument: Argument | None = None


class Run(NamedTuple):
    """What becomes of a callable or coroutine that is passed as an argument.

    `how`: offloaded (runs in another thread or process), scheduled (runs on the event loop, later),
    spawned (becomes a task), called (runs within this call), awaited (runs within awaiting this
    call), registered (runs some time later, not on the loop).
    `takes`: function (a plain one), coroutine-function, either of the two, coroutine (the object and
    nothing else), awaitable (coroutines and futures), awaitables (a collection of them), or futures (a
    collection of tasks and futures).
    """

    argument: Argument
    how: str
    takes: str


class CallableRow(NamedTuple):
    """What calling something does. The default row is a plain, harmless, synchronous callable."""

    colour: str = "sync"
    """sync | coroutine | future | lazy | async-context | awaitable-or-context | async-iterator | context | unknown"""
    in_async: bool = False
    """What it gives is known in coroutine functions only. Elsewhere it waits by itself, or was a plain function in
    older versions."""
    returns: str = ""
    """Type expression of the result; for awaitables, of the awaited result."""
    blocks: str = ""
    """sleep | network | subprocess | file | lock | database | cpu | input | future; empty when it does not block."""
    cost: str = ""
    """heavy | moderate | light | trivial | wait | cpu | stdin; set exactly when `blocks` is."""
    bounded: bool = False
    """It always returns soon."""
    lazy: bool = False
    """It blocks where the result is iterated, not where it is made."""
    ready: bool = False
    """Of what schedules a function: it runs when a descriptor is ready. Of what blocks: it does not wait then."""
    unless: tuple[Condition, ...] = ()
    """It does not block when one of these holds."""
    when: tuple[Condition, ...] = ()
    """When there are any, it blocks only if one of these is known to hold."""
    instead: str | dict[str, str] = ""
    """What to write, as Markdown; by library when it differs; "thread": hand it to a worker thread."""
    runs: tuple[Run, ...] = ()
    consumes: str = ""
    """Coroutine arguments: awaits | schedules | keeps | never; empty when not known."""
    drains: tuple[Argument, ...] = ()
    """The arguments that it goes over as a plain `for` does, now or when its result is iterated."""
    task: str = ""
    """The result is a task that the caller must keep (unowned) or that something keeps (owned)."""
    binds: bool = False
    """The result is argument 0 with some arguments bound, as with `functools.partial`."""
    casts: bool = False
    """The result is what argument 0 says as an annotation, and argument 1 where that says nothing."""
    starts_loop: bool = False
    needs_loop: bool = False
    """Raises RuntimeError when no event loop runs in the thread."""
    takes_loop: tuple[Argument, ...] = ()
    """The arguments that bring a loop: with one of them it needs none to run."""
    suspends: str = ""
    """Awaiting it gives way to other tasks: always | may | never; empty when not known."""
    scope: str = ""
    """cancel | timeout | task-group"""
    swallows: bool = False
    """A `with` on the result may end the exceptions of its body."""
    unless_given: str = ""
    """With this keyword the result is of another kind, which is not known."""
    exits: bool = False
    """It does not come back."""
    never_fails: bool = False
    """Awaiting it raises nothing but a cancellation."""
    pure: bool = False
    """It computes a value from its arguments and does nothing else."""
    twin: str = ""
    """Qualified name, or name on the same type, of its awaitable counterpart."""
    note: str = ""
    name: str = ""
    """Qualified name under which the catalogue lists it."""

    @property
    def is_awaitable(self) -> bool:
        return self.colour in AWAITABLE

    def advice(self, library: str = "asyncio") -> str:
        """What to write instead in code that uses `library` (asyncio, trio or anyio), as Markdown; may be empty."""
        instead = self.instead
        if isinstance(instead, dict):
            instead = instead.get(library) or instead.get("any") or ""
        if instead != "thread":
            return instead
        return f"`await {THREAD.get(library, THREAD['asyncio'])}({self._work})`"

    @property
    def _work(self) -> str:
        """What a worker thread is given to do: of what waits where it is gone over, the going over."""
        owner, _, name = self.short_name.rpartition(".")
        if name in ("__iter__", "__next__"):
            return f"list, {owner}"
        return f"lambda: list({self.short_name}(...))" if self.lazy else f"{self.short_name}, ..."

    @property
    def short_name(self) -> str:
        """The name as a call would spell it: `time.sleep`, but `connection.execute` for methods of a type."""
        owner, _, name = self.name.rpartition(".")
        kind = owner.rpartition(".")[2]
        return f"{_snake(kind)}.{name}" if kind[:1].isupper() else self.name.removeprefix("builtins.")


#: Colours whose value can be awaited.
AWAITABLE = frozenset({"coroutine", "future", "lazy", "awaitable-or-context"})

THREAD = {
    "asyncio": "asyncio.to_thread",
    "trio": "trio.to_thread.run_sync",
    "anyio": "anyio.to_thread.run_sync",
}


def _snake(name: str) -> str:
    """`HTTPConnection` as `http_connection`."""
    parts: list[str] = []
    for index, letter in enumerate(name):
        after_lower = index > 0 and name[index - 1].islower()
        before_lower = index > 0 and index + 1 < len(name) and name[index + 1].islower()
        if letter.isupper() and (after_lower or before_lower):
            parts.append("_")
        parts.append(letter.lower())
    return "".join(parts)


class TypeRow(NamedTuple):
    """What is known of a class."""

    name: str
    bases: tuple[str, ...]
    construct: CallableRow
    methods: dict[str, int]
    """Own methods; ask `Catalogue.method` for their rows."""
    attributes: dict[str, str | int]
    """Own attributes and properties; ask `Catalogue.attribute` and `Catalogue.property_row`."""
    parameters: tuple[str, ...]
    """Names of its type parameters, in order."""
    enter: str | None
    """Type that `with` gives; None when it is not a sync context manager."""
    async_enter: str | None
    iterates: str | None
    async_iterates: str | None
    awaits_to: str | None
    """Type that awaiting an instance gives; None when instances are not awaitable."""
    every_method: int | None
    suspends: str
    """What the syntax awaits of an instance gives way to other tasks: always | may | never; empty when not known."""
    incomplete: bool
    """Members that are not listed are unknown rather than absent."""


class DecoratorRow(NamedTuple):
    """What becomes of a decorated function.

    `makes`: "" (the function, as it was), coroutine (calling gives one), future (calling starts it, and gives one of
    type `returns` if that is set), sync, context, async-context, property, cached-property, object (something of
    type `returns`).
    `takes`: what it can be used on: "" (anything), function, coroutine-function, generator,
    async-generator.
    `sync_runs`: where a plain function that it registers runs: thread | loop | main; empty when it
    does not register.
    `async_runs`: what becomes of a coroutine function that it registers: awaited | never.
    """

    name: str
    makes: str = ""
    returns: str = ""
    takes: str = ""
    caches: bool = False
    """It keeps what the call returned and returns it again."""
    offloads: bool = False
    """The body runs in another thread."""
    sync_runs: str = ""
    async_runs: str = ""
    retries: bool = False
    """It calls the function again, and may sleep in between."""
    command: bool = False
    """The function becomes a command of a command line; a coroutine function then has an event loop to itself."""
    test: str = ""
    """marker | fixture | parametrize: what it means to a test runner."""
    gives: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """What is passed to the function: the name it is for, `*` for any, and the types of its arguments."""
    note: str = ""


class OverrideRow(NamedTuple):
    """What a framework does with a method that a class overrides.

    `colour` is what it must be: sync | async | either. `runs` is where it runs: loop | thread |
    process | anywhere; empty when not known.
    """

    type: str
    method: str
    colour: str
    runs: str = ""
    note: str = ""


class Deprecation(NamedTuple):
    """Something that warns since a version and is gone from another. Versions are text; empty when open."""

    name: str
    package: str
    """What the versions count: "python" or a distribution."""
    since: str
    removed: str
    instead: str
    argument: str = ""
    """Only this argument of `name` is meant."""
    note: str = ""

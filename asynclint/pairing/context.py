"""What a rule's `check` is given beside node and find: places, names, words and cures.

All that a rule may want to change is made here, so that every fix is checked in one way: the text
around it has to parse, comments are not lost silently, and an expression keeps to itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from asynclint.diagnostics import Applicability, Diagnostic, Edit, Fix, Severity, Span, Step
from asynclint.facts.model import BlockKind, ModuleFacts, SiteKind
from asynclint.pairing import imports, rewrite
from asynclint.pairing.pair import Pairing
from asynclint.pairing.places import header
from asynclint.source import NOTEBOOK, Source

if TYPE_CHECKING:
    import libcst as cst

    from asynclint.rule import Rule

Place: TypeAlias = "cst.CSTNode | int | Span"
"""Where something is: a node of the site's tree, a site's number, or a span."""

Also: TypeAlias = "Iterable[Edit] | None"
"""Further edits of the same fix, such as an import's; None when they cannot be made, nor then the fix."""

_NAME_LENGTH = 60


class Context:
    """One rule at one site of one file.

    `library` is "asyncio", "trio" or "anyio"; `target_version` the oldest Python that the project
    supports, such as (3, 10); `options` the rule's own options; `severity` what the user has set.
    """

    __slots__ = (
        "facts", "library", "options", "pairing", "path", "rule", "severity", "site", "source", "target_version",
    )  # fmt: skip

    def __init__(
        self,
        rule: Rule,
        pairing: Pairing,
        site: int,
        path: str,
        facts: ModuleFacts,
        source: Source,
        library: str,
        target_version: tuple[int, int],
        options: Mapping[str, Any],
        severity: Severity | None = None,
    ) -> None:
        self.rule = rule
        self.pairing = pairing
        self.site = site
        self.path = path
        self.facts = facts
        self.source = source
        self.library = library
        self.target_version = target_version
        self.options = options
        self.severity = severity or rule.severity

    # -- saying ------------------------------------------------------------------------------

    def report(
        self,
        place: Place,
        message: str,
        *,
        because: Iterable[Step] = (),
        help: str = "",
        fix: Fix | None = None,
        severity: Severity | None = None,
        root: str = "",
    ) -> Diagnostic:
        """A diagnostic of the rule at a place; see `span` for what is underlined.

        `severity` is for cases of the rule that are better or worse than others; it does not
        override what the user has set for the rule.
        """
        is_set = self.severity is not self.rule.severity
        return Diagnostic(
            rule=self.rule.name,
            code=self.rule.code,
            severity=self.severity if is_set or severity is None else severity,
            path=self.path,
            span=self.span(place),
            message=_one_line(message),
            trace=tuple(because),
            help=help,
            fix=fix,
            scope=self.scope,
            root=root,
        )

    def report_without_node(self, message: str) -> Diagnostic:
        """A diagnostic of the site itself, for a file that LibCST cannot read."""
        return self.report(self.site, message)

    def step(self, place: Place, text: str) -> Step:
        """A link of a trace that lies in this file."""
        return Step(self.path, self.span(place), _one_line(text))

    def span(self, place: Place) -> Span:
        """What to underline: the name of a definition, the header of a compound statement up to
        its colon, and all of anything else."""
        if isinstance(place, Span):
            return place
        site = place if isinstance(place, int) else self.site_of(place)
        if site is None:
            return self.pairing.span_of(self.site, place)  # type: ignore[arg-type]
        return header(self.source, self.facts.sites[site]) or self.pairing.site_span(site)

    @property
    def scope(self) -> str:
        """The dotted name of the function or class at the site or around it; empty at module level."""
        facts = self.facts
        row = facts.sites[self.site]
        if row[0] == SiteKind.FUNCTION:
            return facts.functions[int(row[6])].qualname
        if row[0] == SiteKind.CLASS:
            return facts.classes[int(row[6])].qualname
        for number in facts.ancestors(row[5]):
            block = facts.blocks[number]
            if block[0] == BlockKind.FUNCTION:
                return facts.functions[int(block[4])].qualname
            if block[0] == BlockKind.CLASS:
                return facts.classes[int(block[4])].qualname
        return ""

    @property
    def in_coroutine(self) -> bool:
        """Whether the site runs as part of an `async def`, or at the top of a notebook: there `await` is legal."""
        block = self.facts.sites[self.site][5]
        function = self.facts.enclosing_function(block)
        if function >= 0:
            return self.facts.functions[function].is_async
        return self.path.endswith(NOTEBOOK) and not any(
            self.facts.blocks[number][0] in (BlockKind.LAMBDA, BlockKind.CLASS)
            for number in self.facts.ancestors(block)
        )

    @property
    def run_function(self) -> str:
        """How sync code starts the library's event loop."""
        return f"{self.library}.run"

    # -- reading -----------------------------------------------------------------------------

    def node(self, site: int) -> cst.CSTNode | None:
        """The node of another site of the file; None where LibCST cannot read it."""
        return self.pairing.node(site)

    def site_of(self, node: cst.CSTNode) -> int | None:
        """The number of the site that the node is; None when it is none."""
        return self.pairing.site_of(self.site, node)

    def code(self, node: cst.CSTNode) -> str:
        """The text of a node as written, its own parentheses included."""
        return self.pairing.code(self.site, node)

    def name(self, node: cst.CSTNode) -> str:
        """What to call a node in a message, on one line: `client.get` for `client.get(url)`.

        The arguments of calls on the way are left out; a long name keeps its end.
        """
        kind = node.__class__.__name__
        field = {"Decorator": "decorator", "Await": "expression", "Arg": "value"}.get(kind)
        if field is not None:
            return self.name(getattr(node, field))
        if kind in ("FunctionDef", "ClassDef"):
            return str(node.name.value)  # type: ignore[attr-defined]
        text = self._dotted(node.func if kind == "Call" else node)  # type: ignore[attr-defined]
        return text if len(text) <= _NAME_LENGTH else "..." + text[3 - _NAME_LENGTH :]

    def _dotted(self, node: Any) -> str:
        parts: list[str] = []
        while True:
            kind = node.__class__.__name__
            if kind == "Attribute":
                parts.append(f".{node.attr.value}")
                node = node.value
            elif kind == "Call":
                parts.append("(...)" if node.args else "()")
                node = node.func
            elif kind == "Subscript":
                parts.append("[...]")
                node = node.value
            else:
                parts.append(_one_line(self.code(node)))
                return "".join(reversed(parts))

    def arguments(self, *nodes: cst.CSTNode) -> str:
        """The nodes' text with commas between them, for a list of arguments.

        What lies between neighbours stays as written, comments included.
        """
        parts: list[str] = []
        previous_end: int | None = None
        for node in nodes:
            offsets = self.pairing.offsets_of(self.site, node, parentheses=True) if len(nodes) > 1 else None
            if parts:
                between = self.source.text[previous_end : offsets[0]] if previous_end and offsets else ""
                parts.append(between if rewrite.is_comma(between) else ", ")
            value = getattr(node, "value", None)
            text = self.code(node)
            # Without its call's parentheses a generator needs its own.
            is_bare = value.__class__.__name__ == "GeneratorExp" and not value.lpar  # type: ignore[union-attr]
            parts.append(f"({text})" if is_bare else text)
            previous_end = offsets[1] if offsets else None
        return "".join(parts)

    def called_instead(self, call: cst.Call, function: str) -> str:
        """`function(a, b)` for the call `f(a, b)`; what stands between its parentheses stays as written."""
        return f"{function}({self._call_parts(call)[1]})"

    def handed_over(self, call: cst.Call, taker: str) -> str:
        """`taker(f, a, b)` for the call `f(a, b)`: its lines, comments and trailing comma stay as written."""
        function, inside = self._call_parts(call)
        if not call.args:
            return f"{taker}({function}{inside if inside.strip() else ''})"
        value = call.args[0].value
        if value.__class__.__name__ == "GeneratorExp" and not value.lpar:
            return f"{taker}({self.arguments(call.func, *call.args)})"
        first = rewrite.code_from(inside, 0)
        lead = inside[:first]
        # On lines of their own, the arguments are joined by the function on a line of its own.
        line_end = max(lead.rfind("\n"), lead.rfind("\r"))
        apart = self.pairing.newline + lead[line_end + 1 :] if line_end >= 0 else " "
        return f"{taker}({lead}{function},{apart}{inside[first:]})"

    def _call_parts(self, call: cst.Call) -> tuple[str, str]:
        """The text of a call's function, and what stands between the parentheses of its arguments."""
        whole = self.pairing.offsets_of(self.site, call)
        function = self.pairing.offsets_of(self.site, call.func, parentheses=True)
        if whole is None or function is None:
            return self.code(call.func), self.arguments(*call.args)
        text = self.source.text
        opening = rewrite.code_from(text, function[1])
        return text[function[0] : function[1]], text[opening + 1 : whole[1] - 1]

    # -- changing ----------------------------------------------------------------------------
    # Each gives None where the change cannot be made so that the file still parses.

    def replace(
        self, place: Place, text: str, *, title: str, applicability: Applicability, also: Also = ()
    ) -> Fix | None:
        """Writes other text in place of an expression or statement.

        An expression's own parentheses stay, and new ones are added where `text` would else be
        torn apart: `f().x` becomes `(await f()).x`.
        """
        offsets = self._offsets(place)
        if offsets is None:
            return None
        written = rewrite.replaced(self.pairing, self.site, *offsets, text.strip())
        if written is None:
            return None
        return self._fix([Edit(*offsets, written)], title, applicability, also)

    def wrap_await(
        self,
        place: Place,
        *,
        title: str = "await it",
        applicability: Applicability = Applicability.UNSAFE,
        also: Also = (),
    ) -> Fix | None:
        """Awaits an expression, which itself stays untouched."""
        offsets = self._offsets(place)
        if offsets is None:
            return None
        start, end = offsets
        text = self.source.text[start:end]
        awaited = f"await {text}" if rewrite.is_await(f"await {text}") else f"await ({text})"
        written = rewrite.replaced(self.pairing, self.site, start, end, awaited)
        if written is None:
            return None
        before, after = written[: written.index(text)], written[written.index(text) + len(text) :]
        edits = [Edit(start, start, before), Edit(end, end, after)] if after else [Edit(start, start, before)]
        return self._fix(edits, title, applicability, also)

    def prefix(
        self, place: Place, text: str, *, title: str, applicability: Applicability, also: Also = ()
    ) -> Fix | None:
        """Writes text right before a place: `async ` before `def`, `with` or `for`."""
        offsets = self._offsets(place)
        if offsets is None:
            return None
        start = rewrite.code_from(self.source.text, offsets[0])
        edits = rewrite.checked(self.pairing, self.site, Edit(start, start, text))
        return self._fix(edits, title, applicability, also)

    def unprefix(self, place: Place, word: str, *, title: str, applicability: Applicability) -> Fix | None:
        """Takes away the word that a place begins with: the `async` of `async with`."""
        offsets = self._offsets(place)
        if offsets is None:
            return None
        start = rewrite.code_from(self.source.text, offsets[0])
        text = self.source.text[start : offsets[1]]
        rest = text.removeprefix(word).lstrip(" \t")
        if not text.startswith(word) or len(rest) + len(word) == len(text):
            return None
        edit = Edit(start, start + len(text) - len(rest), "")
        return self._fix(rewrite.checked(self.pairing, self.site, edit), title, applicability, ())

    def without_async(self, site: int, *, title: str, applicability: Applicability, also: Also = ()) -> Fix | None:
        """Takes the `async` away in front of a `def`, `with` or `for`."""
        place = self.pairing.site_span(site)
        start = self.source.offset(place.line, place.column)
        text = self.source.text
        end = start + len("async")
        if text[start:end] != "async":
            return None
        while text[end] in " \t":
            end += 1
        edits = rewrite.checked(self.pairing, self.site, Edit(start, end, ""))
        return self._fix(edits, title, applicability, also)

    def insert_before(
        self, place: Place, statements: str, *, title: str, applicability: Applicability, also: Also = ()
    ) -> Fix | None:
        """Writes statements before the one that holds the place, indented as it is."""
        offsets = self._offsets(place)
        edits = offsets and rewrite.inserted_before(self.pairing, self.site, offsets, statements)
        return self._fix(edits, title, applicability, also)

    def insert_after(
        self, place: Place, statements: str, *, title: str, applicability: Applicability, also: Also = ()
    ) -> Fix | None:
        """Writes statements after the one that holds the place, indented as it is."""
        offsets = self._offsets(place)
        edits = offsets and rewrite.inserted_after(self.pairing, self.site, offsets, statements)
        return self._fix(edits, title, applicability, also)

    def remove(self, place: Place, *, title: str, applicability: Applicability, also: Also = ()) -> Fix | None:
        """Takes away the statement that holds the place; where it is the only one, `pass` takes its place."""
        offsets = self._offsets(place)
        edits = offsets and rewrite.removed(self.pairing, self.site, offsets)
        return self._fix(edits, title, applicability, also)

    def add_import(self, statement: str) -> tuple[Edit, ...] | None:
        """Edits for `also` after which the site can use the one name that the statement imports.

        Empty when it already can, None when the name means something else there. All fixes of a
        file add the same import by an equal edit, which is to be applied once.
        """
        return imports.add_import(self.pairing, self.site, statement)

    def reference(self, qualified: str) -> tuple[str, tuple[Edit, ...]] | None:
        """How the site writes `asyncio.to_thread`, through the file's own imports (`aio.to_thread`),
        and the edits for `also` that this needs; None when the name is taken."""
        return imports.reference(self.pairing, self.site, qualified)

    def _offsets(self, place: Place) -> tuple[int, int] | None:
        if isinstance(place, int):
            node = self.pairing.node(place)
            if node is None:
                return self._offsets(self.pairing.site_span(place))
            return self.pairing.offsets_of(place, node)
        if isinstance(place, Span):
            source = self.source
            return source.offset(place.line, place.column), source.offset(place.end_line, place.end_column)
        return self.pairing.offsets_of(self.site, place)

    def _fix(self, edits: Any, title: str, applicability: Applicability, also: Also) -> Fix | None:
        if edits is None or also is None:
            return None
        if applicability is Applicability.SAFE:
            text = self.source.text
            if any(rewrite.loses_comments(text[edit.start : edit.end], edit.replacement) for edit in edits):
                applicability = Applicability.UNSAFE
        return Fix(title, applicability, tuple(sorted({*edits, *also})))


def _one_line(text: str) -> str:
    return " ".join(text.split()) if "\n" in text or "\r" in text else text

"""Judges one file: screen its sites, pair those that matter with LibCST nodes, run the checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from asynclint.config.settings import FileSettings, Settings
from asynclint.diagnostics import Diagnostic
from asynclint.engine.sources import Sources
from asynclint.facts.model import SiteKind
from asynclint.program import Module, Program, Site
from asynclint.program.library import library_of
from asynclint.rule import Rule

if TYPE_CHECKING:
    from asynclint.pairing.pair import Pairing


class RuleFailed(Exception):
    """A rule raised; the message names rule, file and line for a report to the maintainers."""


class Find(NamedTuple):
    """What a rule's `where` found at a site."""

    rule: Rule
    site: Site
    find: Any


class Judge:
    """Runs the selected rules over modules of one program."""

    def __init__(self, program: Program, sources: Sources, settings: Settings, rules: Sequence[Rule]) -> None:
        self.program = program
        self.sources = sources
        self.settings = settings
        self._by_kind: dict[int, list[Rule]] = {}
        for rule in rules:
            for kind in sorted(rule.kinds):
                self._by_kind.setdefault(int(kind), []).append(rule)

    def diagnostics(self, module: Module, display: str, file: FileSettings) -> list[Diagnostic]:
        """The findings in a module, before suppression. Raises RuleFailed."""
        finds = self.screen(module, file.rules)
        if not finds and self.settings.screen:
            return []
        return list(self._checked(module, display, finds, file))

    def screen(self, module: Module, selected: frozenset[str]) -> list[Find]:
        """Where the selected rules have something to say, in the order of the sites."""
        found: list[Find] = []
        by_kind = {kind: [rule for rule in rules if rule.name in selected] for kind, rules in self._by_kind.items()}
        # What stands in the functions of a stub never runs.
        is_stub = module.path.endswith(".pyi")
        for number, row in enumerate(module.facts.sites):
            rules = by_kind.get(row[0])
            if not rules or (is_stub and module.function_of_block[row[5]] >= 0):
                continue
            site = Site(module, number)
            for rule in rules:
                try:
                    find = rule.where(site, self.program)
                except Exception as error:
                    raise RuleFailed(_failure(rule, site, error)) from error
                if find is not None and find is not False:
                    found.append(Find(rule, site, find))
        return found

    def _checked(self, module: Module, display: str, finds: list[Find], file: FileSettings) -> Iterable[Diagnostic]:
        from asynclint.pairing.context import Context
        from asynclint.pairing.pair import Pairing

        source = self.sources.text(module.path)
        if source is None:
            return
        pairing = Pairing(source, module.facts, whole=not self.settings.screen)
        pairing.expect([find.site.number for find in finds])
        library = library_of(module, self.settings.library)
        for rule, site, find in finds:
            node = self._node(pairing, site)
            ctx = Context(
                rule=rule,
                pairing=pairing,
                site=site.number,
                path=display,
                facts=module.facts,
                source=source,
                library=library,
                target_version=self.settings.target_version,
                options={**rule.options, **file.options.get(rule.name, {})},
                severity=file.severities.get(rule.name, rule.severity),
            )
            if node is None:
                # LibCST cannot read this piece of the file: the finding stands, without node and fix.
                yield ctx.report_without_node(rule.summary)
                continue
            try:
                yield from rule.check(node, find, ctx)
            except Exception as error:
                raise RuleFailed(_failure(rule, site, error)) from error

    def _node(self, pairing: Pairing, site: Site) -> Any:
        return pairing.node(site.number)


def _failure(rule: Rule, site: Site, error: Exception) -> str:
    place = f"{site.module.path}:{site.line}"
    return (
        f"{rule.name} failed at {place} ({type(error).__name__}: {error}); please report it, with the file if you can"
    )


def statement_lines(module: Module) -> dict[int, int]:
    """For lines within a statement that is a site, the first line of that statement's header."""
    found: dict[int, int] = {}
    for row in module.facts.sites:
        if row[0] == SiteKind.FUNCTION:
            function = module.facts.functions[row[6]]
            for line in range(function.line, row[1] + 1):
                found[line] = function.line
    return found

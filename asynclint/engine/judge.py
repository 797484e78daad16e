"""Judges one file: screen its sites, pair those that matter with LibCST nodes, run the checks."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from asynclint.config.settings import FileSettings, Settings
from asynclint.diagnostics import Diagnostic
from asynclint.engine.screen import Failure, Find, Screen, failure
from asynclint.engine.sources import Sources
from asynclint.facts.model import SiteKind
from asynclint.program import Module, Program, Site
from asynclint.program.library import library_of
from asynclint.rule import Rule

if TYPE_CHECKING:
    from asynclint.pairing.pair import Pairing


class Judge:
    """Runs the selected rules over modules of one program."""

    def __init__(self, program: Program, sources: Sources, settings: Settings, rules: Sequence[Rule]) -> None:
        self.program = program
        self.sources = sources
        self.settings = settings
        self._screen = Screen(program, rules, heeds_when=settings.screen)

    def diagnostics(
        self, module: Module, display: str, file: FileSettings
    ) -> tuple[list[Diagnostic], tuple[Failure, ...]]:
        """The findings in a module, before suppression, and the rules that failed on it, each once."""
        failures: dict[str, Failure] = {}
        found: list[Diagnostic] = []
        finds = self._screen.finds(module, file.rules, failures)
        if finds or not self.settings.screen:
            found = list(self._checked(module, display, finds, file, failures))
        return found, tuple(failures.values())

    def _checked(
        self, module: Module, display: str, finds: list[Find], file: FileSettings, failures: dict[str, Failure]
    ) -> Iterable[Diagnostic]:
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
                found = list(rule.check(node, find, ctx))
            except Exception as error:
                failures.setdefault(rule.name, failure(rule, site, error))
                self.program.inference.recover()
                continue
            yield from found

    def _node(self, pairing: Pairing, site: Site) -> Any:
        return pairing.node(site.number)


def statement_lines(module: Module) -> dict[int, int]:
    """For lines within a statement that is a site, the first line of that statement's header."""
    found: dict[int, int] = {}
    for row in module.facts.sites:
        if row[0] == SiteKind.FUNCTION:
            function = module.facts.functions[row[6]]
            for line in range(function.line, row[1] + 1):
                found[line] = function.line
    return found

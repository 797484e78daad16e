"""Every command, by name. This much is known of them without `click`, which is slow to import."""

from __future__ import annotations

from asynclint.tuples import NamedTuple


class Entry(NamedTuple):
    module: str
    summary: str


#: Every command, the module that holds it as `command`, and what `--help` says of it.
COMMANDS = {
    "check": Entry("asynclint.cli.check", "Check files and folders (the command that may be left out)."),
    "rule": Entry("asynclint.cli.rule", "Explain a rule, or list all rules."),
    "trace": Entry("asynclint.cli.trace", "Show what a function does to the event loop, and why."),
    "callers": Entry("asynclint.cli.callers", "Show who calls a function, up to the coroutines."),
    "graph": Entry("asynclint.cli.graph", "Write the call graph as DOT or JSON."),
    "baseline": Entry("asynclint.cli.baseline", "Keep known findings in a file, so that only new ones are reported."),
    "report": Entry("asynclint.cli.report", "Work on reports that were written before."),
    "init": Entry("asynclint.cli.init", "Write a configuration for the project in the current folder."),
    "clean": Entry("asynclint.cli.clean", "Remove what is remembered between runs."),
    "completion": Entry("asynclint.cli.completion", "Write the completion script of a shell."),
}

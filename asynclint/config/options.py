"""Every option of the configuration, once: its kind, its default, and what it is for.

The parser, the JSON schema, `--show-settings` and the page on configuration all read this table.
"""

from __future__ import annotations

from asynclint.config.defaults import DEFAULT_EXCLUDES
from asynclint.config.kinds import (
    AnyTable,
    Choice,
    Flag,
    ListOf,
    Option,
    Record,
    TableOf,
    Text,
    Version,
    Whole,
)

FORMATS = (
    "full",
    "concise",
    "grouped",
    "json",
    "json-lines",
    "sarif",
    "github",
    "gitlab",
    "junit",
    "rdjson",
    "rdjsonl",
    "checkstyle",
    "pylint",
    "azure",
    "markdown",
)

LIBRARIES = ("auto", "asyncio", "trio", "anyio")
SEVERITIES = ("error", "warning", "hint", "off")

_SELECTORS = ListOf(Text())
_SEVERITIES = TableOf(Choice(SEVERITIES), "a table of rules and severities")
_OPTIONS = TableOf(AnyTable(), "a table of rules and their options")

OVERRIDE = Record(
    (
        Option("files", ListOf(Text(), single=True), "Patterns of the files that this part is about."),
        Option("select", _SELECTORS, "The rules that run there, in place of all others."),
        Option("extend-select", _SELECTORS, "Rules that run there as well."),
        Option("ignore", _SELECTORS, "Rules that do not run there."),
        Option("severity", _SEVERITIES, "Severities there."),
        Option("rules", _OPTIONS, "Options of rules there."),
    ),
    required=("files",),
)

ROOT = Record(
    (
        Option("extend", Text(), "Another configuration file whose values hold where this one says nothing."),
        Option(
            "select", _SELECTORS, "The rules that run: names, codes, prefixes, themes, `ALL`, codes of other tools."
        ),
        Option("extend-select", _SELECTORS, "Rules that run besides the selected ones."),
        Option("ignore", _SELECTORS, "Rules that do not run."),
        Option("fixable", _SELECTORS, "Rules whose fixes `--fix` may apply.", ["ALL"]),
        Option("unfixable", _SELECTORS, "Rules whose fixes `--fix` never applies.", []),
        Option("severity", _SEVERITIES, "How bad the findings of a rule are; `off` is the same as ignoring it."),
        Option("per-file-ignores", TableOf(ListOf(Text(), single=True)), "Rules that do not run in some files."),
        Option(
            "extend-per-file-ignores",
            TableOf(ListOf(Text(), single=True)),
            "As `per-file-ignores`, on top of those of an extended configuration.",
        ),
        Option("overrides", ListOf(OVERRIDE, "a list of tables"), "Selections and options for some files."),
        Option("exclude", ListOf(Text()), "Files and folders that are not checked.", list(DEFAULT_EXCLUDES)),
        Option("extend-exclude", ListOf(Text()), "Files and folders that are not checked either.", []),
        Option("force-exclude", Flag(), "Exclude files also when they are named on the command line.", False),
        Option("respect-gitignore", Flag(), "Skip what `.gitignore` files name.", True),
        Option("src", ListOf(Text()), "Folders that hold top-level packages.", [".", "src"]),
        Option(
            "target-version",
            Version(),
            "The oldest Python that the code runs on; by default the lower bound of `requires-python`, else 3.10.",
        ),
        Option("library", Choice(LIBRARIES), "The async library that messages speak of.", "auto"),
        Option("rules", _OPTIONS, "Options of rules: `[tool.asynclint.rules.RULE]`."),
        Option("catalogue", AnyTable(), "What the callables of your own or of other libraries do."),
        Option("environment", Flag(), "Read the packages that are installed in the project's environment.", True),
        Option("python", Text(), "The interpreter, or the folder, of that environment; found by itself when absent."),
        Option("require-reason", Flag(), "A suppression comment must give a reason after `--`.", False),
        Option("unsafe-fixes", Flag(), "Apply and offer fixes that may change what the code does.", False),
        Option("baseline", Text(), "The file with the findings that are known."),
        Option(
            "output-format",
            ListOf(Text(), "a format or a list of formats", single=True),
            "How findings are written: a format, or `FORMAT=FILE`.",
            ["full"],
        ),
        Option("cache", Flag(), "Remember results between runs.", True),
        Option("cache-dir", Text(), "Where results are remembered.", ".asynclint_cache"),
        Option("jobs", Whole(), "How many processes work; 0 is as many as there are processors.", 0),
    )
)

"""The options of commands, as data.

`click` reads the command line by them; so does `plain`, which does without `click` for the command
lines of every day.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeVar

from asynclint.tuples import NamedTuple

Command = TypeVar("Command", bound=Callable[..., Any])
CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

FLAG, SWITCH, TEXT, TEXTS, WORDS, NUMBER, CHOICE, OTHER = (
    "flag", "switch", "text", "texts", "words", "number", "choice", "other",
)  # fmt: skip
"""What an option takes: nothing; nothing, with a `--no-` form; a text; repeated, texts; repeated, words
that may be joined by commas; a whole number from 0 on; one of its choices; what only `click` can tell."""


class Option(NamedTuple):
    """An option as the command line has it."""

    name: str
    help: str
    kind: str
    metavar: str = ""
    short: str = ""
    variable: str = ""
    """The environment variable that gives the value where the command line does not."""
    choices: tuple[str, ...] = ()
    """The first one is the default."""
    hidden: bool = False
    attributes: Sequence[tuple[str, Any]] = ()
    """What else `click` has to know of one of kind OTHER."""

    @property
    def parameter(self) -> str:
        """The name under which the command receives it."""
        return self.name.removeprefix("--").replace("-", "_")

    @property
    def opposite(self) -> str:
        """The form that turns it off; only a SWITCH has one."""
        return self.name.replace("--", "--no-", 1)

    @property
    def default(self) -> Any:
        """What the command receives when it is not given."""
        return {FLAG: False, TEXTS: (), CHOICE: self.choices[0] if self.choices else None}.get(self.kind)


def words(values: Iterable[str]) -> list[str] | None:
    """The words of a repeatable option whose values may also be joined by commas; None when it is not given."""
    found = [word.strip() for value in values for word in value.split(",") if word.strip()]
    return found if values else None


def given_by(options: Iterable[Option]) -> Callable[[Command], Command]:
    """Makes `click` read the options for the decorated command."""
    import click

    def converted(option: Option) -> Callable[[Any], Any]:
        names = [option.name] if option.kind != SWITCH else [f"{option.name}/{option.opposite}"]
        names += [option.short] if option.short else []
        told: dict[str, Any] = dict(option.attributes)
        for key in ("metavar", "hidden"):
            if getattr(option, key):
                told[key] = getattr(option, key)
        if option.variable:
            told["envvar"] = option.variable
        if option.kind == FLAG:
            told["is_flag"] = True
        elif option.kind == SWITCH:
            told["default"] = None
        elif option.kind in (TEXTS, WORDS):
            told["multiple"] = True
        elif option.kind == NUMBER:
            told["type"] = click.IntRange(0)
        elif option.kind == CHOICE:
            told.update(type=click.Choice(option.choices), default=option.default)
        if option.kind == WORDS:
            told["callback"] = lambda _, __, values: words(values)
        return click.option(*names, help=option.help or None, **told)

    def decorate(command: Command) -> Command:
        for option in reversed(tuple(options)):
            command = converted(option)(command)
        return command

    return decorate


def project_options(command: Command) -> Command:
    """The paths and everything that says what to check and with which configuration."""
    import click

    return click.argument("paths", nargs=-1, metavar="[PATHS]...")(given_by(PROJECT)(command))


#: Options of every command that looks at a project.
PROJECT = (
    Option("--select", "Rules to run: names, codes, prefixes, themes or ALL, joined by commas.", WORDS, "RULES"),
    Option("--extend-select", "Rules to run besides those.", WORDS, "RULES"),
    Option("--ignore", "Rules not to run.", WORDS, "RULES"),
    Option("--exclude", "Files and folders to skip, instead of the usual ones.", WORDS, "PATTERN"),
    Option("--extend-exclude", "Files and folders to skip besides those.", WORDS, "PATTERN"),
    Option("--force-exclude", "Skip them even when they are named.", SWITCH),
    Option("--respect-gitignore", "Skip what .gitignore names.", SWITCH),
    Option("--target-version", "The oldest Python that the code runs on, as in py310.", TEXT, "VERSION"),
    Option("--environment", "Read the project's installed packages.", SWITCH),
    Option("--python", "The interpreter or folder of the project's environment.", TEXT, "PATH"),
    Option("--config", "A configuration file, or one value of it.", TEXTS, "FILE|KEY=VALUE"),
    Option("--isolated", "Read no configuration file.", FLAG),
    Option("--jobs", "Processes that work; 0 is one for each processor.", NUMBER, short="-j"),
    Option("--no-cache", "Remember nothing.", FLAG, variable="ASYNCLINT_NO_CACHE"),
    Option("--cache-dir", "Where results are remembered.", TEXT, "FOLDER", variable="ASYNCLINT_CACHE_DIR"),
    Option("--quiet", "Write what was asked for and nothing else.", FLAG, short="-q"),
    Option("--silent", "Write nothing; the exit status tells.", FLAG, short="-s"),
    Option("--verbose", "Say what is done, and how long it takes.", FLAG, short="-v"),
    Option("--color", "Whether to colour.", CHOICE, choices=("auto", "always", "never")),
    Option("--no-screen", "", FLAG, hidden=True),
    Option("--traceback", "", FLAG, hidden=True),
)

#: Options of `check` besides those.
CHECK = (
    Option(
        "--output-format",
        "How to write findings (full, concise, grouped, json, sarif, github, gitlab, junit, ...); may be repeated.",
        TEXTS,
        "FORMAT[=FILE]",
        variable="ASYNCLINT_OUTPUT_FORMAT",
    ),
    Option("--statistics", "Count the findings of each rule instead of listing them.", FLAG),
    Option(
        "--group-by",
        "List findings by place, or by the cause that several of them share, most reached first.",
        CHOICE,
        choices=("place", "root"),
    ),
    Option("--fix", "Fix what can be fixed safely.", SWITCH),
    Option("--unsafe-fixes", "Include fixes that may change what code does.", SWITCH),
    Option("--fix-only", "Fix, and do not report what is left.", FLAG),
    Option("--diff", "Show what --fix would change, and change nothing.", FLAG),
    Option("--fixable", "Rules whose fixes may be applied.", WORDS, "RULES"),
    Option("--unfixable", "Rules whose fixes may not be applied.", WORDS, "RULES"),
    Option("--exit-non-zero-on-fix", "Exit with 1 when something was fixed.", FLAG),
    Option("--exit-zero", "Exit with 0 even when something is found.", FLAG, short="-e"),
    Option("--baseline", "Report only what this file does not know.", TEXT, "FILE"),
    Option("--diff-base", "Report only what is new since a git revision.", TEXT, "REVISION"),
    Option(
        "--scope",
        "Report on the named files, also on what their changes break elsewhere, or on the whole project.",
        CHOICE,
        choices=("named", "affected", "project"),
    ),
    Option(
        "--add-ignore",
        "Write an ignore comment at every finding.",
        OTHER,
        "[REASON]",
        attributes=(("is_flag", False), ("flag_value", ""), ("default", None)),
    ),
    Option("--stdin-filename", "The path of the text that `-` reads from standard input.", TEXT, "PATH"),
    Option("--show-files", "List the files that would be checked.", FLAG),
    Option("--show-settings", "Show the configuration, and where each value comes from.", FLAG),
)

"""`asynclint rule`: a rule's page in the terminal, and the list of all rules, which is also `docs/rules.md`."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from asynclint.cli.terminal import columns, paint_for_stdout
from asynclint.reporters.result import Paint

if TYPE_CHECKING:
    from asynclint.engine.house import HouseRule
    from asynclint.rule import Rule


@click.command()
@click.argument("names", nargs=-1, metavar="[NAME|CODE]...")
@click.option("--all", "everything", is_flag=True, help="List every rule.")
@click.option(
    "--output-format", type=click.Choice(["text", "json", "markdown"]), default="text", help="How to write it."
)
def command(names: tuple[str, ...], everything: bool, output_format: str) -> None:
    """Explain rules by name, code or the code that another tool has for them.

    With --all, list every rule with its code, severity and whether it is on by default.
    """
    from asynclint.engine.house import known_rules

    if not names and not everything:
        raise click.UsageError("name a rule, or use --all to list them")
    rules = list(known_rules())
    chosen = rules if everything else _chosen(names, rules)
    paint = paint_for_stdout("auto")
    if output_format == "json":
        import json

        click.echo(json.dumps([_metadata(rule) for rule in chosen], indent=2))
    elif output_format == "markdown":
        click.echo(table(chosen) if everything else "\n".join(f"# {rule.name}\n\n{rule.page}" for rule in chosen))
    elif everything:
        for line in listing(chosen, paint):
            click.echo(line)
    else:
        click.echo("\n\n".join("\n".join(page(rule, min(columns(), 100), paint)) for rule in chosen))


def _chosen(names: tuple[str, ...], rules: list[Rule | HouseRule]) -> list[Rule | HouseRule]:
    from asynclint.config import RuleIndex
    from asynclint.config.problems import did_you_mean

    index = RuleIndex(rules)
    wanted: set[str] = set()
    for name in names:
        found = index.find(name)
        if found is None:
            raise click.UsageError(f"there is no rule `{name}`{did_you_mean(name, index.known())}")
        wanted |= found[0]
    return [rule for rule in rules if rule.name in wanted]


def fixable(rule: Rule | HouseRule) -> bool:
    """Whether the rule offers fixes: its page then shows one or says how safe they are."""
    return bool(re.search(r"^## (?:Fixed|Fix safety)$", rule.page, re.MULTILINE))


def _metadata(rule: Rule | HouseRule) -> dict[str, Any]:
    return {
        "name": rule.name,
        "code": rule.code,
        "theme": rule.theme,
        "severity": rule.severity.value,
        "default": rule.default,
        "fixable": fixable(rule),
        "aliases": list(rule.aliases),
        "since": rule.since,
        "options": dict(getattr(rule, "options", {})),
        "summary": rule.summary,
        "page": rule.page,
    }


def listing(rules: list[Rule | HouseRule], paint: Paint) -> Iterator[str]:
    """A table of rules by theme."""
    width = max(len(rule.name) for rule in rules)
    theme = ""
    for rule in rules:
        if rule.theme != theme:
            if theme:
                yield ""
            theme = rule.theme
            yield paint(theme, "bold")
        severity = paint.severity(f"{rule.severity.value:7}", rule.severity)
        off = "" if rule.default else paint(" (off by default)", "dim")
        yield f"  {rule.code}  {rule.name:{width}}  {severity}  {rule.summary}{off}"


def table(rules: list[Rule | HouseRule]) -> str:
    """A page in Markdown with a table of the rules of each theme."""
    lines = [
        "# Rules",
        "",
        "`asynclint rule NAME` prints a rule's page: why it matters, examples, fixes and limits. Rules marked *off*",
        "run when they are selected by name or code. Names of other tools are heeded in selections and `# noqa`.",
    ]
    for theme in dict.fromkeys(rule.theme for rule in rules):
        lines += [
            "",
            f"## {theme.capitalize()}",
            "",
            "| rule | code | severity | fix | also known as | what it finds |",
        ]
        lines.append("|---|---|---|---|---|---|")
        for rule in rules:
            if rule.theme == theme:
                severity = f"{rule.severity.value}{'' if rule.default else ', *off*'}"
                cells = (f"`{rule.name}`", rule.code, severity, "yes" if fixable(rule) else "", ", ".join(rule.aliases))
                lines.append("| " + " | ".join((*cells, rule.summary)) + " |")
    return "\n".join(lines)


def page(rule: Rule | HouseRule, width: int, paint: Paint) -> Iterator[str]:
    """The lines of a rule's page: what it is called, then its documentation wrapped to `width`."""
    title, _, body = rule.page.partition("\n")
    yield f"{paint(rule.name, 'bold')} ({rule.code})"
    yield title
    yield ""
    yield f"  severity    {paint.severity(rule.severity.value, rule.severity)}"
    yield f"  default     {'on' if rule.default else 'off'}"
    yield f"  fix         {'offered' if fixable(rule) else 'none'}"
    yield f"  theme       {rule.theme}"
    if rule.aliases:
        yield f"  also known  {', '.join(rule.aliases)}"
    yield f"  since       {rule.since}"
    yield from markdown(body, width, paint)


_ITEM = re.compile(r"(\s*(?:[-*]|\d+\.)\s+)(.*)")


def markdown(text: str, width: int, paint: Paint) -> Iterator[str]:
    """Markdown as plain text: headings stand out, code is indented, paragraphs are wrapped."""
    paragraph: list[str] = []
    in_code = False

    def flush() -> Iterator[str]:
        if paragraph:
            item = _ITEM.match(paragraph[0])
            lead = item[1] if item else ""
            words = " ".join([item[2] if item else paragraph[0].strip(), *(line.strip() for line in paragraph[1:])])
            yield from textwrap.wrap(
                words, width, initial_indent=lead, subsequent_indent=" " * len(lead), break_on_hyphens=False
            )
            paragraph.clear()

    for line in text.splitlines():
        if line.lstrip().startswith("```"):
            yield from flush()
            in_code = not in_code
        elif in_code:
            yield f"    {paint(line, 'cyan')}".rstrip()
        elif line.startswith("#"):
            yield from flush()
            yield paint(line.lstrip("# "), "bold")
        elif not line.strip():
            yield from flush()
            yield ""
        elif line.startswith(("    ", "|")) and not paragraph:
            yield line
        else:
            if _ITEM.match(line):
                yield from flush()
            paragraph.append(line)
    yield from flush()

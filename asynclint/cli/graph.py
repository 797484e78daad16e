"""`asynclint graph`: the call graph for other tools."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from asynclint.cli.explore import place, program_of
from asynclint.cli.options import CONTEXT, project_options

if TYPE_CHECKING:
    from asynclint.program import Program
    from asynclint.program.graph import Call


@click.command(context_settings=CONTEXT)
@click.option("--format", "form", type=click.Choice(["dot", "json"]), default="dot", help="DOT for Graphviz, or JSON.")
@project_options
def command(form: str, **options: Any) -> None:
    """Write who calls whom, with the mode of each call (called, awaited, spawned, offloaded, ...)."""
    from asynclint.program.graph import calls_in

    program, modules = program_of(options)
    calls = [call for module in modules for call in calls_in(module, program)]
    click.echo(_json(calls, program) if form == "json" else _dot(calls))


def _json(calls: list[Call], program: Program) -> str:
    import json

    refs = {ref for call in calls for ref in (call.caller, call.callee) if ref is not None}
    return json.dumps(
        {
            "version": 1,
            "functions": [
                {"name": ref.qualified, "async": ref.is_async, "place": place(ref, program)}
                for ref in sorted(refs, key=lambda ref: (ref.qualified, ref.line))
            ],
            "calls": [
                {
                    "caller": call.caller.qualified if call.caller else call.site.module.name,
                    "callee": call.callee.qualified,
                    "mode": call.mode,
                    "place": f"{program.display(call.site.module)}:{call.site.line}",
                }
                for call in calls
            ],
        },
        indent=2,
    )


def _dot(calls: list[Call]) -> str:
    lines = ["digraph calls {", "  rankdir=LR;", "  node [shape=box];"]
    for ref in sorted({call.callee for call in calls if call.callee.is_async}, key=lambda ref: ref.qualified):
        lines.append(f'  "{ref.qualified}" [style=bold];')
    edges = {
        (call.caller.qualified if call.caller else call.site.module.name, call.callee.qualified, call.mode)
        for call in calls
    }
    lines += [f'  "{caller}" -> "{callee}" [label="{mode}"];' for caller, callee, mode in sorted(edges)]
    return "\n".join([*lines, "}"])

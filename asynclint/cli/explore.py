"""What `trace`, `callers` and `graph` share: the program around the paths, and its functions by name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asynclint.cli.status import Stop

if TYPE_CHECKING:
    from asynclint.program import Module, Program
    from asynclint.program.graph import FunctionRef


def program_of(options: dict[str, Any]) -> tuple[Program, list[Module]]:
    """The program of the project that the paths lie in, and the modules under the paths."""
    from asynclint.cli.session import Session
    from asynclint.engine.build import make_program
    from asynclint.engine.sources import Sources

    projects = Session(options).projects()
    if len(projects) != 1:
        found = "no Python files" if not projects else f"{len(projects)} projects"
        raise Stop(f"found {found} under the given paths; name a folder of one project")
    program = make_program(projects[0].settings, Sources())
    return program, [program.finder.module_at(file.path) for file in projects[0].files]


def the_function(name: str, modules: list[Module], program: Program) -> FunctionRef:
    """The one function that the name means."""
    from asynclint.program.graph import functions_named

    found = functions_named(name, modules)
    if len(found) == 1:
        return found[0]
    if not found:
        raise Stop(f"there is no function `{name}` under the given paths; give its qualified name or PATH:LINE")
    listed = [f"  {ref.qualified} ({program.display(ref.module)}:{ref.line})" for ref in found[:20]]
    raise Stop(f"`{name}` names {len(found)} functions; give more of the name or PATH:LINE", notes=listed)


def place(ref: FunctionRef, program: Program) -> str:
    """`path:line` of a function."""
    return f"{program.display(ref.module)}:{ref.line}"

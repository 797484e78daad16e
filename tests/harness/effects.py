"""What the program says of functions by themselves, in the words of `# effect:` markers."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from asynclint import catalogue
from asynclint.facts.extract import extract
from asynclint.facts.model import ModuleFacts
from asynclint.program import Module, Program
from asynclint.program.effects.blocks import Blocks
from asynclint.program.effects.reach import Node
from asynclint.program.modules import Finder


def open_program(root: Path) -> Program:
    """The program of a folder and its `src`, without an environment."""
    return Program(Finder([str(root), str(root / "src")], _read), catalogue.load())


def _read(path: str) -> ModuleFacts | None:
    try:
        return extract(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


def effects_of(program: Program, module: Module, function: int) -> set[str]:
    """What calling a function by number does: `Blocks(root)` for each thing that it waits for."""
    ways = program.solver(Blocks).reach.of(Node(module, function))
    return {f"Blocks({hop.root.name})" for hop in ways.values()}


def problems(root: Path, marked: Iterable[tuple[str, int, tuple[str, ...]]]) -> list[str]:
    """What differs from the `# effect:` markers of a project, one sentence each."""
    program = open_program(root)
    found = []
    for path, line, words in marked:
        module = program.finder.module_at(str(root / path))
        here = [number for number, row in enumerate(module.facts.functions) if module.facts.sites[row.site][1] == line]
        if not here:
            found.append(f"{path}:{line}: an effect is marked where no function is defined")
        for number in here:
            expected = set() if words == ("none",) else set(words)
            effects = effects_of(program, module, number)
            if effects != expected:
                found.append(f"{path}:{line}: effects are {_listed(effects)}, marked {_listed(expected)}")
    return found


def _listed(effects: set[str]) -> str:
    return ", ".join(sorted(effects)) or "none"

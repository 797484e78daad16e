"""What the program says of functions by themselves, in the words of `# effect:` markers.

A page of `fixtures/effects` is about the effect that it is named after; other pages speak of Blocks.
A marker names the effect's root, `Blocks(time.sleep)`, or the functions on the way to it as well:
`Blocks(middle.once -> leaf.wait -> time.sleep)`, or what kind of waiting it is and whether it ends by
itself: `Blocks(sleep bounded time.sleep)`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from asynclint import catalogue
from asynclint.facts.extract import extract
from asynclint.facts.model import ModuleFacts
from asynclint.program import Module, Program
from asynclint.program.effects import EFFECTS, named
from asynclint.program.effects.blocks import Blocks
from asynclint.program.effects.edges import Node
from asynclint.program.graph import FunctionRef
from asynclint.program.modules import Finder
from asynclint.program.site import Site


def open_program(root: Path) -> Program:
    """The program of a folder and its `src`, without an environment."""
    return Program(Finder([str(root), str(root / "src")], _read), catalogue.load())


def _read(path: str) -> ModuleFacts | None:
    try:
        return extract(Path(path).read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None


def _blocking(program: Program, module: Module, function: int) -> dict[str, tuple[str, ...]]:
    """Each thing that calling a function waits for, with the longer spellings of it."""
    reach = program.solver(Blocks).reach
    found: dict[str, tuple[str, ...]] = {}
    for category, hop in reach.of(Node(module, function)).items():
        way = [node for node, _ in reach.way(hop, category)]
        blocks = Blocks(category, Site(module, hop.site), hop, reach)
        told = " ".join(filter(None, (blocks.row.blocks, "bounded" if blocks.is_bounded else "", hop.root.name)))
        found[f"Blocks({hop.root.name})"] = f"Blocks({_way(way, hop.root.name)})", f"Blocks({told})"
    return found


def _other(effect: str) -> Callable[[Program, Module, int], dict[str, tuple[str, ...]]]:
    kind: Any = named(effect)

    def found(program: Program, module: Module, function: int) -> dict[str, tuple[str, ...]]:
        answer = program.effect_of(kind, module, function)
        if answer is None:
            return {}
        told = (getattr(answer, "level", ""), getattr(answer, "kind", ""), answer.root)
        end = " ".join(dict.fromkeys(filter(None, told)))
        return {f"{kind.__name__}({end})": (f"{kind.__name__}({_way(answer.passes, end)})",)}

    return found


def _way(nodes: Iterable[Node], end: str) -> str:
    return " -> ".join([*(FunctionRef(node.module, node.number).qualified for node in nodes), end])


def problems(root: Path, marked: Iterable[tuple[str, int, tuple[str, ...]]], page: str = "blocks") -> list[str]:
    """What differs from the `# effect:` markers of a project, one sentence each; `page` names the effect."""
    program = open_program(root)
    asked = _blocking if page not in EFFECTS or page == Blocks.name else _other(page)
    found = []
    for path, line, words in marked:
        module = program.finder.module_at(str(root / path))
        here = [number for number, row in enumerate(module.facts.functions) if module.facts.sites[row.site][1] == line]
        if not here:
            found.append(f"{path}:{line}: an effect is marked where no function is defined")
        for number in here:
            expected = set() if words == ("none",) else set(words)
            effects = asked(program, module, number)
            spelled = {short: {short, *longer} for short, longer in effects.items()}
            unknown = expected - set().union(*spelled.values())
            unmarked = [short for short, every in spelled.items() if expected.isdisjoint(every)]
            if unknown or unmarked:
                whole = [each for longer in effects.values() for each in longer]
                found.append(f"{path}:{line}: effects are {_listed(whole)}, marked {_listed(expected)}")
    return found


def _listed(effects: Iterable[str]) -> str:
    return ", ".join(sorted(effects)) or "none"

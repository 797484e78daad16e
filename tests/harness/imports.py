"""Which modules a source file imports, wherever in the file the import stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "asynclint"


@dataclass(frozen=True)
class Import:
    """One imported module. `lazy`: within a function; `typing`: only for the type checker."""

    line: int
    module: str
    lazy: bool
    typing: bool


def module_name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> list[Import]:
    """Every import of the file. `from a import b` counts as `a.b` where that is a module of ours."""
    return list(_imports(ast.parse(path.read_bytes()), module_name(path), path.stem == "__init__", False, False))


def _imports(node: ast.AST, module: str, package: bool, lazy: bool, typing: bool) -> Iterator[Import]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import):
            for alias in child.names:
                yield Import(child.lineno, alias.name, lazy, typing)
        elif isinstance(child, ast.ImportFrom):
            base = child.module or ""
            if child.level:
                above = module.split(".")[: None if package and child.level == 1 else -child.level + package]
                base = ".".join([*above, *filter(None, [base])])
            for alias in child.names:
                inner = f"{base}.{alias.name}"
                yield Import(child.lineno, inner if _is_ours(inner) else base, lazy, typing)
        else:
            within = isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda))
            checked = isinstance(child, ast.If) and "TYPE_CHECKING" in ast.unparse(child.test)
            yield from _imports(child, module, package, lazy or within, typing or checked)


def _is_ours(module: str) -> bool:
    path = ROOT.joinpath(*module.split("."))
    return path.with_suffix(".py").is_file() or (path / "__init__.py").is_file()

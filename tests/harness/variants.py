"""Other ways to write the same program: what is said about it must not change.

A variant takes the files of an example, marks included, and gives the files of an equal program
with each mark still on the line it speaks of; None where the change cannot be made safely.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping

from tests.harness import markers

Files = Mapping[str, str]
Variant = Callable[[Files], "dict[str, str] | None"]
_Replacement = tuple[int, int, str]


def spaced(files: Files) -> dict[str, str] | None:
    """A blank line and a remark in front of every statement."""
    return _each(files, _spaced)


def windows(files: Files) -> dict[str, str] | None:
    """Byte order mark and CRLF line ends, as some editors write."""
    return _each(files, lambda text: "\ufeff" + text.replace("\n", "\r\n"))


def aliased(files: Files) -> dict[str, str] | None:
    """`import time` becomes `import time as time_`."""
    return _each(files, _aliased)


def from_imports(files: Files) -> dict[str, str] | None:
    """`import time` and `time.sleep` become `from time import sleep` and `sleep`."""
    return _each(files, _from_imports)


def helpers_apart(files: Files) -> dict[str, str] | None:
    """Unmarked functions and classes that marked code uses, moved to a module of their own."""
    python = [path for path in files if path.endswith(".py")]
    if len(python) != 1 or "/" in python[0]:
        return None
    [path] = python
    split = _helpers_apart(files[path])
    return None if split is None else {**files, path: split[0], "moved_helpers.py": split[1]}


def on_trio(files: Files) -> dict[str, str] | None:
    """asyncio's names become trio's, where the program uses only names that both have."""
    return _each(files, lambda text: _other_library(text, "trio"))


def on_anyio(files: Files) -> dict[str, str] | None:
    """asyncio's names become anyio's, where the program uses only names that both have."""
    return _each(files, lambda text: _other_library(text, "anyio"))


ALL: tuple[Variant, ...] = (spaced, windows, aliased, from_imports, helpers_apart, on_trio, on_anyio)


def _each(files: Files, change: Callable[[str], str | None]) -> dict[str, str] | None:
    """The files with each Python text changed; None when none can be."""
    found = {}
    for path, text in files.items():
        # Such comments speak of the next line or of the file's start: moving lines would move them.
        fixed = not path.endswith((".py", ".pyi")) or "asynclint:" in text or "coding" in text
        changed = None if fixed or _parsed(text) is None else change(text)
        found[path] = text if changed is None else changed
    return found if found != dict(files) else None


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except SyntaxError:
        return None


def _spaced(text: str) -> str:
    lines = text.splitlines(keepends=True)
    starts = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.stmt):
            first = lines[_lines(node)[0] - 1]
            # Not behind a semicolon or the colon of a header on the same line.
            if first.lstrip().startswith("@") or not first.encode()[: node.col_offset].strip():
                starts.add(_lines(node)[0])
    for number in starts:
        line = lines[number - 1]
        indent = line[: len(line) - len(line.lstrip())]
        lines[number - 1] = f"\n{indent}# Eine Bemerkung für Leser.\n{line}"
    return "".join(lines)


def _bound(tree: ast.Module) -> Counter[str]:
    """How often each name is bound, in any scope."""
    found: Counter[str] = Counter()
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            found[node.id] += 1
        elif isinstance(node, ast.arg):
            found[node.arg] += 1
        elif isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            found[node.name] += 1
        elif isinstance(node, ast.alias):
            found[node.asname or node.name.split(".")[0]] += 1
        elif isinstance(node, (ast.ExceptHandler, ast.MatchAs, ast.MatchStar)) and node.name:
            found[node.name] += 1
        elif isinstance(node, (ast.Global, ast.Nonlocal)):
            found.update(node.names)
    return found


def _words_in_strings(tree: ast.AST) -> set[str]:
    """Words that string constants and f-strings hold: an annotation may be among them."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            # Positions within f-strings are not those of the file before Python 3.12.
            found.update(each.id for each in ast.walk(node) if isinstance(each, ast.Name))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.update(re.findall(r"\w+", node.value))
    return found


def _plain_imports(tree: ast.Module) -> Iterator[tuple[ast.Import, ast.alias]]:
    """Module-level `import NAME` whose name is bound nowhere else and stands in no string."""
    bound, strings = _bound(tree), _words_in_strings(tree)
    for statement in tree.body:
        if isinstance(statement, ast.Import):
            for alias in statement.names:
                if not alias.asname and "." not in alias.name and bound[alias.name] == 1 and alias.name not in strings:
                    yield statement, alias


def _replaced(text: str, replacements: list[_Replacement]) -> str:
    for start, end, new in sorted(replacements, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def _offsets(text: str) -> Callable[[ast.AST], tuple[int, int]]:
    """Start and end of a node as offsets in the text."""
    starts = [0]
    lines = text.splitlines(keepends=True)
    for line in lines:
        starts.append(starts[-1] + len(line))

    def place(line: int, column: int) -> int:
        return starts[line - 1] + len(lines[line - 1].encode()[:column].decode())

    def offsets(node: ast.AST) -> tuple[int, int]:
        assert isinstance(node, (ast.expr, ast.stmt, ast.alias))
        assert node.end_lineno is not None and node.end_col_offset is not None
        return place(node.lineno, node.col_offset), place(node.end_lineno, node.end_col_offset)

    return offsets


def _aliased(text: str) -> str | None:
    tree = ast.parse(text)
    offsets = _offsets(text)
    new = {alias.name: f"{alias.name}_" for _, alias in _plain_imports(tree)}
    replacements = [(*offsets(alias), f"{alias.name} as {new[alias.name]}") for _, alias in _plain_imports(tree)]
    replacements += [
        (*offsets(node), new[node.id]) for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id in new
    ]
    return _replaced(text, replacements) if new else None


def _from_imports(text: str) -> str | None:
    tree = ast.parse(text)
    offsets = _offsets(text)
    names = Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    taken = set(names) | set(_bound(tree))
    replacements: list[_Replacement] = []
    for statement, alias in _plain_imports(tree):
        uses = [
            node
            for node in ast.walk(tree)
            if isinstance(node, ast.Attribute)
            and isinstance(node.ctx, ast.Load)
            and isinstance(node.value, ast.Name)
            and node.value.id == alias.name
        ]
        attributes = sorted({use.attr for use in uses})
        if not uses or len(uses) != names[alias.name] or taken & set(attributes) or len(statement.names) > 1:
            continue
        taken.update(attributes)
        replacements.append((*offsets(statement), f"from {alias.name} import {', '.join(attributes)}"))
        replacements += [(*offsets(use), use.attr) for use in uses]
    return _replaced(text, replacements) if replacements else None


_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def _helpers_apart(text: str) -> tuple[str, str] | None:
    """The text without its helpers, and the module that holds them."""
    tree = _parsed(text)
    if tree is None or "asynclint:" in text:
        return None
    lines = text.splitlines(keepends=True)
    marked = {each.line for each in markers.codes({"": text})}
    imports = [each for each in tree.body if isinstance(each, (ast.Import, ast.ImportFrom))]
    moved = _movable(tree, marked)
    stay = [each for each in tree.body if each not in moved.values()]
    wanted = sorted({name for each in stay for name in _loads(each)} & set(moved))
    if not wanted or not marked & {line for each in stay for line in _lines(each)}:
        return None
    definitions = sorted(moved.values(), key=lambda each: each.lineno)
    helpers = [_source(lines, each) for each in (*imports, *definitions)]
    for number in (line for each in definitions for line in _lines(each)):
        lines[number - 1] = "\n"
    lines[_lines(definitions[0])[0] - 1] = f"from moved_helpers import {', '.join(wanted)}\n"
    return "".join(lines), "\n\n".join(helpers)


def _movable(tree: ast.Module, marked: set[int]) -> dict[str, _Definition]:
    """Module-level definitions without marks that need nothing but imports and each other."""
    bound = _bound(tree)
    changed = {name for node in ast.walk(tree) if isinstance(node, ast.Global) for name in node.names}
    imported = {
        alias.asname or alias.name.split(".")[0]
        for each in tree.body
        if isinstance(each, (ast.Import, ast.ImportFrom))
        for alias in each.names
    }
    own = {name for each in tree.body for name in _binds(each)}
    found = {
        each.name: each
        for each in tree.body
        if isinstance(each, _Definition)
        and bound[each.name] == 1
        and not marked & set(_lines(each))
        and not (own | changed) & _words_in_strings(each)
        and not changed & set(_loads(each))
    }
    while True:
        tied = [name for name, each in found.items() if not set(_loads(each)) & own <= imported | set(found)]
        if not tied:
            return found
        for name in tied:
            del found[name]


def _binds(statement: ast.stmt) -> Iterator[str]:
    """Names that a module-level statement binds, its branches included."""
    if isinstance(statement, _Definition):
        yield statement.name
        return
    for node in ast.walk(statement):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
        elif isinstance(node, ast.alias):
            yield node.asname or node.name.split(".")[0]
        elif isinstance(node, _Definition):
            yield node.name


def _loads(node: ast.AST) -> Iterator[str]:
    return (each.id for each in ast.walk(node) if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Load))


def _lines(statement: ast.stmt) -> range:
    first = min([statement.lineno, *(each.lineno for each in getattr(statement, "decorator_list", ()))])
    assert statement.end_lineno is not None
    return range(first, statement.end_lineno + 1)


def _source(lines: list[str], statement: ast.stmt) -> str:
    return "".join(lines[number - 1] for number in _lines(statement))


#: asyncio's names with the same meaning and shape in trio and in anyio.
_SHARED = {"sleep", "Lock", "Event"}


def _other_library(text: str, library: str) -> str | None:
    tree = ast.parse(text)
    offsets = _offsets(text)
    found = [alias for _, alias in _plain_imports(tree) if alias.name == "asyncio"]
    uses = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id == "asyncio"]
    attributes = {
        node.attr
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "asyncio"
    }
    if not found or not attributes or not attributes <= _SHARED:
        return None
    return _replaced(text, [(*offsets(each), library) for each in (*found, *uses)])

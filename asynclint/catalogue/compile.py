"""Compiles the YAML files of the catalogue to `catalogue.json`: `python -m asynclint.catalogue.compile [--check]`.

Reading a file has three steps: it must fit `schema.json`; short forms are written out (`a.{b, c}`,
`coroutine -> bytes`); and what it says must make sense with all other files: names that rows refer
to exist, nothing is listed twice, and whatever blocks says what to write instead.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from asynclint.catalogue import COMPILED, FORMAT
from asynclint.catalogue.model import AWAITABLE, CatalogueError
from asynclint.catalogue.validate import nearest, problems, type_expression

FOLDER = Path(__file__).parent
#: Folder of the files that `asynclint.catalogue.derive` made; those beside it win.
DERIVED = "derived/"
_MEMBER_ROWS = ("construct", "every_method")
_TYPE_EXPRESSIONS = ("enter", "async_enter", "iterates", "async_iterates", "awaits_to")
#: Modules whose classes may be used in type expressions without a row of their own.
_VOCABULARY = frozenset({"typing", "collections", "types", "enum", "numbers", "decimal", "datetime", "uuid"})


def expanded(key: str) -> list[str]:
    """The names that a key stands for: `a.{b, c}` for a.b and a.c, `a, b` for a and b."""
    found = re.fullmatch(r"([^{}]*)\{([^{}]*)\}(.*)", key.strip())
    if found:
        return [name for each in found[2].split(",") for name in expanded(f"{found[1]}{each.strip()}{found[3]}")]
    return [each.strip() for each in key.split(",")]


def full_row(row: str | Mapping[str, Any]) -> dict[str, Any]:
    """The row that a short form (`coroutine -> bytes`) stands for; other rows as they are."""
    if not isinstance(row, str):
        return dict(row)
    colour, _, returns = row.partition("->")
    full = {"colour": colour.strip(), "returns": returns.strip()}
    return {key: value for key, value in full.items() if value and value != "sync"}


def _over(derived: dict[str, Any], kind: dict[str, Any]) -> dict[str, Any]:
    """The written row over the derived one. `every_method` also fills rows in which nothing was seen."""
    every = kind.get("every_method", {})
    methods = {
        method: {**every, **({"returns": row["returns"]} if "returns" in row else {})}
        if row.get("colour", "unknown") == "unknown" and "blocks" not in row
        else row
        for method, row in derived.get("methods", {}).items()
    }
    attributes = {**derived.get("attributes", {}), **kind["attributes"]}
    return {**derived, **kind, "methods": {**methods, **kind["methods"]}, "attributes": attributes}


class Files:
    """All that the YAML files say, written out, with the mistakes found on the way."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.in_async_only = False
        """What the file that is being read says of its coroutines."""
        self.origin: dict[str, str] = {}
        self.functions: dict[str, dict[str, Any]] = {}
        self.types: dict[str, dict[str, Any]] = {}
        self.aliases: dict[str, str] = {}
        self.decorators: dict[str, dict[str, Any]] = {}
        self.overrides: dict[str, dict[str, dict[str, str]]] = {}
        self.deprecated: dict[str, list[dict[str, str]]] = {}
        self.modules: list[str] = []
        self.advice: dict[str, str] = {}
        self.language: dict[str, dict[str, Any]] = {"special_methods": {}, "exceptions": {}, "test_runners": {}}

    def add(self, file: str, data: Any) -> None:
        """Takes in one file, over what derived files said of the same names.

        What does not fit the schema is a problem and nothing of the file is taken.
        """
        wrong = problems(data)
        self.problems += [f"{file}: {each}" for each in wrong]
        if wrong:
            return
        self.in_async_only = bool(data.get("in_async_only"))
        for key, row in data.get("functions", {}).items():
            for name in self._names(file, key):
                self.functions[name] = self._row(row)
        for key, body in data.get("types", {}).items():
            for name in self._names(file, key, is_type=True):
                self.types[name] = _over(self.types.get(name, {}), self._type(file, name, body))
                self._alias(dict.fromkeys(body.get("aliases", ()), name))
        self._alias(data.get("aliases", {}))
        for key, row in data.get("decorators", {}).items():
            self.decorators.update((name, dict(row)) for name in expanded(key))
        for key, methods in data.get("overrides", {}).items():
            for kind in expanded(key):
                listed = self.overrides.setdefault(kind, {})
                listed.update((name, row) for names, row in methods.items() for name in expanded(names))
        for key, notes in data.get("deprecated", {}).items():
            for name in expanded(key):
                self.deprecated[name] = notes if isinstance(notes, list) else [notes]
        self.modules += data.get("modules", ())
        self.advice.update(data.get("advice", {}))
        for section, content in self.language.items():
            content.update(data.get(section, {}))

    def _names(self, file: str, key: str, is_type: bool = False) -> Iterator[str]:
        for name in expanded(key):
            if name in self.origin and not self.origin[name].startswith(DERIVED):
                self.problems.append(f"{file}: {name}: already listed in {self.origin[name]}")
            target = None if file.startswith(DERIVED) else self.aliases.pop(name, None)
            if is_type and target in self.types:
                self.problems.append(f"{file}: {name}: a derived type's other name; write the row for `{target}`")
            self.origin[name] = file
            yield name

    def _alias(self, aliases: Mapping[str, str]) -> None:
        self.aliases.update(aliases)
        for alias in aliases:
            if self.origin.get(alias, "").startswith(DERIVED):
                self.functions.pop(alias, None)
                self.types.pop(alias, None)

    def _type(self, file: str, name: str, body: Mapping[str, Any]) -> dict[str, Any]:
        kind = {key: value for key, value in body.items() if key not in ("aliases", "methods", "note")}
        methods: dict[str, dict[str, Any]] = {}
        for key, row in body.get("methods", {}).items():
            for method in expanded(key):
                if method in methods:
                    self.problems.append(f"{file}: {name}.{method}: listed twice")
                methods[method] = self._row(row)
        kind["methods"] = methods
        if "bases" in body:
            kind["bases"] = [base if "." in base else f"builtins.{base}" for base in body["bases"]]
        kind["attributes"] = {
            each: value for key, value in body.get("attributes", {}).items() for each in expanded(key)
        }
        for key in _MEMBER_ROWS:
            if key in body:
                kind[key] = self._row(body[key])
        return kind

    def _row(self, row: str | Mapping[str, Any]) -> dict[str, Any]:
        full = full_row(row)
        if self.in_async_only and full.get("colour") in ("coroutine", "async-iterator"):
            full["in_async"] = True
        return full

    def rows(self) -> Iterator[tuple[str, dict[str, Any]]]:
        """Every callable row with the name it is for."""
        yield from self.functions.items()
        for name, kind in self.types.items():
            yield from ((f"{name}.{method}", row) for method, row in kind["methods"].items())
            yield from ((f"{name}.{each}", row) for each, row in kind["attributes"].items() if isinstance(row, dict))
            yield from ((f"{name} ({key})", kind[key]) for key in _MEMBER_ROWS if key in kind)

    def check(self) -> None:
        """Gives derived rows their advice, and looks for what one file alone cannot show to be wrong."""
        for prefix, instead in self.advice.items():
            advised = [row for name, row in self.rows() if name.startswith(prefix) and row.get("instead") == "thread"]
            if not advised:
                self._report(prefix, "`advice` for names of which none blocks")
            for row in advised:
                row["instead"] = instead
        for name, row in self.rows():
            owner = name.rpartition(".")[0].partition(" ")[0]
            self._check_row(name, row, owner)
        for name, kind in self.types.items():
            parameters = set(kind.get("parameters", ()))
            for base in kind.get("bases", ()):
                self._check_known(name, base, "base")
            for key in _TYPE_EXPRESSIONS:
                self._check_type(f"{name} ({key})", kind.get(key, ""), parameters)
            for attribute, value in kind["attributes"].items():
                if isinstance(value, str):
                    self._check_type(f"{name}.{attribute}", value, parameters)
            if "__enter__" in kind["methods"] and "enter" not in kind:
                self._report(name, "has a row for `__enter__` but no `enter`, the type that `with` gives")
        for alias, target in self.aliases.items():
            self._check_known(alias, target, "alias")
            if alias in self.functions or alias in self.types:
                self._report(alias, f"is listed itself and as an alias of `{target}`")
        for name, decorator in self.decorators.items():
            self._check_type(name, decorator.get("returns", ""), set())
            for given in decorator.get("gives", {}).values():
                for type_ in given:
                    self._check_type(name, type_, set())
        for kind_name in self.overrides:
            self._check_known(kind_name, kind_name, "type")

    def _check_row(self, name: str, row: dict[str, Any], owner: str) -> None:
        if row.get("blocks") and not row.get("instead") and row["cost"] != "trivial":
            self._report(name, "blocks, but does not say what to write `instead`")
        if row.get("blocks") and row.get("colour") in AWAITABLE:
            self._report(name, f"cannot block and be of colour `{row['colour']}`")
        if row.get("starts_loop") and row.get("needs_loop"):
            self._report(name, "cannot start an event loop and need a running one")
        parameters = set(self.types.get(owner, {}).get("parameters", ()))
        self._check_type(name, row.get("returns", ""), parameters)
        twin = row.get("twin")
        if twin and "." not in twin:
            twin = f"{owner}.{twin}"
        if twin:
            self._check_known(name, twin, "twin")
        for condition in (*row.get("unless", ()), *row.get("when", ())):
            for each in condition.get("type", ()):
                self._check_known(name, each, "type")

    def _check_type(self, name: str, expression: str, parameters: set[str]) -> None:
        try:
            tree = type_expression(expression)
        except SyntaxError:
            self._report(name, f"`{expression}` is not a type expression")
            return
        inner: set[int] = set()
        for node in ast.walk(tree) if tree else ():
            if id(node) in inner:
                continue
            if isinstance(node, ast.Attribute):
                inner.update(id(each) for each in ast.walk(node))
                self._check_known(name, ast.unparse(node), "type")
            elif isinstance(node, ast.Name) and node.id not in parameters and not re.fullmatch(r"_\d+|self", node.id):
                self._check_known(name, f"builtins.{node.id}", "type")

    def _check_known(self, name: str, target: str, role: str) -> None:
        if not self._is_known(target):
            self._report(name, f"{role} `{target}` is not in the catalogue{nearest(target, self._siblings(target))}")

    def _is_known(self, target: str, depth: int = 0) -> bool:
        if target in self.functions or target in self.types or target.partition(".")[0] in _VOCABULARY:
            return True
        owner, _, member = target.rpartition(".")
        if any(name.startswith(target + ".") for name in self.origin):
            return True  # a module
        kind = self.types.get(owner)
        if kind is not None:
            own = member in kind["methods"] or member in kind["attributes"] or "every_method" in kind
            inherited = (f"{base}.{member}" for base in kind.get("bases", ()))
            return own or (depth < 8 and any(self._is_known(each, depth + 1) for each in inherited))
        if target in self.decorators:
            return True
        aliased = self.aliases.get(target) or (self.aliases[owner] + "." + member if owner in self.aliases else "")
        return bool(aliased) and depth < 8 and self._is_known(aliased, depth + 1)

    def _siblings(self, target: str) -> list[str]:
        package = target.partition(".")[0] + "."
        return [name for name in self.types if name.startswith(package)][:2000] if package != "builtins." else []

    def _report(self, name: str, text: str) -> None:
        file = self.origin.get(name.partition(" ")[0]) or self.origin.get(name.rpartition(".")[0], "catalogue")
        self.problems.append(f"{file}: {name}: {text}")

    def encode(self) -> str:
        """The compiled text: a JSON object with one line per package, its header first."""
        shards: dict[str, dict[str, Any]] = {}
        indices: dict[str, dict[str, int]] = {}

        def shard(name: str) -> dict[str, Any]:
            return shards.setdefault(name.partition(".")[0], {"rows": []})

        def index(name: str, row: dict[str, Any]) -> int:
            known = indices.setdefault(name.partition(".")[0], {})
            text = json.dumps(row, sort_keys=True)
            if text not in known:
                known[text] = len(known)
                shard(name)["rows"].append(row)
            return known[text]

        for name, row in sorted(self.functions.items()):
            shard(name).setdefault("functions", {})[name] = index(name, row)
        for name, kind in sorted(self.types.items()):
            body = {key: value for key, value in kind.items() if key not in ("methods", "attributes")}
            for key in _MEMBER_ROWS:
                if key in body:
                    body[key] = index(name, body[key])
            if kind["methods"]:
                body["methods"] = {each: index(name, row) for each, row in sorted(kind["methods"].items())}
            if kind["attributes"]:
                body["attributes"] = {
                    each: value if isinstance(value, str) else index(name, value)
                    for each, value in sorted(kind["attributes"].items())
                }
            shard(name).setdefault("types", {})[name] = body
        for section in ("aliases", "decorators", "overrides", "deprecated"):
            for name, value in sorted(getattr(self, section).items()):
                shard(name).setdefault(section, {})[name] = value
        lines = [f"{json.dumps(name)}: {_dense(shards[name])}" for name in sorted(shards)]
        header = {
            "format": FORMAT,
            "fingerprint": "",
            "modules": sorted(set(self.modules)),
            **{section: dict(sorted(content.items())) for section, content in self.language.items()},
        }
        header["fingerprint"] = hashlib.sha256("\n".join([_dense(header), *lines]).encode()).hexdigest()[:16]
        return "{\n" + ",\n".join([f'"": {_dense(header)}', *lines]) + "\n}\n"


def _dense(value: Any) -> str:
    return json.dumps(value, ensure_ascii=True, separators=(",", ":"))


def read_yaml(path: Path) -> Any:
    """The file's content. Raises CatalogueError for broken YAML and for keys that come twice."""
    import yaml

    class Strict(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
        pass

    def mapping(loader: Any, node: Any) -> Any:
        own = [key.value for key, _ in node.value if key.tag != "tag:yaml.org,2002:merge"]
        twice = sorted({key for key in own if own.count(key) > 1})
        if twice:
            line = node.start_mark.line + 1
            raise CatalogueError([f"{path.name}:{line}: the key `{twice[0]}` comes twice in one mapping"])
        loader.flatten_mapping(node)
        return loader.construct_mapping(node, deep=True)

    Strict.add_constructor("tag:yaml.org,2002:map", mapping)
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=Strict)
    except yaml.YAMLError as error:
        raise CatalogueError([f"{path.name}: not valid YAML: {' '.join(str(error).split())}"]) from None


def compile_folder(folder: Path = FOLDER) -> str:
    """The compiled text of all YAML files in the folder. Raises CatalogueError that lists every mistake."""
    files = Files()
    for path in [*sorted(folder.glob(f"{DERIVED}*.yaml")), *sorted(folder.glob("*.yaml"))]:
        try:
            files.add(path.relative_to(folder).as_posix(), read_yaml(path))
        except CatalogueError as error:
            files.problems += error.problems
    if not files.problems:
        files.check()
    if files.problems:
        raise CatalogueError(files.problems)
    return files.encode()


def main(arguments: list[str] | None = None) -> int:
    """Writes the compiled catalogue, or with `--check` only tells whether it is fresh. Returns the exit status."""
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments not in ([], ["--check"]):
        print("usage: python -m asynclint.catalogue.compile [--check]", file=sys.stderr)
        return 2
    try:
        text = compile_folder()
    except CatalogueError as error:
        print(error, file=sys.stderr)
        return 1
    fresh = COMPILED.is_file() and COMPILED.read_text(encoding="utf-8") == text
    if arguments and not fresh:
        print(f"{COMPILED}: stale; run `python -m asynclint.catalogue.compile`", file=sys.stderr)
        return 1
    if not arguments and not fresh:
        COMPILED.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Who is measured: asynclint, the floor below it, and the tools beside it."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.corpora import Corpus


@dataclass(frozen=True)
class Contender:
    """A command. `prepare` is run before each turn and not measured; `lines` is how much it reads.

    `stdin` gives what the command reads, anew for each turn. `most_turns` spares one's patience with
    slow tools. `statuses` are those of a command that did its work.
    """

    name: str
    command: Sequence[str]
    cwd: Path
    prepare: Callable[[], None] | None = None
    stdin: Callable[[], bytes] | None = None
    statuses: frozenset[int] = frozenset({0, 1})
    lines: int = 0
    most_turns: int | None = None
    variables: Mapping[str, str] | None = None
    """The whole environment, where it is not that of the benchmark."""


@dataclass(frozen=True)
class _Tool:
    """How a tool that looks across files is told to check the current folder and to say little."""

    arguments: Sequence[str]
    most_turns: int | None = None


#: They check without the dependencies of the project, as asynclint does here.
_ACROSS_FILES = {
    "ty": _Tool(("check", "--exit-zero", "--quiet", ".")),
    "pyrefly": _Tool(("check", "--output-format", "omit-errors", ".")),
    "evloop-lint": _Tool((".",), 2),
    "mypy": _Tool(("--ignore-missing-imports", "--no-error-summary", "--cache-dir", "/dev/null", "."), 1),
}
_SLOW = ("evloop-lint", "mypy")


class Tools:
    """Finds tools in the given folders, on the path, and beside the running Python, in this order."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders

    def find(self, name: str) -> str | None:
        """The executable of a tool; None when it is not installed."""
        places = [*map(str, self._folders), None, str(Path(sys.executable).parent)]
        return next((found for place in places if (found := shutil.which(name, path=place))), None)

    def versions(self) -> dict[str, str]:
        """The version of every tool; "not installed" where there is none."""
        return {name: self._version(name) for name in ("ruff", "flake8-async", *_ACROSS_FILES)}

    def _version(self, name: str) -> str:
        tool = self.find(name)
        if tool is None:
            return "not installed"
        interpreter = _interpreter(tool)
        if interpreter is None:
            command = [tool, "--version"]
        else:
            command = [interpreter, "-c", f"import importlib.metadata as m; print(m.version({name!r}))"]
        told = subprocess.run(command, capture_output=True, text=True).stdout
        version = re.search(r"\d+(\.\w+)+", told)
        return version.group() if version else "unknown"

    # -- contenders ------------------------------------------------------------------------------

    def ruff(self, corpus: Corpus, *, cold: bool) -> Iterator[Contender]:
        """ruff with its async rules. It follows nothing across files."""
        tool = self.find("ruff")
        if tool is None:
            return
        command = [tool, "check", "--select", "ASYNC", "--isolated", "--quiet", *(("--no-cache",) if cold else ()), "."]
        yield Contender(f"ruff, {'cold' if cold else 'warm'}", command, corpus.root, lines=corpus.lines)

    def flake8_async(self, subset: Corpus) -> Iterator[Contender]:
        """flake8-async on as much as it can read while one waits."""
        tool = self.find("flake8-async")
        if tool is not None:
            command = [tool, "--enable", "ASYNC", *(str(path) for path in subset.files)]
            name = f"flake8-async, {subset.lines:,} lines"
            yield Contender(name, command, subset.root, statuses=_ANY_OF_256, lines=subset.lines, most_turns=1)

    def across_files(self, corpus: Corpus, *, slow: bool) -> Iterator[Contender]:
        """Those that look across files. Without `slow`, only the fast ones."""
        for name, told in _ACROSS_FILES.items():
            tool = self.find(name)
            if tool is not None and (slow or name not in _SLOW):
                command = [tool, *told.arguments]
                yield Contender(
                    f"{name}, cold", command, corpus.root, lines=corpus.lines, most_turns=told.most_turns
                )  # fmt: skip


#: flake8 and its kin count findings in their status.
_ANY_OF_256 = frozenset(range(256))


def _interpreter(tool: str) -> str | None:
    """The Python that runs a tool; None when it is a program of its own."""
    with open(tool, "rb") as file:
        first = file.readline(1024)
    found = re.match(rb"#!\s*(\S*python\S*)", first)
    return found.group(1).decode() if found else None


class Ours:
    """asynclint, as a copy that nobody edits meanwhile, and what it is compared with."""

    def __init__(self, folder: Path, variables: Mapping[str, str]) -> None:
        """Copies the package below `folder`. Raises OSError."""
        root = Path(__file__).resolve().parents[1]
        code = folder / "code"
        shutil.copytree(root / "asynclint", code / "asynclint", ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copy(root / "benchmarks" / "floor.py", code / "floor.py")
        # Started as an installed script is: the interpreter, a file, and no search for packages elsewhere.
        self._script = code / "run.py"
        self._script.write_text("from asynclint.cli import main\n\nmain()\n", encoding="utf-8")
        self._floor = code / "floor.py"
        self._folder = folder
        left_out = ("VIRTUAL_ENV", "PYTHONDONTWRITEBYTECODE", "PYTHONPATH")
        self._variables = {name: value for name, value in variables.items() if name not in left_out}
        # What is remembered for the user is not that of whoever runs the benchmark.
        self._variables["XDG_CACHE_HOME"] = str(folder / "user")

    def asynclint(self, name: str, corpus: Corpus, *arguments: str) -> Contender:
        command = [sys.executable, str(self._script), "check", *(arguments or (".",))]
        return Contender(f"asynclint, {name}", command, corpus.root, lines=corpus.lines, variables=self._variables)

    def floor(self, corpus: Corpus, processes: int) -> Contender:
        command = [sys.executable, str(self._floor), str(corpus.root), str(processes)]
        name = f"`ast.parse`, {processes} processes"
        return Contender(name, command, self._folder, lines=corpus.lines, variables=self._variables)

    def python(self, code: str) -> Contender:
        return Contender(f'`python -c "{code}"`', [sys.executable, "-c", code], self._folder, variables=self._variables)

"""The packages that are installed for a project: found where they are, read for what they declare."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from asynclint.catalogue import load
from asynclint.config import Configurations, command_line_layers
from asynclint.config.environment import installed_in
from asynclint.engine.discover import discover
from asynclint.engine.house import known_rules
from asynclint.engine.run import check
from tests.harness.projects import Project, working_in

PACKAGE = {
    "acme/__init__.py": "from acme.client import Client, connect, plain\n",
    "acme/client.py": (
        "import time\n\n\nclass Client:\n    async def fetch(self):\n        return 1\n\n"
        "    def wait(self):\n        time.sleep(1)\n\n"
        "    def make(self) -> 'Client':\n        return self\n\n\n"
        "async def connect() -> Client:\n    return Client()\n\n\ndef plain():\n    return connect()\n"
    ),
    "requests/__init__.py": "async def get(url):\n    return url\n",
    "typed/__init__.pyi": "async def load(path: str) -> bytes: ...\n",
    "broken/__init__.py": "def (:\n",
    "compiled/__init__.cpython-312-x86_64-linux-gnu.so": "",
    "compiled-stubs/__init__.pyi": "from .client import Client as Client\nasync def load(path: str) -> bytes: ...\n",
    "compiled-stubs/client.pyi": "class Client:\n    async def fetch(self) -> int: ...\n    def peek(self): ...\n",
    "sourced/__init__.py": "def load(path):\n    return path\n",
    "sourced-stubs/__init__.pyi": "async def load(path: str) -> bytes: ...\n",
    "space/deep/__init__.py": "from .client import Client\n",
    "space/deep/client.py": "class Client:\n    async def fetch(self):\n        return 1\n",
}
APP = """\
import acme
import broken
import requests
import typed
from acme import Client


async def main(client: Client):
    acme.connect()
    client.fetch()
    client.make().fetch()
    client.wait()
    acme.plain()
    typed.load("x")
    requests.get("https://example.com")
    broken.anything()
    await acme.connect()
"""


def venv(folder: Path, library: str = "lib/python3.12/site-packages") -> Path:
    """A virtual environment with the packages; gives their folder."""
    packages = folder / library
    for path, text in PACKAGE.items():
        target = packages / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    (folder / "pyvenv.cfg").write_text("home = /usr/bin\n")
    return packages


def findings(root: Path, **options: object) -> list[tuple[int, str]]:
    """(line, rule) of what a check of the project says."""
    with working_in(root):
        layers = command_line_layers({"cache": False, "jobs": 1, **options}, [], root)
        reports = [
            check(each.files, each.settings) for each in discover(["app.py"], Configurations(known_rules(), layers))
        ]
    return [(each.span.line, each.rule) for report in reports for each in report.diagnostics]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    root = tmp_path / "project"
    root.mkdir()
    return Project(root, {"app.py": APP}).root


KNOWN = [(15, "blocking-call")]
WITH_PACKAGES = [
    (9, "missing-await"),
    (10, "missing-await"),
    (11, "missing-await"),
    (14, "missing-await"),
    (15, "blocking-call"),
]


def test_without_an_environment_only_the_catalogue_speaks(project: Path) -> None:
    assert findings(project) == KNOWN


@pytest.mark.parametrize("name", [".venv", "venv"])
def test_in_the_project(project: Path, name: str) -> None:
    venv(project / name)
    assert findings(project) == WITH_PACKAGES


def test_named_by_the_variable(project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    venv(tmp_path / "elsewhere", "Lib/site-packages")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "elsewhere"))
    assert findings(project) == WITH_PACKAGES


def test_named_by_the_option(project: Path, tmp_path: Path) -> None:
    venv(tmp_path / "elsewhere")
    interpreter = tmp_path / "elsewhere" / "bin" / "python"
    interpreter.parent.mkdir()
    interpreter.touch()
    assert findings(project, python=str(interpreter)) == WITH_PACKAGES
    assert findings(project, python=str(tmp_path / "elsewhere")) == WITH_PACKAGES


def test_no_environment_gives_the_same_answer_everywhere(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    venv(project / ".venv")
    venv(tmp_path / "elsewhere")
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "elsewhere"))
    assert findings(project, environment=False) == KNOWN


def test_a_result_is_kept_for_one_environment(project: Path, tmp_path: Path) -> None:
    cached = {"cache": True, "cache-dir": str(tmp_path / "cache")}
    assert findings(project, **cached) == KNOWN
    venv(project / ".venv")
    assert findings(project, **cached) == WITH_PACKAGES
    assert findings(project, **cached, environment=False) == KNOWN


def test_stubs_that_come_later_count(project: Path, tmp_path: Path) -> None:
    cached = {"cache": True, "cache-dir": str(tmp_path / "cache")}
    packages = venv(project / ".venv")
    stubs = packages / "late-stubs"
    (project / "app.py").write_text("import late\n\n\nasync def main():\n    late.load()\n")
    assert findings(project, **cached) == []
    stubs.mkdir()
    (stubs / "__init__.pyi").write_text("async def load() -> None: ...\n")
    assert findings(project, **cached) == [(5, "missing-await")]
    (stubs / "__init__.pyi").unlink()
    stubs.rmdir()
    assert findings(project, **cached) == []


def test_where_packages_are_looked_for(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    assert installed_in(root, variables={}) == ()
    active = venv(tmp_path / "active")
    assert installed_in(root, variables={"VIRTUAL_ENV": str(tmp_path / "active")}) == (str(active),)
    own = venv(root / ".venv", "lib/python3.9/site-packages")
    newer = venv(root / ".venv", "lib/python3.12/site-packages")
    (root / ".venv" / "lib64").symlink_to("lib")
    assert installed_in(root, variables={"VIRTUAL_ENV": str(tmp_path / "active")}) == (str(newer), str(own))
    assert installed_in(root, python=own, variables={}) == (str(own),)
    assert installed_in(root, python=tmp_path / "missing" / "bin" / "python", variables={}) == ()


STUBBED = """\
import compiled
import sourced
from compiled import Client
from space.deep import Client as Deep
from space.deep.client import Client as Same


async def main(client: Client, deep: Deep, same: Same):
    compiled.load("x")
    client.fetch()
    client.peek()
    sourced.load("x")
    deep.fetch()
    same.fetch()
"""


@pytest.mark.parametrize("order", [str, lambda text: text.replace("space.deep.client", "space.deep", 1)])
def test_stubs_speak_where_there_is_no_source(project: Path, order: Any) -> None:
    venv(project / ".venv")
    (project / "app.py").write_text(order(STUBBED))
    assert findings(project) == [(line, "missing-await") for line in (9, 10, 13, 14)]


def test_a_module_has_one_name_however_it_is_reached(project: Path) -> None:
    from asynclint.facts.extract import extract
    from asynclint.program.modules import Finder

    packages = str(venv(project / ".venv"))

    def finder() -> Finder:
        return Finder([str(project)], lambda path: extract(Path(path).read_bytes()), [packages])

    for package, module in (("space.deep", "space.deep.client"), ("compiled", "compiled.client")):
        for straight in (True, False):
            found = finder()
            app = found.module_at(str(project / "app.py"))
            inner = found.find(module, app) if straight else None
            outer = found.find(package, app)
            assert outer is not None
            inner = inner or found.relative(".client", outer)
            assert inner is not None
            assert (outer.name, inner.name) == (package, module)


def test_packages_are_read_only_when_asked_for(project: Path) -> None:
    from asynclint.facts.extract import extract
    from asynclint.facts.model import ModuleFacts
    from asynclint.program import Program
    from asynclint.program.modules import Finder
    from asynclint.program.site import Site

    packages = venv(project / ".venv")
    read: list[str] = []

    def facts(path: str) -> ModuleFacts | None:
        read.append(Path(path).name)
        return extract(Path(path).read_bytes())

    program = Program(Finder([str(project)], facts, [str(packages)]), load())
    module = program.finder.module_at(str(project / "app.py"))
    sites = [Site(module, number) for number, row in enumerate(module.facts.sites) if row[0] == 0]
    assert read == ["app.py"]
    assert program.coroutine(next(site for site in sites if site.line == 10)) is not None
    assert sorted(read) == ["__init__.py", "app.py", "client.py"]

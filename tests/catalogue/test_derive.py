"""Deriving rows from source, and checking listed names against source."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from asynclint.catalogue import Catalogue, derive, load, verify
from asynclint.catalogue.compile import compile_folder
from asynclint.catalogue.package import Package

SOURCE = {
    "__init__.py": """
        from ._client import Client, AsyncClient as AsyncClient
        from ._client import Pool, helper, fetch
        from . import tools
        from .inner import *
        __all__ = ["Client", "AsyncClient", "helper", "fetch"]
    """,
    "_client.py": """
        from __future__ import annotations
        import socket
        from abc import abstractmethod
        from collections.abc import AsyncIterator, Awaitable, Iterator
        from contextlib import asynccontextmanager, contextmanager
        from typing import TYPE_CHECKING, Generic, Optional, TypeVar, Union, overload
        from ._parts import Parts, Plain
        if TYPE_CHECKING:
            from ._response import Response
        Answer = Awaitable["Response"]

        class Base:
            timeout: float
            def build(self) -> Response: ...

        class flag:
            def __init__(self, function): ...
            def __get__(self, instance, owner): ...

        class Client(Base):
            def __enter__(self):
                return self
            def get(self, url: str) -> "Response":
                return self._send(url)
            def _send(self, url):
                with socket.create_connection((url, 80)) as connection:
                    return connection
            def close(self) -> None: ...
            @contextmanager
            def stream(self) -> Iterator[Response]:
                yield self.get("")
            fetch = get
            def pages(self, url: str):
                while True:
                    yield self._send(url)
            def every_page(self):
                return list(self.pages(""))
            def later_pages(self):
                return self.pages("")
            @flag
            def is_fast(self):
                return 1 << 3
            @property
            def closed(self) -> bool: ...

        class AsyncClient(Base):
            def __enter__(self):
                raise TypeError("use async with")
            async def __aenter__(self) -> "AsyncClient":
                return self
            async def get(self, url: str) -> Optional[Response]: ...
            def later(self, url: str) -> Awaitable[Response]: ...
            def named(self, url: str) -> Answer: ...
            def open(self):
                raise NotImplementedError
            @abstractmethod
            def left_open(self): ...
            def harmless(self): ...
            def __init__(self):
                self.parts = Parts(self)
                self.plain_part = Plain(self)
            def either(self) -> Union[Awaitable[int], int]: ...
            def silent(self):
                return self._make()
            def plain(self):
                return "text"
            async def lines(self) -> AsyncIterator[str]:
                yield ""
            @asynccontextmanager
            async def stream(self) -> AsyncIterator[Response]:
                yield None
            @overload
            def size(self) -> int: ...
            @overload
            def size(self, flag: bool) -> str: ...
            def size(self, flag=False): ...

        async def fetch(url: str) -> bytes: ...
        def helper(url): return Client().get(url)

        class Entering:
            def __await__(self): ...
            async def __aenter__(self): ...

        def entering(function):
            def wrapper(*args):
                return Entering(function(*args))
            return wrapper

        class Builder:
            def __await__(self): ...
            def limit(self, count: int) -> "Builder": ...

        class Pool:
            @entering
            async def acquire(self) -> AsyncClient: ...
            async def __call__(self) -> bytes: ...
            def __getitem__(self, name: str) -> AsyncClient: ...
            def __len__(self) -> int: ...
            def build(self) -> Builder: ...
            @property
            def client(self):
                return AsyncClient(self)
            def made(self):
                return AsyncClient(self)
    """,
    "_response.py": """
        class Response:
            status: int
            def json(self) -> dict[str, int]: ...
            async def read(self) -> bytes: ...
    """,
    "inner/__init__.py": """
        from .deep import *
    """,
    "inner/deep.py": """
        __all__ = ("reach",)
        async def reach(): ...
        async def hidden(): ...
    """,
    "_parts.py": """
        class Parts:
            async def fetch(self): ...
        class Plain:
            def look(self): ...
    """,
    "tools.py": """
        import threading
        def careful():
            with threading.Lock():
                pass
        def offloaded(pool):
            def inner():
                import time
                time.sleep(1)
            return pool.submit(inner)
        def reaped(pid):
            import os
            return os.waitpid(pid, os.WNOHANG)
        def waited(pid):
            import os
            return os.wait3(pid)
    """,
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    package = tmp_path / "web"
    package.mkdir()
    for name, text in SOURCE.items():
        lines = text.splitlines()[1:]
        indent = len(lines[0]) - len(lines[0].lstrip())
        (package / name).parent.mkdir(exist_ok=True)
        (package / name).write_text("\n".join(line[indent:] for line in lines) + "\n")
    return package


@pytest.fixture
def derived(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Catalogue:
    """The compiled catalogue of what is derived from the package, beside the shipped builtins."""
    assert derive.main([str(folder), "--library", "web", "--version", "2.0"]) == 0
    compiled = tmp_path / "compiled"
    (compiled / "derived").mkdir(parents=True)
    (compiled / "derived" / "web.yaml").write_text(capsys.readouterr().out)
    builtins = (
        'library: b\nsource: "3"\ntypes: {"builtins.{int, str, bool, bytes, float, None}": {}, builtins.dict: {}}\n'
    )
    (compiled / "b.yaml").write_text(builtins)
    data = json.loads(compile_folder(compiled))
    return Catalogue(data.pop(""), {package: json.dumps(shard) for package, shard in data.items()}, {})


@pytest.mark.parametrize(
    ("name", "colour", "returns"),
    [
        ("web.Client.get", "sync", "web._response.Response"),
        ("web.AsyncClient.get", "coroutine", "web._response.Response | None"),
        ("web.AsyncClient.lines", "async-iterator", "str"),
        ("web.AsyncClient.either", "unknown", ""),
        ("web.AsyncClient.silent", "unknown", ""),
        ("web.AsyncClient.plain", "sync", ""),
        ("web.AsyncClient.stream", "async-context", "web._response.Response"),
        ("web.AsyncClient.later", "coroutine", "web._response.Response"),
        ("web.AsyncClient.named", "coroutine", "web._response.Response"),
        ("web.AsyncClient.open", "unknown", ""),
        ("web.AsyncClient.left_open", "unknown", ""),
        ("web.AsyncClient.harmless", "sync", ""),
        ("web.Client.stream", "context", "web._response.Response"),
        ("web.fetch", "coroutine", "bytes"),
        ("web.Pool.acquire", "awaitable-or-context", "web.AsyncClient"),
        ("web.Pool.build", "lazy", ""),
        ("web.Pool.made", "unknown", "web.AsyncClient"),
        ("web.Pool.__call__", "coroutine", "bytes"),
        ("web.Pool.__getitem__", "sync", "web.AsyncClient"),
    ],
)
def test_colours_and_results(derived: Catalogue, name: str, colour: str, returns: str) -> None:
    found = derived.callable(name)
    assert found is not None
    assert found.colour == colour
    assert found.returns == returns


def test_plain_functions_that_reach_a_blocking_call_block(derived: Catalogue) -> None:
    rows = {
        name: derived.callable(name)
        for name in ("web.Client.get", "web.helper", "web.Client.fetch", "web.Client.close")
    }
    assert {name: row.blocks if row else None for name, row in rows.items()} == {
        "web.Client.get": "network",
        "web.helper": "network",
        "web.Client.fetch": "network",
        "web.Client.close": "",
    }


def test_a_generator_waits_where_it_is_gone_over(derived: Catalogue) -> None:
    pages = derived.callable("web.Client.pages")
    every_page = derived.callable("web.Client.every_page")
    later_pages = derived.callable("web.Client.later_pages")
    assert pages and pages.blocks and pages.lazy
    assert every_page and every_page.blocks and not every_page.lazy
    assert later_pages and not later_pages.blocks


def test_what_a_descriptor_of_the_package_decorates_is_an_attribute(derived: Catalogue) -> None:
    assert derived.method("web.Client", "is_fast") is None
    assert derived.attribute("web.Client", "is_fast") == ""


def test_locks_and_nested_functions_do_not_count(derived: Catalogue) -> None:
    for name in ("web.tools.careful", "web.tools.offloaded", "web.tools.reaped"):
        found = derived.callable(name)
        assert found is None or not found.blocks


def test_members_of_private_bases_are_taken_over(derived: Catalogue) -> None:
    assert derived.method("web.Client", "build") is not None
    assert derived.attribute("web.AsyncClient", "timeout") == "float"
    assert derived.attribute("web.Client", "closed") == "bool"


def test_a_private_class_that_users_are_given_has_a_row_under_its_own_name(derived: Catalogue) -> None:
    found = derived.callable("web._response.Response.read")
    assert found is not None and found.colour == "coroutine"
    assert derived.attribute("web.AsyncClient", "parts") == "web._parts.Parts"
    assert derived.callable("web._parts.Parts.fetch") is not None
    assert derived.type("web._parts.Plain") is None, "nothing in it waits"


def test_protocols(derived: Catalogue) -> None:
    assert derived.protocol("web.Client", "enter") == "self"
    assert derived.protocol("web.AsyncClient", "async_enter") == "self"
    assert derived.protocol("web.AsyncClient", "enter") is None, "an `__enter__` that only raises is none"


def test_the_defining_place_is_an_alias(derived: Catalogue) -> None:
    assert derived.canonical("web._client.AsyncClient") == "web.AsyncClient"


def test_stars_of_stars_are_public(derived: Catalogue) -> None:
    assert derived.canonical("web.inner.deep.reach") == "web.reach"
    assert derived.canonical("web.hidden") == "web.hidden" and derived.callable("web.hidden") is None


def test_the_output_begins_with_the_command(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    derive.main(
        [str(folder), "--library", "web", "--version", "2.0", "--only", "web.Async*", "--primitive", "network=self._x"]
    )
    first, library, source = capsys.readouterr().out.splitlines()[:3]
    command = "python -m asynclint.catalogue.derive web --library web --version 2.0"
    assert first == f"# {command} --only 'web.Async*' --primitive 'network=self._x'"
    assert (library, source) == ("library: web", 'source: "derived from the source of web 2.0"')


def test_only_and_without_choose_public_names(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    derive.main(
        [str(folder), "--library", "web", "--version", "2.0", "--only", "web.*Client", "--without", "web.Async*"]
    )
    text = capsys.readouterr().out
    assert "  web.Client:" in text and "web.AsyncClient" not in text and "web.fetch" not in text


def test_a_primitive_makes_its_callers_block(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "api.py").write_text("class Api:\n    def create(self):\n        return self._post('/')\n")
    arguments = [str(folder), "--library", "web", "--version", "2.0", "--only", "web.api.*"]
    derive.main(arguments)
    assert "blocks" not in capsys.readouterr().out
    derive.main([*arguments, "--primitive", "network=self._post"])
    assert "create: {blocks: network, cost: heavy, instead: thread}" in capsys.readouterr().out


def test_a_primitive_of_an_async_class_gives_something_to_await(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (folder / "api.py").write_text(
        "class Api:\n"
        "    def list(self):\n        return self._get('/')\n"
        "    async def create(self):\n        return await self._get('/')\n"
    )
    arguments = [str(folder), "--library", "web", "--version", "2.0", "--only", "web.api.*"]
    derive.main([*arguments, "--primitive", "network=self._get"])
    out = capsys.readouterr().out
    assert "create: coroutine" in out and "list: unknown" in out


def test_a_folder_that_is_no_package_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    for folder in ("nothing", "empty"):
        assert derive.main([str(tmp_path / folder), "--library", "x", "--version", "1"]) == 2
        assert str(tmp_path / folder) in capsys.readouterr().err


def test_a_wrong_primitive_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        derive.main([str(tmp_path), "--library", "x", "--version", "1", "--primitive", "self._post"])
    assert caught.value.code == 2
    assert "expected KIND=PATTERN" in capsys.readouterr().err


def test_files_that_do_not_parse_are_passed_by(folder: Path) -> None:
    (folder / "template.py").write_text("class {{ name }}:\n")
    (folder / "nul.py").write_bytes(b"\x00\x01")
    assert "web.template" not in Package(folder).modules


def test_names_that_go_in_a_circle_end(tmp_path: Path) -> None:
    package = tmp_path / "loop"
    package.mkdir()
    (package / "__init__.py").write_text("from .a import x\nfrom .b import *\ny = y\n")
    (package / "a.py").write_text("from .b import x\n")
    (package / "b.py").write_text("from .a import x\nfrom . import *\n")
    assert Package(package).definition("loop.x").startswith("loop.")


def test_verify_finds_names_that_the_source_lacks(tmp_path: Path) -> None:
    package = tmp_path / "requests"
    package.mkdir()
    (package / "__init__.py").write_text("from .sessions import Session\ndef get(): ...\n")
    (package / "sessions.py").write_text("class Session:\n    def get(self): ...\n")
    names = set(verify.missing(Package(package), load()))
    assert "requests.post" in names and "requests.Session.post" in names
    assert not names & {"requests.get", "requests.Session", "requests.Session.get"}


def test_special_methods_are_listed_for_what_they_give(derived: Catalogue) -> None:
    assert derived.callable("web.Pool.__len__") is None


def test_a_property_is_what_it_makes(derived: Catalogue) -> None:
    assert derived.attribute("web.Pool", "client") == "web.AsyncClient"


def test_verify_finds_names_of_another_colour(tmp_path: Path) -> None:
    package = tmp_path / "httpx"
    package.mkdir()
    (package / "__init__.py").write_text(
        "async def get(url): ...\ndef post(url): ...\n"
        "class AsyncClient:\n    def aclose(self):\n        self.done = True\n    async def get(self): ...\n"
        "    def post(self, url):\n        return make(url)\n    def build_request(self): ...\n"
    )
    assert list(verify.recoloured(Package(package), load())) == [
        "httpx.AsyncClient.aclose: sync in the source, coroutine in the catalogue",
        "httpx.get: coroutine in the source, blocking in the catalogue",
    ]


def test_names_of_parts_that_go_in_a_circle_end(tmp_path: Path) -> None:
    package = tmp_path / "ring"
    package.mkdir()
    (package / "__init__.py").write_text("from ring import a\nx = a.y\ny = a.x\n")
    (package / "a.py").write_text("import ring\nx = ring.x\ny = ring.y\n")
    assert Package(package).definition("ring.x").startswith("ring")


def test_verify_as_a_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    package = tmp_path / "unheard"
    package.mkdir()
    (package / "__init__.py").write_text("")
    assert verify.main([str(package)]) == 0
    assert capsys.readouterr().out == "unheard: every name exists\n"
    assert verify.main([str(tmp_path / "nothing")]) == 2

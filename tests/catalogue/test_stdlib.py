"""The standard library's rows agree with the standard library that runs the tests."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import pkgutil
import sys
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from asynclint.catalogue import Catalogue, load
from asynclint.catalogue.model import AWAITABLE

#: Listed names that this interpreter may lack: other platforms, older and newer versions.
ELSEWHERE = {
    "other versions": {
        *(f"asyncio.{name}" for name in ("EventLoop", "QueueShutDown", "Barrier", "BrokenBarrierError", "Runner")),
        *(
            f"asyncio.{name}"
            for name in ("TaskGroup", "Timeout", "timeout", "timeout_at", "tasks._AsCompletedIterator")
        ),
        *(f"asyncio.{name}" for name in ("create_eager_task_factory", "eager_task_factory", "print_call_graph")),
        *(f"asyncio.{name}" for name in ("capture_call_graph", "format_call_graph", "future_add_to_awaited_by")),
        *(f"asyncio.{name}" for name in ("future_discard_from_awaited_by", "get_child_watcher", "set_child_watcher")),
        *(f"asyncio.{kind}ChildWatcher" for kind in ("Abstract", "Safe", "Fast", "MultiLoop", "Pidfd", "Threaded")),
        *("concurrent.futures.InterpreterPoolExecutor", "queue.ShutDown", "contextlib.chdir"),
        *(f"threading.{name}" for name in ("setprofile_all_threads", "settrace_all_threads", "getprofile", "gettrace")),
    },
    "windows": {"msvcrt", "winsound", "winreg", "nt", "asyncio.ProactorEventLoop"},
    "removed from 3.12 on": {
        "asyncore",
        "asynchat",
        "smtpd",
        "urllib.request.URLopener",
        "urllib.request.FancyURLopener",
    },
    "removed from 3.13 on": {"telnetlib", "nntplib", "crypt", "spwd", "nis", "ossaudiodev", "msilib"},
}


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


def listed(catalogue: Catalogue) -> Iterator[tuple[str, str]]:
    """("function" | "type", name) for everything in the standard library."""
    for package in catalogue.packages():
        if package in sys.stdlib_module_names:
            shard = catalogue.shard(package)
            yield from (("function", name) for name in shard.functions)
            yield from (("type", name) for name in shard.types)


def find(name: str) -> Any:
    """The object of that name. Raises AttributeError when there is none."""
    parts = name.split(".")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for end in range(len(parts), 0, -1):
            try:
                found: Any = importlib.import_module(".".join(parts[:end]))
            except ImportError:
                continue
            for part in parts[end:]:
                found = getattr(found, part)
            return found
    raise AttributeError(name)


def found_or_none(name: str) -> Any:
    with contextlib.suppress(AttributeError):
        return find(name)
    return None


def test_nearly_every_listed_name_exists(catalogue: Catalogue) -> None:
    """A few percent may belong to other platforms and versions; whole modules that are gone are let pass."""
    gone = {top for names in ELSEWHERE.values() for top in names}
    names = [name for _, name in listed(catalogue) if name != "builtins.None"]
    present = [name for name in names if not any(name == each or name.startswith(each + ".") for each in gone)]
    missing = [name for name in present if found_or_none(name) is None]
    assert len(names) > 1500
    assert len(missing) < len(present) * 0.05, missing


@pytest.mark.parametrize("name", ["asyncio", "time", "subprocess", "threading", "queue", "concurrent", "contextlib"])
def test_in_the_modules_that_matter_most_every_name_exists(catalogue: Catalogue, name: str) -> None:
    shard = catalogue.shard(name)
    missing = {each for each in (*shard.functions, *shard.types) if found_or_none(each) is None}
    assert {each for each in missing if each not in ELSEWHERE["other versions"] and not _of_windows(each)} == set()


def _of_windows(name: str) -> bool:
    return any(word in name for word in ("Proactor", "Windows"))


def test_listed_methods_exist(catalogue: Catalogue) -> None:
    missing = []
    count = 0
    for kind, name in listed(catalogue):
        found = found_or_none(name) if kind == "type" else None
        row = catalogue.type(name)
        if not inspect.isclass(found) or row is None:
            continue
        count += len(row.methods)
        missing += [f"{name}.{method}" for method in row.methods if not hasattr(found, method)]
    assert count > 1000
    assert len(missing) < 0.08 * count, missing


def test_coroutine_functions_are_told_from_plain_ones(catalogue: Catalogue) -> None:
    """Whatever the interpreter says is a coroutine function is of that colour, and the other way round."""
    wrong = []
    for kind, name in listed(catalogue):
        found = found_or_none(name)
        if kind == "function" and inspect.isfunction(found):
            row = catalogue.callable(name)
            if row is not None and inspect.iscoroutinefunction(found) != (row.colour == "coroutine"):
                wrong.append(name)
        if kind == "type" and inspect.isclass(found):
            wrong += list(_wrong_methods(catalogue, name, found))
    assert wrong == []


def _wrong_methods(catalogue: Catalogue, name: str, found: type) -> Iterator[str]:
    for method, member in inspect.getmembers(found, inspect.isfunction):
        if method == "__call__":
            continue  # plain functions that give coroutines, such as AsyncMock's
        listed_row = catalogue.method(name, method)
        if listed_row is not None and inspect.iscoroutinefunction(member) != (listed_row[1].colour == "coroutine"):
            yield f"{name}.{method}"


def test_context_managers_are_told_apart(catalogue: Catalogue) -> None:
    wrong = []
    for kind, name in listed(catalogue):
        found = found_or_none(name)
        if kind != "type" or not inspect.isclass(found):
            continue
        for which, method in (
            ("async_enter", "__aenter__"),
            ("async_iterates", "__aiter__"),
            ("awaits_to", "__await__"),
        ):
            if catalogue.is_complete(name) and hasattr(found, method) != (catalogue.protocol(name, which) is not None):
                wrong.append(f"{name}: {method}")
        # Newer versions make more classes context managers, so that only one direction holds.
        if catalogue.is_complete(name) and hasattr(found, "__enter__") and catalogue.protocol(name, "enter") is None:
            wrong.append(f"{name}: __enter__")
    assert wrong == []


def test_asyncio_is_complete(catalogue: Catalogue) -> None:
    """Every public name of asyncio, and every public method of its classes, has a row."""
    missing = []
    for name in asyncio.__all__:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = getattr(asyncio, name, None)
        if not callable(found):
            continue
        if not catalogue.knows(f"asyncio.{name}"):
            missing.append(name)
        elif inspect.isclass(found) and not issubclass(found, BaseException):
            missing += [
                f"{name}.{method}"
                for method, _ in inspect.getmembers(found, callable)
                if not method.startswith("_")
                and catalogue.method(f"asyncio.{name}", method) is None
                and catalogue.attribute(f"asyncio.{name}", method) is None
            ]
    assert missing == []


def test_every_coroutine_function_of_the_library_is_known(catalogue: Catalogue) -> None:
    """Coroutine functions hide in few modules; none that is public is without a row."""
    missing = []
    for module in ("asyncio", "contextlib", "unittest", "unittest.mock", "pdb", "concurrent.futures", "socket", "http"):
        loaded = importlib.import_module(module)
        names = getattr(loaded, "__all__", None) or [name for name in vars(loaded) if not name.startswith("_")]
        for name in names:
            if (
                inspect.iscoroutinefunction(getattr(loaded, name, None))
                and catalogue.callable(f"{module}.{name}") is None
            ):
                missing.append(f"{module}.{name}")
    assert missing == []


def test_no_module_of_the_library_that_waits_is_forgotten(catalogue: Catalogue) -> None:
    """Modules that speak for input, output, processes, threads and the network are spoken for."""
    watched = (
        "socket ssl select selectors subprocess threading queue multiprocessing concurrent os pathlib shutil glob "
    )
    watched += "tempfile io sqlite3 dbm urllib http ftplib smtplib poplib imaplib xmlrpc socketserver wsgiref zipfile "
    watched += "tarfile gzip bz2 lzma shelve fcntl signal time sched getpass webbrowser mailbox logging fileinput"
    present = {module.name for module in pkgutil.iter_modules()} | set(sys.builtin_module_names)
    assert [name for name in watched.split() if name in present and not catalogue.knows_module(name)] == []


def test_awaitable_colours_are_awaitable() -> None:
    assert {"coroutine", "future", "lazy", "awaitable-or-context"} == AWAITABLE

"""Questions to the shipped catalogue: names, inheritance, protocols, decorators, conditions, advice."""

from __future__ import annotations

import subprocess
import sys

import pytest

from asynclint.catalogue import CallableRow, Catalogue, Condition, Run, load


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return load()


def row(catalogue: Catalogue, name: str) -> CallableRow:
    found = catalogue.callable(name)
    assert found is not None, f"{name} is not listed"
    return found


@pytest.mark.parametrize(
    ("spelling", "name"),
    [
        ("asyncio.queues.Queue", "asyncio.Queue"),
        ("asyncio.queues.Queue.get", "asyncio.Queue.get"),
        ("posixpath.exists", "os.path.exists"),
        ("io.open", "builtins.open"),
        ("requests.sessions.Session.get", "requests.Session.get"),
        ("requests.session", "requests.Session"),
        ("httpx._client.AsyncClient", "httpx.AsyncClient"),
        ("fastapi.Request", "starlette.requests.Request"),
        ("asyncio.TimeoutError", "builtins.TimeoutError"),
        ("OSError", "builtins.OSError"),
        ("typing.Awaitable", "collections.abc.Awaitable"),
        ("nobody.knows.this", "nobody.knows.this"),
        ("time", "time"),
    ],
)
def test_other_spellings_lead_to_one_name(catalogue: Catalogue, spelling: str, name: str) -> None:
    assert catalogue.canonical(spelling) == name


@pytest.mark.parametrize(
    ("name", "blocks"),
    [
        ("time.sleep", "sleep"),
        ("requests.get", "network"),
        ("requests.Session.get", "network"),
        ("subprocess.run", "subprocess"),
        ("subprocess.Popen.wait", "subprocess"),
        ("builtins.open", "file"),
        ("pathlib.PosixPath.read_text", "file"),
        ("threading.Lock.acquire", "lock"),
        ("queue.PriorityQueue.get", "lock"),
        ("concurrent.futures.Future.result", "future"),
        ("sqlite3.Cursor.execute", "database"),
        ("psycopg2.extensions.cursor.execute", "database"),
        ("sqlalchemy.orm.Session.execute", "database"),
        ("django.db.models.QuerySet.get", "database"),
        ("pymongo.collection.Collection.find_one", "database"),
        ("redis.Redis.get", "network"),
        ("botocore.client.BaseClient.put_object", "network"),
        ("boto3.client", "file"),
        ("openai.resources.chat.Completions.create", "network"),
        ("langchain_core.runnables.Runnable.invoke", "network"),
        ("hashlib.pbkdf2_hmac", "cpu"),
        ("builtins.input", "input"),
        ("socket.socket.recv", "network"),
        ("zipfile.ZipFile.extractall", "file"),
    ],
)
def test_what_blocks(catalogue: Catalogue, name: str, blocks: str) -> None:
    found = row(catalogue, name)
    assert found.blocks == blocks
    assert found.cost and found.advice("asyncio")


@pytest.mark.parametrize(
    ("name", "colour"),
    [
        ("asyncio.sleep", "coroutine"),
        ("asyncio.Queue.get", "coroutine"),
        ("asyncio.PriorityQueue.put", "coroutine"),
        ("asyncio.StreamWriter.drain", "coroutine"),
        ("asyncio.StreamWriter.write", "sync"),
        ("asyncio.create_task", "future"),
        ("asyncio.AbstractEventLoop.run_in_executor", "future"),
        ("asyncio.timeout", "async-context"),
        ("aiohttp.ClientSession.get", "awaitable-or-context"),
        ("aiohttp.ClientResponse.json", "coroutine"),
        ("aiohttp.ClientResponse.raise_for_status", "sync"),
        ("httpx.AsyncClient.get", "coroutine"),
        ("httpx.AsyncClient.stream", "async-context"),
        ("httpx.Response.json", "sync"),
        ("httpx.Response.aiter_bytes", "async-iterator"),
        ("sqlalchemy.ext.asyncio.AsyncSession.execute", "coroutine"),
        ("sqlalchemy.ext.asyncio.AsyncSession.add", "sync"),
        ("trio.Nursery.start", "coroutine"),
        ("trio.Nursery.start_soon", "sync"),
        ("trio.open_nursery", "async-context"),
        ("anyio.move_on_after", "context"),
        ("anyio.Path.read_text", "coroutine"),
        ("anyio.Path.iterdir", "async-iterator"),
        ("starlette.requests.Request.json", "coroutine"),
        ("fastapi.UploadFile.read", "coroutine"),
        ("redis.asyncio.Redis.get", "coroutine"),
        ("redis.asyncio.Redis.pipeline", "sync"),
        ("aiosqlite.connect", "awaitable-or-context"),
        ("aiogram.types.Message.answer", "lazy"),
        ("contextlib.AsyncExitStack.enter_async_context", "coroutine"),
        ("openai.resources.chat.AsyncCompletions.create", "coroutine"),
        ("motor.motor_asyncio.AsyncIOMotorCollection.find", "sync"),
        ("discord.abc.Messageable.history", "async-iterator"),
    ],
)
def test_colours(catalogue: Catalogue, name: str, colour: str) -> None:
    assert row(catalogue, name).colour == colour


def test_a_type_as_a_callable_gives_itself(catalogue: Catalogue) -> None:
    assert row(catalogue, "asyncio.Queue").returns == "asyncio.Queue"
    assert row(catalogue, "subprocess.Popen").blocks == "subprocess"
    assert row(catalogue, "boto3.client").returns == "botocore.client.BaseClient"


def test_methods_are_inherited_through_bases(catalogue: Catalogue) -> None:
    found = catalogue.method("asyncio.SelectorEventLoop", "call_soon")
    assert found is not None
    assert found[0] == "asyncio.AbstractEventLoop"
    assert found[1].runs == (Run((0, "callback"), "scheduled", "function"),)
    assert catalogue.method("asyncio.Queue", "no_such_method") is None


def test_unlisted_members_are_absent_only_where_the_type_is_complete(catalogue: Catalogue) -> None:
    assert catalogue.is_complete("asyncio.Queue")
    assert catalogue.is_complete("asyncio.PriorityQueue")
    assert not catalogue.is_complete("django.db.models.Model")
    assert not catalogue.is_complete("nobody.knows.This")


def test_subtypes(catalogue: Catalogue) -> None:
    assert catalogue.is_subtype("asyncio.TimeoutError", "OSError")
    assert catalogue.is_subtype("asyncio.CancelledError", "builtins.BaseException")
    assert not catalogue.is_subtype("asyncio.CancelledError", "Exception")
    assert catalogue.is_subtype("concurrent.futures.CancelledError", "Exception")
    assert catalogue.is_subtype("django.test.TestCase", "unittest.TestCase")


def test_exceptions_by_kind(catalogue: Catalogue) -> None:
    assert catalogue.is_exception("asyncio.exceptions.CancelledError", "cancelled")
    assert catalogue.is_exception("trio.Cancelled", "cancelled")
    assert not catalogue.is_exception("concurrent.futures.CancelledError", "cancelled")


def test_attributes_and_properties(catalogue: Catalogue) -> None:
    assert catalogue.attribute("asyncio.subprocess.Process", "stdout") == "asyncio.StreamReader"
    assert catalogue.attribute("asyncio.subprocess.Process", "nothing") is None
    chat = catalogue.attribute("openai.AsyncOpenAI", "chat")
    completions = catalogue.attribute(chat, "completions") if chat else None
    create = catalogue.method(completions, "create") if completions else None
    assert create is not None and create[1].colour == "coroutine"
    title = catalogue.property_row("selenium.webdriver.Chrome", "title")
    assert title is not None and title.blocks == "network" and title.returns == "str"
    assert catalogue.attribute("selenium.webdriver.Chrome", "title") == "str"
    assert catalogue.property_row("asyncio.subprocess.Process", "pid") is None


@pytest.mark.parametrize(
    ("kind", "which", "given"),
    [
        ("asyncio.TaskGroup", "async_enter", "self"),
        ("asyncio.BoundedSemaphore", "async_enter", "None"),
        ("asyncio.Task", "awaits_to", "T"),
        ("asyncio.StreamReader", "async_iterates", "bytes"),
        ("tempfile.TemporaryDirectory", "enter", "str"),
        ("asyncio.Queue", "awaits_to", None),
        ("aiohttp.ClientSession", "enter", None),
        ("trio.MemoryReceiveChannel", "async_iterates", "T"),
    ],
)
def test_protocols(catalogue: Catalogue, kind: str, which: str, given: str | None) -> None:
    assert catalogue.protocol(kind, which) == given


def test_conditions_are_read(catalogue: Catalogue) -> None:
    assert Condition("is", False, (0, "blocking")) in row(catalogue, "threading.Lock.acquire").unless
    assert Condition("has", "os.WNOHANG", (1, "options")) in row(catalogue, "os.waitpid").unless
    assert Condition("receiver", "nonblocking-socket") in row(catalogue, "socket.socket.recv").unless
    assert Condition("given", True, (0, "host")) in row(catalogue, "smtplib.SMTP").when
    assert Condition("type", ("io.StringIO", "io.BytesIO"), (0, "")) in row(catalogue, "numpy.load").unless


def test_advice_speaks_of_the_library_in_use(catalogue: Catalogue) -> None:
    sleep = row(catalogue, "time.sleep")
    assert [sleep.advice(each) for each in ("asyncio", "trio", "anyio")] == [
        "`await asyncio.sleep(...)`",
        "`await trio.sleep(...)`",
        "`await anyio.sleep(...)`",
    ]
    remove = row(catalogue, "shutil.rmtree")
    assert remove.advice() == "`await asyncio.to_thread(shutil.rmtree, ...)`"
    assert remove.advice("trio") == "`await trio.to_thread.run_sync(shutil.rmtree, ...)`"
    assert row(catalogue, "threading.Thread.join").advice() == "`await asyncio.to_thread(thread.join, ...)`"


def test_advice_for_what_waits_where_it_is_gone_over_goes_over_it(catalogue: Catalogue) -> None:
    listed = row(catalogue, "google.cloud.storage.Client.list_blobs").advice()
    assert listed == "`await asyncio.to_thread(lambda: list(client.list_blobs(...)))`"
    assert row(catalogue, "pymssql.Cursor.__next__").advice() == "`await asyncio.to_thread(list, cursor)`"


def test_advice_for_a_method_names_the_method(catalogue: Catalogue) -> None:
    found = catalogue.method("sqlalchemy.orm.Session", "commit")
    assert found is not None
    assert found[1].advice() == "`await session.commit(...)` on a `sqlalchemy.ext.asyncio.AsyncSession`"


def test_decorators(catalogue: Catalogue) -> None:
    cache = catalogue.decorator("functools.lru_cache")
    assert cache is not None and cache.caches
    context = catalogue.decorator("contextlib.asynccontextmanager")
    assert context is not None and (context.makes, context.takes) == ("async-context", "async-generator")
    route = catalogue.decorator("fastapi.applications.FastAPI.get")
    assert route is not None and (route.sync_runs, route.async_runs) == ("thread", "awaited")
    command = catalogue.decorator("click.core.Group.command")
    assert command is not None and command.async_runs == "never"
    offload = catalogue.decorator("asgiref.sync.sync_to_async")
    assert offload is not None and offload.offloads and offload.makes == "coroutine"
    inherited = catalogue.decorator("discord.ext.commands.Bot.event")
    assert inherited is not None and inherited.takes == "coroutine-function"
    assert catalogue.decorator("nobody.knows") is None


def test_overridden_methods(catalogue: Catalogue) -> None:
    handler = catalogue.override("logging.FileHandler", "emit")
    assert handler is not None and handler.colour == "sync"
    test = catalogue.override("unittest.IsolatedAsyncioTestCase", "test_something")
    assert test is not None and test.colour == "either"
    plain = catalogue.override("unittest.TestCase", "test_something")
    assert plain is not None and plain.colour == "sync"
    protocol = catalogue.override("asyncio.Protocol", "data_received")
    assert protocol is not None and protocol.runs == "loop"
    assert catalogue.override("logging.FileHandler", "unrelated") is None


def test_deprecations(catalogue: Catalogue) -> None:
    (loop,) = catalogue.deprecations("asyncio.sleep")
    assert (loop.argument, loop.since, loop.removed, loop.package) == ("loop", "3.8", "3.10", "python")
    assert catalogue.deprecations("asyncio.get_event_loop")[0].since == "3.10"
    assert catalogue.deprecations("asyncio.TimeoutError")[0].instead == "`TimeoutError`"
    assert catalogue.deprecations("asyncio.run") == ()


def test_special_methods(catalogue: Catalogue) -> None:
    assert catalogue.special_method_colour("__init__") == "sync"
    assert catalogue.special_method_colour("__aenter__") == "async"
    assert catalogue.special_method_colour("__call__") == "either"
    assert catalogue.special_method_colour("__mine__") == ""


def test_what_the_catalogue_speaks_for(catalogue: Catalogue) -> None:
    assert catalogue.knows_module("asyncio.base_events")
    assert catalogue.speaks_for("requests.utils.quote")
    assert not catalogue.speaks_for("django.contrib.admin.site")
    assert catalogue.knows("time.sleep") and catalogue.knows("asyncio.Queue.get")
    assert catalogue.knows("subprocess.Popen.pid") and catalogue.knows("functools.lru_cache")
    assert not catalogue.knows("nobody.knows.this")


def test_test_runners(catalogue: Catalogue) -> None:
    assert catalogue.test_runners["pytest-asyncio"]["markers"] == ["asyncio"]


@pytest.mark.parametrize("module", ["yaml", "difflib", "jsonschema", "libcst"])
def test_looking_something_up_does_not_import(module: str) -> None:
    code = (
        "import sys; from asynclint.catalogue import load; load().callable('requests.get').advice('trio'); "
        f"print({module!r} in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_only_the_packages_that_are_asked_about_are_parsed() -> None:
    fresh = load.__wrapped__()
    fresh.callable("requests.get")
    assert set(fresh._shards) == {"requests"}

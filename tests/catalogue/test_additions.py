"""What a user's configuration adds: it wins over what is shipped, and its mistakes are told all at once."""

from __future__ import annotations

from typing import Any

import pytest

from asynclint.catalogue import CallableRow, Catalogue, CatalogueError, Run, load


def row(catalogue: Catalogue, name: str) -> CallableRow:
    found = catalogue.callable(name)
    assert found is not None
    return found


def test_without_additions_nothing_is_copied() -> None:
    assert load().with_additions({}) is load()


def test_blocking_by_name_alone_is_a_wait_for_the_network() -> None:
    found = row(load().with_additions({"blocking": ["legacy.fetch"]}), "legacy.fetch")
    assert (found.blocks, found.cost, found.advice()) == (
        "network",
        "heavy",
        "`await asyncio.to_thread(legacy.fetch, ...)`",
    )


def test_blocking_with_text_says_what_to_write_instead() -> None:
    found = row(load().with_additions({"blocking": {"legacy.fetch": "`await modern.fetch(...)`"}}), "legacy.fetch")
    assert found.advice("trio") == "`await modern.fetch(...)`"


def test_blocking_with_a_row_uses_the_words_of_the_catalogue() -> None:
    words = {"blocks": "database", "cost": "light", "returns": "str", "unless": [{"argument": "wait", "is": False}]}
    found = row(load().with_additions({"blocking": {"legacy.Store.save": words}}), "legacy.Store.save")
    assert (found.blocks, found.cost, found.returns) == ("database", "light", "str")
    assert found.unless[0].value is False


def test_a_method_of_an_unknown_type_makes_that_type_known_and_incomplete() -> None:
    catalogue = load().with_additions({"awaitable": {"mine.Client.get": "bytes"}})
    assert row(catalogue, "mine.Client.get").returns == "bytes"
    assert catalogue.type("mine.Client") is not None
    assert not catalogue.is_complete("mine.Client")
    assert not catalogue.is_complete("asyncio.NoSuchType")


def test_offloaders_and_schedulers_say_which_argument() -> None:
    catalogue = load().with_additions(
        {"offloaders": {"mine.in_thread": 1, "mine.in_process": "job"}, "schedulers": ["mine.soon"]}
    )
    assert row(catalogue, "mine.in_thread").runs == (Run((1, ""), "offloaded", "function"),)
    assert row(catalogue, "mine.in_process").runs == (Run((-1, "job"), "offloaded", "function"),)
    assert row(catalogue, "mine.soon").runs == (Run((0, ""), "scheduled", "function"),)
    assert row(catalogue, "mine.soon").colour == "unknown"


def test_an_offloader_that_is_known_keeps_its_colour() -> None:
    catalogue = load().with_additions({"offloaders": {"asyncio.sleep": 0}})
    assert row(catalogue, "asyncio.sleep").colour == "coroutine"


def test_nonblocking_takes_the_blocking_away_and_keeps_the_rest() -> None:
    names = ["time.sleep", "requests.sessions.Session.get", "pathlib.PosixPath.exists"]
    catalogue = load().with_additions({"nonblocking": names})
    for name in names:
        assert row(catalogue, name).blocks == ""
    assert row(catalogue, "requests.Session.get").returns == "requests.Response"
    assert row(catalogue, "requests.Session.post").blocks == "network"
    assert row(catalogue, "pathlib.Path.exists").blocks == "file"


def test_nonblocking_for_a_type_means_its_constructor_and_every_method() -> None:
    catalogue = load().with_additions(
        {"nonblocking": ["subprocess.Popen", "queue.PriorityQueue", "botocore.client.BaseClient"]}
    )
    names = [
        "subprocess.Popen",
        "subprocess.Popen.wait",
        "queue.PriorityQueue.get",
        "botocore.client.BaseClient.put_object",
    ]
    assert [row(catalogue, name).blocks for name in names] == ["", "", "", ""]
    assert row(catalogue, "queue.Queue.get").blocks == "lock"


def test_the_shipped_catalogue_stays_as_it_is() -> None:
    load().with_additions({"nonblocking": ["time.sleep"], "blocking": ["asyncio.sleep"]})
    assert row(load(), "time.sleep").blocks == "sleep"
    assert row(load(), "asyncio.sleep").colour == "coroutine"


def test_additions_change_the_fingerprint() -> None:
    one = load().with_additions({"blocking": ["a.b"]}).fingerprint
    assert len({one, load().fingerprint, load().with_additions({"blocking": ["a.c"]}).fingerprint}) == 3
    assert one == load().with_additions({"blocking": ["a.b"]}).fingerprint


def test_additions_add_up() -> None:
    catalogue = load().with_additions({"blocking": ["mine.a", "mine.b"]}).with_additions({"awaitable": ["mine.c"]})
    assert [row(catalogue, name).blocks for name in ("mine.a", "mine.b")] == ["network", "network"]
    assert row(catalogue, "mine.c").colour == "coroutine"


@pytest.mark.parametrize(
    ("additions", "message"),
    [
        ({"blokking": []}, "unknown section `blokking`; did you mean `blocking`?"),
        ({"blocking": 3}, "blocking: expected a list of names or a mapping from names, found `3`"),
        ({"blocking": ["no name"]}, "blocking: `no name` is not a qualified name such as `package.module.function`"),
        ({"blocking": [7]}, "blocking: `7` is not a qualified name such as `package.module.function`"),
        ({"blocking": {"a.b": 1}}, "blocking.a.b: expected text or a row, found `1`"),
        ({"blocking": {"a.b": {"kost": "heavy"}}}, "blocking.a.b.kost: unknown field `kost`; did you mean `cost`?"),
        (
            {"blocking": {"a.b": {"blocks": "netwrk"}}},
            "blocking.a.b.blocks: `netwrk` is not one of the known words; did you mean `network`?",
        ),
        ({"blocking": ["slow"]}, "blocking: `slow` lacks its module; write `package.module.slow`"),
        ({"blocking": {"a.b": {"colour": "future"}}}, "blocking.a.b.colour: what is awaited (`future`) does not block"),
        ({"blocking": {"a.b": {"returns": "list["}}}, "blocking.a.b.returns: `list[` is not a type like `list[str]`"),
        ({"awaitable": {"a.b": "list["}}, "awaitable.a.b: `list[` is not a type like `list[str]`"),
        (
            {"awaitable": {"a.b": {"colour": "sync"}}},
            "awaitable.a.b.colour: `sync` is not awaited; known are "
            "async-context, async-iterator, awaitable-or-context, coroutine, future, lazy",
        ),
        (
            {"offloaders": {"a.b": -1}},
            "offloaders.a.b: expected the position or keyword of the callable, or a row, found `-1`",
        ),
        (
            {"schedulers": {"a.b": True}},
            "schedulers.a.b: expected the position or keyword of the callable, or a row, found `True`",
        ),
        (
            {"schedulers": {"a.b": {"note": "odd"}}},
            "schedulers.a.b: says of no argument that it is `scheduled`; add it under `runs`",
        ),
        (
            {"blocking": ["a.b"], "nonblocking": ["a.b"]},
            "nonblocking: `a.b` is listed under `blocking` too",
        ),
        ({"nonblocking": {"a.b": "yes"}}, "nonblocking.a.b: takes no further words"),
    ],
)
def test_mistakes(additions: dict[str, Any], message: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        load().with_additions(additions)
    assert caught.value.problems == [message]


def test_builtins_need_no_module() -> None:
    assert row(load().with_additions({"nonblocking": ["open"]}), "open").blocks == ""


def test_all_mistakes_come_at_once() -> None:
    with pytest.raises(CatalogueError) as caught:
        load().with_additions({"blokking": [], "nonblocking": ["a b"], "blocking": {"a.b": {"kost": 1}}})
    assert len(caught.value.problems) == 3
    assert str(caught.value).count("\n") == 2

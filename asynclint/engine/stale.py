"""Which modules have to be judged again when files or folders change."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Mapping

from asynclint.config.environment import STUBS
from asynclint.engine.disk import is_settings_file
from asynclint.tuples import NamedTuple


class Links(NamedTuple):
    """Where analysis went from a module, by number, and the words that it looked for as modules."""

    targets: Collection[int] = ()
    words: Collection[str] = ()


def settings_among(paths: Iterable[str]) -> set[tuple[str, str]]:
    """Folder and name of those files that set up how tests are run: nobody imports them, many depend on them."""
    return {os.path.split(path) for path in paths if is_settings_file(os.path.basename(path))}


def touched_by_names(
    names: Collection[tuple[str, str]], paths: Mapping[int, str], links: Mapping[int, Links]
) -> set[int]:
    """The modules for which an import may mean something else when entries (folder, name) come or go.

    `paths` and `links` are by number. What looks for a module of that name does; and everything
    below a folder that becomes a package, or whose tests are set up in another way.
    """
    words: set[str] = set()
    below: set[str] = set()
    for folder, name in names:
        stem = name.removesuffix(".pyi").removesuffix(".py").removesuffix(STUBS)
        words.add(stem)
        if stem in ("__init__", ""):
            words.add(os.path.basename(folder).removesuffix(STUBS))
        if stem in ("__init__", "conftest") or is_settings_file(name):
            below.add(folder.rstrip(os.sep) + os.sep)
    found = {number for number, each in links.items() if not words.isdisjoint(each.words)}
    if below:
        starts = tuple(below)
        found |= {number for number, path in paths.items() if path.startswith(starts)}
    return found


def reaching(touched: Collection[int], links: Mapping[int, Links], paths: Mapping[int, str]) -> set[int]:
    """The modules from which one of those touched can be reached, themselves included.

    `paths` has the modules by number. Those that nobody knows, and those without links, count as touched.
    """
    users: dict[int, list[int]] = {}
    for number, each in links.items():
        for target in each.targets:
            users.setdefault(target, []).append(number)
    found = {*touched, *(paths.keys() - links.keys()), *(users.keys() - paths.keys())}
    pending = list(found)
    while pending:
        for user in users.get(pending.pop(), ()):
            if user not in found:
                found.add(user)
                pending.append(user)
    return found

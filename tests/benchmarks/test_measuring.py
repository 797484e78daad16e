"""How the benchmark runs commands, finds tools and cuts projects. Nothing here looks at a clock."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest

from benchmarks.__main__ import main
from benchmarks.contenders import Contender, Tools
from benchmarks.corpora import PINNED, Corpus, NoCorpus, chosen, copied, corpus, lines_of, part
from benchmarks.measure import Failed, in_turns, run


def command(folder: Path, name: str, code: str = "") -> Contender:
    """Appends its name to the file `order`, then runs the code."""
    text = f"open('order', 'a').write({name!r}); {code}"
    return Contender(name, [sys.executable, "-c", text], folder)


def test_contenders_take_turns_after_warming_up(tmp_path: Path) -> None:
    slow = replace(command(tmp_path, "c"), most_turns=1)
    found = in_turns([command(tmp_path, "a"), command(tmp_path, "b"), slow], 2, pytest.fail)
    assert (tmp_path / "order").read_text() == "ababcab"
    assert [(each.contender.name, len(each.turns)) for each in found] == [("a", 2), ("b", 2), ("c", 1)]


def test_a_single_round_is_not_preceded_by_another(tmp_path: Path) -> None:
    in_turns([command(tmp_path, "a"), command(tmp_path, "b")], 1, pytest.fail)
    assert (tmp_path / "order").read_text() == "ab"


def test_one_that_fails_is_left_out(tmp_path: Path) -> None:
    said: list[str] = []
    failing = command(tmp_path, "b", "import sys; sys.exit('no licence')")
    found = in_turns([command(tmp_path, "a"), replace(failing, statuses=frozenset({0}))], 2, said.append)
    assert [each.contender.name for each in found] == ["a"]
    assert said == ["left out: b: status 1: no licence"]


def test_without_the_first_one_there_is_nothing_to_compare(tmp_path: Path) -> None:
    with pytest.raises(Failed, match="status 3"):
        in_turns([command(tmp_path, "a", "import sys; sys.exit(3)"), command(tmp_path, "b")], 2, pytest.fail)


def test_a_turn_tells_what_was_said_and_used(tmp_path: Path) -> None:
    echo = "import sys; sys.stdout.write(sys.stdin.read().upper()); sys.stderr.write('e'); x = b'x' * 50_000_000"
    turn = run(replace(command(tmp_path, "a", echo), stdin=lambda: b"some text" * 20_000))
    assert turn.output == b"SOME TEXT" * 20_000
    assert turn.errors == b"e"
    assert 50_000_000 < turn.memory < 5_000_000_000
    assert turn.work > 0


def test_tools_are_found_in_the_given_folder_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder, version in (("given", "2.1"), ("path", "1.0")):
        tool = tmp_path / folder / "ruff"
        tool.parent.mkdir()
        tool.write_text(f"#!/bin/sh\necho ruff {version}\n")
        tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path / 'path'}{os.pathsep}{os.environ['PATH']}")
    assert Tools([tmp_path / "given"]).versions()["ruff"] == "2.1"
    assert Tools([]).versions()["ruff"] == "1.0"


def test_a_tool_that_is_missing_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    tools = Tools([])
    assert set(tools.versions().values()) == {"not installed"}
    assert list(tools.across_files(Corpus("empty", Path("/nowhere")), slow=True)) == []


def test_python_tools_tell_the_version_of_their_distribution(tmp_path: Path) -> None:
    (tmp_path / "mypy-7.8.9.dist-info").mkdir()
    (tmp_path / "mypy-7.8.9.dist-info" / "METADATA").write_text("Metadata-Version: 2.1\nName: mypy\nVersion: 7.8.9\n")
    interpreter = tmp_path / "python"
    interpreter.write_text(f'#!/bin/sh\nPYTHONPATH="{tmp_path}" exec "{sys.executable}" "$@"\n')
    interpreter.chmod(0o755)
    tool = tmp_path / "mypy"
    tool.write_text(f"#!{interpreter}\nraise SystemExit('it has no --version')\n")
    tool.chmod(0o755)
    assert Tools([tmp_path]).versions()["mypy"] == "7.8.9"


# -- projects --------------------------------------------------------------------------------------


@pytest.fixture
def project(tmp_path: Path) -> Corpus:
    root = tmp_path / "whole"
    for path in ("core.py", *(f"parts/p{number:02}/{name}.py" for number in range(40) for name in "ab")):
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x = 1\n" * (100 if path == "core.py" else 10))
    return Corpus("whole", root)


def test_a_part_has_about_that_many_lines_and_what_others_use(project: Corpus, tmp_path: Path) -> None:
    half = part(project, tmp_path / "half", project.lines / 2)
    assert project.lines / 2 <= half.lines < project.lines / 2 + 20
    names = [path.relative_to(half.root).as_posix() for path in half.files]
    assert names[0] == "whole/core.py"
    # Folders are whole, and not only those from the beginning of the alphabet.
    assert len(names[1:]) % 2 == 0
    assert {name.split("/")[2][:2] for name in names[1:]} == {"p0", "p1", "p2", "p3"}


def test_less_is_a_part_of_more(project: Corpus) -> None:
    sizes = {path.relative_to(project.root): lines_of([path]) for path in project.files}
    parts = [set(chosen(sizes, project.lines * share)) for share in (1 / 8, 1 / 4, 1 / 2, 1)]
    assert all(less < more for less, more in pairwise(parts))
    assert parts[-1] == set(sizes)


def test_a_copy_is_a_repository(project: Corpus, tmp_path: Path) -> None:
    copy = copied(project, tmp_path / "copy")
    assert (copy.root / ".git").is_dir()
    assert (copy.lines, len(copy.files)) == (project.lines, len(project.files))


def test_a_corpus_is_taken_from_where_it_lies(tmp_path: Path) -> None:
    for folder in ("matrix_synapse/synapse", f"matrix_synapse/{PINNED['synapse'].metadata}"):
        (tmp_path / folder).mkdir(parents=True)
    assert corpus("synapse", tmp_path).root == tmp_path / "matrix_synapse" / "synapse"


def test_another_release_is_not_taken(tmp_path: Path) -> None:
    for folder in ("aiohttp/aiohttp", "aiohttp/aiohttp-3.11.0.dist-info"):
        (tmp_path / folder).mkdir(parents=True)
    with pytest.raises(NoCorpus, match=r"is not aiohttp==3\.10\.5; remove it"):
        corpus("aiohttp", tmp_path)


# -- the command -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--rows", "1,6"], "there is no row '6'"), (["--rounds", "0"], "must be at least 1"), (["--x"], "unrecognized")],
    ids=str,
)
def test_mistaken_arguments_are_told(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(arguments)
    assert message in capsys.readouterr().err


def test_a_wrong_corpus_ends_in_a_message(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "homeassistant").mkdir()
    assert main(["--rows", "5", "--corpus-dir", str(tmp_path)]) == 2
    assert "is not homeassistant==2024.3.3; remove it" in capsys.readouterr().err
